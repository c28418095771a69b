//! An index file of git, as far as it stands below a folder (`gitformat-index(5)`).
//!
//! Read by `gix-index`, which also reads what is split in two (`core.splitIndex`) and what holds one entry for a whole
//! folder (`index.sparse`). May be shared between threads.

use std::path::Path;
use std::sync::Arc;

use git2::Oid;
use gix_index::entry::{Flags, Stage};
use gix_index::extension::Tree as CachedFolder;

use super::git_object::{Folder, Mode};
use super::{ReadFault, TreePath};
use crate::text::Text;

/// An index file, or none.
#[derive(Clone)]
pub(super) struct IndexFile {
    file: Option<Arc<gix_index::File>>,
    /// The folder of the repository below which files count.
    folder: TreePath,
    /// Whether a sparse checkout leaves anything out of the work tree.
    is_sparse: bool,
}

/// One file in the index.
#[derive(Clone)]
pub(super) struct Staged {
    pub(super) path: TreePath,
    pub(super) mode: Mode,
    pub(super) id: Oid,
    pub(super) stat: Stat,
    /// Whether a sparse checkout leaves it out of the work tree.
    pub(super) is_left_out: bool,
}

/// What git noted of a file in the work tree when it last looked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) modified: (u32, u32),
    pub(super) changed: (u32, u32),
    pub(super) inode: u32,
    pub(super) size: u32,
}

/// What is found at a place of the index.
pub(super) enum Found {
    File(Staged),
    /// A folder of which a sparse index knows only the object.
    Folder(TreePath, Oid),
    /// A file that is only announced (`git add --intent-to-add`): git knows of it and will not commit it.
    Announced(TreePath),
    Fault(TreePath, ReadFault),
}

impl Found {
    pub(super) fn path(&self) -> &TreePath {
        match self {
            Self::File(Staged { path, .. }) | Self::Folder(path, _) | Self::Announced(path) | Self::Fault(path, _) => {
                path
            }
        }
    }
}

impl IndexFile {
    /// Reads an index file, `None` where there is none: nothing is staged then.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Text> {
        // Like git itself, without hashing the whole file first: its structure is checked while it is read.
        let options = gix_index::decode::Options::default();
        let file = path
            .map(|path| gix_index::File::at(path, gix_index::hash::Kind::Sha1, true, options).map(Arc::new))
            .transpose()
            .map_err(|error| Text::of(&error.to_string()))?;
        let is_sparse = file.as_ref().is_some_and(|file| {
            file.is_sparse() || file.entries().iter().any(|entry| entry.flags.contains(Flags::SKIP_WORKTREE))
        });
        Ok(Self { file, folder: TreePath::root(), is_sparse })
    }

    /// Returns what stands below a folder.
    pub(super) fn below(&self, path: &TreePath) -> Self {
        Self { folder: self.folder.append(path), ..self.clone() }
    }

    /// Returns the folder of the repository below which files count.
    pub(super) fn folder(&self) -> &TreePath {
        &self.folder
    }

    pub(super) fn is_sparse(&self) -> bool {
        self.is_sparse
    }

    /// When the index was written; what changed no earlier than that may have changed unseen.
    pub(super) fn written(&self) -> i64 {
        self.file.as_ref().map_or(0, |file| file.timestamp().unix_seconds())
    }

    /// Returns everything below a folder, in the index's own order.
    pub(super) fn entries<'a>(&'a self, folder: &TreePath) -> impl Iterator<Item = Found> + use<'a> {
        let below = self.file.as_ref().map(|file| (file, self.below_raw(file, folder)));
        let below = below.into_iter().flat_map(|(file, entries)| entries.iter().map(move |entry| (file, entry)));
        below.filter_map(|(file, entry)| self.found(file, entry))
    }

    /// Returns the file that is staged at a path.
    pub(super) fn staged(&self, path: &TreePath) -> Option<Staged> {
        let file = self.file.as_ref()?;
        let whole = self.folder.append(path);
        let entry = file.entry_by_path_and_stage(whole.as_bytes().into(), Stage::Unconflicted)?;
        match self.found(file, entry)? {
            Found::File(staged) => Some(staged),
            Found::Folder(..) | Found::Announced(_) | Found::Fault(..) => None,
        }
    }

    /// Whether git knows of anything at a path or below it, be it staged or not.
    pub(super) fn holds(&self, path: &TreePath) -> bool {
        let Some(file) = &self.file else { return false };
        let whole = self.folder.append(path);
        let is_entry = || file.entry_range(whole.as_bytes().into()).is_some();
        is_entry() || !self.below_raw(file, path).is_empty() || self.sparse_above(path).is_some()
    }

    /// Whether something staged makes a folder of a path.
    pub(super) fn is_folder(&self, path: &TreePath) -> bool {
        path.is_root() || self.file.as_ref().is_some_and(|file| !self.below_raw(file, path).is_empty())
    }

    /// Returns the folder that a sparse index holds as one object and in which a path lies, its object, and the rest of
    /// the path.
    pub(super) fn sparse_above(&self, path: &TreePath) -> Option<(TreePath, Oid, TreePath)> {
        let file = self.file.as_ref().filter(|file| file.is_sparse())?;
        path.ancestors().find_map(|above| {
            let whole = [self.folder.append(&above).as_bytes(), b"/"].concat();
            let entry = file.entry_by_path_and_stage(whole.as_slice().into(), Stage::Unconflicted)?;
            let Some(Found::Folder(folder, id)) = self.found(file, entry) else { return None };
            let rest = TreePath::new(path.below(&folder)?)?;
            Some((folder, id, rest))
        })
    }

    /// Returns the files and folders directly in a folder that no sparse entry stands for, by their names. The object
    /// of a folder is not known.
    pub(super) fn children(&self, folder: &TreePath) -> Folder {
        let mut out = Folder::default();
        let Some(file) = &self.file else { return out };
        let prefix = prefix(&self.folder.append(folder));
        let mut below = self.below_raw(file, folder);
        while let Some((entry, rest)) = below.split_first() {
            below = rest;
            let bytes: &[u8] = entry.path(file);
            let name = bytes.get(prefix.len()..).unwrap_or_default();
            let Some(end) = name.iter().position(|byte| *byte == b'/') else {
                if let Some(Found::File(Staged { mode, id, .. })) = self.found(file, entry) {
                    out.entries.extend(TreePath::new(name).map(|name| (name, mode, id)));
                }
                continue;
            };
            let folder = TreePath::new(name.get(..end).unwrap_or_default());
            out.entries.extend(folder.map(|folder| (folder, Mode::Folder, Oid::ZERO_SHA1)));
            // Jump over the folder's contents: they stand side by side.
            let inside = [&prefix, name.get(..=end).unwrap_or_default()].concat();
            let len = below.partition_point(|entry| {
                let bytes: &[u8] = entry.path(file);
                bytes.starts_with(&inside)
            });
            below = below.get(len..).unwrap_or_default();
        }
        out
    }

    /// Returns what git keeps in the index about the objects of folders, as far as nothing in them has changed.
    pub(super) fn cached(&self) -> Option<&CachedFolder> {
        let root = self.file.as_ref()?.tree()?;
        let child =
            |folder: &'_ CachedFolder, name: &[u8]| folder.children.iter().position(|child| *child.name == *name);
        self.folder.parts().try_fold(root, |folder, part| folder.children.get(child(folder, part)?))
    }

    fn below_raw<'a>(&self, file: &'a gix_index::File, folder: &TreePath) -> &'a [gix_index::Entry] {
        let prefix = prefix(&self.folder.append(folder));
        file.prefixed_entries(prefix.as_slice().into()).unwrap_or_default()
    }

    fn found(&self, file: &gix_index::File, entry: &gix_index::Entry) -> Option<Found> {
        if entry.flags.contains(Flags::REMOVE) {
            return None;
        }
        let bytes: &[u8] = entry.path(file);
        // A whole folder of a sparse index ends in a slash.
        let Some(path) = TreePath::new(bytes.strip_suffix(b"/").unwrap_or(bytes)) else {
            return Some(Found::Fault(TreePath::root(), ReadFault::Corrupt));
        };
        let path = TreePath::new(path.below(&self.folder)?)?;
        // Of an entry that is not merged one stage is enough to say so: git will not commit it.
        if entry.stage_raw() != 0 {
            return Some(Found::Fault(path, ReadFault::Unmerged));
        }
        if entry.flags.contains(Flags::INTENT_TO_ADD) {
            return Some(Found::Announced(path));
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
        let is_left_out = entry.flags.contains(Flags::SKIP_WORKTREE);
        Some(Found::File(Staged { path, mode, id, stat, is_left_out }))
    }
}

/// Returns what the paths of everything in a folder begin with.
fn prefix(folder: &TreePath) -> Vec<u8> {
    if folder.is_root() { Vec::new() } else { [folder.as_bytes(), b"/"].concat() }
}
