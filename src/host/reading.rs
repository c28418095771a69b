//! Files of a host, as families ask for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::files::{Asked, Compare, Found};
use super::line::Line;
use super::names::{Names, Principal};
use super::{HostWants, files, line, unread};
use crate::component::OperatingSystem;
use crate::ecosystem::installed::read_system;
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::root::{Expanded, ImageDamage, Root, Unreal};
use crate::tree::{Census, Entry, EntryKind, ReadFault, TreePath, limits};

/// The files that are read for every family.
pub(super) const READS: [&str; 4] = ["etc/os-release", "usr/lib/os-release", "etc/passwd", "etc/group"];

/// The family under which stands what cannot be known of the root as a whole; it is never left out.
pub const OF_THE_ROOT: &str = "root";

/// How many gaps of a family are told.
const MAX_GAPS: usize = 1_000;

/// A host that is being read, by all families at once.
pub(super) struct Inspection<'a> {
    root: &'a Root,
    wants: &'a HostWants,
    names: Names,
    system: Option<OperatingSystem>,
    state: Mutex<State>,
}

/// A host, as a family reads it.
pub struct Reading<'a> {
    inspection: &'a Inspection<'a>,
    family: &'static str,
    /// Whether the running system is asked.
    is_running: bool,
}

#[derive(Default)]
struct State {
    /// What cannot be known, by family, and by whether it is of the running system.
    gaps: BTreeMap<(&'static str, bool), Vec<Gap>>,
    asked: BTreeMap<TreePath, Asked>,
    /// What was asked for the time of the reading only.
    aside: BTreeMap<TreePath, Asked>,
    compare: Compare,
    census: Census,
}

/// What was asked of files.
pub(super) struct Looked {
    pub(super) found: Found,
    /// The files about which nobody asked but for the time of the reading.
    pub(super) aside: BTreeSet<TreePath>,
    /// What cannot be known, by family.
    pub(super) gaps: BTreeMap<Box<str>, Vec<Gap>>,
    pub(super) census: Census,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct HostFile {
    /// Where it was asked for.
    pub path: TreePath,
    /// Where it stands, links followed.
    pub real: TreePath,
    /// The permission bits.
    pub mode: u32,
    /// Who owns it.
    pub user: Principal,
    /// Its group.
    pub group: Principal,
    /// Its contents.
    pub bytes: Vec<u8>,
}

impl HostFile {
    /// Returns its lines, numbered from one.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        line::lines(&self.bytes)
    }

    /// Returns the place of a line, from one.
    #[must_use]
    pub fn at(&self, line: u32) -> line::Place {
        line::Place { path: self.path.clone(), line: Some(line) }
    }
}

/// Something that stands there and cannot be read. It was noted as a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// What.
    pub path: TreePath,
    /// Why.
    pub found: Text,
}

impl<'a> Inspection<'a> {
    pub(super) fn new(root: &'a Root, wants: &'a HostWants) -> Self {
        let mut inspection = Self { root, wants, names: Names::default(), system: None, state: Mutex::default() };
        let reading = inspection.family(OF_THE_ROOT);
        let [first, second, passwd, group] = READS;
        let bytes = |path: &str| reading.read(path).ok().flatten().map(|file| file.bytes);
        let names = Names::read(bytes(passwd).as_deref(), bytes(group).as_deref());
        let release = match reading.read(first) {
            Ok(None) => reading.read(second).ok().flatten(),
            other => other.ok().flatten(),
        };
        let system = release.and_then(|file| {
            let (system, gap) = read_system(&file.real, &file.bytes);
            if let Some(gap) = gap {
                reading.gap(Gap { kind: FactKind::Host, ..gap });
            }
            system
        });
        inspection.names = names;
        inspection.system = system;
        inspection
    }

    /// Returns the host as a family of files reads it.
    pub(super) fn family(&self, family: &'static str) -> Reading<'_> {
        Reading { inspection: self, family, is_running: false }
    }

    /// Returns the host as a family of the running system reads it.
    pub(super) fn running(&self, family: &'static str) -> Reading<'_> {
        Reading { inspection: self, family, is_running: true }
    }

    /// Returns how the host is read.
    pub(super) fn wants(&self) -> &'a HostWants {
        self.wants
    }

    /// Returns the operating system, as its files tell.
    pub(super) fn system(&self) -> Option<&OperatingSystem> {
        self.system.as_ref()
    }

    /// Notes what of an image cannot be known.
    pub(super) fn damaged(&self, damage: ImageDamage) {
        let ImageDamage { path, expected, found } = damage;
        let (kind, reason) = (FactKind::Host, GapReason::Malformed);
        let location = Location::file(path);
        self.family(OF_THE_ROOT).gap(Gap { kind, location, reason, expected, found, contents: None });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks up what was asked of files.
    pub(super) fn finish(self) -> Looked {
        let mut state = self.state();
        let mut asked = std::mem::take(&mut state.asked);
        let aside = std::mem::take(&mut state.aside);
        let compare = state.compare;
        drop(state);
        let only_aside = aside.keys().filter(|path| !asked.contains_key(*path)).cloned().collect();
        for (path, one) in &aside {
            ask(&mut asked, path, *one);
        }
        // Databases of packages are read for nobody who left them out.
        if self.wants.skip.contains(super::package::FAMILY.id) {
            asked.values_mut().for_each(|asked| *asked = Asked::State);
        }
        let found = files::look_up(&self.family(OF_THE_ROOT), &asked, compare);
        let State { gaps: by_half, census, .. } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut gaps: BTreeMap<Box<str>, Vec<Gap>> = BTreeMap::new();
        for ((family, _), half) in by_half {
            gaps.entry(family.into()).or_default().extend(half);
        }
        for gaps in gaps.values_mut() {
            gaps.sort();
            gaps.dedup();
        }
        Looked { found, aside: only_aside, gaps, census }
    }
}

impl<'a> Reading<'a> {
    /// Returns the root.
    #[must_use]
    pub fn root(&self) -> &'a Root {
        self.inspection.root
    }

    /// Returns the names of users and groups, as the root's own files have them.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.inspection.names
    }

    /// Returns the operating system, as its files tell.
    #[must_use]
    pub fn system(&self) -> Option<&OperatingSystem> {
        self.inspection.system()
    }

    /// Returns how the host is read.
    #[must_use]
    pub fn wants(&self) -> &HostWants {
        self.inspection.wants
    }

    /// Notes something that cannot be known.
    pub fn gap(&self, gap: Gap) {
        let mut state = self.inspection.state();
        let gaps = state.gaps.entry((self.family, self.is_running)).or_default();
        if gaps.len() < MAX_GAPS {
            gaps.push(gap);
        } else if let Some(last) = gaps.last_mut() {
            last.expected = text!("at most {} parts that cannot be read", MAX_GAPS);
            last.found = Text::trusted("more");
        }
    }

    /// Notes that a file does not follow its format, at a line.
    pub fn malformed(&self, place: &line::Place, expected: Text, found: Text) {
        let (kind, reason) = (FactKind::Host, GapReason::Malformed);
        self.gap(Gap { kind, location: place.location(), reason, expected, found, contents: None });
    }

    /// Notes a file or folder that cannot be read.
    pub fn unread(&self, path: TreePath, fault: ReadFault) -> Unread {
        let gap = unread(path, fault);
        let unread = Unread { path: gap.location.path.clone(), found: gap.found.clone() };
        self.gap(gap);
        unread
    }

    /// Notes that something else than a file stands where one should: a FIFO, a folder.
    fn irregular(&self, path: &TreePath, kind: &EntryKind) -> Unread {
        let gap = unread(path.clone(), ReadFault::NotRegular);
        let found = match kind {
            EntryKind::Folder => Text::trusted("a folder"),
            EntryKind::Other(what) => Text::trusted(*what),
            EntryKind::File | EntryKind::Link(_) | EntryKind::Submodule(_) => gap.found.clone(),
        };
        self.gap(Gap { found: found.clone(), ..gap });
        Unread { path: path.clone(), found }
    }

    fn unreal(&self, path: &TreePath, unreal: Unreal) -> Option<Unread> {
        match unreal {
            Unreal::Nothing(_) => None,
            Unreal::Circle(_) => {
                let (kind, reason) = (FactKind::Host, GapReason::Misdirected);
                let expected = Text::trusted("a readable regular file");
                let found = Text::trusted("a link that leads in a circle");
                let location = Location::file(path.clone());
                self.gap(Gap { kind, location, reason, expected, found: found.clone(), contents: None });
                Some(Unread { path: path.clone(), found })
            }
            Unreal::Unread(_, fault) => Some(self.unread(path.clone(), fault)),
        }
    }

    /// Reads the file at a path from the root on, links followed inside the root; `None` where nothing stands there.
    ///
    /// # Errors
    /// When something stands there that cannot be read. It is noted as a gap.
    pub fn read(&self, path: &str) -> Result<Option<HostFile>, Unread> {
        TreePath::root().join(path.as_bytes()).map_or(Ok(None), |path| self.read_at(&path))
    }

    /// Reads the file at a path, links followed inside the root; `None` where nothing stands there.
    ///
    /// # Errors
    /// When something stands there that cannot be read. It is noted as a gap.
    pub fn read_at(&self, path: &TreePath) -> Result<Option<HostFile>, Unread> {
        let Some(entry) = self.real(path)? else { return Ok(None) };
        if entry.kind != EntryKind::File {
            return Err(self.irregular(path, &entry.kind));
        }
        match self.inspection.root.read(&entry, limits::MAX_FILE_BYTES) {
            Ok(bytes) => Ok(Some(self.file(path, &entry, bytes))),
            Err(ReadFault::Absent) => Ok(None),
            Err(fault) => Err(self.unread(path.clone(), fault)),
        }
    }

    fn file(&self, path: &TreePath, entry: &Entry, bytes: Vec<u8>) -> HostFile {
        let owner = entry.owner.unwrap_or(crate::tree::Owner { user: 0, group: 0 });
        HostFile {
            path: path.clone(),
            real: entry.path.clone(),
            mode: entry.mode.unwrap_or(0),
            user: self.inspection.names.user(owner.user),
            group: self.inspection.names.group(owner.group),
            bytes,
        }
    }

    /// Returns what stands at the end of a path, links followed inside the root; `None` where nothing does.
    ///
    /// # Errors
    /// When it leads in a circle, or nobody may look. It is noted as a gap.
    pub fn real(&self, path: &TreePath) -> Result<Option<Entry>, Unread> {
        match self.inspection.root.real(path) {
            Ok(entry) => Ok(Some(entry)),
            Err(unreal) => self.unreal(path, unreal).map_or(Ok(None), Err),
        }
    }

    /// Returns what stands at a path itself, be it a link; links above it are followed. `None` where nothing does.
    ///
    /// # Errors
    /// When the way there leads in a circle, or nobody may look. It is noted as a gap.
    pub fn look(&self, path: &TreePath) -> Result<Option<Entry>, Unread> {
        let Some(above) = path.parent() else { return Ok(None) };
        let folder = match self.inspection.root.folder(&above) {
            Ok(folder) => folder,
            Err(unreal) => return self.unreal(&above, unreal).map_or(Ok(None), Err),
        };
        match self.inspection.root.look(&folder.child(path.file_name())) {
            Ok(entry) => Ok(entry.map(|entry| Entry { path: path.clone(), ..entry })),
            Err(fault) => Err(self.unread(path.clone(), fault)),
        }
    }

    /// Lists what stands in a folder, in the order of names; links to the folder are followed, those in it are listed. The
    /// entries bear the path by which the folder was named. Nothing where there is no folder.
    ///
    /// # Errors
    /// When it cannot be listed. It is noted as a gap.
    pub fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, Unread> {
        self.listed(folder, |real| self.inspection.root.list(real))
    }

    /// Lists likewise what folders stand in a folder, and what bears a name that is wanted.
    ///
    /// # Errors
    /// When it cannot be listed. It is noted as a gap.
    pub fn list_some(&self, folder: &TreePath, is_wanted: fn(&[u8]) -> bool) -> Result<Vec<Entry>, Unread> {
        self.listed(folder, |real| self.inspection.root.list_some(real, is_wanted))
    }

    fn listed(
        &self,
        folder: &TreePath,
        list: impl Fn(&TreePath) -> Result<Vec<Entry>, ReadFault>,
    ) -> Result<Vec<Entry>, Unread> {
        let Some(real) = self.real(folder)? else { return Ok(Vec::new()) };
        if real.kind != EntryKind::Folder {
            return Ok(Vec::new());
        }
        match list(&real.path) {
            Ok(entries) => Ok(entries
                .into_iter()
                .map(|entry| Entry { path: folder.child(entry.path.file_name()), ..entry })
                .collect()),
            Err(ReadFault::Absent) => Ok(Vec::new()),
            Err(fault) => Err(self.unread(folder.clone(), fault)),
        }
    }

    /// Lists a folder by its path from the root on.
    ///
    /// # Errors
    /// When it cannot be listed. It is noted as a gap.
    pub fn list_at(&self, folder: &str) -> Result<Vec<Entry>, Unread> {
        TreePath::root().join(folder.as_bytes()).map_or_else(|| Ok(Vec::new()), |folder| self.list(&folder))
    }

    /// Returns the regular files that a pattern of paths means, links followed; what cannot be read is noted as a gap.
    #[must_use]
    pub fn expand(&self, pattern: &'static str) -> Vec<(TreePath, Entry)> {
        let Expanded { files, faults } = self.inspection.root.expand(pattern);
        for (path, fault) in faults {
            self.unread(path, fault);
        }
        files
    }

    /// Asks what becomes of the file at a path: it stands in the host's `Files` in the end, under the path that is
    /// returned; `None` where nothing stands there or it cannot be looked at, which is noted as a gap.
    pub fn ask(&self, path: &TreePath, asked: Asked) -> Option<TreePath> {
        let real = self.real(path).ok().flatten()?.path;
        ask(&mut self.inspection.state().asked, &real, asked);
        Some(real)
    }

    /// Asks likewise, for the time of the reading: whether the file stands in the host's `Files` in the end is decided once it
    /// is known what becomes of it.
    pub fn ask_aside(&self, path: &TreePath, asked: Asked) -> Option<TreePath> {
        let real = self.real(path).ok().flatten()?.path;
        ask(&mut self.inspection.state().aside, &real, asked);
        Some(real)
    }

    /// Asks that files of packages are compared with them though nobody asks about each.
    pub(super) fn compare_packages(&self, compare: Compare) {
        self.inspection.state().compare = compare;
    }

    /// Adds what was met on a walk.
    pub(super) fn met(&self, census: Census) {
        self.inspection.state().census.add(census);
    }
}

/// Adds what is asked of a file to what was asked of it before.
fn ask(all: &mut BTreeMap<TreePath, Asked>, path: &TreePath, asked: Asked) {
    let before = all.entry(path.clone()).or_insert(asked);
    *before = (*before).max(asked);
}
