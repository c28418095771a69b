//! The tree of a commit, read from the object database: no checkout, no filters, no hooks.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use git2::{ObjectType, Oid};

use super::compare::{Difference, Differences};
use super::{ContentId, Entry, EntryKind, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants, limits};
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
        let found = Differences { is_partial: true, ..Differences::default() };
        let mut comparison = Comparison { head: self, base, wants, found, budget: Budget::default() };
        if self.tree != base.tree {
            comparison.folder(&TreePath::root(), base.tree, self.tree)?;
        }
        let mut found = comparison.found;
        found.scan.faults.extend(comparison.budget.fault());
        found.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn read_folder(&self, path: &TreePath, id: Oid) -> Result<Folder, TreeError> {
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
        let mut pass = Pass { tree: self, wants, scan: Scan::default(), budget: Budget::default() };
        if let Some(tree) = self.tree {
            pass.folder(&TreePath::root(), tree, 0)?;
        }
        let mut scan = pass.scan;
        scan.faults.extend(pass.budget.fault());
        scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(scan)
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

/// What kind of entry a mode of git stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    File,
    Program,
    Link,
    Submodule,
    Folder,
    Other,
}

impl Mode {
    /// Reads a mode as it is written: to `libgit2` a link with the bits of a program is a program, to git it is a link.
    pub(super) fn of(mode: i32) -> Self {
        match mode & 0o170_000 {
            0o100_000 if mode & 0o111 == 0 => Self::File,
            0o100_000 => Self::Program,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            0o040_000 => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// What one folder's object holds.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) entries: Vec<(TreePath, Mode, Oid)>,
    pub(super) faults: Vec<(TreePath, ReadFault)>,
}

impl Folder {
    pub(super) fn read(git: &git2::Repository, path: &TreePath, id: Oid) -> Result<Self, git2::Error> {
        let tree = git.find_tree(id)?;
        let mut folder = Self::default();
        let mut names = BTreeSet::new();
        for entry in &tree {
            let name = entry.name_bytes();
            // git itself refuses such names; they exist only in objects made to deceive (`git fsck`).
            let unsound =
                matches!(name, b"" | b"." | b"..") || name.eq_ignore_ascii_case(b".git") || name.contains(&b'/');
            if unsound || !names.insert(name.to_vec()) {
                folder.faults.push((path.clone(), ReadFault::Corrupt));
            } else {
                folder.entries.push((path.child(name), Mode::of(entry.filemode_raw()), entry.id()));
            }
        }
        Ok(folder)
    }
}

/// How much of a tree may still be looked at.
#[derive(Default)]
pub(super) struct Budget {
    met: u64,
    wanted: usize,
}

impl Budget {
    /// Takes one entry, and says whether it may be looked at.
    pub(super) fn meet(&mut self) -> bool {
        self.met += 1;
        self.met <= limits::MAX_ENTRIES && self.wanted <= limits::MAX_WANTED
    }

    fn want(&mut self) {
        self.wanted += 1;
    }

    /// Returns what was left out, if anything was.
    pub(super) fn fault(&self) -> Option<(TreePath, ReadFault)> {
        let max_files = match self {
            Self { met, .. } if *met > limits::MAX_ENTRIES => limits::MAX_ENTRIES,
            Self { wanted, .. } if *wanted > limits::MAX_WANTED => limits::MAX_WANTED as u64,
            _ => return None,
        };
        Some((TreePath::root(), ReadFault::TooMany { max_files }))
    }
}

/// A walk over one tree.
struct Pass<'a> {
    tree: &'a GitRevision,
    wants: &'a Wants,
    scan: Scan,
    budget: Budget,
}

impl Pass<'_> {
    fn folder(&mut self, path: &TreePath, id: Oid, depth: usize) -> Result<(), TreeError> {
        if depth > limits::MAX_FOLDERS {
            self.scan.faults.push((path.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let folder = self.tree.read_folder(path, id)?;
        self.scan.faults.extend(folder.faults);
        for (path, mode, id) in folder.entries {
            if !self.budget.meet() {
                return Ok(());
            }
            if mode != Mode::Folder {
                self.scan.census.files += 1;
            }
            let is_skipped = mode == Mode::Folder && Wants::skipped_folder(path.file_name());
            if matches!(mode, Mode::Link | Mode::Submodule) || self.wants.name(path.file_name()) {
                self.wanted(&path, mode, id);
            }
            if is_skipped {
                self.scan.census.skipped_folders.insert(path);
            } else if mode == Mode::Folder {
                self.folder(&path, id, depth + 1)?;
            }
        }
        Ok(())
    }

    fn wanted(&mut self, path: &TreePath, mode: Mode, id: Oid) {
        self.budget.want();
        let entry = self.tree.make_entry(path.clone(), mode, id);
        self.scan.take(path, entry, self.wants);
    }
}

/// A walk over two trees at once.
struct Comparison<'a> {
    head: &'a GitRevision,
    base: &'a GitRevision,
    wants: &'a Wants,
    found: Differences,
    budget: Budget,
}

impl Comparison<'_> {
    fn folder(&mut self, path: &TreePath, before: Option<Oid>, after: Option<Oid>) -> Result<(), TreeError> {
        if path.parts().count() > limits::MAX_FOLDERS {
            self.found.scan.faults.push((path.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let mut sides: BTreeMap<TreePath, [Option<(Mode, Oid)>; 2]> = BTreeMap::new();
        for (index, (tree, id)) in [(self.base, before), (self.head, after)].into_iter().enumerate() {
            let Some(id) = id else { continue };
            let folder = tree.read_folder(path, id)?;
            let faults = if index == 1 { &mut self.found.scan.faults } else { &mut self.found.faults_before };
            faults.extend(folder.faults);
            for (path, mode, id) in folder.entries {
                if let Some(slot) = sides.entry(path).or_default().get_mut(index) {
                    *slot = Some((mode, id));
                }
            }
        }
        for (path, [before, after]) in sides {
            if !self.budget.meet() {
                return Ok(());
            }
            let is_link = matches!(after, Some((Mode::Link, _)));
            if before != after {
                self.differing(&path, before, after)?;
            } else if is_link && self.wants.name(path.file_name()) {
                self.list(&path, before, after);
            }
        }
        Ok(())
    }

    fn differing(
        &mut self,
        path: &TreePath,
        before: Option<(Mode, Oid)>,
        after: Option<(Mode, Oid)>,
    ) -> Result<(), TreeError> {
        let folder = |side: Option<(Mode, Oid)>| side.filter(|(mode, _)| *mode == Mode::Folder).map(|(_, id)| id);
        let (folder_before, folder_after) = (folder(before), folder(after));
        if folder_before.is_some() || folder_after.is_some() {
            if Wants::skipped_folder(path.file_name()) {
                self.found.scan.census.skipped_folders.insert(path.clone());
            } else {
                self.folder(path, folder_before, folder_after)?;
            }
        }
        self.found.scan.census.files += u64::from(after.is_some() && folder_after.is_none());
        self.list(path, before, after);
        Ok(())
    }

    fn list(&mut self, path: &TreePath, before: Option<(Mode, Oid)>, after: Option<(Mode, Oid)>) {
        let before = self.wanted(self.base, path, before).unwrap_or_else(|fault| {
            self.found.faults_before.push((path.clone(), fault));
            None
        });
        let after = self.wanted(self.head, path, after).unwrap_or_else(|fault| {
            self.found.scan.faults.push((path.clone(), fault));
            None
        });
        if before.is_some() || after.is_some() {
            self.budget.want();
            self.found.entries.push(Difference { path: path.clone(), before, after });
        }
    }

    fn wanted(
        &mut self,
        tree: &GitRevision,
        path: &TreePath,
        side: Option<(Mode, Oid)>,
    ) -> Result<Option<Entry>, ReadFault> {
        let Some((mode, id)) = side else { return Ok(None) };
        let plain = !matches!(mode, Mode::Link | Mode::Submodule);
        if plain && !self.wants.name(path.file_name()) {
            return Ok(None);
        }
        if self.wants.excluded(path) {
            if mode != Mode::Folder {
                self.found.scan.census.excluded_files.insert(path.clone());
            }
            return Ok(None);
        }
        tree.make_entry(path.clone(), mode, id).map(Some)
    }
}

pub(super) fn entry_of(git: &git2::Repository, path: TreePath, mode: Mode, id: Oid) -> Result<Entry, ReadFault> {
    let kind = match mode {
        Mode::File | Mode::Program => EntryKind::File,
        Mode::Folder => EntryKind::Folder,
        Mode::Submodule => EntryKind::Submodule(id.to_string().into()),
        Mode::Other => EntryKind::Other("of a mode git does not write"),
        Mode::Link => {
            let blob = Entry { content: Some(ContentId(id)), ..Entry::new(path.clone(), EntryKind::File) };
            EntryKind::Link(read_blob(git, &blob, limits::MAX_LINK_BYTES)?.into())
        }
    };
    let bits = match mode {
        Mode::File => Some(0o644),
        Mode::Program => Some(0o755),
        _ => None,
    };
    Ok(Entry { content: Some(ContentId(id)), mode: bits, ..Entry::new(path, kind) })
}

/// Reads a blob, asking for its size first: what is too large is never loaded.
pub(super) fn read_blob(git: &git2::Repository, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
    let Some(ContentId(id)) = entry.content else { return Err(ReadFault::Absent) };
    if entry.kind != EntryKind::File {
        return Err(ReadFault::NotRegular);
    }
    let objects = git.odb().map_err(|_error| ReadFault::Unreadable)?;
    let (size, kind) = objects.read_header(id).map_err(|error| blob_fault(git, &error))?;
    if kind != ObjectType::Blob {
        return Err(ReadFault::Corrupt);
    }
    if size as u64 > max_bytes {
        return Err(ReadFault::TooLarge { max_bytes });
    }
    let object = objects.read(id).map_err(|error| blob_fault(git, &error))?;
    Ok(object.data().to_vec())
}

fn blob_fault(git: &git2::Repository, error: &git2::Error) -> ReadFault {
    match error.code() {
        git2::ErrorCode::NotFound if is_partial(git) => ReadFault::NotFetched,
        git2::ErrorCode::NotFound => ReadFault::Missing,
        _ if error.message().contains("mismatch") => ReadFault::Corrupt,
        _ => ReadFault::Unreadable,
    }
}

pub(super) fn git_error(git: &git2::Repository, tree: Text, error: &git2::Error) -> TreeError {
    let hint = (error.code() == git2::ErrorCode::NotFound && is_partial(git)).then_some(PARTIAL_HINT);
    TreeError::Git { tree, reason: Text::of(error.message()), hint }
}

/// What to do about an object that a partial clone left out.
pub(super) const PARTIAL_HINT: &str = "the clone is partial: `git fetch --refetch --no-filter` fetches what is missing";

/// Whether a repository is a partial clone: some remote has promised to hand out what is missing (`git-config(1)`,
/// `remote.<name>.promisor`; older ones say `extensions.partialClone`).
fn is_partial(git: &git2::Repository) -> bool {
    let Ok(config) = git.config() else { return false };
    let Ok(mut promises) = config.entries(Some(r"^(remote\..*\.promisor|extensions\.partialclone)$")) else {
        return false;
    };
    promises.next().is_some_and(|promise| promise.is_ok())
}
