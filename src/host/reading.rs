//! Files of a host, as families ask for them.

use std::cell::RefCell;
use std::collections::BTreeMap;

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

/// A host that is being read.
pub struct Reading<'a> {
    root: &'a Root,
    wants: &'a HostWants,
    names: Names,
    system: Option<OperatingSystem>,
    state: RefCell<State>,
}

struct State {
    family: &'static str,
    gaps: BTreeMap<Box<str>, Vec<Gap>>,
    asked: BTreeMap<TreePath, Asked>,
    compare: Compare,
    census: Census,
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

impl<'a> Reading<'a> {
    pub(super) fn new(root: &'a Root, wants: &'a HostWants) -> Self {
        let state = State {
            family: OF_THE_ROOT,
            gaps: BTreeMap::new(),
            asked: BTreeMap::new(),
            compare: Compare::Nothing,
            census: Census::default(),
        };
        let mut reading = Self { root, wants, names: Names::default(), system: None, state: RefCell::new(state) };
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
        reading.names = names;
        reading.system = system;
        reading
    }

    /// Begins a family: what cannot be known from here on is of it.
    pub(super) fn begin(&self, family: &'static str) {
        self.state.borrow_mut().family = family;
    }

    /// Returns the root.
    #[must_use]
    pub fn root(&self) -> &'a Root {
        self.root
    }

    /// Returns the names of users and groups, as the root's own files have them.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Returns the operating system, as its files tell.
    #[must_use]
    pub fn system(&self) -> Option<&OperatingSystem> {
        self.system.as_ref()
    }

    /// Returns how the host is read.
    #[must_use]
    pub fn wants(&self) -> &HostWants {
        self.wants
    }

    /// Notes something that cannot be known.
    pub fn gap(&self, gap: Gap) {
        let mut state = self.state.borrow_mut();
        let family = state.family;
        let gaps = state.gaps.entry(family.into()).or_default();
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

    pub(super) fn damaged(&self, damage: ImageDamage) {
        let ImageDamage { path, expected, found } = damage;
        let (kind, reason) = (FactKind::Host, GapReason::Malformed);
        self.gap(Gap { kind, location: Location::file(path), reason, expected, found, contents: None });
    }

    /// Notes a file or folder that cannot be read.
    pub fn unread(&self, path: TreePath, fault: ReadFault) -> Unread {
        let gap = unread(path, fault);
        let unread = Unread { path: gap.location.path.clone(), found: gap.found.clone() };
        self.gap(gap);
        unread
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
            return Err(self.unread(path.clone(), ReadFault::NotRegular));
        }
        match self.root.read(&entry, limits::MAX_FILE_BYTES) {
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
            user: self.names.user(owner.user),
            group: self.names.group(owner.group),
            bytes,
        }
    }

    /// Returns what stands at the end of a path, links followed inside the root; `None` where nothing does.
    ///
    /// # Errors
    /// When it leads in a circle, or nobody may look. It is noted as a gap.
    pub fn real(&self, path: &TreePath) -> Result<Option<Entry>, Unread> {
        match self.root.real(path) {
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
        let folder = match self.root.folder(&above) {
            Ok(folder) => folder,
            Err(unreal) => return self.unreal(&above, unreal).map_or(Ok(None), Err),
        };
        match self.root.look(&folder.child(path.file_name())) {
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
        let Some(real) = self.real(folder)? else { return Ok(Vec::new()) };
        if real.kind != EntryKind::Folder {
            return Ok(Vec::new());
        }
        match self.root.list(&real.path) {
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
        let Expanded { files, faults } = self.root.expand(pattern);
        for (path, fault) in faults {
            self.unread(path, fault);
        }
        files
    }

    /// Asks what becomes of the file at a path: it stands in the host's `Files` in the end, under the path that is
    /// returned; `None` where nothing stands there or it cannot be looked at, which is noted as a gap.
    pub fn ask(&self, path: &TreePath, asked: Asked) -> Option<TreePath> {
        let real = self.real(path).ok().flatten()?.path;
        let mut state = self.state.borrow_mut();
        let before = state.asked.entry(real.clone()).or_insert(asked);
        *before = (*before).max(asked);
        drop(state);
        Some(real)
    }

    /// Whether a family asked about the file that stands at a path.
    pub(super) fn is_asked(&self, real: &TreePath) -> bool {
        self.state.borrow().asked.contains_key(real)
    }

    /// Asks that files of packages are compared with them though nobody asks about each.
    pub(super) fn compare_packages(&self, compare: Compare) {
        self.state.borrow_mut().compare = compare;
    }

    /// Adds what was met on a walk.
    pub(super) fn met(&self, census: Census) {
        self.state.borrow_mut().census.add(census);
    }

    /// Looks up what was asked of files.
    pub(super) fn finish(self) -> (Found, BTreeMap<Box<str>, Vec<Gap>>, Census) {
        self.begin(OF_THE_ROOT);
        let asked = std::mem::take(&mut self.state.borrow_mut().asked);
        let compare = self.state.borrow().compare;
        let found = files::look_up(&self, &asked, compare);
        let State { mut gaps, census, .. } = self.state.into_inner();
        for gaps in gaps.values_mut() {
            gaps.sort();
            gaps.dedup();
        }
        (found, gaps, census)
    }
}
