//! A pass over a directory: every file, or what git sees of a work tree.
//!
//! Several threads list folders, each opened below the directory's own descriptor. One listing tells of a folder's
//! `.gitignore` and `.git` too, for which others ask the system twice more.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rustix::fs::FileType;

use super::ahead::{Ahead, lock, on_all_threads};
use super::beneath::{Beneath, Named, fault};
use super::directory::View;
use super::git_object::Mode;
use super::ignored;
use super::index_file::Found as Known;
use super::{Census, ContentId, Entry, EntryKind, ReadFault, Scan, TreePath, Wants};

/// Lists what is wanted: with a view what git sees, which is what is neither ignored nor in a repository of its own, and
/// what is tracked all the same; without one every file.
pub(super) fn walk(root: &Beneath, view: Option<&View>, wants: &Wants) -> Scan {
    let start =
        Folder { path: TreePath::root(), ignored: view.map(|view| view.ignored.folder(view.folder.as_bytes())) };
    let ahead = Ahead::new(start);
    let found = Mutex::new(Found::default());
    let work = || {
        let mut walker = Walker { root, view, wants, found: Found::default(), whole: Vec::new() };
        while let Some(folder) = ahead.next() {
            ahead.add(walker.list(&folder));
        }
        lock(&found).add(walker.found);
    };
    on_all_threads(work);
    let mut found = std::mem::take(&mut *lock(&found));
    if let Some(view) = view {
        for folder in std::mem::take(&mut found.ignored_folders) {
            for entry in view.index.entries(&folder) {
                found.add_tracked(root, wants, &entry);
            }
        }
        for (path, commit) in view.submodules() {
            found.add_submodule(wants, path, commit);
        }
    }
    found.into_scan(root)
}

/// A folder that is yet to be listed, and what is ignored in it.
struct Folder {
    path: TreePath,
    ignored: Option<ignored::Folder>,
}

/// One thread's part of the pass.
struct Walker<'a> {
    root: &'a Beneath,
    view: Option<&'a View>,
    wants: &'a Wants,
    found: Found,
    /// Where the folder that is being listed lies in the work tree.
    whole: Vec<u8>,
}

impl Walker<'_> {
    /// Lists one folder, and returns those in it that are to be listed.
    fn list(&mut self, folder: &Folder) -> Vec<Folder> {
        let names = match self.root.list(&folder.path) {
            Ok(names) => names,
            Err(errno) => {
                self.found.faults.push((folder.path.clone(), fault(errno)));
                return Vec::new();
            }
        };
        let holds = |wanted: &[u8]| names.iter().any(|named| *named.name == *wanted);
        let mut ignored = folder.ignored.clone();
        if let Some(view) = self.view.filter(|_| !folder.path.is_root()) {
            if holds(b".git") && view.is_repository(self.root, &folder.path) {
                self.found.census.skipped_folders.insert(folder.path.clone());
                return Vec::new();
            }
            if holds(b".gitignore") {
                ignored = ignored.map(|above| view.ignored.enter(above, &view.folder.append(&folder.path)));
            }
        }
        // A folder of a recognised name is told of once it is known not to be a repository of its own.
        if !folder.path.is_root() && self.wants.file(&folder.path) {
            self.found.meet(folder.path.clone(), FileType::Directory, self.wants);
        }
        let folder = Folder { path: folder.path.clone(), ignored };
        self.whole.clear();
        if let Some(view) = self.view {
            self.whole.extend_from_slice(view.folder.append(&folder.path).as_bytes());
        }
        names.iter().filter_map(|named| self.entry(&folder, named)).collect()
    }

    /// Takes one name of a folder; returns it where it is a folder that is to be listed.
    fn entry(&mut self, folder: &Folder, named: &Named) -> Option<Folder> {
        let name = &*named.name;
        if self.view.is_some() && name == b".git" {
            return None;
        }
        let path = || folder.path.child(name);
        let kind = if named.kind == FileType::Unknown { self.root.kind(&path()) } else { named.kind };
        if kind != FileType::Directory {
            let is_wanted = kind == FileType::Symlink || self.wants.name(name);
            match (self.is_seen(folder, name, false), is_wanted) {
                (false, _) => {}
                (true, true) => self.found.meet(path(), kind, self.wants),
                // Most files: nobody needs to know their paths.
                (true, false) => self.found.census.files += 1,
            }
            return None;
        }
        if Wants::skipped_folder(name) {
            self.found.census.skipped_folders.insert(path());
            return None;
        }
        let is_submodule = self.view.is_some_and(|view| view.is_submodule(&path()));
        if is_submodule || !self.is_seen(folder, name, true) {
            return None;
        }
        Some(Folder { path: path(), ignored: folder.ignored.clone() })
    }

    /// Whether no rule of git ignores a name in a folder, or it is tracked all the same.
    fn is_seen(&mut self, folder: &Folder, name: &[u8], is_folder: bool) -> bool {
        let (Some(view), Some(ignored)) = (self.view, &folder.ignored) else { return true };
        let length = self.whole.len();
        if length > 0 {
            self.whole.push(b'/');
        }
        self.whole.extend_from_slice(name);
        let is_covered = view.ignored.covers_in(ignored, &self.whole, is_folder);
        self.whole.truncate(length);
        if !is_covered {
            return true;
        }
        let path = folder.path.child(name);
        let is_known = view.index.holds(&path);
        if is_known && is_folder {
            // Only what is tracked in it is seen.
            self.found.ignored_folders.push(path);
        }
        is_known && !is_folder
    }
}

/// What was met so far.
#[derive(Default)]
struct Found {
    paths: BTreeMap<TreePath, FileType>,
    submodules: Vec<Entry>,
    census: Census,
    faults: Vec<(TreePath, ReadFault)>,
    /// Folders that a rule of git ignores although something in them is tracked.
    ignored_folders: Vec<TreePath>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.census.add(other.census);
        self.faults.extend(other.faults);
        self.ignored_folders.extend(other.ignored_folders);
    }

    fn meet(&mut self, path: TreePath, kind: FileType, wants: &Wants) {
        let is_folder = kind == FileType::Directory;
        if !is_folder {
            self.census.files += 1;
        }
        if !wants.file(&path) && kind != FileType::Symlink {
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
            self.paths.insert(folder, FileType::Directory);
        }
        if let Some(folder) = skipped {
            self.census.skipped_folders.insert(folder);
            return;
        }
        if self.paths.contains_key(path) {
            return;
        }
        self.census.files += 1;
        match (is_link || wants.file(path), wants.excluded(path)) {
            (false, _) => {}
            (true, true) => drop(self.census.excluded_files.insert(path.clone())),
            (true, false) => drop(self.paths.insert(path.clone(), FileType::Unknown)),
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

    fn into_scan(mut self, root: &Beneath) -> Scan {
        let mut entries = Vec::with_capacity(self.paths.len());
        for (path, kind) in self.paths {
            // Regular files are looked at when they are read; links need their target now.
            let entry = match kind {
                FileType::RegularFile => Ok(Some(Entry::new(path.clone(), EntryKind::File))),
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
