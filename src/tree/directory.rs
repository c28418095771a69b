//! A directory of the machine.
//!
//! Inside a git work tree it is what git would see: tracked files, and untracked ones that are not ignored.
//! Elsewhere it is every file. Paths are opened below the root's own descriptor, without following any link.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::io::Errno;

use super::beneath::{Beneath, Named};
use super::compare::{Difference, Differences, is_listed, is_wanted_link};
use super::git_index::Differing;
use super::git_object::Mode;
use super::ignored::Ignored;
use super::index_file::{Found, IndexFile};
use super::walk::walk;
use super::{
    ContentId, Entry, EntryKind, GitIndex, GitRevision, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants,
    limits,
};
use crate::text::Text;

/// A directory of the machine.
pub struct Directory {
    root: Beneath,
    name: Text,
    work_tree: Option<WorkTree>,
}

/// What git knows of a directory in a work tree.
struct WorkTree {
    index: GitIndex,
    view: View,
}

/// What decides whether git sees a path: shared between the threads of a walk.
pub(super) struct View {
    /// Where the directory lies in the work tree.
    pub(super) folder: TreePath,
    pub(super) index: IndexFile,
    pub(super) ignored: Ignored,
    submodules: BTreeSet<TreePath>,
}

impl Directory {
    /// Opens a directory in which every file counts.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, TreeError> {
        Self::open_as(path, Text::of(path.as_os_str().as_bytes()))
    }

    /// Opens a directory in which every file counts, under the name the user gave it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_as(path: &Path, name: Text) -> Result<Self, TreeError> {
        match Beneath::open(path) {
            Ok(root) => Ok(Self { root, name, work_tree: None }),
            Err(errno) => Err(TreeError::Directory { path: name, reason: reason(errno) }),
        }
    }

    /// Makes of the directory what git sees of it.
    pub(super) fn in_work_tree(self, index: GitIndex, view: View) -> Self {
        Self { work_tree: Some(WorkTree { index, view }), ..self }
    }

    /// Lists the wanted entries on which this directory, which lies in a work tree, and a revision differ, and links of
    /// wanted names. Files that git knows to be untouched are compared by their object ids.
    ///
    /// # Errors
    /// When the object database or the directory cannot be read.
    pub fn differences(&self, base: &GitRevision, wants: &Wants) -> Result<Differences, TreeError> {
        let Some(WorkTree { index, .. }) = &self.work_tree else { return super::compare(Some(base), self, wants) };
        let mut scan = self.scan(wants)?;
        // Staged or committed since: whatever the work tree holds, it is compared with the revision.
        let Differing { paths: mut candidates, faults, faults_before, .. } = index.differing(base, wants)?;
        scan.faults.extend(faults);
        let mut now: BTreeMap<TreePath, Entry> = BTreeMap::new();
        for entry in std::mem::take(&mut scan.entries) {
            if is_wanted_link(&entry, wants) || !self.is_untouched(index, &entry) {
                candidates.insert(entry.path.clone());
            }
            now.insert(entry.path.clone(), entry);
        }
        // Tracked, and gone from the work tree.
        candidates.extend(index.wanted(wants).map(|staged| staged.path).filter(|path| !now.contains_key(path)));
        let mut entries = Vec::new();
        for path in candidates.into_iter().filter(|path| wants.reaches(path)) {
            let before = base.entry(&path)?.filter(|entry| wants.entry(&path, &entry.kind));
            let after = now.remove(&path);
            if is_listed(before.as_ref(), after.as_ref(), self, wants) {
                entries.push(Difference { path, before, after });
            }
        }
        Ok(Differences { entries, scan, faults_before, is_partial: false })
    }

    /// Whether an entry is what the index says, without reading it.
    fn is_untouched(&self, index: &GitIndex, entry: &Entry) -> bool {
        match &entry.kind {
            // Known by its contents is only what a sparse checkout leaves out, as the index has it.
            EntryKind::File if entry.content.is_some() => true,
            EntryKind::File => {
                self.root.noted(&entry.path).is_some_and(|stat| index.untouched(&entry.path, stat).is_some())
            }
            EntryKind::Submodule(_) => true,
            EntryKind::Link(target) => index.entry(&entry.path).is_ok_and(
                |staged| matches!(staged, Some(Entry { kind: EntryKind::Link(staged), .. }) if staged == *target),
            ),
            EntryKind::Folder | EntryKind::Other(_) => false,
        }
    }

    /// Completes what a walk has met by what a sparse checkout leaves out: git sees it as it is staged.
    fn add_left_out(&self, index: &GitIndex, wants: &Wants, scan: &mut Scan) -> Result<(), TreeError> {
        if !index.file().is_sparse() {
            return Ok(());
        }
        for found in index.file().entries(&TreePath::root()) {
            match found {
                Found::File(staged) if staged.is_left_out => {
                    self.add_missing(&staged.path, staged.mode, || index.complete(&staged), wants, scan);
                }
                Found::Folder(folder, id) if !Wants::skipped_folder(folder.file_name()) => {
                    self.add_sparse(index, &folder, &index.sparse(&folder, id), wants, scan)?;
                }
                _ => {}
            }
        }
        scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
        scan.entries.dedup_by(|a, b| a.path == b.path);
        Ok(())
    }

    /// Adds what is not there of a folder that a sparse index holds as one object.
    fn add_sparse(
        &self,
        index: &GitIndex,
        folder: &TreePath,
        tree: &GitRevision,
        wants: &Wants,
        scan: &mut Scan,
    ) -> Result<(), TreeError> {
        if matches!(self.root.look(folder), Ok(None)) {
            return index.scan_sparse(folder, tree, wants, scan);
        }
        if folder.parts().count() > limits::MAX_FOLDERS {
            scan.faults.push((folder.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let inside = tree.children()?;
        scan.faults.extend(inside.faults.into_iter().map(|(path, fault)| (folder.append(&path), fault)));
        for (name, mode, id) in inside.entries {
            let path = folder.append(&name);
            if mode != Mode::Folder {
                let entry = || Ok(Entry { path: path.clone(), ..tree.make_entry(name.clone(), mode, id)? });
                self.add_missing(&path, mode, entry, wants, scan);
            } else if !Wants::skipped_folder(path.file_name()) {
                self.add_sparse(index, &path, &tree.tree_at(name.as_bytes(), Some(id)), wants, scan)?;
            }
        }
        Ok(())
    }

    fn add_missing(
        &self,
        path: &TreePath,
        mode: Mode,
        entry: impl FnOnce() -> Result<Entry, ReadFault>,
        wants: &Wants,
        scan: &mut Scan,
    ) {
        if !matches!(self.root.look(path), Ok(None)) {
            return;
        }
        if let Some(folder) = Wants::skipped_above(path) {
            scan.census.skipped_folders.insert(folder);
            return;
        }
        scan.census.files += 1;
        if matches!(mode, Mode::Link | Mode::Submodule) || wants.file(path) {
            scan.take(path, entry(), wants);
        }
    }

    /// Returns what a sparse checkout leaves out at a path where nothing is.
    fn left_out(index: &GitIndex, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        let file = index.file();
        if !file.is_sparse() {
            return Ok(None);
        }
        let is_left_out = |found: Found| match found {
            Found::File(staged) => staged.is_left_out,
            Found::Folder(..) => true,
            Found::Announced(_) | Found::Fault(..) => false,
        };
        let here = file.staged(path).is_some_and(|staged| staged.is_left_out);
        let is_known = here || file.sparse_above(path).is_some() || file.entries(path).any(is_left_out);
        if is_known { index.entry(path) } else { Ok(None) }
    }
}

impl View {
    pub(super) fn new(folder: TreePath, index: &GitIndex, ignored: Ignored) -> Self {
        let index = index.file().clone();
        let submodules = index.entries(&TreePath::root()).filter_map(|found| match found {
            Found::File(staged) if staged.mode == Mode::Submodule => Some(staged.path),
            _ => None,
        });
        Self { submodules: submodules.collect(), folder, index, ignored }
    }

    pub(super) fn submodules(&self) -> impl Iterator<Item = (TreePath, ContentId)> {
        self.submodules.iter().filter_map(|path| Some((path.clone(), ContentId(self.index.staged(path)?.id))))
    }

    pub(super) fn is_submodule(&self, path: &TreePath) -> bool {
        !self.submodules.is_empty() && self.submodules.contains(path)
    }

    /// Whether git sees what stands at a path.
    fn shows(&self, root: &Beneath, entry: &Entry) -> bool {
        let is_folder = entry.kind == EntryKind::Folder;
        if self.index.holds(&entry.path) {
            return true;
        }
        let is_inside = |folder: &TreePath| self.is_submodule(folder) || self.is_repository(root, folder);
        !self.ignored.covers(&self.folder.append(&entry.path), is_folder)
            && !entry.path.ancestors().filter(|folder| !folder.is_root()).any(|folder| is_inside(&folder))
    }

    /// Whether a folder is a repository of its own, of which this one tracks nothing: git does not look into it.
    pub(super) fn is_repository(&self, root: &Beneath, folder: &TreePath) -> bool {
        !matches!(root.look(&folder.child(b".git")), Ok(None)) && !self.index.holds(folder) && is_git(root, folder)
    }
}

/// Whether the `.git` in a folder is one: else git takes the folder for any other.
fn is_git(root: &Beneath, folder: &TreePath) -> bool {
    let dot_git = folder.child(b".git");
    let is_there = |name: &[u8]| matches!(root.look(&dot_git.child(name)), Ok(Some(_)));
    match root.look(&dot_git) {
        Ok(Some(Entry { kind: EntryKind::Folder, .. })) => {
            is_there(b"HEAD") && (is_there(b"commondir") || (is_there(b"objects") && is_there(b"refs")))
        }
        Ok(Some(Entry { kind: EntryKind::File, .. })) => {
            root.read(&dot_git, 4096).is_ok_and(|bytes| bytes.starts_with(b"gitdir:"))
        }
        _ => false,
    }
}

impl Tree for Directory {
    fn input(&self) -> Input {
        Input { kind: "directory", name: self.name.clone(), digest: None }
    }

    fn folder(&self) -> TreePath {
        self.work_tree.as_ref().map(|work_tree| work_tree.view.folder.clone()).unwrap_or_default()
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        let Some(WorkTree { index, view }) = &self.work_tree else { return Ok(walk(&self.root, None, wants)) };
        let mut scan = walk(&self.root, Some(view), wants);
        self.add_left_out(index, wants, &mut scan)?;
        Ok(scan)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        if path.is_root() {
            return Ok(Some(Entry::new(path.clone(), EntryKind::Folder)));
        }
        let entry = match (self.root.look(path), &self.work_tree) {
            (Ok(Some(entry)), _) => entry,
            (Ok(None), Some(WorkTree { index, .. })) => return Self::left_out(index, path),
            (Ok(None), None) => return Ok(None),
            // It is there; what it is will be told when it is read.
            (Err(_), _) => return Ok(Some(Entry::new(path.clone(), EntryKind::Other("unreadable")))),
        };
        match &self.work_tree {
            Some(WorkTree { index, view }) if view.is_submodule(path) => index.entry(path),
            Some(WorkTree { view, .. }) if !view.shows(&self.root, &entry) => Ok(None),
            _ => Ok(Some(entry)),
        }
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let mut entries = BTreeMap::new();
        for Named { name, .. } in self.root.list(folder).unwrap_or_default() {
            let path = folder.child(&name);
            if *name != *b".git"
                && let Some(entry) = self.entry(&path)?
            {
                entries.insert(path, entry);
            }
        }
        if let Some(WorkTree { index, .. }) = self.work_tree.as_ref().filter(|tree| tree.index.file().is_sparse()) {
            for path in index.list(folder)?.into_iter().map(|entry| entry.path) {
                if !entries.contains_key(&path)
                    && let Some(entry) = Self::left_out(index, &path)?
                {
                    entries.insert(path, entry);
                }
            }
        }
        Ok(entries.into_values().collect())
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        match &self.work_tree {
            // Only what a sparse checkout leaves out is known by its contents.
            Some(WorkTree { index, .. }) if entry.content.is_some() => index.read(entry, max_bytes),
            _ => self.root.read(&entry.path, max_bytes),
        }
    }
}

pub(super) fn reason(errno: Errno) -> Text {
    Text::trusted(match errno {
        Errno::NOENT => "expected a directory, found nothing",
        Errno::NOTDIR => "expected a directory, found something else",
        Errno::ACCESS | Errno::PERM => "expected a readable directory, found no permission",
        _ => "expected a readable directory, found an input error",
    })
}
