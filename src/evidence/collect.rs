//! Evidence read from trees: all of one, or of two what belongs to where they differ.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::reading::{Job, Read, Readers, read_all};
use super::{Evidence, Leads, Link, LockFile, Submodule};
use crate::ecosystem::{self, Facts, Role};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::{
    ContentId, Destination, Entry, EntryKind, ReadFault, Route, Scan, Tree, TreeError, TreePath, Wants, limits, resolve,
};

/// Collects all evidence of a tree.
///
/// # Errors
/// When the tree as a whole cannot be read.
pub fn collect(tree: &dyn Tree, wants: &Wants) -> Result<Evidence, TreeError> {
    let Scan { entries, census, faults } = tree.scan(wants)?;
    let mut collector = Collector::new(tree, wants, None);
    collector.files(&entries);
    for entry in &entries {
        collector.entry(entry)?;
    }
    collector.faults(faults);
    collector.evidence.census = census;
    Ok(collector.evidence.complete())
}

/// How many bytes are held in memory to be read side by side.
const BATCH_BYTES: usize = 8 << 20;

/// What was read from files, by path and contents: equal contents at one path are parsed once.
pub(super) type Cache = RefCell<HashMap<(TreePath, ContentId), Read>>;

/// Reads entries of one tree into evidence.
pub(super) struct Collector<'a> {
    pub(super) tree: &'a dyn Tree,
    pub(super) evidence: Evidence,
    /// The first file whose contents the object database does not hand out.
    pub(super) lost: Option<(TreePath, ReadFault)>,
    wants: &'a Wants,
    cache: Option<&'a Cache>,
    seen: BTreeSet<TreePath>,
    /// Whether only some folders of the tree were looked at, so that a file elsewhere may change unseen.
    is_partial: bool,
}

impl<'a> Collector<'a> {
    pub(super) fn new(tree: &'a dyn Tree, wants: &'a Wants, cache: Option<&'a Cache>) -> Self {
        let (evidence, seen) = (Evidence::default(), BTreeSet::new());
        Self { tree, evidence, lost: None, wants, cache, seen, is_partial: false }
    }

    pub(super) fn partial(self, is_partial: bool) -> Self {
        Self { is_partial, ..self }
    }

    /// Whether something stands at a path that may be read.
    pub(super) fn has(&self, path: &TreePath) -> Result<bool, TreeError> {
        Ok(self.wants.reaches(path) && self.tree.entry(path)?.is_some())
    }

    /// Collects what stands at a path, if anything does that may be read, and it was not collected before.
    pub(super) fn path(&mut self, path: &TreePath) -> Result<(), TreeError> {
        if self.seen.contains(path) || !self.wants.reaches(path) {
            return Ok(());
        }
        match self.tree.entry(path)? {
            Some(entry) => self.entry(&entry),
            None => Ok(()),
        }
    }

    /// Collects plain files, several side by side. What else the entries are is left to [`Self::entry`].
    fn files(&mut self, entries: &[Entry]) {
        let mut ahead = entries.iter();
        loop {
            let (mut jobs, mut total) = (Vec::new(), 0);
            for job in ahead.by_ref().filter_map(|entry| self.job(entry)) {
                total += job.bytes.len();
                jobs.push(job);
                if total >= BATCH_BYTES {
                    break;
                }
            }
            if jobs.is_empty() {
                return;
            }
            for (job, read) in jobs.iter().zip(read_all(&jobs)) {
                self.take(job, read);
            }
        }
    }

    /// Reads the contents of a plain file that was not collected before; one that cannot be read is left for later.
    pub(super) fn job(&self, entry: &Entry) -> Option<Job> {
        let readers = Readers::of(&entry.path)?;
        if entry.kind != EntryKind::File || self.seen.contains(&entry.path) {
            return None;
        }
        let bytes = self.tree.read(entry, limits::MAX_FILE_BYTES).ok()?;
        Some(Job { readers, path: entry.path.clone(), bytes })
    }

    /// Takes what was read from a file.
    pub(super) fn take(&mut self, job: &Job, read: Read) {
        if self.seen.insert(job.path.clone()) {
            self.note_lock_file(&job.path, Some(job.readers));
            self.read(read);
        }
    }

    pub(super) fn entry(&mut self, entry: &Entry) -> Result<(), TreeError> {
        if !self.seen.insert(entry.path.clone()) {
            return Ok(());
        }
        let readers = Readers::of(&entry.path);
        self.note_lock_file(&entry.path, readers);
        match (&entry.kind, readers) {
            (EntryKind::Link(target), readers) => self.link(&entry.path, target, readers)?,
            (EntryKind::Submodule(commit), _) => {
                self.evidence.submodules.push(Submodule { path: entry.path.clone(), commit: commit.clone() });
            }
            (EntryKind::File, Some(readers)) => self.file(readers, &entry.path, entry),
            (EntryKind::Folder, Some(readers)) => self.not_regular(readers, &entry.path, &Text::trusted("a folder")),
            (EntryKind::Other(what), Some(readers)) => {
                self.not_regular(readers, &entry.path, &Text::trusted(*what));
            }
            (EntryKind::File | EntryKind::Folder | EntryKind::Other(_), None) => {}
        }
        Ok(())
    }

    fn note_lock_file(&mut self, path: &TreePath, readers: Option<Readers>) {
        let Some(format) = readers.and_then(|readers| readers.format) else { return };
        if matches!(format.role, Role::Lock | Role::Digests | Role::Workspace) {
            let (path, ecosystem, role) = (path.clone(), format.ecosystem.into(), format.role);
            self.evidence.lock_files.push(LockFile { path, ecosystem, role });
        }
    }

    /// Records places that could not be looked into: anything might stand there.
    pub(super) fn faults(&mut self, faults: Vec<(TreePath, ReadFault)>) {
        for (path, fault) in faults {
            let readers = Readers::of(&path);
            self.note_lock_file(&path, readers);
            let kinds = match readers {
                Some(readers) => readers.kinds().collect(),
                None => vec![
                    FactKind::Component,
                    FactKind::Requirement,
                    FactKind::Link,
                    FactKind::Workflow,
                    FactKind::Variable,
                    FactKind::Sbom,
                ],
            };
            for kind in kinds {
                self.evidence.gaps.push(Gap::unread(kind, path.clone(), fault));
            }
        }
    }

    fn link(&mut self, path: &TreePath, target: &[u8], readers: Option<Readers>) -> Result<(), TreeError> {
        let Route { destination, stays_below } = resolve(self.tree, path, target)?;
        let leads = match &destination {
            Destination::Inside(_) => Leads::Inside,
            Destination::Dangling(_) => Leads::Nowhere,
            Destination::Beside => Leads::Beside,
            Destination::Outside => Leads::Outside,
            Destination::GitFolder => Leads::GitFolder,
            Destination::Loop => Leads::Circle,
        };
        let target = Text::of(target);
        self.evidence.links.push(Link { location: Location::file(path.clone()), target: target.clone(), leads });
        if leads == Leads::Circle {
            let (expected, found) =
                (Text::trusted("a link that leads somewhere"), text!("a circle through `{}`", target));
            self.gap(FactKind::Link, path, GapReason::Misdirected, expected, found);
        }
        let Some(readers) = readers else { return Ok(()) };
        let regular = || Text::trusted("a regular file");
        let (reason, expected, found) = match destination {
            Destination::Inside(found) if found.kind == EntryKind::File => {
                if self.is_read_itself(readers, &found.path) {
                    return Ok(());
                }
                self.file(readers, path, &found);
                // A comparison that looks only where trees differ looks at a link with all that differs in its
                // folder and below. A file elsewhere it would not connect with the link.
                if stays_below || !self.is_partial {
                    return Ok(());
                }
                let expected = Text::trusted("a regular file, or a link to one in the same folder or below");
                let found = text!("a link to `{}`, whose changes a comparison would not see", target);
                (GapReason::Misdirected, expected, found)
            }
            Destination::Inside(_) => {
                (GapReason::NotRegular, regular(), text!("a link to `{}`, which is none", target))
            }
            Destination::Dangling(_)
            | Destination::Beside
            | Destination::Outside
            | Destination::GitFolder
            | Destination::Loop => {
                let where_to = match leads {
                    Leads::Nowhere => "to nothing",
                    Leads::Circle => "in a circle",
                    Leads::Beside => "to a part of the repository that is not looked at",
                    Leads::Inside | Leads::Outside | Leads::GitFolder => "out of the tree",
                };
                (GapReason::Misdirected, regular(), text!("a link {}, `{}`", where_to, target))
            }
        };
        for kind in readers.kinds_of_files() {
            self.gap(kind, path, reason, expected.clone(), found.clone());
        }
        Ok(())
    }

    /// Whether what a link leads to is read under its own name, in the same manner.
    fn is_read_itself(&self, readers: Readers, at: &TreePath) -> bool {
        Readers::of(at) == Some(readers) && self.wants.reaches(at)
    }

    /// Reads `entry` as the file at `path`.
    fn file(&mut self, readers: Readers, path: &TreePath, entry: &Entry) {
        if let Some(read) = entry.content.and_then(|content| self.cached(path, content)) {
            return self.read(read);
        }
        let bytes = match self.tree.read(entry, limits::MAX_FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(fault) => {
                if entry.content.is_some() && fault.is_of_store() {
                    self.lost.get_or_insert_with(|| (path.clone(), fault));
                }
                return self.evidence.gaps.extend(readers.kinds().map(|kind| Gap::unread(kind, path.clone(), fault)));
            }
        };
        let Some(cache) = self.cache else { return self.read(readers.read(path, &bytes)) };
        let content = entry.content.or_else(|| ContentId::of(&bytes).ok());
        let read = content.and_then(|content| self.cached(path, content));
        let read = read.unwrap_or_else(|| readers.read(path, &bytes));
        if let Some(content) = content {
            cache.borrow_mut().entry((path.clone(), content)).or_insert_with(|| read.clone());
        }
        self.read(read);
    }

    fn cached(&self, path: &TreePath, content: ContentId) -> Option<Read> {
        self.cache?.borrow().get(&(path.clone(), content)).cloned()
    }

    fn read(&mut self, read: Read) {
        self.evidence.disabled_checks.extend(read.disabled_checks);
        self.evidence.sboms.extend(read.sbom);
        self.facts(read.facts);
    }

    fn facts(&mut self, facts: Facts) {
        for inventory in facts.inventories.iter().filter(|inventory| !inventory.components.is_empty()) {
            // Of a file that may pin, only what it holds tells whether it does.
            if ecosystem::may_pin(&inventory.path) {
                let (path, ecosystem) = (inventory.path.clone(), inventory.ecosystem.clone());
                self.evidence.lock_files.push(LockFile { path, ecosystem, role: Role::Lock });
            }
        }
        for include in facts.includes {
            if !matches!(self.tree.entry(&include.path), Ok(Some(_))) {
                let (expected, found) =
                    (text!("`{}`, which is to be read with it", include.path), Text::trusted("no such file"));
                self.evidence.gaps.push(Gap {
                    kind: FactKind::Component,
                    location: include.place,
                    reason: GapReason::Dangling,
                    expected,
                    found,
                    contents: None,
                });
            }
        }
        self.evidence.settings.extend(facts.settings);
        self.evidence.inventories.extend(facts.inventories);
        self.evidence.manifests.extend(facts.manifests);
        self.evidence.workflows.extend(facts.workflows);
        self.evidence.digest_lists.extend(facts.digest_lists);
        self.evidence.gaps.extend(facts.gaps);
    }

    fn not_regular(&mut self, readers: Readers, path: &TreePath, found: &Text) {
        for kind in readers.kinds_of_files() {
            self.gap(kind, path, GapReason::NotRegular, Text::trusted("a regular file"), found.clone());
        }
    }

    fn gap(&mut self, kind: FactKind, path: &TreePath, reason: GapReason, expected: Text, found: Text) {
        self.evidence.gaps.push(Gap {
            kind,
            location: Location::file(path.clone()),
            reason,
            expected,
            found,
            contents: None,
        });
    }
}
