//! A pass over a directory: every file, or what git sees of a work tree.

use std::borrow::Cow;
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
use super::git_revision::Mode;
use super::ignored::Folder;
use super::index_file::Found as Known;
use super::{Census, ContentId, Entry, EntryKind, ReadFault, Scan, TreePath, Wants};

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
        let mut walker = Walker { found: &found, batch: Found::default(), root, path, view, wants, last: None };
        Box::new(move |entry| walker.visit(entry))
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    for folder in std::mem::take(&mut found.ignored_folders) {
        for entry in view.index.entries(&folder) {
            found.add_tracked(root, wants, &entry);
        }
    }
    for (path, commit) in view.submodules() {
        found.add_submodule(wants, path, commit);
    }
    found.into_scan(root)
}

/// What a walk has met so far.
#[derive(Default)]
struct Found {
    paths: BTreeMap<TreePath, Option<FileType>>,
    submodules: Vec<Entry>,
    census: Census,
    faults: Vec<(TreePath, ReadFault)>,
    /// Folders that a rule of git ignores although something in them is tracked.
    ignored_folders: Vec<TreePath>,
}

/// A walking thread, which hands over its part when it is done.
struct Walker<'a> {
    found: &'a Mutex<Found>,
    batch: Found,
    root: &'a Beneath,
    path: &'a Path,
    view: &'a View,
    wants: &'a Wants,
    /// The folder that was walked last, and what is ignored in it.
    last: Option<(PathBuf, Folder)>,
}

impl Drop for Walker<'_> {
    fn drop(&mut self) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = std::mem::take(&mut self.batch);
        found.paths.extend(batch.paths);
        found.census.add(batch.census);
        found.faults.extend(batch.faults);
        found.ignored_folders.extend(batch.ignored_folders);
    }
}

impl Walker<'_> {
    fn visit(&mut self, entry: Result<ignore::DirEntry, ignore::Error>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.batch.fault(self.path, walk_error_path(&error).as_deref(), error.io_error());
                return WalkState::Continue;
            }
        };
        if entry.depth() == 0 {
            return WalkState::Continue;
        }
        if entry.file_name() == OsStr::new(".git") {
            return WalkState::Skip;
        }
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            self.visit_folder(entry.path(), entry.file_type())
        } else {
            self.visit_file(entry.path(), entry.file_type());
            WalkState::Continue
        }
    }

    fn visit_folder(&mut self, at: &Path, kind: Option<FileType>) -> WalkState {
        let Some(path) = relative(self.path, at) else { return WalkState::Skip };
        if Wants::skipped_folder(path.file_name()) {
            self.batch.census.skipped_folders.insert(path);
            return WalkState::Skip;
        }
        if self.view.is_submodule(&path) {
            return WalkState::Skip;
        }
        if self.is_ignored(at, true) {
            if self.view.index.holds(&path) {
                self.batch.ignored_folders.push(path);
            }
            return WalkState::Skip;
        }
        if self.view.is_repository(self.root, &path) {
            self.batch.census.skipped_folders.insert(path);
            return WalkState::Skip;
        }
        self.batch.meet(path, kind, self.wants);
        WalkState::Continue
    }

    fn visit_file(&mut self, at: &Path, kind: Option<FileType>) {
        let is_tracked = |path: &Path| relative(self.path, path).is_some_and(|path| self.view.index.holds(&path));
        if self.is_ignored(at, false) && !is_tracked(at) {
            return;
        }
        let is_link = kind.is_some_and(|kind| kind.is_symlink());
        let is_wanted = is_link || at.file_name().is_some_and(|name| self.wants.name(name.as_bytes()));
        match relative(self.path, at).filter(|_| is_wanted) {
            Some(path) => self.batch.meet(path, kind, self.wants),
            None => self.batch.census.files += 1,
        }
    }

    /// Whether a rule of git ignores what stands at a path.
    fn is_ignored(&mut self, at: &Path, is_folder: bool) -> bool {
        let Some(parent) = at.parent() else { return false };
        let folder = match &self.last {
            Some((last, folder)) if last == parent => folder,
            _ => {
                let folder = self.view.ignored.folder(&whole(self.view, self.path, parent));
                &self.last.insert((parent.to_owned(), folder)).1
            }
        };
        self.view.ignored.covers_in(folder, &whole(self.view, self.path, at), is_folder)
    }
}

impl Found {
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

    /// Adds what git knows of in a folder that a rule of git ignores, if it is there.
    fn add_tracked(&mut self, root: &Beneath, wants: &Wants, entry: &Known) {
        let path = entry.path();
        let is_link = match entry {
            Known::File(staged) if staged.mode == Mode::Submodule => return,
            Known::File(staged) => staged.mode == Mode::Link,
            Known::Folder(..) => return,
            Known::Announced(_) | Known::Fault(..) => false,
        };
        if path.is_root() || matches!(root.look(path), Ok(None)) {
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
        if self.paths.contains_key(path) {
            return;
        }
        self.census.files += 1;
        match (is_link || wants.name(path.file_name()), wants.excluded(path)) {
            (false, _) => {}
            (true, true) => drop(self.census.excluded_files.insert(path.clone())),
            (true, false) => drop(self.paths.insert(path.clone(), None)),
        }
    }

    /// Adds a submodule, unless something else stands in its place.
    fn add_submodule(&mut self, wants: &Wants, path: TreePath, commit: ContentId) {
        if self.paths.contains_key(&path) || Wants::skipped_above(&path).is_some() {
            return;
        }
        self.census.files += 1;
        if wants.excluded(&path) {
            self.census.excluded_files.insert(path);
        } else {
            self.submodules.push(Entry::new(path, EntryKind::Submodule(commit.to_string().into())));
        }
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
        entries.extend(self.submodules);
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.faults.sort();
        Scan { entries, census: self.census, faults: self.faults }
    }
}

/// Returns where a path of the machine below a directory lies in the work tree.
fn whole<'a>(view: &View, directory: &Path, at: &'a Path) -> Cow<'a, [u8]> {
    let below = below(directory, at).unwrap_or_default();
    match view.folder.as_bytes() {
        [] => Cow::Borrowed(below),
        folder if below.is_empty() => Cow::Owned(folder.to_vec()),
        folder => Cow::Owned([folder, b"/", below].concat()),
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
    TreePath::new(below(root, path)?)
}

/// Returns the rest of a path below a directory, which a walk has put before it as it is.
fn below<'a>(directory: &Path, path: &'a Path) -> Option<&'a [u8]> {
    let rest = path.as_os_str().as_bytes().strip_prefix(directory.as_os_str().as_bytes())?;
    Some(rest.strip_prefix(b"/").unwrap_or(rest))
}
