//! Which packages files are of, by the databases of package managers. Their lists are read once, and kept of them is what
//! somebody asked about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::compare::{Compare, parted};
use super::diversions::{self, Diversion, Diversions};
use super::folders::Folders;
use super::left_out::{self, LeftOut};
use super::sought::SoughtNames;
use super::{Asked, Belongs, Database};
use crate::component::Digest;
use crate::ecosystem::installed::{
    Beside, Damage, Damaged, FileLists, FileRole, Listed, Lists, Opened, RECORDS, Record, Stands, Whose, from_root,
};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::host::reading::Reading;
use crate::parallel;
use crate::text;
use crate::text::Text;
use crate::tree::root::{Expanded, PathPattern, Root};
use crate::tree::{Entry, EntryKind, ReadFault, TreePath, limits};

/// The package managers of systems, by their ecosystems.
const ECOSYSTEMS: [&str; 5] = ["alpm", "apk", "deb", "opkg", "rpm"];

/// What stands beside databases and lists files.
const BESIDE: [&str; 8] = [
    "var/lib/dpkg/info/*.list",
    "var/lib/dpkg/info/*.md5sums",
    "var/lib/pacman/local/*/files",
    "var/lib/pacman/local/*/mtree",
    "usr/lib/opkg/info/*.list",
    "var/lib/opkg/info/*.list",
    "opt/lib/opkg/info/*.list",
    diversions::PATH,
];

/// The largest file beside a database.
const MAX_BESIDE_BYTES: u64 = 256 << 20;

/// Returns the files that tell which packages others are of. A root that is read as a stream holds them.
pub(in crate::host) fn held() -> impl Iterator<Item = PathPattern> {
    let of_record = |record: &'static Record| {
        let Stands::At(patterns) = record.stands else { return Vec::new() };
        let is_random = matches!(record.files, FileLists::Random(_));
        let pattern = |pattern: &&'static str| {
            let pattern = PathPattern::from_root(pattern);
            if is_random { pattern.with_any_ending() } else { pattern }
        };
        patterns.iter().map(pattern).collect()
    };
    let records = RECORDS.iter().filter(|record| ECOSYSTEMS.contains(&record.ecosystem));
    let others = BESIDE.iter().chain(&left_out::PATHS).map(|pattern| PathPattern::from_root(pattern));
    records.flat_map(move |record| of_record(record)).chain(others)
}

/// What databases tell of the files that somebody asked about.
#[derive(Default)]
pub(super) struct Owners {
    files: HashMap<TreePath, Owned>,
    /// Paths from which a file of a package was moved, and where to.
    moved: HashMap<TreePath, TreePath>,
    /// The databases that were read.
    pub(super) databases: Vec<Database>,
    /// What dpkg was told to leave out.
    pub(super) left_out: LeftOut,
    /// Whether all databases could be read, and there is one.
    is_whole: bool,
}

/// What databases tell of a file.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    /// The first package that lists it.
    pub(super) package: Text,
    /// What it is for.
    pub(super) role: FileRole,
    /// The digests that it may have: one a package that lists it.
    pub(super) digests: Vec<Digest>,
    /// Its permission bits.
    pub(super) mode: Option<u32>,
    /// Who owns it.
    pub(super) user: Option<Owner>,
    /// Its group.
    pub(super) group: Option<Owner>,
    /// Its capabilities; none of them where that is empty.
    pub(super) capabilities: Option<Text>,
    /// Whether it is compared without anybody asking.
    pub(super) is_compared: bool,
}

/// A user or a group, as a database names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Name(Text),
    Number(u32),
}

impl Owners {
    /// Reads the databases.
    pub(super) fn read(reading: &Reading<'_>, asked: &BTreeMap<TreePath, Asked>, compare: Compare) -> Self {
        let root = reading.root();
        let folders = Folders::new(root);
        let mut out = Self { is_whole: true, ..Self::default() };
        let diversions = out.diversions(reading, &folders);
        let of_packages = asked.iter().filter(|(_, asked)| **asked >= Asked::Package);
        let diverted = diversions.iter().map(|(from, _)| parted(from).1);
        let names = SoughtNames::new(of_packages.map(|(path, _)| path.file_name()).chain(diverted));
        let sought = Sought { asked, names, diversions: &diversions, folders: &folders, compare };
        for found in databases(reading, &mut out.is_whole) {
            out.database(reading, &sought, found);
        }
        out.is_whole &= out.databases.iter().any(|database| database.packages > 0);
        if compare == Compare::All {
            for (_, entry) in left_out::PATHS.iter().flat_map(|pattern| reading.expand(pattern)) {
                let bytes = root.read(&entry, limits::MAX_FILE_BYTES);
                out.left_out.read(&bytes.unwrap_or_default());
            }
        }
        out
    }

    /// Returns which package a file is of.
    pub(super) fn of(&self, path: &TreePath) -> Belongs {
        match self.files.get(path) {
            Some(owned) => Belongs::Package {
                name: owned.package.clone(),
                is_configuration: owned.role == FileRole::Configuration,
                mode: owned.mode,
            },
            None if !self.is_whole => Belongs::Unknown,
            None => Belongs::Nobody { diverted_to: self.moved.get(path).cloned() },
        }
    }

    /// Returns what databases tell of a file.
    pub(super) fn file(&self, path: &TreePath) -> Option<&Owned> {
        self.files.get(path)
    }

    /// Returns the files that are compared without anybody asking, in the order of their paths.
    pub(super) fn compared(&self) -> Vec<(&TreePath, &Owned)> {
        let mut compared: Vec<_> = self.files.iter().filter(|(_, owned)| owned.is_compared).collect();
        compared.sort_unstable_by_key(|(path, _)| *path);
        compared
    }

    fn diversions(&mut self, reading: &Reading<'_>, folders: &Folders<'_>) -> Diversions {
        let file = match reading.read(diversions::PATH) {
            Ok(Some(file)) => file,
            Ok(None) => return Diversions::default(),
            Err(_) => {
                self.is_whole = false;
                return Diversions::default();
            }
        };
        let Some(mut diversions) = Diversions::read(&file.bytes) else {
            self.is_whole = false;
            let expected = Text::trusted("three lines a diversion, two paths and a package");
            reading.gap(gap(&file.path, Damage::malformed(expected, Text::trusted("others"))));
            return Diversions::default();
        };
        let named: Vec<(Vec<u8>, Diversion)> =
            diversions.iter().map(|(from, diversion)| (from.to_vec(), diversion.clone())).collect();
        for (from, diversion) in named {
            let (Some(real), Some(to)) = (folders.place(&from), folders.place(&diversion.to)) else { continue };
            // dpkg knows a path by the name that a list has for it. Where a folder of it is a link, the file was moved all
            // the same, as what stands there shows.
            let has_moved = matches!(reading.root().look(&to), Ok(Some(_)));
            if has_moved && real.as_bytes() != from {
                diversions.also(real.as_bytes(), diversion.clone());
            }
            if has_moved {
                for alias in aliases(&from) {
                    if folders.place(&alias).as_ref() == Some(&real) {
                        diversions.also(&alias, diversion.clone());
                    }
                }
            }
            self.moved.insert(real, to);
        }
        diversions
    }

    fn database(&mut self, reading: &Reading<'_>, sought: &Sought<'_>, found: Standing) {
        let Standing { record, entry } = found;
        let mut taken = Vec::new();
        let mut take = |package: &str, listed: &Listed<'_>| sought.take(package, listed, &mut taken);
        let mut lists = Lists::new(&mut take);
        let damage = match record.files {
            FileLists::None => None,
            FileLists::Bytes(read) => match reading.root().read(&entry, limits::MAX_FILE_BYTES) {
                Ok(bytes) => {
                    read(&entry.path, &bytes, &mut lists);
                    None
                }
                Err(fault) => Some(unread(fault)),
            },
            FileLists::Random(read) => random(reading.root(), &entry, read, &mut lists).err(),
        };
        let Lists { packages, beside, gaps, .. } = lists;
        let has_files = !matches!(record.files, FileLists::None);
        self.is_whole &= has_files && damage.is_none() && gaps.gaps.is_empty();
        if let Some(damage) = damage {
            reading.gap(gap(&entry.path, damage));
        }
        for one in gaps.gaps {
            reading.gap(Gap { kind: FactKind::Host, ..one });
        }
        if packages > 0 || !has_files {
            self.note(record, entry.path, packages, has_files);
        }
        self.add(taken);
        let root = reading.root();
        for (taken, faults, bare) in parallel::map(&beside, |beside| read_beside(root, sought, beside)) {
            self.add(taken);
            for (path, damage) in faults {
                self.is_whole = false;
                reading.gap(gap(&path, damage));
            }
            if let Some((path, damage)) = bare {
                reading.gap(gap(&path, damage));
            }
        }
    }

    /// Notes a database. Where each package has a file, or a folder, of its own, the folder of all is the database.
    fn note(&mut self, record: &Record, path: TreePath, packages: usize, has_files: bool) {
        let path = match record.id {
            "dpkg-status-d" => path.parent(),
            "pacman-desc" => path.parent().and_then(|folder| folder.parent()),
            _ => None,
        }
        .unwrap_or(path);
        match self.databases.last_mut().filter(|database| database.path == path) {
            Some(database) => database.packages += packages,
            None => {
                let ecosystem = Text::trusted(record.ecosystem);
                self.databases.push(Database { path, ecosystem, packages, has_files });
            }
        }
    }

    fn add(&mut self, taken: Vec<(TreePath, Owned)>) {
        for (path, found) in taken {
            let Some(known) = self.files.get_mut(&path) else {
                self.files.insert(path, found);
                continue;
            };
            known.role = known.role.max(found.role);
            known.digests.extend(found.digests);
            known.mode = known.mode.or(found.mode);
            known.user = known.user.take().or(found.user);
            known.group = known.group.take().or(found.group);
            known.capabilities = known.capabilities.take().or(found.capabilities);
            known.is_compared |= found.is_compared;
        }
    }
}

/// The other names that a path below the root's own folders may have where those are links.
fn aliases(path: &[u8]) -> Vec<Vec<u8>> {
    match path.strip_prefix(b"usr/") {
        Some(rest) => vec![rest.to_vec()],
        None => vec![[b"usr/", path].concat()],
    }
}

/// What is looked for in lists.
struct Sought<'a> {
    asked: &'a BTreeMap<TreePath, Asked>,
    names: SoughtNames<'a>,
    diversions: &'a Diversions,
    folders: &'a Folders<'a>,
    compare: Compare,
}

impl Sought<'_> {
    /// Keeps what a list says of a file, if it is looked for.
    fn take(&self, package: &str, listed: &Listed<'_>, out: &mut Vec<(TreePath, Owned)>) {
        let is_named = self.names.has(listed.path);
        if !is_named && self.compare == Compare::Nothing {
            return;
        }
        let Some(path) = from_root(listed.path) else { return };
        if !is_named && !self.compare.means(path) {
            return;
        }
        let moved = if self.diversions.is_empty() { None } else { self.diversions.moved(path, package) };
        let path = moved.unwrap_or(path);
        let Some(place) = self.folders.place(path) else { return };
        let is_compared = self.compare.means(path) && (listed.digest.is_some() || listed.mode.is_some());
        let is_asked = self.asked.get(&place).is_some_and(|asked| *asked >= Asked::Package);
        // What a file is for may be told apart from its digest.
        let is_marked = listed.role != FileRole::Plain && self.compare.means(path);
        if !is_compared && !is_asked && !is_marked {
            return;
        }
        out.push((
            place,
            Owned {
                package: Text::of(package),
                role: listed.role,
                digests: listed.digest.and_then(crate::ecosystem::installed::Written::read).into_iter().collect(),
                mode: listed.mode,
                user: listed.user.map(owner),
                group: listed.group.map(owner),
                capabilities: listed.capabilities.map(Text::of),
                is_compared,
            },
        ));
    }
}

impl Sought<'_> {
    /// Whether a list names a program that is compared, and that is there.
    fn is_program(&self, root: &Root, listed: &Listed<'_>) -> bool {
        if listed.role != FileRole::Plain || self.compare == Compare::Nothing {
            return false;
        }
        let meant = from_root(listed.path).filter(|path| Compare::Programs.means(path));
        let place = meant.and_then(|path| self.folders.place(path));
        place.is_some_and(|place| matches!(root.look(&place), Ok(Some(Entry { kind: EntryKind::File, .. }))))
    }
}

fn owner(whose: Whose<'_>) -> Owner {
    match whose {
        Whose::Name(name) => Owner::Name(Text::of(name)),
        Whose::Number(number) => Owner::Number(number),
    }
}

/// A database that stands in a root.
struct Standing {
    record: &'static Record,
    entry: Entry,
}

/// Returns the databases that stand in a root, in the order of their records and paths.
fn databases(reading: &Reading<'_>, is_whole: &mut bool) -> Vec<Standing> {
    let mut files: BTreeMap<(&'static str, TreePath), Standing> = BTreeMap::new();
    for record in RECORDS.iter().filter(|record| ECOSYSTEMS.contains(&record.ecosystem)) {
        let Stands::At(patterns) = record.stands else { continue };
        for pattern in patterns {
            let Expanded { files: found, faults } = reading.root().expand(pattern);
            for (path, fault) in faults {
                *is_whole = false;
                reading.unread(path, fault);
            }
            for (_, entry) in found {
                files.insert((record.id, entry.path.clone()), Standing { record, entry });
            }
        }
    }
    let folders: BTreeSet<(&str, TreePath)> =
        files.keys().filter_map(|(id, path)| Some((*id, path.parent()?))).collect();
    let counts = |standing: &Standing| {
        let folder = standing.entry.path.parent().unwrap_or_default();
        !standing.record.gives_way_to.iter().any(|other| folders.contains(&(*other, folder.clone())))
    };
    files.into_values().filter(counts).collect()
}

/// What the lists of a package tell: files, what cannot be known, and whether digests are not there that should be.
type Taken = (Vec<(TreePath, Owned)>, Vec<Damaged>, Option<Damaged>);

fn read_beside(root: &Root, sought: &Sought<'_>, beside: &Beside) -> Taken {
    let (mut taken, mut faults) = (Vec::new(), Vec::new());
    let mut contents: Vec<Option<Vec<u8>>> = vec![None; beside.files.len()];
    let mut is_otherwise = false;
    for (at, (path, is_needed)) in beside.files.iter().enumerate() {
        // Where nothing that was asked for is listed, what else is said of the package need not be read.
        if at == 1 && sought.compare == Compare::Nothing {
            let mut listed = Vec::new();
            let read = (beside.read)(beside, &contents, &mut |package, found| sought.take(package, found, &mut listed));
            if listed.is_empty() && read.is_ok() && faults.is_empty() {
                return (listed, faults, None);
            }
        }
        let other = beside.otherwise.get(at);
        let mut bytes = bytes_of(root, sought.folders, other.filter(|_| is_otherwise).unwrap_or(path));
        if at == 0
            && let (Ok(None), Some(other)) = (&bytes, other)
        {
            bytes = bytes_of(root, sought.folders, other);
            is_otherwise = matches!(bytes, Ok(Some(_)));
        }
        match bytes {
            Ok(None) if *is_needed => {
                let expected = text!("the list of the files of `{}`", beside.package);
                let (reason, found) = (GapReason::Absent, Text::trusted("none"));
                faults.push((path.clone(), Damage { reason, expected, found }));
            }
            Ok(bytes) => {
                if let Some(slot) = contents.get_mut(at) {
                    *slot = bytes;
                }
            }
            Err(fault) => faults.push((path.clone(), unread(fault))),
        }
    }
    // Every package with a program has digests: without these nobody can say that the program is the package's.
    let bare = beside.files.get(1).filter(|_| matches!(contents.get(1), Some(None)));
    let mut has_programs = false;
    let read = (beside.read)(beside, &contents, &mut |package, listed| {
        sought.take(package, listed, &mut taken);
        has_programs |= bare.is_some() && !has_programs && sought.is_program(root, listed);
    });
    faults.extend(read.err());
    let bare = bare.filter(|_| has_programs).map(|(path, _)| {
        let expected = text!("the digests of the files of `{}`", beside.package);
        (path.clone(), Damage { reason: GapReason::Absent, expected, found: Text::trusted("none") })
    });
    (taken, faults, bare)
}

/// Reads a file beside a database, `None` where there is none.
fn bytes_of(root: &Root, folders: &Folders<'_>, path: &TreePath) -> Result<Option<Vec<u8>>, ReadFault> {
    let Some(place) = folders.place(path.as_bytes()) else { return Ok(None) };
    match root.read(&Entry::new(place.clone(), EntryKind::File), limits::MAX_FILE_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ReadFault::Absent) => Ok(None),
        Err(ReadFault::NotRegular) => match root.real(&place) {
            Ok(entry) => root.read(&entry, limits::MAX_FILE_BYTES).map(Some),
            Err(unreal) => unreal.fault().map_or(Ok(None), |(_, fault)| Err(fault)),
        },
        Err(fault) => Err(fault),
    }
}

fn random(
    root: &Root,
    entry: &Entry,
    read: fn(&mut Opened<'_>, &mut Lists<'_>) -> Result<(), Damage>,
    lists: &mut Lists<'_>,
) -> Result<(), Damage> {
    let (size, mut contents) = root.open_file(entry).map_err(unread)?;
    let beside = |ending: &str| {
        let name = [entry.path.file_name(), ending.as_bytes()].concat();
        match root.real(&entry.path.parent().unwrap_or_default().child(&name)) {
            Ok(entry) => root.read(&entry, MAX_BESIDE_BYTES).map(Some).map_err(unread),
            Err(unreal) => unreal.fault().map_or(Ok(None), |(_, fault)| Err(unread(fault))),
        }
    };
    read(&mut Opened { path: &entry.path, size, contents: &mut *contents, beside: &beside }, lists)
}

fn unread(fault: ReadFault) -> Damage {
    let gap = Gap::unread(FactKind::Host, TreePath::root(), fault);
    Damage { reason: gap.reason, expected: gap.expected, found: gap.found }
}

fn gap(path: &TreePath, damage: Damage) -> Gap {
    let Damage { reason, expected, found } = damage;
    Gap { kind: FactKind::Host, location: Location::file(path.clone()), reason, expected, found, contents: None }
}
