//! What stands anywhere in the file system and gives rights away: setuid and setgid programs, programs with capabilities,
//! what everyone may write, what nobody owns, devices.

pub mod capability;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Family;
use super::files::Asked;
use super::line::lines;
use super::names::{Names, Principal};
use super::reading::Reading;
use crate::fact::{FactKind, Gap};
use crate::text;
use crate::text::Text;
use crate::tree::root::{Elsewhere, Met, MetKind, RootWants, Survey};
use crate::tree::{FileIdentity, TreePath};
use capability::Capabilities;

/// The family of what the walk finds.
pub(super) static FAMILY: Family = Family {
    id: "setid",
    summary: "setuid and setgid programs, capabilities, what everyone may write, devices, files without an owner",
    reads: &["etc/subuid", "etc/subgid"],
};

/// How many entries of one kind are told; more are a gap.
const MAX_TOLD: usize = 10_000;

/// What the walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setid {
    /// Setuid and setgid files.
    #[serde(default)]
    pub programs: BTreeMap<TreePath, Program>,
    /// Files with capabilities.
    #[serde(default)]
    pub capable: BTreeMap<TreePath, Capable>,
    /// Files that everyone may write, and folders in which everyone may replace what is another's.
    #[serde(default)]
    pub writable: BTreeMap<TreePath, Standing>,
    /// What belongs to a user or a group that there is not.
    #[serde(default)]
    pub unowned: BTreeMap<TreePath, Standing>,
    /// Devices.
    #[serde(default)]
    pub devices: BTreeMap<TreePath, Device>,
    /// Where other machines' file systems begin, which were not walked.
    #[serde(default)]
    pub remote: BTreeMap<TreePath, Remote>,
    /// Whether nothing but folders was met.
    #[serde(skip)]
    pub(super) has_only_folders: bool,
}

/// A setuid or setgid file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The permission bits.
    pub mode: u32,
    /// Whose rights it has where it is setuid.
    pub user: Principal,
    /// Which group's rights it has where it is setgid.
    pub group: Principal,
    /// The other names of the same file that were met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_names: Vec<TreePath>,
}

/// A file with capabilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capable {
    /// The capabilities, `None` where the attribute is none that a kernel writes.
    pub capabilities: Option<Capabilities>,
    /// How the attribute reads, as `getcap` shows it; else what is wrong with it.
    pub shown: Text,
    /// The other names of the same file that were met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_names: Vec<TreePath>,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Whether it is a folder.
    pub is_folder: bool,
    /// The permission bits.
    pub mode: u32,
    /// Who owns it.
    pub user: Principal,
    /// Its group.
    pub group: Principal,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Whether it is read block by block, as disks are.
    pub is_block: bool,
    /// The permission bits.
    pub mode: u32,
    /// Who owns it.
    pub user: Principal,
    /// Its group.
    pub group: Principal,
    /// Which device it is: its major and minor number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<(u32, u32)>,
}

/// A file system of another machine or program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// What it is: `NFS`.
    pub kind: Text,
}

/// What was noted of a name.
enum Noted {
    Program(FileIdentity),
    Capable(FileIdentity, Result<Box<[u8]>, crate::tree::ReadFault>),
    Writable,
    Unowned,
    Device { is_block: bool, number: (u32, u32) },
}

/// A note, with what it needs.
struct Note {
    what: Vec<Noted>,
    is_folder: bool,
    mode: u32,
    user: u32,
    group: u32,
}

/// The bits of setuid and setgid.
pub const SETID: u32 = 0o6000;

impl Setid {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let owners = Owners::of(reading);
        let Survey { mut found, mut faults, mut closed, elsewhere, mut census, folders } =
            reading.root().survey(&|met| note(met, &owners));
        // That the patterns are such was found out before.
        if let Ok(wants) = RootWants::new([], [], false, &reading.wants().exclude) {
            let mut is_wanted = |path: &TreePath| {
                let is_excluded = wants.excludes(path);
                if is_excluded {
                    census.excluded_files.insert(path.clone());
                }
                !is_excluded
            };
            found.retain(|(path, _)| is_wanted(path));
            faults.retain(|(path, _)| is_wanted(path));
            closed.retain(|(path, _)| is_wanted(path));
        }
        let has_only_folders = census.files == folders && closed.is_empty() && faults.is_empty();
        reading.met(census);
        for (path, fault) in faults {
            reading.unread(path, fault);
        }
        for (path, fault) in closed {
            let gap = Gap::unread(FactKind::Host, path, fault);
            reading.gap(Gap { expected: Text::trusted("a folder that can be listed"), ..gap });
        }
        let mut facts = Self { has_only_folders, ..Self::default() };
        for (path, elsewhere) in elsewhere {
            if let Elsewhere::Remote(kind) = elsewhere {
                facts.remote.insert(path, Remote { kind: Text::trusted(kind) });
            }
        }
        facts.take(found, reading);
        for path in facts.programs.keys().chain(facts.capable.keys()) {
            reading.ask(path, Asked::Contents);
        }
        facts
    }

    fn take(&mut self, found: Vec<(TreePath, Note)>, reading: &Reading<'_>) {
        let names = reading.names();
        let mut told = Told { reading, counts: [0; 5] };
        let mut same: BTreeMap<FileIdentity, Vec<TreePath>> = BTreeMap::new();
        for (path, Note { what, is_folder, mode, user, group }) in found {
            let (user, group) = (names.user(user), names.group(group));
            let standing = || Standing { is_folder, mode, user: user.clone(), group: group.clone() };
            for noted in what {
                match noted {
                    Noted::Program(identity) if told.room(0, "setuid and setgid files") => {
                        let (user, group) = (user.clone(), group.clone());
                        self.programs.insert(path.clone(), Program { mode, user, group, other_names: Vec::new() });
                        same.entry(identity).or_default().push(path.clone());
                    }
                    Noted::Capable(_, Err(fault)) => drop(reading.unread(path.clone(), fault)),
                    Noted::Capable(identity, Ok(value)) if told.room(1, "files with capabilities") => {
                        self.capable.insert(path.clone(), capable(&value));
                        same.entry(identity).or_default().push(path.clone());
                    }
                    Noted::Writable if told.room(2, "files that everyone may write") => {
                        self.writable.insert(path.clone(), standing());
                    }
                    Noted::Unowned if told.room(3, "files without an owner") => {
                        self.unowned.insert(path.clone(), standing());
                    }
                    Noted::Device { is_block, number } if told.room(4, "devices") => {
                        let (user, group) = (user.clone(), group.clone());
                        let number = Some(number);
                        self.devices.insert(path.clone(), Device { is_block, mode, user, group, number });
                    }
                    Noted::Program(_)
                    | Noted::Capable(..)
                    | Noted::Writable
                    | Noted::Unowned
                    | Noted::Device { .. } => {}
                }
            }
        }
        for mut group in same.into_values().filter(|group| group.len() > 1) {
            group.dedup();
            for path in &group {
                let others: Vec<TreePath> = group.iter().filter(|other| *other != path).cloned().collect();
                if let Some(capable) = self.capable.get_mut(path) {
                    capable.other_names.clone_from(&others);
                }
                if let Some(program) = self.programs.get_mut(path) {
                    program.other_names = others;
                }
            }
        }
    }
}

/// How many entries were told.
struct Told<'a, 'b> {
    reading: &'a Reading<'b>,
    counts: [usize; 5],
}

impl Told<'_, '_> {
    /// Whether another entry of a kind is told; the first that is not is a gap.
    fn room(&mut self, kind: usize, what: &'static str) -> bool {
        let Some(count) = self.counts.get_mut(kind) else { return false };
        *count += 1;
        if *count == MAX_TOLD + 1 {
            let place = super::Place::file(&TreePath::root());
            let expected = text!("at most {} {}", MAX_TOLD, what);
            self.reading.malformed(&place, expected, Text::trusted("more"));
        }
        *count <= MAX_TOLD
    }
}

fn capable(value: &[u8]) -> Capable {
    match Capabilities::read(value) {
        Ok(capabilities) => {
            Capable { shown: capabilities.shown(), capabilities: Some(capabilities), other_names: Vec::new() }
        }
        Err(found) => Capable { capabilities: None, shown: found, other_names: Vec::new() },
    }
}

/// Notes what gives rights away.
fn note(met: &Met<'_>, owners: &Owners) -> Option<Note> {
    let mut what = Vec::new();
    match met.kind {
        MetKind::File => {
            if met.mode & SETID != 0 {
                what.push(Noted::Program(met.identity));
            }
            // What nobody may execute has no capabilities (`capabilities(7)`).
            if met.mode & 0o111 != 0 {
                match met.capabilities() {
                    Ok(None) => {}
                    Ok(Some(value)) => what.push(Noted::Capable(met.identity, Ok(value.into()))),
                    Err(fault) => what.push(Noted::Capable(met.identity, Err(fault))),
                }
            }
            if met.mode & 0o002 != 0 {
                what.push(Noted::Writable);
            }
        }
        MetKind::Folder if met.mode & 0o1002 == 0o002 => what.push(Noted::Writable),
        // So an overlay of folders says that what stands below is taken away (`overlayfs.rst`): no driver answers to it.
        MetKind::CharacterDevice if met.device == (0, 0) => {}
        MetKind::CharacterDevice => what.push(Noted::Device { is_block: false, number: met.device }),
        MetKind::BlockDevice => what.push(Noted::Device { is_block: true, number: met.device }),
        MetKind::Folder | MetKind::Channel => {}
    }
    if !owners.knows(met.owner.user, met.owner.group) {
        what.push(Noted::Unowned);
    }
    (!what.is_empty()).then(|| Note {
        what,
        is_folder: met.kind == MetKind::Folder,
        mode: met.mode,
        user: met.owner.user,
        group: met.owner.group,
    })
}

/// Who may own files without a name of their own.
struct Owners {
    names: Names,
    users: Vec<(u32, u32)>,
    groups: Vec<(u32, u32)>,
}

impl Owners {
    /// The numbers that systemd gives to services while they run, and nobody (`systemd.exec(5)`, UIDS-GIDS).
    const OF_SYSTEMD: [(u32, u32); 2] = [(61_184, 65_519), (65_534, 65_534)];

    fn of(reading: &Reading<'_>) -> Self {
        let ranges = |path: &str| {
            let read = reading.read(path).ok().flatten().map(|file| ranges(&file.bytes)).unwrap_or_default();
            read.into_iter().chain(Self::OF_SYSTEMD).collect()
        };
        Self { names: reading.names().clone(), users: ranges("etc/subuid"), groups: ranges("etc/subgid") }
    }

    /// Whether both are known; also where no file tells who is.
    fn knows(&self, user: u32, group: u32) -> bool {
        let within = |ranges: &[(u32, u32)], id: u32| ranges.iter().any(|(first, last)| (*first..=*last).contains(&id));
        (self.names.has_user(user) != Some(false) || within(&self.users, user))
            && (self.names.has_group(group) != Some(false) || within(&self.groups, group))
    }
}

/// Reads the ranges of numbers that accounts may give to their containers (`subuid(5)`).
fn ranges(bytes: &[u8]) -> Vec<(u32, u32)> {
    let read = |line: super::Line<'_>| {
        let text = line.text();
        let mut fields = text.split(':').skip(1).map(|field| field.trim().parse::<u32>());
        let (first, count) = (fields.next()?.ok()?, fields.next()?.ok()?);
        Some((first, first.saturating_add(count.checked_sub(1)?)))
    };
    lines(bytes).take(MAX_TOLD).filter_map(read).collect()
}
