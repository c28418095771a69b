//! The git index: the files of the commit that is about to be made.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::git_revision::{Mode, entry_of, read_blob};
use super::index_file::IndexFile;
use super::{ContentId, Entry, EntryKind, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants};
use crate::text::Text;

/// The files that are staged.
pub struct GitIndex {
    git: Rc<git2::Repository>,
    folder: TreePath,
    entries: Vec<Entry>,
    known: Vec<TreePath>,
    left_out: BTreeSet<TreePath>,
    faults: Vec<(TreePath, ReadFault)>,
}

/// What git knows of the files in a folder of a work tree, beside what is there.
pub(super) struct Tracked {
    /// What is staged below the folder, in the order of paths.
    pub(super) entries: Vec<Entry>,
    /// Further paths git tracks.
    pub(super) known: Vec<TreePath>,
    /// The staged files that a sparse checkout leaves out of the work tree.
    pub(super) left_out: BTreeSet<TreePath>,
}

impl Tracked {
    /// Whether git tracks a path, or something below it.
    pub(super) fn holds(&self, path: &TreePath) -> bool {
        let is_known = self.known.iter().any(|known| known.below(path).is_some());
        is_known || self.find(path).is_some() || below_in(&self.entries, path).next().is_some()
    }

    /// Returns what git tracks below a folder, with what it takes it for.
    pub(super) fn below(&self, folder: &TreePath) -> impl Iterator<Item = (&TreePath, &EntryKind)> {
        let known = self.known.iter().filter(move |path| path.below(folder).is_some());
        let entries = below_in(&self.entries, folder).map(|entry| (&entry.path, &entry.kind));
        entries.chain(known.map(|path| (path, &EntryKind::File)))
    }

    /// Returns the commit of another repository that stands at a path.
    pub(super) fn submodule(&self, path: &TreePath) -> Option<&Entry> {
        self.find(path).filter(|entry| matches!(entry.kind, EntryKind::Submodule(_)))
    }

    pub(super) fn is_submodule(&self, path: &TreePath) -> bool {
        self.submodule(path).is_some()
    }

    /// Returns the files at or below a path that a sparse checkout leaves out.
    pub(super) fn left_out(&self, path: &TreePath) -> impl Iterator<Item = &Entry> {
        let entries = self.find(path).into_iter().chain(below_in(&self.entries, path));
        entries.filter(|entry| self.left_out.contains(&entry.path))
    }

    fn find(&self, path: &TreePath) -> Option<&Entry> {
        let at = self.entries.partition_point(|entry| entry.path < *path);
        self.entries.get(at).filter(|entry| entry.path == *path)
    }
}

impl GitIndex {
    pub(super) fn new(git: Rc<git2::Repository>, file: IndexFile) -> Self {
        let IndexFile { staged, known, left_out, faults } = file;
        let entries = staged.into_iter().map(|(path, mode, id)| plain_entry(path, mode, id)).collect();
        Self { git, folder: TreePath::root(), entries, known, left_out, faults }
    }

    /// Returns what is staged below a folder.
    #[must_use]
    pub fn below(self, path: &TreePath) -> Self {
        if path.is_root() {
            return self;
        }
        let faults = self.faults.iter().filter_map(|(inside, fault)| Some((below(inside, path)?, *fault))).collect();
        let Tracked { entries, known, left_out } = self.tracked(path);
        Self { folder: self.folder.append(path), entries, known, left_out, faults, git: self.git }
    }

    /// Returns what git knows of a folder, by paths relative to it.
    pub(super) fn tracked(&self, folder: &TreePath) -> Tracked {
        let moved = |entry: &Entry| Some(Entry { path: below(&entry.path, folder)?, ..entry.clone() });
        Tracked {
            entries: self.entries_below(folder).filter_map(moved).collect(),
            known: self.known.iter().filter_map(|path| below(path, folder)).collect(),
            left_out: self.left_out.iter().filter_map(|path| below(path, folder)).collect(),
        }
    }

    /// Whether nothing is staged at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.faults.is_empty()
    }

    fn complete(&self, entry: &Entry) -> Result<Entry, ReadFault> {
        complete(&self.git, entry)
    }
}

/// Reads the target of a link, which an index entry does not hold.
pub(super) fn complete(git: &git2::Repository, entry: &Entry) -> Result<Entry, ReadFault> {
    match (&entry.kind, entry.content) {
        (EntryKind::Link(_), Some(ContentId(id))) => entry_of(git, entry.path.clone(), Mode::Link, id),
        _ => Ok(entry.clone()),
    }
}

fn below(path: &TreePath, folder: &TreePath) -> Option<TreePath> {
    TreePath::new(path.below(folder)?)
}

impl Tree for GitIndex {
    fn input(&self) -> Input {
        Input { kind: "git-index", name: Text::trusted("staged"), digest: None }
    }

    fn folder(&self) -> TreePath {
        self.folder.clone()
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        let mut scan = Scan {
            faults: self
                .faults
                .iter()
                .filter(|(path, _)| path.is_root() || wants.name(path.file_name()))
                .cloned()
                .collect(),
            ..Scan::default()
        };
        for entry in &self.entries {
            if let Some(folder) = Wants::skipped_above(&entry.path) {
                scan.entries.extend(wants.folders_above(&folder).map(folder_entry));
                scan.census.skipped_folders.insert(folder);
                continue;
            }
            scan.census.files += 1;
            scan.entries.extend(wants.folders_above(&entry.path).map(folder_entry));
            if !wants.entry(&entry.path, &entry.kind) {
                continue;
            }
            if wants.excluded(&entry.path) {
                scan.census.excluded_files.insert(entry.path.clone());
            } else {
                match self.complete(entry) {
                    Ok(entry) => scan.entries.push(entry),
                    Err(fault) => scan.faults.push((entry.path.clone(), fault)),
                }
            }
        }
        scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
        scan.entries.dedup_by(|a, b| a.path == b.path);
        Ok(scan)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        let at = self.entries.partition_point(|entry| entry.path < *path);
        Ok(match self.entries.get(at) {
            Some(entry) if entry.path == *path => Some(
                self.complete(entry).unwrap_or_else(|_fault| Entry::new(path.clone(), EntryKind::Other("unreadable"))),
            ),
            _ => self.is_folder(path).then(|| Entry::new(path.clone(), EntryKind::Folder)),
        })
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let mut entries = BTreeMap::new();
        for entry in self.entries_below(folder) {
            let Some(rest) = entry.path.below(folder) else { continue };
            match rest.iter().position(|byte| *byte == b'/') {
                None => drop(
                    entries.insert(entry.path.clone(), self.complete(entry).unwrap_or_else(|_fault| entry.clone())),
                ),
                Some(end) => {
                    let path = folder.child(rest.get(..end).unwrap_or_default());
                    entries.entry(path.clone()).or_insert_with(|| Entry::new(path, EntryKind::Folder));
                }
            }
        }
        Ok(entries.into_values().collect())
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        read_blob(&self.git, entry, max_bytes)
    }
}

impl GitIndex {
    fn entries_below(&self, folder: &TreePath) -> impl Iterator<Item = &Entry> {
        below_in(&self.entries, folder)
    }

    fn is_folder(&self, path: &TreePath) -> bool {
        path.is_root() || self.entries_below(path).next().is_some()
    }
}

/// Returns the entries below a folder, which stand side by side in the order of paths.
fn below_in<'a>(entries: &'a [Entry], folder: &TreePath) -> impl Iterator<Item = &'a Entry> + use<'a> {
    let prefix = if folder.is_root() { Vec::new() } else { [folder.as_bytes(), b"/"].concat() };
    let at = entries.partition_point(|entry| entry.path.as_bytes() < prefix.as_slice());
    let from = entries.get(at..).unwrap_or_default().iter();
    from.take_while(move |entry| entry.path.as_bytes().starts_with(&prefix))
}

fn plain_entry(path: TreePath, mode: Mode, id: git2::Oid) -> Entry {
    let kind = match mode {
        Mode::Link => EntryKind::Link(Box::default()),
        Mode::Submodule => EntryKind::Submodule(id.to_string().into()),
        Mode::File | Mode::Program => EntryKind::File,
        Mode::Folder | Mode::Other => EntryKind::Other("of a mode git does not write"),
    };
    let bits = match mode {
        Mode::File => Some(0o644),
        Mode::Program => Some(0o755),
        _ => None,
    };
    Entry { content: Some(ContentId(id)), mode: bits, ..Entry::new(path, kind) }
}

fn folder_entry(path: TreePath) -> Entry {
    Entry::new(path, EntryKind::Folder)
}
