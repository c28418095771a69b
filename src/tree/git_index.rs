//! The git index: the files of the commit that is about to be made.
//!
//! What git keeps in it about each folder's object lets a comparison with a revision skip what is equal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use git2::Oid;
use gix_index::extension::Tree as CachedFolder;

use super::compare::{Difference, Differences, is_wanted_link};
use super::git_object::{Folder, Mode, entry_of, read_blob};
use super::git_walk::Budget;
use super::index_file::{Found, IndexFile, Staged, Stat};
use super::{
    ContentId, Entry, EntryKind, GitRevision, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants, limits,
};
use crate::text::Text;

/// The files that are staged.
#[derive(Clone)]
pub struct GitIndex {
    git: Rc<git2::Repository>,
    file: IndexFile,
}

/// Where the index may differ from a revision.
#[derive(Default)]
pub(super) struct Differing {
    pub(super) paths: BTreeSet<TreePath>,
    /// Places of the index that could not be looked into.
    pub(super) faults: Vec<(TreePath, ReadFault)>,
    /// Places of the revision that could not be looked into.
    pub(super) faults_before: Vec<(TreePath, ReadFault)>,
    budget: Budget,
}

impl GitIndex {
    /// Reads an index file, `None` where there is none: nothing is staged then.
    ///
    /// # Errors
    /// What the reader says.
    pub(super) fn open(git: Rc<git2::Repository>, file: Option<&Path>) -> Result<Self, Text> {
        Ok(Self { git, file: IndexFile::open(file)? })
    }

    /// Returns what is staged below a folder.
    #[must_use]
    pub fn below(&self, path: &TreePath) -> Self {
        Self { git: Rc::clone(&self.git), file: self.file.below(path) }
    }

    /// Whether git knows of anything at a path or below it.
    pub(super) fn holds(&self, path: &TreePath) -> bool {
        self.file.holds(path)
    }

    /// Whether nothing is staged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    pub(super) fn file(&self) -> &IndexFile {
        &self.file
    }

    fn entries(&self) -> impl Iterator<Item = Found> {
        self.file.entries(&TreePath::root())
    }

    /// Returns the submodules, and the files and links that are wanted.
    pub(super) fn wanted(&self, wants: &Wants) -> impl Iterator<Item = Staged> {
        self.entries().filter_map(|found| match found {
            Found::File(staged) => wants_path(&staged.path, staged.mode, wants).then_some(staged),
            Found::Folder(..) | Found::Announced(_) | Found::Fault(..) => None,
        })
    }

    /// Returns the tree of a folder that a sparse index holds as one object.
    pub(super) fn sparse(&self, folder: &TreePath, id: Oid) -> GitRevision {
        let folder = self.file.folder().append(folder);
        GitRevision::of_tree(Rc::clone(&self.git), Text::trusted("staged"), folder, id)
    }

    /// Reads the target of a link, which the index does not hold.
    pub(super) fn complete(&self, staged: &Staged) -> Result<Entry, ReadFault> {
        entry_of(&self.git, staged.path.clone(), staged.mode, staged.id)
    }

    /// Lists the wanted entries on which the index and a revision differ, and links of wanted names in folders that do.
    ///
    /// # Errors
    /// When the object database cannot be read.
    pub fn differences(&self, base: &GitRevision, wants: &Wants) -> Result<Differences, TreeError> {
        let Differing { paths, faults, faults_before, .. } = self.differing(base, wants)?;
        let scan = Scan { faults, ..Scan::default() };
        let mut found = Differences { is_partial: true, faults_before, scan, ..Differences::default() };
        for path in paths {
            let before = base.entry(&path)?.filter(|entry| wants.entry(&path, &entry.kind));
            let after = self.entry(&path)?.filter(|entry| wants.entry(&path, &entry.kind));
            let is_link = after.as_ref().is_some_and(|after| is_wanted_link(after, wants));
            if before == after && !is_link {
                continue;
            }
            if !wants.excluded(&path) {
                found.entries.push(Difference { path, before, after });
            } else if after.is_some_and(|after| after.kind != EntryKind::Folder) {
                found.scan.census.excluded_files.insert(path);
            }
        }
        self.count(wants, &mut found.scan);
        Ok(found)
    }

    /// Counts what is staged, and notes what cannot be read.
    fn count(&self, wants: &Wants, scan: &mut Scan) {
        for found in self.entries() {
            match &found {
                Found::Fault(path, fault) if path.is_root() || wants.file(path) => {
                    scan.faults.push((path.clone(), *fault));
                }
                Found::Fault(..) | Found::Announced(_) => {}
                Found::File(Staged { path, .. }) | Found::Folder(path, _) => match Wants::skipped_above(path) {
                    Some(folder) => drop(scan.census.skipped_folders.insert(folder)),
                    None => scan.census.files += 1,
                },
            }
        }
        scan.faults.sort();
        scan.faults.dedup();
    }

    /// Returns the wanted paths on which the index may differ from a revision: all but those in folders whose object the
    /// index knows to be the revision's.
    pub(super) fn differing(&self, base: &GitRevision, wants: &Wants) -> Result<Differing, TreeError> {
        let mut out = Differing::default();
        self.differing_folder(&TreePath::root(), base, self.file.cached(), wants, &mut out)?;
        out.faults.extend(out.budget.fault());
        Ok(out)
    }

    fn differing_folder(
        &self,
        folder: &TreePath,
        base: &GitRevision,
        cached: Option<&CachedFolder>,
        wants: &Wants,
        out: &mut Differing,
    ) -> Result<(), TreeError> {
        let known = cached
            .filter(|cached| cached.num_entries.is_some())
            .and_then(|cached| Oid::from_bytes(cached.id.as_bytes()).ok());
        let sparse = || self.file.sparse_above(folder).filter(|(_, _, rest)| rest.is_root()).map(|(_, id, _)| id);
        let known = known.or_else(sparse);
        if known.is_some() && known == base.tree_id() {
            return Ok(());
        }
        if folder.parts().count() > limits::MAX_FOLDERS {
            out.faults.push((folder.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let (before, now) = (base.children()?, self.children(folder)?);
        let whole = |(path, fault): (TreePath, ReadFault)| (folder.append(&path), fault);
        out.faults_before.extend(before.faults.into_iter().map(whole));
        out.faults.extend(now.faults.into_iter().map(whole));
        let mut folders: BTreeMap<TreePath, Option<Oid>> = BTreeMap::new();
        let before = before.entries.into_iter().map(|(path, mode, id)| (path, mode, Some(id)));
        for (path, mode, id) in before.chain(now.entries.into_iter().map(|(path, mode, _)| (path, mode, None))) {
            if !out.budget.meet() {
                return Ok(());
            }
            let path = folder.append(&path);
            if wants_path(&path, mode, wants) {
                out.budget.want();
                out.paths.insert(path.clone());
            }
            if mode == Mode::Folder && !Wants::skipped_folder(path.file_name()) {
                folders.entry(path).or_insert(id);
            }
        }
        for (path, id) in folders {
            let below = base.tree_at(path.file_name(), id);
            let cached = cached
                .and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == path.file_name()));
            self.differing_folder(&path, &below, cached, wants, out)?;
        }
        Ok(())
    }

    /// Returns what stands directly in a folder of the index.
    fn children(&self, folder: &TreePath) -> Result<Folder, TreeError> {
        match self.file.sparse_above(folder) {
            Some((above, id, rest)) => self.sparse(&above, id).below(&rest)?.children(),
            None => Ok(self.file.children(folder)),
        }
    }

    /// Scans the folder that a sparse index holds as one object.
    pub(super) fn scan_sparse(
        &self,
        folder: &TreePath,
        tree: &GitRevision,
        wants: &Wants,
        scan: &mut Scan,
    ) -> Result<(), TreeError> {
        let inside = tree.scan(&wants.inside(folder))?;
        let whole = |path: &TreePath| folder.append(path);
        scan.census.files += inside.census.files;
        scan.census.skipped_folders.extend(inside.census.skipped_folders.iter().map(whole));
        scan.census.excluded_files.extend(inside.census.excluded_files.iter().map(whole));
        scan.faults.extend(inside.faults.iter().map(|(path, fault)| (whole(path), *fault)));
        scan.entries.extend(inside.entries.into_iter().map(|entry| Entry { path: whole(&entry.path), ..entry }));
        Ok(())
    }

    /// Returns the contents that a file of the work tree has, if it was not touched since git last looked.
    pub(super) fn untouched(&self, path: &TreePath, stat: Stat) -> Option<ContentId> {
        let staged = self.file.staged(path)?;
        let is_file = matches!(staged.mode, Mode::File | Mode::Program);
        // What was changed in the second in which the index was written may have been changed after it.
        let is_settled = i64::from(stat.modified.0) < self.file.written();
        (is_file && is_settled && staged.stat == stat).then_some(ContentId(staged.id))
    }
}

impl Tree for GitIndex {
    fn input(&self) -> Input {
        Input { kind: "git-index", name: Text::trusted("staged"), digest: None }
    }

    fn folder(&self) -> TreePath {
        self.file.folder().clone()
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        let mut scan = Scan::default();
        for found in self.entries() {
            let skipped = match &found {
                Found::Folder(path, _) if Wants::skipped_folder(path.file_name()) => Some(path.clone()),
                found => Wants::skipped_above(found.path()),
            };
            let folders = wants.folders_above(skipped.as_ref().unwrap_or(found.path()));
            let folders: Vec<Entry> = folders.map(|path| Entry::new(path, EntryKind::Folder)).collect();
            match (found, skipped) {
                (Found::Fault(path, fault), None) if path.is_root() || wants.file(&path) => {
                    scan.faults.push((path, fault));
                    continue;
                }
                (Found::Fault(..) | Found::Announced(_), _) => continue,
                (_, Some(folder)) => drop(scan.census.skipped_folders.insert(folder)),
                (Found::Folder(folder, id), None) => {
                    self.scan_sparse(&folder, &self.sparse(&folder, id), wants, &mut scan)?;
                }
                (Found::File(staged), None) => {
                    scan.census.files += 1;
                    if wants_path(&staged.path, staged.mode, wants) {
                        let entry = self.complete(&staged);
                        scan.take(&staged.path, entry, wants);
                    }
                }
            }
            scan.entries.extend(folders);
        }
        scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
        scan.entries.dedup_by(|a, b| a.path == b.path);
        scan.faults.sort();
        scan.faults.dedup();
        Ok(scan)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        if let Some(staged) = self.file.staged(path) {
            let lost = |fault| TreeError::Lost { tree: self.input().name, path: path.clone(), fault };
            return self.complete(&staged).map(Some).map_err(lost);
        }
        if let Some((above, id, rest)) = self.file.sparse_above(path) {
            let found = self.sparse(&above, id).entry(&rest)?;
            return Ok(found.map(|entry| Entry { path: path.clone(), ..entry }));
        }
        Ok(self.file.is_folder(path).then(|| Entry::new(path.clone(), EntryKind::Folder)))
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let mut entries = Vec::new();
        for (name, mode, _) in self.children(folder)?.entries {
            let path = folder.append(&name);
            if mode == Mode::Folder {
                entries.push(Entry::new(path, EntryKind::Folder));
            } else {
                entries.extend(self.entry(&path)?);
            }
        }
        Ok(entries)
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        read_blob(&self.git, entry, max_bytes)
    }
}

fn wants_path(path: &TreePath, mode: Mode, wants: &Wants) -> bool {
    matches!(mode, Mode::Link | Mode::Submodule) || wants.file(path)
}
