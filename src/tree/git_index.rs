//! The git index: the files of the commit that is about to be made.
//!
//! Read by `gix-index`, which reads split and sparse indexes too. What git keeps in it about each folder's object lets a
//! comparison with a revision skip what is equal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use git2::Oid;
use gix_index::entry::{Flags, Stage};
use gix_index::extension::Tree as CachedFolder;

use super::compare::{Difference, Differences};
use super::git_revision::{Mode, entry_of, read_blob};
use super::{ContentId, Entry, EntryKind, GitRevision, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants};
use crate::text::Text;

/// The files that are staged.
#[derive(Clone)]
pub struct GitIndex {
    git: Rc<git2::Repository>,
    file: Option<Rc<gix_index::File>>,
    /// The folder of the repository below which files count.
    folder: TreePath,
}

/// One name in the index.
#[derive(Clone)]
pub(super) struct Staged {
    pub(super) path: TreePath,
    pub(super) mode: Mode,
    pub(super) id: Oid,
    pub(super) stat: Stat,
}

/// What git noted of a file in the work tree when it last looked (`gitformat-index(5)`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) modified: (u32, u32),
    pub(super) changed: (u32, u32),
    pub(super) inode: u32,
    pub(super) size: u32,
}

/// What is found at a place of the index.
enum Found {
    File(Staged),
    Fault(TreePath, ReadFault),
    /// A folder of which a sparse index knows only the object.
    Folder(TreePath, Oid),
}

impl GitIndex {
    /// Reads an index file, `None` where there is none: nothing is staged then.
    ///
    /// # Errors
    /// What the reader says.
    pub(super) fn open(git: Rc<git2::Repository>, file: Option<&Path>) -> Result<Self, Text> {
        // Like git itself, without hashing the whole file first: its structure is checked while it is read.
        let options = gix_index::decode::Options::default();
        let file = file
            .map(|path| gix_index::File::at(path, gix_index::hash::Kind::Sha1, true, options).map(Rc::new))
            .transpose()
            .map_err(|error| Text::of(&error.to_string()))?;
        Ok(Self { git, file, folder: TreePath::root() })
    }

    /// Returns what is staged below a folder.
    #[must_use]
    pub fn folder(self, path: &TreePath) -> Self {
        Self { folder: path.clone(), ..self }
    }

    /// Whether nothing is staged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    /// When the index was written; what changed no earlier than that may have changed unseen.
    pub(super) fn written(&self) -> i64 {
        self.file.as_ref().map_or(0, |file| file.timestamp().unix_seconds())
    }

    /// Returns what the index holds for one path.
    pub(super) fn staged(&self, path: &TreePath) -> Option<Staged> {
        let file = self.file.as_ref()?;
        let whole = self.whole(path);
        let entry = file.entry_by_path_and_stage(whole.as_bytes().into(), Stage::Unconflicted)?;
        match self.found(file, entry)? {
            Found::File(staged) => Some(staged),
            Found::Fault(..) | Found::Folder(..) => None,
        }
    }

    /// Returns the submodules, and the files that are wanted.
    pub(super) fn wanted(&self, wants: &Wants) -> impl Iterator<Item = Staged> {
        self.entries().filter_map(|found| match found {
            Found::File(staged) => (is_wanted(&staged, wants) && staged.mode != Mode::Link).then_some(staged),
            Found::Fault(..) | Found::Folder(..) => None,
        })
    }

    fn entries(&self) -> impl Iterator<Item = Found> {
        let prefix = if self.folder.is_root() { Vec::new() } else { [self.folder.as_bytes(), b"/"].concat() };
        self.file.iter().flat_map(move |file| {
            let below = file.prefixed_entries(prefix.as_slice().into()).unwrap_or_default();
            below.iter().filter_map(|entry| self.found(file, entry))
        })
    }

    fn found(&self, file: &gix_index::File, entry: &gix_index::Entry) -> Option<Found> {
        // What is only announced (`git add --intent-to-add`) is not committed, and of an entry that is not merged yet
        // one stage is enough to say so: git will not commit it.
        if entry.flags.contains(Flags::INTENT_TO_ADD) || entry.flags.contains(Flags::REMOVE) {
            return None;
        }
        let bytes: &[u8] = entry.path(file);
        let Some(path) = TreePath::new(bytes.strip_suffix(b"/").unwrap_or(bytes)) else {
            return Some(Found::Fault(TreePath::root(), ReadFault::Corrupt));
        };
        let path = TreePath::new(path.below(&self.folder)?)?;
        if entry.stage() != Stage::Unconflicted {
            return Some(Found::Fault(path, ReadFault::Unreadable));
        }
        let Ok(id) = Oid::from_bytes(entry.id.as_bytes()) else { return Some(Found::Fault(path, ReadFault::Corrupt)) };
        let mode = Mode::of(i32::try_from(entry.mode.bits()).unwrap_or(0));
        if mode == Mode::Folder {
            return Some(Found::Folder(path, id));
        }
        let time = |time: gix_index::entry::stat::Time| (time.secs, time.nsecs);
        let stat = Stat {
            modified: time(entry.stat.mtime),
            changed: time(entry.stat.ctime),
            inode: entry.stat.ino,
            size: entry.stat.size,
        };
        Some(Found::File(Staged { path, mode, id, stat }))
    }

    fn whole(&self, path: &TreePath) -> TreePath {
        self.folder.join(path.as_bytes()).unwrap_or_default()
    }

    /// Returns the tree of a folder that a sparse index holds as one object.
    fn sparse(&self, id: Oid) -> GitRevision {
        GitRevision::of_tree(Rc::clone(&self.git), Text::trusted("staged"), id)
    }

    /// Returns the sparse folder that holds a path, and the rest of the path.
    fn sparse_above(&self, path: &TreePath) -> Option<(GitRevision, TreePath, TreePath)> {
        let file = self.file.as_ref().filter(|file| file.is_sparse())?;
        path.ancestors().find_map(|above| {
            let whole = [self.whole(&above).as_bytes(), b"/"].concat();
            let entry = file.entry_by_path_and_stage(whole.as_slice().into(), Stage::Unconflicted)?;
            let Some(Found::Folder(folder, id)) = self.found(file, entry) else { return None };
            let rest = TreePath::new(path.below(&folder)?)?;
            Some((self.sparse(id), folder, rest))
        })
    }

    /// Reads the target of a link, which the index does not hold.
    fn complete(&self, staged: &Staged) -> Result<Entry, ReadFault> {
        entry_of(&self.git, staged.path.clone(), staged.mode, staged.id)
    }

    fn certain(&self, staged: &Staged) -> Entry {
        let unreadable = |_fault| Entry::new(staged.path.clone(), EntryKind::Other("unreadable"));
        self.complete(staged).unwrap_or_else(unreadable)
    }

    /// Lists the wanted entries on which the index and a revision differ.
    ///
    /// # Errors
    /// When the object database cannot be read.
    pub fn differences(&self, base: &GitRevision, wants: &Wants) -> Result<Differences, TreeError> {
        let mut scan = Scan::default();
        let mut sides: BTreeMap<TreePath, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
        for path in self.differing(base, wants)? {
            let before = base.entry(&path)?;
            let after = self.entry(&path)?;
            sides.insert(path, (before, after));
        }
        self.count(wants, &mut scan);
        let entries = sides
            .into_iter()
            .filter(|(path, (before, after))| {
                let excluded = wants.excluded(path);
                if excluded && (before.is_some() || after.is_some()) {
                    scan.census.excluded_files.insert(path.clone());
                }
                !excluded && before != after
            })
            .map(|(path, (before, after))| Difference { path, before, after })
            .collect();
        Ok(Differences { entries, scan })
    }

    /// Counts what is staged, and notes what cannot be read.
    fn count(&self, wants: &Wants, scan: &mut Scan) {
        for found in self.entries() {
            match found {
                Found::Fault(path, fault) if path.is_root() || wants.name(path.file_name()) => {
                    scan.faults.push((path, fault));
                }
                Found::Fault(..) => {}
                Found::File(Staged { path, .. }) | Found::Folder(path, _) => {
                    scan.census.files += u64::from(!path.is_root());
                }
            }
        }
        scan.faults.sort();
        scan.faults.dedup();
    }

    /// Returns the wanted paths on which the index may differ from a revision: all but those in folders whose object the
    /// index knows to be the revision's.
    pub(super) fn differing(&self, base: &GitRevision, wants: &Wants) -> Result<BTreeSet<TreePath>, TreeError> {
        let mut out = BTreeSet::new();
        let cached = self.file.as_ref().and_then(|file| file.tree()).and_then(|root| cached_below(root, &self.folder));
        self.differing_folder(&TreePath::root(), base, cached, wants, &mut out)?;
        Ok(out)
    }

    fn differing_folder(
        &self,
        folder: &TreePath,
        base: &GitRevision,
        cached: Option<&CachedFolder>,
        wants: &Wants,
        out: &mut BTreeSet<TreePath>,
    ) -> Result<(), TreeError> {
        let known = cached
            .filter(|cached| cached.num_entries.is_some())
            .and_then(|cached| Oid::from_bytes(cached.id.as_bytes()).ok());
        if known.is_some() && known == base.tree_id() {
            return Ok(());
        }
        let mut folders: BTreeMap<TreePath, Option<Oid>> = BTreeMap::new();
        for (path, mode, id) in base.children()? {
            let path = folder.child(path.as_bytes());
            if mode == Mode::Folder {
                folders.insert(path, Some(id));
            } else if wants_path(&path, mode, wants) {
                out.insert(path);
            }
        }
        for (path, mode) in self.children(folder) {
            if mode == Mode::Folder {
                folders.entry(path).or_insert(None);
            } else if wants_path(&path, mode, wants) {
                out.insert(path);
            }
        }
        for (path, id) in folders {
            if Wants::skipped_folder(path.file_name()) {
                continue;
            }
            let below = base.tree_at(id);
            let cached = cached
                .and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == path.file_name()));
            self.differing_folder(&path, &below, cached, wants, out)?;
        }
        Ok(())
    }

    /// Returns what stands directly in a folder of the index.
    fn children(&self, folder: &TreePath) -> BTreeMap<TreePath, Mode> {
        let mut out = BTreeMap::new();
        if let Some((tree, above, rest)) = self.sparse_above(folder) {
            let inside = tree.folder(&rest).and_then(|tree| tree.children()).unwrap_or_default();
            out.extend(inside.into_iter().filter_map(|(name, mode, _)| {
                let path = above.join(rest.as_bytes())?.child(name.as_bytes());
                Some((path, mode))
            }));
            return out;
        }
        let Some(file) = &self.file else { return out };
        let whole = self.whole(folder);
        let prefix = if whole.is_root() { Vec::new() } else { [whole.as_bytes(), b"/"].concat() };
        let mut below = file.prefixed_entries(prefix.as_slice().into()).unwrap_or_default();
        while let Some((entry, rest)) = below.split_first() {
            below = rest;
            let bytes: &[u8] = entry.path(file);
            let name = bytes.get(prefix.len()..).unwrap_or_default();
            match name.iter().position(|byte| *byte == b'/') {
                Some(end) => {
                    let path = folder.child(name.get(..end).unwrap_or_default());
                    out.insert(path, Mode::Folder);
                    // Jump over the folder's contents: they stand side by side.
                    let inside = [&prefix, name.get(..=end).unwrap_or_default()].concat();
                    let len = below.partition_point(|entry| {
                        let bytes: &[u8] = entry.path(file);
                        bytes.starts_with(&inside)
                    });
                    below = below.get(len..).unwrap_or_default();
                }
                None => {
                    if let Some(Found::File(staged)) = self.found(file, entry) {
                        out.insert(folder.child(name), staged.mode);
                    }
                }
            }
        }
        out
    }
}

fn is_wanted(staged: &Staged, wants: &Wants) -> bool {
    wants_path(&staged.path, staged.mode, wants)
}

fn wants_path(path: &TreePath, mode: Mode, wants: &Wants) -> bool {
    matches!(mode, Mode::Link | Mode::Submodule) || wants.name(path.file_name())
}

fn cached_below<'a>(root: &'a CachedFolder, folder: &TreePath) -> Option<&'a CachedFolder> {
    folder.parts().try_fold(root, |cached, part| cached.children.iter().find(|child| child.name.as_slice() == part))
}

impl Tree for GitIndex {
    fn input(&self) -> Input {
        Input { kind: "git-index", name: Text::trusted("staged"), digest: None }
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        let mut scan = Scan::default();
        for found in self.entries() {
            let staged = match found {
                Found::File(staged) => staged,
                Found::Fault(path, fault) => {
                    if path.is_root() || wants.name(path.file_name()) {
                        scan.faults.push((path, fault));
                    }
                    continue;
                }
                Found::Folder(folder, id) => {
                    self.scan_sparse(&folder, id, wants, &mut scan)?;
                    continue;
                }
            };
            if let Some(folder) = skipped_above(&staged.path) {
                scan.census.skipped_folders.insert(folder);
                continue;
            }
            scan.census.files += 1;
            if !is_wanted(&staged, wants) {
                continue;
            }
            if wants.excluded(&staged.path) {
                scan.census.excluded_files.insert(staged.path);
            } else {
                match self.complete(&staged) {
                    Ok(entry) => scan.entries.push(entry),
                    Err(fault) => scan.faults.push((staged.path, fault)),
                }
            }
        }
        scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
        scan.faults.sort();
        scan.faults.dedup();
        Ok(scan)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        if let Some(staged) = self.staged(path) {
            return Ok(Some(self.certain(&staged)));
        }
        if let Some((tree, above, rest)) = self.sparse_above(path) {
            let found = tree.entry(&rest)?;
            return Ok(found.and_then(|entry| Some(Entry { path: above.join(entry.path.as_bytes())?, ..entry })));
        }
        Ok(self.is_folder(path).then(|| Entry::new(path.clone(), EntryKind::Folder)))
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let mut entries = Vec::new();
        for (path, mode) in self.children(folder) {
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

impl GitIndex {
    /// Scans the folder that a sparse index holds as one object.
    fn scan_sparse(&self, folder: &TreePath, id: Oid, wants: &Wants, scan: &mut Scan) -> Result<(), TreeError> {
        let inside = self.sparse(id).scan(&wants.unexcluding())?;
        let whole = |path: &TreePath| folder.join(path.as_bytes());
        scan.census.files += inside.census.files;
        scan.census.skipped_folders.extend(inside.census.skipped_folders.iter().filter_map(whole));
        scan.faults.extend(inside.faults.iter().filter_map(|(path, fault)| Some((whole(path)?, *fault))));
        for entry in inside.entries {
            let Some(path) = whole(&entry.path) else { continue };
            if wants.excluded(&path) {
                scan.census.excluded_files.insert(path);
            } else {
                scan.entries.push(Entry { path, ..entry });
            }
        }
        Ok(())
    }

    fn is_folder(&self, path: &TreePath) -> bool {
        let Some(file) = &self.file else { return path.is_root() };
        let prefix = [self.whole(path).as_bytes(), b"/"].concat();
        path.is_root() || file.prefixed_entries(prefix.as_slice().into()).is_some_and(|below| !below.is_empty())
    }

    /// Returns the entry of the object database that a file is, if it was not touched since git last looked.
    pub(super) fn untouched(&self, path: &TreePath, stat: Stat) -> Option<ContentId> {
        let staged = self.staged(path)?;
        let is_file = matches!(staged.mode, Mode::File | Mode::Program);
        // What was changed in the second in which the index was written may have been changed after it.
        let is_settled = i64::from(stat.modified.0) < self.written();
        (is_file && is_settled && staged.stat == stat).then_some(ContentId(staged.id))
    }
}

fn skipped_above(path: &TreePath) -> Option<TreePath> {
    if !Wants::in_skipped_folder(path) {
        return None;
    }
    let mut above: Vec<TreePath> = path.parent()?.ancestors().collect();
    above.reverse();
    above.into_iter().find(|folder| Wants::skipped_folder(folder.file_name()))
}
