//! A pass over a directory: every file, or what git sees of a work tree.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::FileType;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{WalkBuilder, WalkState};
use walkdir::WalkDir;

use super::beneath::{Beneath, fault, io_fault};
use super::directory::{Directory, View};
use super::{Census, Entry, EntryKind, ReadFault, Scan, TreePath, Wants};

/// Lists every file.
pub(super) fn everything(tree: &Directory, wants: &Wants) -> Scan {
    let mut found = Found::default();
    let mut skipped = Vec::new();
    let entries = WalkDir::new(&tree.path).follow_links(false).into_iter().filter_entry(|entry| {
        let over =
            entry.depth() > 0 && entry.file_type().is_dir() && Wants::skipped_folder(entry.file_name().as_bytes());
        if over {
            skipped.extend(relative(&tree.path, entry.path()));
        }
        !over
    });
    for entry in entries {
        match entry {
            Ok(entry) if entry.depth() == 0 => {}
            Ok(entry) => {
                if let Some(path) = relative(&tree.path, entry.path()) {
                    found.meet(path, Some(entry.file_type()), wants);
                }
            }
            Err(error) => found.fault(&tree.path, error.path(), error.io_error()),
        }
    }
    found.census.skipped_folders.extend(skipped);
    found.into_scan(&tree.root)
}

/// Lists what git sees: what is neither ignored nor in a repository of its own, found by a walk on all cores, and
/// what is tracked all the same.
pub(super) fn work_tree(tree: &Directory, view: &View, wants: &Wants) -> Scan {
    let found = Mutex::new(Found::default());
    let (root, path) = (&tree.root, tree.path.as_path());
    let mut walk = WalkBuilder::new(path);
    walk.standard_filters(false).follow_links(false).same_file_system(false);
    walk.build_parallel().run(|| {
        let mut mine = Mine { found: &found, batch: Found::default() };
        Box::new(move |entry| mine.batch.visit(root, path, view, wants, entry))
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    for folder in std::mem::take(&mut found.ignored_folders) {
        for (path, kind) in view.tracked.below(&folder) {
            found.add_tracked(root, wants, path, kind);
        }
    }
    let submodules: Vec<Entry> =
        view.tracked.entries.iter().filter(|entry| found.sees_submodule(wants, entry)).cloned().collect();
    let mut scan = found.into_scan(root);
    scan.entries.extend(submodules);
    scan
}

/// What a walk has met so far.
#[derive(Default)]
struct Found {
    paths: BTreeMap<TreePath, Option<FileType>>,
    census: Census,
    faults: Vec<(TreePath, ReadFault)>,
    /// Folders that a rule of git ignores although something in them is tracked.
    ignored_folders: Vec<TreePath>,
}

/// A walking thread's part, handed over when the thread is done.
struct Mine<'a> {
    found: &'a Mutex<Found>,
    batch: Found,
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = std::mem::take(&mut self.batch);
        found.paths.extend(batch.paths);
        found.census.add(batch.census);
        found.faults.extend(batch.faults);
        found.ignored_folders.extend(batch.ignored_folders);
    }
}

impl Found {
    fn visit(
        &mut self,
        root: &Beneath,
        folder: &Path,
        view: &View,
        wants: &Wants,
        entry: Result<ignore::DirEntry, ignore::Error>,
    ) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.fault(folder, walk_error_path(&error).as_deref(), error.io_error());
                return WalkState::Continue;
            }
        };
        if entry.depth() == 0 {
            return WalkState::Continue;
        }
        let Some(path) = relative(folder, entry.path()) else { return WalkState::Continue };
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if entry.file_name() == OsStr::new(".git") {
            return WalkState::Skip;
        }
        if is_folder && Wants::skipped_folder(path.file_name()) {
            self.census.skipped_folders.insert(path);
            return WalkState::Skip;
        }
        if is_folder && view.tracked.is_submodule(&path) {
            return WalkState::Skip;
        }
        let is_ignored = view.ignored.covers(&view.folder.append(&path), is_folder);
        match (is_ignored, is_ignored && view.tracked.holds(&path)) {
            (true, false) => return WalkState::Skip,
            (true, true) if is_folder => {
                self.ignored_folders.push(path);
                return WalkState::Skip;
            }
            _ => {}
        }
        if is_folder && view.is_repository(root, &path) {
            self.census.skipped_folders.insert(path);
            return WalkState::Skip;
        }
        self.meet(path, entry.file_type(), wants);
        WalkState::Continue
    }

    fn meet(&mut self, path: TreePath, kind: Option<FileType>, wants: &Wants) {
        let is_folder = kind.is_some_and(|kind| kind.is_dir());
        if !is_folder {
            self.census.files += 1;
        }
        if !wants.name(path.file_name()) && !kind.is_some_and(|kind| kind.is_symlink()) {
            return;
        }
        match (wants.excluded(&path), is_folder) {
            (false, _) => drop(self.paths.insert(path, kind)),
            (true, false) => drop(self.census.excluded_files.insert(path)),
            (true, true) => {}
        }
    }

    /// Adds what is tracked in a folder that a rule of git ignores, if it is there.
    fn add_tracked(&mut self, root: &Beneath, wants: &Wants, path: &TreePath, kind: &EntryKind) {
        if matches!(kind, EntryKind::Submodule(_)) || matches!(root.look(path), Ok(None)) {
            return;
        }
        let skipped = Wants::skipped_above(path);
        for folder in wants.folders_above(skipped.as_ref().unwrap_or(path)) {
            self.paths.insert(folder, None);
        }
        if let Some(folder) = skipped {
            self.census.skipped_folders.insert(folder);
            return;
        }
        self.census.files += 1;
        if wants.entry(path, kind) && wants.excluded(path) {
            self.census.excluded_files.insert(path.clone());
        } else if wants.entry(path, kind) {
            self.paths.insert(path.clone(), None);
        }
    }

    /// Counts a submodule, unless something else stands in its place.
    fn sees_submodule(&mut self, wants: &Wants, entry: &Entry) -> bool {
        let is_one = matches!(entry.kind, EntryKind::Submodule(_)) && !self.paths.contains_key(&entry.path);
        if !is_one || Wants::skipped_above(&entry.path).is_some() {
            return false;
        }
        self.census.files += 1;
        let is_excluded = wants.excluded(&entry.path);
        if is_excluded {
            self.census.excluded_files.insert(entry.path.clone());
        }
        !is_excluded
    }

    fn fault(&mut self, root: &Path, path: Option<&Path>, error: Option<&std::io::Error>) {
        let path = path.and_then(|path| relative(root, path)).unwrap_or_default();
        self.faults.push((path, error.map_or(ReadFault::Unreadable, io_fault)));
    }

    fn into_scan(mut self, root: &Beneath) -> Scan {
        let mut entries = Vec::with_capacity(self.paths.len());
        for (path, kind) in self.paths {
            // Regular files are looked at when they are read; links need their target now.
            let entry = match kind {
                Some(kind) if kind.is_file() => Ok(Some(Entry::new(path.clone(), EntryKind::File))),
                _ => root.look(&path),
            };
            match entry {
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => {}
                Err(errno) => self.faults.push((path, fault(errno))),
            }
        }
        self.faults.sort();
        Scan { entries, census: self.census, faults: self.faults }
    }
}

fn walk_error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => walk_error_path(err),
        _ => None,
    }
}

fn relative(root: &Path, path: &Path) -> Option<TreePath> {
    path.strip_prefix(root).ok().and_then(|path| TreePath::new(path.as_os_str().as_bytes()))
}
