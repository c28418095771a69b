//! What somebody wants of a tree, said before it is read.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};

use super::{EntryKind, TreePath};
use crate::text::Text;

/// Whether folders of a name are passed over and counted: what a package manager or build tool puts there follows from
/// the lock file, which is read instead.
fn is_skipped(folder: &[u8]) -> bool {
    matches!(
        folder,
        b".git"
            | b".hg"
            | b".mypy_cache"
            | b".nox"
            | b".svn"
            | b".tox"
            | b".venv"
            | b"__pycache__"
            | b"node_modules"
            | b"target"
            | b"venv"
            | b".pnpm-store"
    )
}

/// What is wanted of a tree: files by name, and what policy excludes.
#[derive(Clone, Debug)]
pub struct Wants {
    names: BTreeSet<&'static [u8]>,
    /// Folders of the repository, and the extensions of the files that are wanted of them.
    folders: Vec<(&'static str, &'static [&'static str])>,
    exclude: GlobSet,
    /// Where the tree lies in the repository whose policy excludes.
    folder: TreePath,
}

/// An exclusion that is no pattern.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is no pattern: {reason}")]
pub struct WantsError {
    /// The pattern.
    pub pattern: Text,
    /// What is wrong with it.
    pub reason: Text,
}

impl Wants {
    /// Wants the files of the given names, wherever they stand, and nothing that matches `exclude`.
    ///
    /// Patterns are matched against the whole path, from the root of the repository on (see [`Wants::below`]);
    /// `*` stays within a folder, `**` does not.
    ///
    /// # Errors
    /// An exclusion that is no pattern.
    pub fn new(names: impl IntoIterator<Item = &'static str>, exclude: &[String]) -> Result<Self, WantsError> {
        let mut set = GlobSetBuilder::new();
        for pattern in exclude {
            set.add(GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build().map_err(
                |error| WantsError { pattern: Text::of(pattern), reason: Text::of(&error.kind().to_string()) },
            )?);
        }
        let exclude = set
            .build()
            .map_err(|error| WantsError { pattern: Text::trusted("exclude"), reason: Text::of(&error.to_string()) })?;
        let names = names.into_iter().map(str::as_bytes).collect();
        Ok(Self { names, folders: Vec::new(), exclude, folder: TreePath::root() })
    }

    /// Wants also the files with one of some extensions in folders at the root of the repository.
    #[must_use]
    pub fn and_folders(self, folders: impl IntoIterator<Item = (&'static str, &'static [&'static str])>) -> Self {
        Self { folders: folders.into_iter().collect(), ..self }
    }

    /// Says that the tree is a folder of a repository, on whose root the patterns rest.
    #[must_use]
    pub fn below(self, folder: TreePath) -> Self {
        Self { folder, ..self }
    }

    /// Wants the same of a folder of the tree.
    #[must_use]
    pub(super) fn inside(&self, folder: &TreePath) -> Self {
        self.clone().below(self.folder.append(folder))
    }

    /// Whether a file of this name is wanted.
    #[must_use]
    pub fn name(&self, name: &[u8]) -> bool {
        self.names.contains(name)
    }

    /// Whether a file of this name may be wanted, wherever it stands.
    #[must_use]
    pub(super) fn may_be_named(&self, name: &[u8]) -> bool {
        self.name(name) || self.folders.iter().any(|(_, extensions)| has_extension(name, extensions))
    }

    /// Whether a file at this path is wanted.
    #[must_use]
    pub fn file(&self, path: &TreePath) -> bool {
        self.name(path.file_name())
            || self.folders.iter().any(|(folder, extensions)| {
                let is_in = |parent: &TreePath| self.folder.append(parent).as_bytes() == folder.as_bytes();
                has_extension(path.file_name(), extensions) && path.parent().as_ref().is_some_and(is_in)
            })
    }

    /// Whether an entry is wanted: every link and submodule, and any entry of a wanted name.
    #[must_use]
    pub fn entry(&self, path: &TreePath, kind: &EntryKind) -> bool {
        match kind {
            EntryKind::Link(_) | EntryKind::Submodule(_) => true,
            EntryKind::File | EntryKind::Folder | EntryKind::Other(_) => self.file(path),
        }
    }

    /// Whether policy excludes a path.
    #[must_use]
    pub fn excluded(&self, path: &TreePath) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(os_path(&self.folder.append(path)))
    }

    /// Whether a folder is passed over by its name.
    #[must_use]
    pub fn skipped_folder(name: &[u8]) -> bool {
        is_skipped(name)
    }

    /// Returns the first folder on the way to a path that is passed over.
    #[must_use]
    pub fn skipped_above(path: &TreePath) -> Option<TreePath> {
        if !path.parts().any(Self::skipped_folder) {
            return None;
        }
        let mut above: Vec<TreePath> = path.ancestors().skip(1).collect();
        above.reverse();
        above.into_iter().find(|folder| Self::skipped_folder(folder.file_name()))
    }

    /// Returns the folders above a path that bear the name of a wanted file.
    pub(super) fn folders_above(&self, path: &TreePath) -> impl Iterator<Item = TreePath> {
        // Most paths have none, and need no more than a look.
        let above = path.parts().any(|part| self.name(part)).then(|| path.ancestors().skip(1));
        above.into_iter().flatten().filter(|folder| self.name(folder.file_name()) && !self.excluded(folder))
    }

    /// Whether a file at this path may be read: neither policy excludes it, nor is a folder above it passed over.
    #[must_use]
    pub fn reaches(&self, path: &TreePath) -> bool {
        !self.excluded(path) && Self::skipped_above(path).is_none()
    }
}

/// Whether a file's name ends in a dot and one of some extensions.
fn has_extension(name: &[u8], extensions: &[&str]) -> bool {
    extensions.iter().any(|extension| name.strip_suffix(extension.as_bytes()).is_some_and(|stem| stem.ends_with(b".")))
}

fn os_path(path: &TreePath) -> &std::path::Path {
    use std::os::unix::ffi::OsStrExt;
    std::path::Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()))
}

/// How much a pass over a tree met, and what it passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Census {
    /// How many files were met.
    pub files: u64,
    /// Folders passed over by name.
    pub skipped_folders: BTreeSet<TreePath>,
    /// Wanted files passed over because policy excludes them.
    pub excluded_files: BTreeSet<TreePath>,
}

impl Census {
    /// Adds what another pass met.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        self.skipped_folders.extend(other.skipped_folders);
        self.excluded_files.extend(other.excluded_files);
    }
}
