//! A git repository found and opened without giving its configuration any power.
//!
//! Repositories are always opened as bare ones: `libgit2` then neither looks for an owner (which only breaks
//! container jobs) nor obeys `core.worktree`, and nothing that is done here runs a hook, a filter or any
//! other program. The git directory is found here, by the rules of `gitrepository-layout(5)`.
#![expect(clippy::disallowed_methods, reason = "finding a repository looks at directories")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use git2::ErrorCode;

use super::{Directory, GitIndex, GitRevision, TreeError, TreePath};
use crate::text::Text;

/// A git repository.
pub struct Repository {
    git: Rc<git2::Repository>,
    git_dir: PathBuf,
    work_tree: Option<PathBuf>,
    name: Text,
}

/// Why a repository or a revision cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepositoryError {
    /// There is no repository.
    #[error("{path}: expected a git repository, found none")]
    Absent {
        /// The path as the user named it.
        path: Text,
    },
    /// The repository's format is one this program does not read.
    #[error("{path}: expected a repository in a format this program reads, found `{setting}`")]
    Unsupported {
        /// The path as the user named it.
        path: Text,
        /// The setting of git that says so.
        setting: &'static str,
    },
    /// The repository cannot be read.
    #[error("{path}: {reason}")]
    Broken {
        /// The path as the user named it.
        path: Text,
        /// What `libgit2` says.
        reason: Text,
    },
    /// A revision is not there.
    #[error("revision `{revision}`: expected a commit of this repository, found none")]
    NoRevision {
        /// The revision as the user named it.
        revision: Text,
        /// Whether history was cut off when the repository was cloned.
        shallow: bool,
    },
    /// History was cut off before the common ancestor of two revisions.
    #[error("revisions `{base}` and `{head}`: expected a common ancestor, found the end of a shallow clone")]
    ShallowAncestor {
        /// The one revision.
        base: Text,
        /// The other.
        head: Text,
    },
    /// The index cannot be read.
    #[error("{path}: expected a git index this program reads, found {found}")]
    Index {
        /// The index file.
        path: Text,
        /// What stands there instead.
        found: Text,
    },
    /// The work tree's directory cannot be opened.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl RepositoryError {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const DEEPEN: &str = "the clone is shallow: fetch more history (`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout)";
        match self {
            Self::NoRevision { shallow: true, .. } | Self::ShallowAncestor { .. } => Some(DEEPEN.to_owned()),
            Self::Tree(TreeError::Git { hint, .. }) => hint.map(str::to_owned),
            _ => None,
        }
    }
}

impl Repository {
    /// Opens the repository at `path`: a work tree's root, or a git directory.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, RepositoryError> {
        let name = Text::of(path.as_os_str().as_bytes());
        match found_at(path) {
            Some((git_dir, work_tree)) => Self::open_found(git_dir, work_tree, name),
            None => Err(RepositoryError::Absent { path: name }),
        }
    }

    /// Opens the repository in whose work tree `path` lies, `None` where it lies in none.
    ///
    /// `path` is absolute and without links.
    ///
    /// # Errors
    /// When there is one and it cannot be read.
    pub fn discover(path: &Path) -> Result<Option<Self>, RepositoryError> {
        for folder in path.ancestors() {
            if let Some((git_dir, work_tree)) = found_at(folder) {
                let name = Text::of(folder.as_os_str().as_bytes());
                return Self::open_found(git_dir, work_tree, name).map(Some);
            }
        }
        Ok(None)
    }

    /// Opens a git directory given apart from its work tree, as `GIT_DIR` and `GIT_WORK_TREE` do.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open_parts(git_dir: &Path, work_tree: Option<&Path>) -> Result<Self, RepositoryError> {
        let name = Text::of(git_dir.as_os_str().as_bytes());
        // `GIT_DIR` may name the file that stands for the git directory of a linked work tree.
        let git_dir = linked_git_dir(git_dir).unwrap_or_else(|| git_dir.to_owned());
        Self::open_found(git_dir, work_tree.map(Path::to_owned), name)
    }

    fn open_found(git_dir: PathBuf, work_tree: Option<PathBuf>, name: Text) -> Result<Self, RepositoryError> {
        if let Some(setting) = unsupported_format(&git_dir) {
            return Err(RepositoryError::Unsupported { path: name, setting });
        }
        let git = git2::Repository::open_bare(&git_dir)
            .map_err(|error| RepositoryError::Broken { path: name.clone(), reason: Text::of(error.message()) })?;
        Ok(Self { git: Rc::new(git), git_dir, work_tree, name })
    }

    /// Returns the root of the work tree, `None` for a bare repository.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// Returns the repository's own folder (of a linked work tree, that work tree's part).
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Returns the folder that all work trees share.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        self.git.commondir()
    }

    /// Returns the name the user, or the search, gave this repository.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Returns the value of a setting from the repository's own configuration, and the one from everywhere.
    #[must_use]
    pub fn setting(&self, key: &str) -> Setting {
        let local = self
            .git
            .config()
            .ok()
            .and_then(|config| config.open_level(git2::ConfigLevel::Local).ok())
            .and_then(|config| config.get_string(key).ok());
        let anywhere = self.git.config().ok().and_then(|config| config.get_path(key).ok());
        Setting { local, anywhere }
    }

    /// Returns the tree of the commit that `revision` names.
    ///
    /// # Errors
    /// When it names no commit.
    pub fn revision(&self, revision: &str) -> Result<GitRevision, RepositoryError> {
        let commit = self
            .git
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map_err(|_error| self.no_revision(revision))?;
        GitRevision::new(Rc::clone(&self.git), Text::of(revision), &commit).map_err(RepositoryError::Tree)
    }

    /// Returns the tree of the commit that HEAD names, `None` where nothing was committed yet.
    ///
    /// # Errors
    /// When HEAD is broken.
    pub fn head(&self) -> Result<Option<GitRevision>, RepositoryError> {
        match self.git.head() {
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            _ => self.revision("HEAD").map(Some),
        }
    }

    /// Returns the best common ancestor of two revisions, `None` where there is none.
    ///
    /// # Errors
    /// When history was cut off before it.
    pub fn merge_base(&self, base: &GitRevision, head: &GitRevision) -> Result<Option<GitRevision>, RepositoryError> {
        match self.git.merge_base(base.commit(), head.commit()) {
            Ok(commit) => self.revision(&commit.to_string()).map(Some),
            Err(_) if self.git.is_shallow() => {
                Err(RepositoryError::ShallowAncestor { base: base.name().clone(), head: head.name().clone() })
            }
            Err(_) => Ok(None),
        }
    }

    /// Returns the index, or the one in `file` where git was told to use another (`GIT_INDEX_FILE`).
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn index(&self, file: Option<&Path>) -> Result<GitIndex, RepositoryError> {
        let default = self.git_dir.join("index");
        let file = file.unwrap_or(&default);
        let path = Text::of(file.as_os_str().as_bytes());
        let is_there = fs::symlink_metadata(file).is_ok();
        GitIndex::open(Rc::clone(&self.git), is_there.then_some(file))
            .map_err(|found| RepositoryError::Index { path, found })
    }

    /// Returns the directory tree of `folder`, which lies in the work tree: what git would see there.
    ///
    /// # Errors
    /// When the index or the directory cannot be read.
    pub fn directory(&self, folder: &Path, index_file: Option<&Path>) -> Result<Directory, RepositoryError> {
        let index = self.index(index_file)?.folder(&self.prefix(folder));
        Directory::open_in_work_tree(folder, index).map_err(RepositoryError::Tree)
    }

    /// Returns where `folder` lies in the work tree.
    #[must_use]
    pub fn prefix(&self, folder: &Path) -> TreePath {
        let below = self.work_tree.as_deref().and_then(|root| folder.strip_prefix(root).ok());
        below.and_then(|below| TreePath::new(below.as_os_str().as_bytes())).unwrap_or_default()
    }

    fn no_revision(&self, revision: &str) -> RepositoryError {
        RepositoryError::NoRevision { revision: Text::of(revision), shallow: self.git.is_shallow() }
    }
}

/// A setting of git.
#[derive(Debug)]
pub struct Setting {
    /// Its value in the repository's own configuration.
    pub local: Option<String>,
    /// Its value as a path, wherever it is set.
    pub anywhere: Option<PathBuf>,
}

/// Returns the git directory and the work tree of a repository whose root is `folder`.
fn found_at(folder: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let dot_git = folder.join(".git");
    if is_git_dir(&dot_git) {
        return Some((dot_git, Some(folder.to_owned())));
    }
    if let Some(git_dir) = linked_git_dir(&dot_git) {
        return Some((git_dir, Some(folder.to_owned())));
    }
    is_git_dir(folder).then(|| (folder.to_owned(), None))
}

/// Reads the file that stands for a git directory elsewhere: `gitdir: PATH`.
fn linked_git_dir(file: &Path) -> Option<PathBuf> {
    if !fs::metadata(file).ok().filter(fs::Metadata::is_file)?.len().lt(&4096) {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    let target = bytes.strip_prefix(b"gitdir:")?.trim_ascii();
    let git_dir = file.parent()?.join(OsStr::from_bytes(target));
    is_git_dir(&git_dir).then_some(git_dir)
}

/// Whether a folder is a git directory (`is_git_directory` in git's `setup.c`).
fn is_git_dir(folder: &Path) -> bool {
    let common = common_dir(folder);
    fs::symlink_metadata(folder.join("HEAD")).is_ok() && common.join("objects").is_dir() && common.join("refs").is_dir()
}

fn common_dir(git_dir: &Path) -> PathBuf {
    match fs::read(git_dir.join("commondir")) {
        Ok(bytes) => git_dir.join(OsStr::from_bytes(bytes.trim_ascii())),
        Err(_) => git_dir.to_owned(),
    }
}

/// Names the extension of a repository's format that `libgit2` does not read.
fn unsupported_format(git_dir: &Path) -> Option<&'static str> {
    let config = git2::Config::open(&common_dir(git_dir).join("config")).ok()?;
    let is = |key: &str, value: &str| config.get_string(key).is_ok_and(|found| found.eq_ignore_ascii_case(value));
    if is("extensions.objectformat", "sha256") {
        return Some("extensions.objectFormat = sha256");
    }
    if is("extensions.refstorage", "reftable") {
        return Some("extensions.refStorage = reftable");
    }
    None
}
