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

use git2::{ErrorClass, ErrorCode};

use super::beneath::Beneath;
use super::directory::View;
use super::git_object::git_error;
use super::ignored::{Case, Ignored};
use super::{Directory, GitIndex, GitRevision, TreeError, TreePath, limits};
use crate::text::Text;

/// A git repository.
pub struct Repository {
    git: Rc<git2::Repository>,
    git_dir: PathBuf,
    work_tree: Option<PathBuf>,
    index_file: PathBuf,
    excludes_file: Option<PathBuf>,
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
    /// A tag is not there.
    #[error("tag `{tag}`: expected a tag of this repository, found none")]
    NoTag {
        /// The tag as the user named it.
        tag: Text,
    },
    /// An object is not what its id says.
    #[error("object `{id}`: expected a commit or a tag, found {reason}")]
    Object {
        /// Its id.
        id: Text,
        /// What was found.
        reason: &'static str,
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
    #[error("{path}: expected a git index, found a file that is none: {found}")]
    Index {
        /// The repository.
        path: Text,
        /// What is wrong with it.
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
            Self::Tree(error) => error.hint().map(str::to_owned),
            _ => None,
        }
    }
}

impl Repository {
    /// Opens the repository at `path`: a work tree's root, or a git directory.
    pub(super) fn at(path: &Path, name: Text) -> Result<Self, RepositoryError> {
        match found_at(path) {
            Some((git_dir, work_tree)) => Self::open_found(git_dir, work_tree, name),
            None => Err(RepositoryError::Absent { path: name }),
        }
    }

    /// Opens the nearest repository around `path`, which is absolute and without links.
    pub(super) fn discover(path: &Path, name: &Text) -> Result<Option<Self>, RepositoryError> {
        let found = path.ancestors().find_map(found_at);
        found.map(|(git_dir, work_tree)| Self::open_found(git_dir, work_tree, name.clone())).transpose()
    }

    /// Opens a git directory given apart from its work tree.
    pub(super) fn of_parts(git_dir: &Path, work_tree: &Path, name: Text) -> Result<Self, RepositoryError> {
        // `GIT_DIR` may name the file that stands for the git directory of a linked work tree.
        let git_dir = linked_git_dir(git_dir).unwrap_or_else(|| git_dir.to_owned());
        if !is_git_dir(&git_dir) {
            return Err(RepositoryError::Absent { path: name });
        }
        Self::open_found(git_dir, Some(work_tree.to_owned()), name)
    }

    /// Uses another index (`GIT_INDEX_FILE`).
    pub(super) fn with_index(self, index_file: PathBuf) -> Self {
        Self { index_file, ..self }
    }

    /// Takes the user's own list of ignored files from `file` where no setting names another.
    pub(super) fn with_excludes(self, file: Option<PathBuf>) -> Self {
        Self { excludes_file: file, ..self }
    }

    fn open_found(git_dir: PathBuf, work_tree: Option<PathBuf>, name: Text) -> Result<Self, RepositoryError> {
        if let Some(setting) = unsupported_format(&git_dir) {
            return Err(RepositoryError::Unsupported { path: name, setting });
        }
        let git = git2::Repository::open_bare(&git_dir)
            .map_err(|error| RepositoryError::Broken { path: name.clone(), reason: Text::of(error.message()) })?;
        // As git does, also where a `.git` in a folder says of itself that it has no work tree. A linked work tree
        // is one, whatever the repository that it shares says.
        let is_linked = git_dir.join("commondir").exists();
        let says_bare = || git.config().is_ok_and(|config| config.get_bool("core.bare").unwrap_or(false));
        let work_tree = work_tree.filter(|_| is_linked || !says_bare());
        // Compared with other paths, which are without links.
        let real = |path: PathBuf| fs::canonicalize(&path).unwrap_or(path);
        let git_dir = real(git_dir);
        Ok(Self {
            git: Rc::new(git),
            index_file: git_dir.join("index"),
            git_dir,
            work_tree: work_tree.map(real),
            excludes_file: None,
            name,
        })
    }

    /// Returns the root of the work tree, absolute and without links, `None` for a bare repository.
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
    /// When history was cut off before it, or cannot be read.
    pub fn merge_base(&self, base: &GitRevision, head: &GitRevision) -> Result<Option<GitRevision>, RepositoryError> {
        match self.git.merge_base(base.commit(), head.commit()) {
            Ok(commit) => self.revision(&commit.to_string()).map(Some),
            Err(_) if self.git.is_shallow() => {
                Err(RepositoryError::ShallowAncestor { base: base.name().clone(), head: head.name().clone() })
            }
            // That there is none is told by the search itself; an object that is not there, by the database.
            Err(error) if error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Merge => Ok(None),
            Err(error) => Err(RepositoryError::Tree(git_error(&self.git, head.name().clone(), &error))),
        }
    }

    /// Returns the index: the repository's own, or the one that git was told to use.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn index(&self) -> Result<GitIndex, RepositoryError> {
        // Before anything is staged there is none.
        let file = is_there(&self.index_file).then_some(self.index_file.as_path());
        GitIndex::open(Rc::clone(&self.git), file)
            .map_err(|found| RepositoryError::Index { path: self.name.clone(), found })
    }

    /// Whether the repository has an index: a bare one usually has none.
    #[must_use]
    pub fn has_index(&self) -> bool {
        self.work_tree.is_some() || is_there(&self.index_file)
    }

    /// Returns the directory tree of `folder`, which lies in the work tree: what git would see there. A folder
    /// that git ignores as a whole, and of which it tracks nothing, is looked at like any folder elsewhere. The report
    /// calls it `name`.
    ///
    /// # Errors
    /// When the index or the directory cannot be read.
    pub fn directory(&self, folder: &Path, name: Text) -> Result<Directory, RepositoryError> {
        let directory = Directory::open_as(folder, name)?;
        let prefix = self.prefix(folder);
        let index = self.index()?.below(&prefix);
        let root = self.work_tree().unwrap_or(folder);
        // What cannot be opened ignores nothing.
        let Ok(open) = Beneath::open(root) else { return Ok(directory) };
        let ignored = Ignored::new(open, self.case(), &self.ignore_lists());
        if !index.holds(&TreePath::root()) && ignored.covers(&prefix, true) {
            return Ok(directory);
        }
        let view = View::new(prefix, &index, ignored);
        Ok(directory.in_work_tree(index, view))
    }

    fn case(&self) -> Case {
        let ignored = self.git.config().is_ok_and(|config| config.get_bool("core.ignorecase").unwrap_or(false));
        if ignored { Case::Ignored } else { Case::Matters }
    }

    /// Reads the lists of ignored files that stand in no folder: the user's, then the repository's own.
    fn ignore_lists(&self) -> Vec<Vec<u8>> {
        let configured = self.git.config().ok().and_then(|config| config.get_path("core.excludesfile").ok());
        let users = configured.or_else(|| self.excludes_file.clone());
        let own = self.common_dir().join("info/exclude");
        let is_small = |file: &PathBuf| {
            fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() <= limits::MAX_IGNORE_BYTES)
        };
        users.into_iter().chain([own]).filter(is_small).filter_map(|file| fs::read(file).ok()).collect()
    }

    /// Returns where `folder` lies in the work tree.
    #[must_use]
    pub fn prefix(&self, folder: &Path) -> TreePath {
        let below = self.work_tree.as_deref().and_then(|root| folder.strip_prefix(root).ok());
        below.and_then(|below| TreePath::new(below.as_os_str().as_bytes())).unwrap_or_default()
    }

    pub(super) fn git(&self) -> &git2::Repository {
        &self.git
    }

    pub(super) fn no_revision(&self, revision: &str) -> RepositoryError {
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

fn is_there(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok()
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
