//! A directory of the machine.
//!
//! Inside a git work tree it is what git would see: tracked files, and untracked ones that are not ignored.
//! Elsewhere it is every file. Paths are opened below the root's own descriptor, without following any link.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::io::Errno;

use super::beneath::Beneath;
use super::git_index::{Tracked, complete};
use super::git_revision::read_blob;
use super::ignored::Ignored;
use super::{Entry, EntryKind, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants, walk};
use crate::text::Text;

/// A directory of the machine.
pub struct Directory {
    pub(super) root: Beneath,
    pub(super) path: PathBuf,
    name: Text,
    work_tree: Option<WorkTree>,
}

/// What git knows of a directory in a work tree.
pub(super) struct WorkTree {
    git: Rc<git2::Repository>,
    pub(super) view: View,
}

/// What decides whether git sees a path: shared between the threads of a walk.
pub(super) struct View {
    /// Where the directory lies in the work tree.
    pub(super) folder: TreePath,
    pub(super) tracked: Tracked,
    pub(super) ignored: Ignored,
}

impl WorkTree {
    pub(super) fn new(git: Rc<git2::Repository>, view: View) -> Self {
        Self { git, view }
    }
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
            Ok(root) => Ok(Self { root, path: path.to_owned(), name, work_tree: None }),
            Err(errno) => Err(TreeError::Directory { path: name, reason: reason(errno) }),
        }
    }

    /// Makes of the directory what git sees of it.
    pub(super) fn in_work_tree(self, work_tree: WorkTree) -> Self {
        Self { work_tree: Some(work_tree), ..self }
    }

    /// Completes what a walk has met by what a sparse checkout leaves out: git sees it as it is staged.
    fn add_left_out(&self, git: &git2::Repository, view: &View, wants: &Wants, scan: &mut Scan) {
        for entry in view.tracked.left_out(&TreePath::root()) {
            if !matches!(self.root.look(&entry.path), Ok(None)) {
                continue;
            }
            if let Some(folder) = Wants::skipped_above(&entry.path) {
                scan.census.skipped_folders.insert(folder);
                continue;
            }
            scan.census.files += 1;
            if !wants.entry(&entry.path, &entry.kind) {
                continue;
            }
            if wants.excluded(&entry.path) {
                scan.census.excluded_files.insert(entry.path.clone());
            } else {
                match complete(git, entry) {
                    Ok(entry) => scan.entries.push(entry),
                    Err(fault) => scan.faults.push((entry.path.clone(), fault)),
                }
            }
        }
        scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
        scan.entries.dedup_by(|a, b| a.path == b.path);
    }

    /// Returns what a sparse checkout leaves out at a path.
    fn left_out(&self, path: &TreePath) -> Option<Entry> {
        let WorkTree { git, view } = self.work_tree.as_ref()?;
        match view.tracked.left_out(path).next()? {
            entry if entry.path == *path => Some(
                complete(git, entry).unwrap_or_else(|_fault| Entry::new(path.clone(), EntryKind::Other("unreadable"))),
            ),
            _ => Some(Entry::new(path.clone(), EntryKind::Folder)),
        }
    }
}

impl View {
    /// Whether git sees what stands at a path.
    pub(super) fn shows(&self, root: &Beneath, entry: &Entry) -> bool {
        let is_folder = entry.kind == EntryKind::Folder;
        if self.tracked.holds(&entry.path) {
            return true;
        }
        let is_inside = |folder: &TreePath| self.tracked.is_submodule(folder) || self.is_repository(root, folder);
        !self.ignored.covers(&self.folder.append(&entry.path), is_folder)
            && !entry.path.ancestors().filter(|folder| !folder.is_root()).any(|folder| is_inside(&folder))
    }

    /// Whether a folder is a repository of its own, of which this one tracks nothing: git does not look into it.
    pub(super) fn is_repository(&self, root: &Beneath, folder: &TreePath) -> bool {
        !matches!(root.look(&folder.child(b".git")), Ok(None)) && !self.tracked.holds(folder) && is_git(root, folder)
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
        let Some(WorkTree { git, view }) = &self.work_tree else { return Ok(walk::everything(self, wants)) };
        let mut scan = walk::work_tree(self, view, wants);
        self.add_left_out(git, view, wants, &mut scan);
        Ok(scan)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        if path.is_root() {
            return Ok(Some(Entry::new(path.clone(), EntryKind::Folder)));
        }
        let entry = match self.root.look(path) {
            Ok(Some(entry)) => entry,
            Ok(None) => return Ok(self.left_out(path)),
            // It is there; what it is will be told when it is read.
            Err(_) => return Ok(Some(Entry::new(path.clone(), EntryKind::Other("unreadable")))),
        };
        Ok(match &self.work_tree {
            None => Some(entry),
            Some(WorkTree { view, .. }) => match view.tracked.submodule(path) {
                Some(submodule) => Some(submodule.clone()),
                None => view.shows(&self.root, &entry).then_some(entry),
            },
        })
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let mut entries = BTreeMap::new();
        let left_out = self.work_tree.iter().flat_map(|work_tree| work_tree.view.tracked.left_out(folder));
        let names = left_out.filter_map(|entry| entry.path.below(folder)?.split(|byte| *byte == b'/').next());
        for name in names.map(Into::into).chain(self.root.names(folder)) {
            let path = folder.child(&name);
            if *name != *b".git"
                && let Some(entry) = self.entry(&path)?
            {
                entries.insert(path, entry);
            }
        }
        Ok(entries.into_values().collect())
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        match &self.work_tree {
            // Only what a sparse checkout leaves out is known by its contents.
            Some(WorkTree { git, .. }) if entry.content.is_some() => read_blob(git, entry, max_bytes),
            _ => self.root.read(&entry.path, max_bytes),
        }
    }
}

fn reason(errno: Errno) -> Text {
    Text::trusted(match errno {
        Errno::NOENT => "expected a directory, found nothing",
        Errno::NOTDIR => "expected a directory, found something else",
        Errno::ACCESS | Errno::PERM => "expected a readable directory, found no permission",
        _ => "expected a readable directory, found an input error",
    })
}
