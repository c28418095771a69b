//! The tree of a commit, read from the object database: no checkout, no filters, no hooks.

use std::collections::BTreeMap;
use std::rc::Rc;

use git2::Oid;

use super::compare::Differences;
use super::git_object::{Folder, Mode, entry_of, git_error, read_blob};
use super::{Entry, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants, git_walk};
use crate::text::Text;

/// The tree of a commit, or a folder of it.
pub struct GitRevision {
    git: Rc<git2::Repository>,
    name: Text,
    commit: Oid,
    folder: TreePath,
    /// The tree's object; `None` for a folder that the commit does not have.
    tree: Option<Oid>,
}

impl GitRevision {
    pub(super) fn new(git: Rc<git2::Repository>, name: Text, commit: &git2::Commit<'_>) -> Result<Self, TreeError> {
        let folder = TreePath::root();
        Ok(Self { name, commit: commit.id(), folder, tree: Some(commit.tree_id()), git })
    }

    /// Returns the tree behind an object, of no commit.
    pub(super) fn of_tree(git: Rc<git2::Repository>, name: Text, folder: TreePath, tree: Oid) -> Self {
        Self { git, name, commit: Oid::ZERO_SHA1, folder, tree: Some(tree) }
    }

    /// Returns the tree of a folder directly in this one by its object, or an empty one.
    pub(super) fn tree_at(&self, name: &[u8], tree: Option<Oid>) -> Self {
        let folder = self.folder.child(name);
        Self { git: Rc::clone(&self.git), name: self.name.clone(), commit: self.commit, folder, tree }
    }

    pub(super) fn tree_id(&self) -> Option<Oid> {
        self.tree
    }

    /// Returns what stands directly in this tree: names, modes and objects.
    pub(super) fn children(&self) -> Result<Folder, TreeError> {
        match self.tree {
            Some(tree) => self.read_folder(&TreePath::root(), tree),
            None => Ok(Folder::default()),
        }
    }

    /// Returns the tree of one folder of this commit.
    ///
    /// # Errors
    /// When the object database cannot be read.
    pub fn below(self, path: &TreePath) -> Result<Self, TreeError> {
        let tree = match (path.is_root(), self.find(path)?) {
            (true, _) => self.tree,
            (false, Some((Mode::Folder, id))) => Some(id),
            (false, _) => None,
        };
        Ok(Self { tree, folder: self.folder.append(path), ..self })
    }

    /// Returns the name by which the commit was asked for.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Returns the commit's id in hexadecimal.
    #[must_use]
    pub fn id(&self) -> String {
        self.commit.to_string()
    }

    pub(super) fn git(&self) -> &git2::Repository {
        &self.git
    }

    pub(super) fn commit(&self) -> Oid {
        self.commit
    }

    /// Returns the commit's time in seconds since 1970, as the committer states it.
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        self.git.find_commit(self.commit).ok().map(|commit| commit.time().seconds())
    }

    /// Lists the wanted entries on which `self` and `base` differ, and links of wanted names in folders that differ.
    /// Subtrees with one object id on both sides are not looked into, so the cost follows what changed.
    ///
    /// # Errors
    /// When the object database cannot be read.
    pub fn differences(&self, base: &Self, wants: &Wants) -> Result<Differences, TreeError> {
        git_walk::compare(self, base, wants)
    }

    pub(super) fn read_folder(&self, path: &TreePath, id: Oid) -> Result<Folder, TreeError> {
        Folder::read(&self.git, path, id).map_err(|error| self.error(&error))
    }

    pub(super) fn make_entry(&self, path: TreePath, mode: Mode, id: Oid) -> Result<Entry, ReadFault> {
        entry_of(&self.git, path, mode, id)
    }

    fn find(&self, path: &TreePath) -> Result<Option<(Mode, Oid)>, TreeError> {
        let Some(mut id) = self.tree else { return Ok(None) };
        let mut mode = Mode::Folder;
        for part in path.parts() {
            if mode != Mode::Folder {
                return Ok(None);
            }
            let tree = self.git.find_tree(id).map_err(|error| self.error(&error))?;
            // Not by libgit2's binary search: a tree made to deceive need not be in order.
            let Some(entry) = tree.iter().find(|entry| entry.name_bytes() == part) else { return Ok(None) };
            (mode, id) = (Mode::of(entry.filemode_raw()), entry.id());
        }
        Ok(Some((mode, id)))
    }

    fn error(&self, error: &git2::Error) -> TreeError {
        git_error(&self.git, self.name.clone(), error)
    }
}

impl Tree for GitRevision {
    fn input(&self) -> Input {
        Input { kind: "git-revision", name: self.name.clone(), digest: Some(Text::trusted(self.commit.to_string())) }
    }

    fn folder(&self) -> TreePath {
        self.folder.clone()
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        git_walk::scan(self, wants)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        let Some((mode, id)) = self.find(path)? else { return Ok(None) };
        let lost = |fault| TreeError::Lost { tree: self.name.clone(), path: path.clone(), fault };
        self.make_entry(path.clone(), mode, id).map(Some).map_err(lost)
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let Some((Mode::Folder, id)) = self.find(folder)? else { return Ok(Vec::new()) };
        let read = self.read_folder(folder, id)?;
        let mut entries = BTreeMap::new();
        for (path, mode, id) in read.entries {
            if let Ok(entry) = self.make_entry(path.clone(), mode, id) {
                entries.insert(path, entry);
            }
        }
        Ok(entries.into_values().collect())
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        read_blob(&self.git, entry, max_bytes)
    }
}
