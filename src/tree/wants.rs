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

/// Which files are meant: `Cargo.lock` by a name, wherever they stand; `*.lock` by one in which each `*` stands for any
/// characters; `.github/workflows/*.yml` in one folder below the root of the repository; `**/vendor/modules.txt` in
/// every folder of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamePattern {
    folder: Within,
    name: &'static str,
    /// What the name begins with, up to the first `*`.
    start: &'static [u8],
    /// What it ends with, behind the last.
    end: &'static [u8],
}

/// In which folders files are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Anywhere,
    /// In the one at this path.
    One(&'static str),
    /// In all of this name.
    Named(&'static str),
}

impl NamePattern {
    /// Reads a pattern.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let (folder, name) = match text.rsplit_once('/') {
            None => (Within::Anywhere, text),
            Some((folder, name)) => (folder.strip_prefix("**/").map_or(Within::One(folder), Within::Named), name),
        };
        let start = name.split('*').next().unwrap_or_default().as_bytes();
        let end = name.rsplit('*').next().unwrap_or_default().as_bytes();
        Self { folder, name, start, end }
    }

    /// Whether a file of this name is meant, if it stands in the right folder.
    #[must_use]
    pub fn matches_name(&self, name: &[u8]) -> bool {
        // Nearly all names of a tree differ here, which costs next to nothing.
        name.starts_with(self.start) && name.ends_with(self.end) && is_named(self.name.as_bytes(), name)
    }

    /// Whether the file at this path, from the root of the repository on, is meant.
    #[must_use]
    pub fn matches(&self, path: &TreePath) -> bool {
        self.matches_name(path.file_name())
            && match self.folder {
                Within::Anywhere => true,
                Within::One(folder) => path.parent().is_some_and(|parent| parent.as_bytes() == folder.as_bytes()),
                Within::Named(name) => path.parent().is_some_and(|parent| parent.file_name() == name.as_bytes()),
            }
    }

    /// Whether one of some patterns means the file at this path, from the root of the repository on.
    #[must_use]
    pub fn any(patterns: &[&'static str], path: &TreePath) -> bool {
        patterns.iter().any(|pattern| Self::new(pattern).matches(path))
    }

    /// Returns where the file of a project in `folder` would stand, if only one place is possible.
    #[must_use]
    pub fn of_project(&self, folder: &TreePath) -> Option<TreePath> {
        let is_one = !self.name.contains('*');
        match self.folder {
            Within::Anywhere => is_one.then(|| folder.child(self.name.as_bytes())),
            Within::Named(below) => is_one.then(|| folder.child(below.as_bytes()).child(self.name.as_bytes())),
            Within::One(_) => None,
        }
    }

    fn is_plain(&self) -> bool {
        self.folder == Within::Anywhere && !self.name.contains('*')
    }
}

/// Whether a file's name is `pattern`, in which each `*` stands for any characters.
///
/// Costs no more than the name is long times the pattern: only the last `*` is tried anew.
pub(super) fn is_named(pattern: &[u8], name: &[u8]) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    let mut last = None;
    loop {
        match (pattern, name) {
            ([], []) => return true,
            ([b'*', rest @ ..], _) => {
                last = Some((rest, name));
                pattern = rest;
            }
            ([expected, rest @ ..], [found, after @ ..]) if expected == found => (pattern, name) = (rest, after),
            _ => {
                let Some((after_star, [_, further @ ..])) = last else { return false };
                last = Some((after_star, further));
                (pattern, name) = (after_star, further);
            }
        }
    }
}

/// What is wanted of a tree: files by name, and what policy excludes.
#[derive(Clone, Debug)]
pub struct Wants {
    /// Patterns that are a name, which most are.
    names: BTreeSet<&'static [u8]>,
    patterns: Vec<NamePattern>,
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
    /// Wants the files that the names mean (see [`NamePattern`]), and nothing that matches `exclude`.
    ///
    /// Exclusions are matched against the whole path, from the root of the repository on (see [`Wants::below`]);
    /// `*` stays within a folder, `**` does not.
    ///
    /// # Errors
    /// An exclusion that is no pattern.
    pub fn new(names: impl IntoIterator<Item = &'static str>, exclude: &[String]) -> Result<Self, WantsError> {
        let exclude = exclusions(exclude)?;
        let (names, patterns): (Vec<_>, Vec<_>) =
            names.into_iter().map(NamePattern::new).partition(NamePattern::is_plain);
        let names = names.into_iter().map(|pattern| pattern.name.as_bytes()).collect();
        Ok(Self { names, patterns, exclude, folder: TreePath::root() })
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

    /// Whether a file of this name may be wanted, depending on where it stands.
    #[must_use]
    pub fn name(&self, name: &[u8]) -> bool {
        self.names.contains(name) || self.patterns.iter().any(|pattern| pattern.matches_name(name))
    }

    /// Whether the file at this path is wanted.
    #[must_use]
    pub fn file(&self, path: &TreePath) -> bool {
        let name = path.file_name();
        let mut named = self.patterns.iter().filter(|pattern| pattern.matches_name(name));
        self.names.contains(name) || named.any(|pattern| pattern.matches(&self.folder.append(path)))
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
        above.into_iter().flatten().filter(|folder| self.file(folder) && !self.excluded(folder))
    }

    /// Whether a file at this path may be read: neither policy excludes it, nor is a folder above it passed over.
    #[must_use]
    pub fn reaches(&self, path: &TreePath) -> bool {
        !self.excluded(path) && Self::skipped_above(path).is_none()
    }
}

/// Reads patterns of whole paths; `*` stays within a folder, `**` does not.
pub(super) fn exclusions(patterns: &[String]) -> Result<GlobSet, WantsError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(
            GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build().map_err(|error| {
                WantsError { pattern: Text::of(pattern), reason: Text::of(&error.kind().to_string()) }
            })?,
        );
    }
    set.build().map_err(|error| WantsError { pattern: Text::trusted("exclude"), reason: Text::of(&error.to_string()) })
}

pub(super) fn os_path(path: &TreePath) -> &std::path::Path {
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
