//! Evidence read from trees: all of one, or of two what belongs to where they differ.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::{Evidence, Leads, Link, LockFile, Submodule};
use crate::ecosystem::{self, Facts, Format, Job, Role};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::{
    ContentId, Destination, Entry, EntryKind, ReadFault, Scan, Tree, TreeError, TreePath, Wants, limits, resolve,
};

/// Collects all evidence of a tree.
///
/// # Errors
/// When the tree as a whole cannot be read.
pub fn collect(tree: &dyn Tree, wants: &Wants) -> Result<Evidence, TreeError> {
    let Scan { entries, census, faults } = tree.scan(wants)?;
    let mut collector = Collector::new(tree, None);
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
pub(super) type Cache = RefCell<HashMap<(TreePath, ContentId), Facts>>;

/// Reads entries of one tree into evidence.
pub(super) struct Collector<'a> {
    pub(super) tree: &'a dyn Tree,
    pub(super) evidence: Evidence,
    cache: Option<&'a Cache>,
    seen: BTreeSet<TreePath>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(tree: &'a dyn Tree, cache: Option<&'a Cache>) -> Self {
        Self { tree, evidence: Evidence::default(), cache, seen: BTreeSet::new() }
    }

    /// Collects what stands at a path, if anything does and it was not collected before.
    pub(super) fn path(&mut self, path: &TreePath) -> Result<(), TreeError> {
        if self.seen.contains(path) {
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
            for (job, facts) in jobs.iter().zip(ecosystem::read_all(&jobs)) {
                self.take(job, facts);
            }
        }
    }

    /// Reads the contents of a plain file that was not collected before; one that cannot be read is left for later.
    pub(super) fn job(&self, entry: &Entry) -> Option<Job> {
        let format = ecosystem::format_of(entry.path.file_name())?;
        if entry.kind != EntryKind::File || self.seen.contains(&entry.path) {
            return None;
        }
        let bytes = self.tree.read(entry, limits::MAX_FILE_BYTES).ok()?;
        Some(Job { format, path: entry.path.clone(), bytes })
    }

    /// Takes what was read from a file.
    pub(super) fn take(&mut self, job: &Job, facts: Facts) {
        if self.seen.insert(job.path.clone()) {
            self.note_lock_file(job.format, &job.path);
            self.facts(facts);
        }
    }

    pub(super) fn entry(&mut self, entry: &Entry) -> Result<(), TreeError> {
        if !self.seen.insert(entry.path.clone()) {
            return Ok(());
        }
        let format = ecosystem::format_of(entry.path.file_name());
        if let Some(format) = format.filter(|format| format.role == Role::Lock) {
            self.evidence.lock_files.push(LockFile { path: entry.path.clone(), ecosystem: format.ecosystem.into() });
        }
        match (&entry.kind, format) {
            (EntryKind::Link(target), format) => self.link(&entry.path, target, format)?,
            (EntryKind::Submodule(commit), _) => {
                self.evidence.submodules.push(Submodule { path: entry.path.clone(), commit: commit.clone() });
            }
            (EntryKind::File, Some(format)) => self.file(format, &entry.path, entry),
            (EntryKind::Folder, Some(format)) => self.not_regular(format, &entry.path, Text::trusted("a folder")),
            (EntryKind::Other(what), Some(format)) => self.not_regular(format, &entry.path, Text::trusted(*what)),
            (EntryKind::File | EntryKind::Folder | EntryKind::Other(_), None) => {}
        }
        Ok(())
    }

    /// Records places that could not be looked into: anything might stand there.
    pub(super) fn faults(&mut self, faults: Vec<(TreePath, ReadFault)>) {
        for (path, fault) in faults {
            let kinds = match ecosystem::format_of(path.file_name()) {
                Some(format) => vec![format.role.fact()],
                None => vec![FactKind::Component, FactKind::Requirement, FactKind::Link],
            };
            for kind in kinds {
                self.evidence.gaps.push(Gap::unread(kind, path.clone(), fault));
            }
        }
    }

    fn note_lock_file(&mut self, format: &Format, path: &TreePath) {
        if format.role == Role::Lock {
            self.evidence.lock_files.push(LockFile { path: path.clone(), ecosystem: format.ecosystem.into() });
        }
    }

    fn link(&mut self, path: &TreePath, target: &[u8], format: Option<&'static Format>) -> Result<(), TreeError> {
        let destination = resolve(self.tree, path, target)?;
        let leads = match &destination {
            Destination::Inside(_) => Leads::Inside,
            Destination::Dangling(_) => Leads::Nowhere,
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
        let Some(format) = format else { return Ok(()) };
        match destination {
            // What the link leads to is read under its own name where it bears one.
            Destination::Inside(Entry { kind: EntryKind::File, path: at, .. })
                if ecosystem::format_of(at.file_name()).is_some() => {}
            Destination::Inside(found) if found.kind == EntryKind::File => self.file(format, path, &found),
            Destination::Inside(_) => self.not_regular(format, path, text!("a link to `{}`, which is none", target)),
            Destination::Dangling(_) | Destination::Outside | Destination::GitFolder | Destination::Loop => {
                let where_to = match leads {
                    Leads::Nowhere => "to nothing",
                    Leads::Circle => "in a circle",
                    _ => "out of the tree",
                };
                let found = text!("a link {}, `{}`", where_to, target);
                self.gap(format.role.fact(), path, GapReason::Misdirected, Text::trusted("a regular file"), found);
            }
        }
        Ok(())
    }

    /// Reads `entry` as the file at `path`.
    fn file(&mut self, format: &'static Format, path: &TreePath, entry: &Entry) {
        if let Some(facts) = entry.content.and_then(|content| self.cached(path, content)) {
            return self.facts(facts);
        }
        let bytes = match self.tree.read(entry, limits::MAX_FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(fault) => {
                return self.evidence.gaps.push(Gap::unread(format.role.fact(), path.clone(), fault));
            }
        };
        let Some(cache) = self.cache else { return self.facts(ecosystem::read(format, path, &bytes)) };
        let content = entry.content.or_else(|| ContentId::of(&bytes).ok());
        let facts = content.and_then(|content| self.cached(path, content));
        let facts = facts.unwrap_or_else(|| ecosystem::read(format, path, &bytes));
        if let Some(content) = content {
            cache.borrow_mut().entry((path.clone(), content)).or_insert_with(|| facts.clone());
        }
        self.facts(facts);
    }

    fn cached(&self, path: &TreePath, content: ContentId) -> Option<Facts> {
        self.cache?.borrow().get(&(path.clone(), content)).cloned()
    }

    fn facts(&mut self, facts: Facts) {
        self.evidence.inventories.extend(facts.inventories);
        self.evidence.manifests.extend(facts.manifests);
        self.evidence.gaps.extend(facts.gaps);
    }

    fn not_regular(&mut self, format: &Format, path: &TreePath, found: Text) {
        self.gap(format.role.fact(), path, GapReason::NotRegular, Text::trusted("a regular file"), found);
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
