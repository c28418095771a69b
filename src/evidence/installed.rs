//! What is installed in a root filesystem, as evidence.
//!
//! Records that stand anywhere, and programs, are read in the course of one pass; the databases of package managers after
//! it. All of one record in one folder are one inventory.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Kernel};
use crate::component::{Component, Inventory, OperatingSystem, Package, edges, purl_of};
use crate::ecosystem::installed::{Damage, Opened, Packages, RECORDS, Reader, Record, Stands, read_system};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::root::{Asked, Contents, ImageDamage, Pass, PathPattern, Root, RootWants};
use crate::tree::{Entry, EntryKind, ReadFault, TreeError, TreePath, WantsError, limits};

/// The files that say what operating system it is; the first there is counts (`os-release(5)`).
const OS_RELEASE: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// The largest file that is read beside a database.
const MAX_BESIDE_BYTES: u64 = 256 << 20;

/// Where the modules of kernels lie.
const MODULES: [&str; 2] = ["lib/modules", "usr/lib/modules"];

/// Why it cannot be known what is installed in a root.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// The root cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// An exclusion is no pattern.
    #[error(transparent)]
    Wants(#[from] WantsError),
}

/// Collects what is installed in a root filesystem, but nothing from files that match `exclude`.
///
/// # Errors
/// When the root as a whole cannot be read, or an exclusion is no pattern.
pub fn collect_installed(root: &Root, exclude: &[String]) -> Result<Evidence, RootError> {
    let visited: Vec<(&'static Record, &'static str)> = RECORDS
        .iter()
        .flat_map(|record| match record.stands {
            Stands::Anywhere(patterns) => patterns.iter().map(|pattern| (*record, *pattern)).collect(),
            Stands::At(_) | Stands::Executables => Vec::new(),
        })
        .collect();
    let wants =
        RootWants::new(held(), visited.iter().map(|(_, pattern)| PathPattern::anywhere(pattern)), true, exclude)?;
    let pass = root.pass(&wants, &|entry, asked, contents| {
        let made = match asked {
            Asked::Pattern(at) => {
                let (record, pattern) = visited.get(at)?;
                let group = group(record, &entry.path, pattern);
                vec![Made { record, group, packages: read(record, entry, contents) }]
            }
            Asked::Executable => executables()
                .map(|record| Made { record, group: entry.path.clone(), packages: read(record, entry, contents) })
                .collect(),
        };
        let told = |made: &Made| !(made.packages.packages.is_empty() && made.packages.gaps.is_empty());
        let made: Vec<Made> = made.into_iter().filter(told).collect();
        (!made.is_empty()).then_some(made)
    })?;
    let Pass { found, faults, closed, odd, damages, census } = pass;
    let mut collector = Collector::default();
    collector.evidence.census = census;
    collector.system(root);
    collector.made.extend(found.into_iter().flat_map(|(_, made)| made));
    collector.databases(root, &wants);
    collector.kernels(root);
    for (path, fault) in faults {
        collector.unread(path, fault);
    }
    for path in odd {
        collector.odd(root, &visited, path);
    }
    for (path, fault) in closed {
        collector.closed(path, fault);
    }
    collector.damages(damages);
    Ok(collector.finish())
}

/// Returns what is read after the pass.
fn held() -> Vec<PathPattern> {
    let databases = RECORDS.iter().flat_map(|record| match record.stands {
        Stands::At(patterns) => {
            patterns.iter().map(|pattern| (*pattern, matches!(record.read, Reader::Random(_)))).collect()
        }
        Stands::Anywhere(_) | Stands::Executables => Vec::new(),
    });
    let others = OS_RELEASE.iter().map(|path| (*path, false));
    let lists = ["lib/modules/*/modules.order", "usr/lib/modules/*/modules.order"].map(|path| (path, false));
    databases
        .chain(others)
        .chain(lists)
        .map(|(pattern, is_random)| {
            let pattern = PathPattern::from_root(pattern);
            if is_random { pattern.with_any_ending() } else { pattern }
        })
        .collect()
}

fn executables() -> impl Iterator<Item = &'static Record> {
    RECORDS.iter().copied().filter(|record| record.stands == Stands::Executables)
}

/// What was read of one file.
struct Made {
    record: &'static Record,
    /// What its packages stand together in.
    group: TreePath,
    packages: Packages,
}

/// Returns the folder in which what a pattern means stands: for `*.dist-info/METADATA` that of the `*.dist-info`. Where
/// places decide what answers a need, all packages of the record stand together.
fn group(record: &Record, path: &TreePath, pattern: &str) -> TreePath {
    if record.resolve.is_some() {
        return TreePath::root();
    }
    path.ancestors().nth(pattern.split('/').count()).unwrap_or_default()
}

/// Reads one file in the course of a pass.
fn read(record: &'static Record, entry: &Entry, contents: &mut dyn Contents) -> Packages {
    let unread = |fault| unread(&entry.path, fault);
    let size = contents.size();
    match record.read {
        Reader::Text(_) => {
            contents.bytes(limits::MAX_FILE_BYTES).map_or_else(unread, |bytes| record.read_text(&entry.path, &bytes))
        }
        Reader::Random(_) => contents.open().map_or_else(unread, |mut opened| {
            let beside = |_: &str| Ok(None);
            record.read_random(Opened { path: &entry.path, size, contents: &mut *opened, beside: &beside })
        }),
    }
}

/// Returns what a file tells that cannot be read.
fn unread(path: &TreePath, fault: ReadFault) -> Packages {
    let mut packages = Packages::default();
    packages.add_gap(Gap::unread(FactKind::Component, path.clone(), fault));
    packages
}

#[derive(Default)]
struct Collector {
    evidence: Evidence,
    made: Vec<Made>,
}

impl Collector {
    fn unread(&mut self, path: TreePath, fault: ReadFault) {
        self.evidence.gaps.push(Gap::unread(FactKind::Component, path, fault));
    }

    /// Reads what a link of a wanted name leads to, unless that is read under its own name. A link to nothing is no package;
    /// what is no file is a gap.
    fn odd(&mut self, root: &Root, visited: &[(&'static Record, &'static str)], path: TreePath) {
        let entry = match root.real(&path) {
            Ok(entry) if entry.kind == EntryKind::File => entry,
            Ok(Entry { kind: EntryKind::Folder, .. }) => return,
            Ok(_) => return self.unread(path, ReadFault::NotRegular),
            Err(unreal) => return unreal.fault().into_iter().for_each(|(path, fault)| self.unread(path, fault)),
        };
        let matching = |path: &TreePath| {
            let means = |pattern: &'static str| PathPattern::anywhere(pattern).matches(path);
            visited.iter().copied().filter(|(_, pattern)| means(pattern)).collect::<Vec<_>>()
        };
        let of_target = matching(&entry.path);
        for (record, pattern) in matching(&path) {
            if of_target.iter().any(|(other, _)| std::ptr::eq(*other, record)) {
                continue;
            }
            let group = group(record, &path, pattern);
            let packages = Self::database(root, record, &entry);
            self.made.push(Made { record, group, packages });
        }
    }

    /// Records a folder that cannot be listed: anything may be installed in it.
    fn closed(&mut self, path: TreePath, fault: ReadFault) {
        let gap = Gap::unread(FactKind::Component, path, fault);
        self.evidence.gaps.push(Gap { expected: Text::trusted("a folder that can be listed"), ..gap });
    }

    fn gap(&mut self, path: TreePath, reason: GapReason, expected: Text, found: Text) {
        let location = Location::file(path);
        self.evidence.gaps.push(Gap { kind: FactKind::Component, location, reason, expected, found, contents: None });
    }

    fn damages(&mut self, damages: Vec<ImageDamage>) {
        for ImageDamage { path, expected, found } in damages {
            self.gap(path, GapReason::Malformed, expected, found);
        }
    }

    fn system(&mut self, root: &Root) {
        for path in OS_RELEASE {
            let Some(path) = TreePath::new(path.as_bytes()) else { continue };
            let entry = match root.real(&path) {
                Ok(entry) => entry,
                Err(unreal) => match unreal.fault() {
                    Some((path, fault)) => return self.unread(path, fault),
                    None => continue,
                },
            };
            match root.read(&entry, limits::MAX_FILE_BYTES) {
                Ok(bytes) => {
                    let (system, gap) = read_system(&entry.path, &bytes);
                    self.evidence.system = system;
                    self.evidence.gaps.extend(gap);
                }
                Err(fault) => self.unread(entry.path, fault),
            }
            return;
        }
    }

    /// Reads the databases of package managers.
    fn databases(&mut self, root: &Root, wants: &RootWants) {
        let mut files: BTreeMap<(&'static str, TreePath), (&'static Record, &'static str, Entry)> = BTreeMap::new();
        for record in RECORDS {
            let Stands::At(patterns) = record.stands else { continue };
            for pattern in patterns {
                let expanded = root.expand(pattern);
                for (path, fault) in expanded.faults {
                    self.unread(path, fault);
                }
                for (_, entry) in expanded.files.into_iter().filter(|(_, entry)| !wants.excludes(&entry.path)) {
                    files.insert((record.id, entry.path.clone()), (record, pattern, entry));
                }
            }
        }
        let folders: BTreeSet<(&str, TreePath)> =
            files.keys().filter_map(|(id, path)| Some((*id, path.parent()?))).collect();
        for ((_, path), (record, pattern, entry)) in files {
            let folder = path.parent().unwrap_or_default();
            if record.gives_way_to.iter().any(|other| folders.contains(&(*other, folder.clone()))) {
                continue;
            }
            let group = database(&path, pattern);
            let packages = Self::database(root, record, &entry);
            self.made.push(Made { record, group, packages });
        }
    }

    fn database(root: &Root, record: &'static Record, entry: &Entry) -> Packages {
        let unread = |fault| unread(&entry.path, fault);
        match record.read {
            Reader::Text(_) => root
                .read(entry, limits::MAX_FILE_BYTES)
                .map_or_else(unread, |bytes| record.read_text(&entry.path, &bytes)),
            Reader::Random(_) => root.open_file(entry).map_or_else(unread, |(size, mut contents)| {
                let beside = |ending: &str| beside(root, &entry.path, ending);
                record.read_random(Opened { path: &entry.path, size, contents: &mut *contents, beside: &beside })
            }),
        }
    }

    fn kernels(&mut self, root: &Root) {
        let mut seen = BTreeSet::new();
        for folder in MODULES {
            let Some(Ok(folder)) = TreePath::new(folder.as_bytes()).map(|path| root.real(&path)) else { continue };
            if !seen.insert(folder.path.clone()) {
                continue;
            }
            for entry in root.list(&folder.path).unwrap_or_default() {
                if entry.kind != EntryKind::Folder {
                    continue;
                }
                let list = root.real(&entry.path.child(b"modules.order")).ok();
                let bytes = list.and_then(|list| root.read(&list, limits::MAX_FILE_BYTES).ok());
                let lines = |bytes: Vec<u8>| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                self.evidence.kernels.push(Kernel {
                    release: Text::of(entry.path.file_name()),
                    place: Location::file(entry.path),
                    modules: bytes.map(lines),
                });
            }
        }
        self.evidence.kernels.sort();
    }

    /// Makes inventories of what was read.
    fn finish(mut self) -> Evidence {
        let mut groups: BTreeMap<(TreePath, &'static str), (&'static Record, Vec<Package>)> = BTreeMap::new();
        let mut empty: BTreeMap<&'static str, TreePath> = BTreeMap::new();
        for Made { record, group, packages } in std::mem::take(&mut self.made) {
            let Packages { packages, gaps, .. } = packages;
            if packages.is_empty() && gaps.is_empty() && matches!(record.stands, Stands::At(_)) {
                empty.insert(record.ecosystem, group);
                continue;
            }
            self.evidence.gaps.extend(gaps);
            let all = &mut groups.entry((group, record.id)).or_insert_with(|| (record, Vec::new())).1;
            // What one file says of its own packages counts from there.
            let first = all.len();
            all.extend(packages.into_iter().map(|mut package| {
                package.needs_at.iter_mut().for_each(|at| *at += first);
                package
            }));
        }
        let mut assumed = BTreeSet::new();
        for ((path, _), (record, packages)) in groups {
            let inventory =
                inventory(path, record, packages, self.evidence.system.as_ref(), &mut self.evidence.gaps, &mut assumed);
            if !inventory.components.is_empty() {
                self.evidence.inventories.push(inventory);
            }
        }
        self.evidence.assumptions = assumed.into_iter().collect();
        for (ecosystem, path) in empty {
            let has_some = self.evidence.inventories.iter().any(|inventory| *inventory.ecosystem == *ecosystem);
            if !has_some {
                let (expected, found) = (Text::trusted("installed packages"), Text::trusted("a database without any"));
                self.gap(path, GapReason::Absent, expected, found);
            }
        }
        if self.evidence.inventories.is_empty() && self.evidence.gaps.is_empty() {
            let expected = Text::trusted("a database of packages, or programs that tell what they are made of");
            self.gap(TreePath::root(), GapReason::Absent, expected, Text::trusted("neither"));
        }
        self.evidence.complete()
    }
}

/// Returns what stands for a database: the folder of the first part of its pattern that is none, or the file itself.
fn database(path: &TreePath, pattern: &str) -> TreePath {
    let behind = pattern.split('/').skip_while(|part| !part.contains('*')).count();
    path.ancestors().nth(behind).unwrap_or_default()
}

fn beside(root: &Root, path: &TreePath, ending: &str) -> Result<Option<Vec<u8>>, Damage> {
    let name = [path.file_name(), ending.as_bytes()].concat();
    let entry = match root.real(&path.parent().unwrap_or_default().child(&name)) {
        Ok(entry) => entry,
        Err(unreal) => return unreal.fault().map_or(Ok(None), |(_, fault)| Err(damage(&name, fault))),
    };
    root.read(&entry, MAX_BESIDE_BYTES).map(Some).map_err(|fault| damage(&name, fault))
}

fn damage(name: &[u8], fault: ReadFault) -> Damage {
    Damage { reason: GapReason::Unreadable, expected: text!("`{}` beside it", name), found: Text::of(&fault) }
}

/// Makes an inventory of the packages that one record tells of one place.
fn inventory(
    path: TreePath,
    record: &Record,
    packages: Vec<Package>,
    system: Option<&OperatingSystem>,
    gaps: &mut Vec<Gap>,
    assumed: &mut BTreeSet<Text>,
) -> Inventory {
    let mut packages = packages;
    if let Some(resolve) = record.resolve {
        resolve(&mut packages);
    }
    let edges = edges(&packages);
    let mut components = Vec::with_capacity(packages.len());
    // The place of each package among the components, for one of which no purl can be made is none.
    let mut places: Vec<Option<u32>> = Vec::with_capacity(packages.len());
    for package in packages {
        match purl_of(record.ecosystem, &package, system) {
            Ok(named) => {
                places.push(u32::try_from(components.len()).ok());
                assumed.extend(named.assumption.map(|assumption| assumption.message()));
                components.push(component(named.purl, package));
            }
            Err(fault) => {
                places.push(None);
                let (expected, found) =
                    (Text::trusted("a package of which a purl can be made"), text!("{}", fault.to_string()));
                let (kind, location, reason) = (FactKind::Component, package.place, GapReason::Malformed);
                gaps.push(Gap { kind, location, reason, expected, found, contents: None });
            }
        }
    }
    let place = |at: &u32| places.get(usize::try_from(*at).ok()?).copied().flatten();
    for (needs, at) in edges.iter().zip(&places) {
        let component = at.and_then(|at| components.get_mut(usize::try_from(at).ok()?));
        if let Some(component) = component {
            component.needs = needs.iter().filter_map(place).collect();
        }
    }
    Inventory {
        path,
        format: record.id.into(),
        ecosystem: record.ecosystem.into(),
        manifest: None,
        capability: record.capability,
        components,
        projects: Vec::new(),
        answers: BTreeMap::new(),
        renamed: Vec::new(),
        overridden: Vec::new(),
    }
}

fn component(purl: Box<str>, package: Package) -> Component {
    let Package { name, version, place, source, license, digests, installed, .. } = package;
    Component {
        purl,
        license,
        digests,
        installed: Some(Box::new(installed)),
        ..Component::of(name, version, source, place)
    }
}
