//! Read-only sets of files, wherever they live, behind one trait.
//!
//! A collector says what it wants by name, then reads; it never learns whether the files come from a
//! directory, a git revision or the git index. This is the only floor that opens files under inspection.
//! Nothing here follows a symbolic link out of the tree, runs anything, or writes.

mod ahead;
mod beneath;
mod compare;
mod directory;
mod git_environment;
mod git_index;
mod git_object;
mod git_repository;
mod git_revision;
mod git_signed;
mod git_tag;
mod git_walk;
mod ignored;
mod index_file;
pub mod limits;
mod named;
mod path;
mod resolve;
pub mod root;
mod system;
mod walk;
mod wants;

use serde::{Deserialize, Serialize};

pub use compare::{Difference, Differences, compare, content_id};
pub use directory::Directory;
pub use git_environment::GitEnvironment;
pub use git_index::GitIndex;
pub use git_object::Mode;
pub use git_repository::{Repository, RepositoryError};
pub use git_revision::GitRevision;
pub use git_signed::{RawObject, short_tag};
pub use git_tag::{CommitDetails, Person, TreeMember};
pub use named::{InFolder, NamedFile, PartsFault, Stands, files_below, stands_at};
pub use path::TreePath;
pub use resolve::{Destination, Route, resolve};
pub use system::{Shown, ShownFolder, System, TakeSetting, Target};
pub use wants::{Census, NamePattern, Wants, WantsError};

use crate::text::{Inspected, Text, neutral};

/// A read-only set of files.
///
/// Lists, in one pass, what somebody wants; reads one wanted file at a time. An implementation over a
/// stream may keep the wanted files of its pass and serve [`Tree::read`] from them.
pub trait Tree {
    /// Returns what this tree is, for the report.
    fn input(&self) -> Input;

    /// Returns where this tree lies in its repository: the root, where it is all of one, or of none.
    fn folder(&self) -> TreePath {
        TreePath::root()
    }

    /// Lists, in the order of their paths, the files whose names are wanted and every link and submodule.
    ///
    /// # Errors
    /// When the tree as a whole cannot be read.
    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError>;

    /// Looks up one path, following no link.
    ///
    /// # Errors
    /// When the tree as a whole cannot be read.
    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError>;

    /// Lists what stands directly in a folder, in the order of names; nothing where there is no such folder.
    ///
    /// # Errors
    /// When the tree as a whole cannot be read.
    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError>;

    /// Reads a regular file of at most `max_bytes`.
    ///
    /// # Errors
    /// Why this one file cannot be read.
    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault>;
}

/// Contents that are read here and there.
pub trait ReadSeek: std::io::Read + std::io::Seek {}

impl<T: std::io::Read + std::io::Seek> ReadSeek for T {}

/// One name in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub path: TreePath,
    /// What it is.
    pub kind: EntryKind,
    /// The identity of the contents, where the tree knows it without reading them.
    pub content: Option<ContentId>,
    /// The permission bits, where the tree has them (git has two: 0644 and 0755).
    pub mode: Option<u32>,
    /// The size in bytes, where the tree knows it without reading.
    pub size: Option<u64>,
    /// The owning user and group, where the tree has them.
    pub owner: Option<Owner>,
    /// Device and inode, where the tree has them: two names of one file share them.
    pub identity: Option<FileIdentity>,
    /// Extended attributes, where the tree has them and somebody wanted them.
    pub attributes: Vec<Attribute>,
}

impl Entry {
    /// Returns an entry of which no more is known than its kind.
    #[must_use]
    pub fn new(path: TreePath, kind: EntryKind) -> Self {
        Self { path, kind, content: None, mode: None, size: None, owner: None, identity: None, attributes: Vec::new() }
    }
}

/// The identity of a blob in a git object database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(git2::Oid);

impl std::fmt::Display for ContentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link with its target as it is written.
    Link(Box<[u8]>),
    /// A commit of another repository.
    Submodule(Box<str>),
    /// A folder.
    Folder,
    /// Something that is none of these, in words.
    Other(&'static str),
}

/// User and group ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user id.
    pub user: u32,
    /// The group id.
    pub group: u32,
}

/// Device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileIdentity {
    /// The device the file lies on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
}

/// An extended attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name.
    pub name: Box<[u8]>,
    /// The value.
    pub value: Box<[u8]>,
}

/// What a pass over a tree found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The wanted entries in the order of their paths.
    pub entries: Vec<Entry>,
    /// What was passed over, and how much there was.
    pub census: Census,
    /// Places that could not be looked into.
    pub faults: Vec<(TreePath, ReadFault)>,
}

impl Scan {
    /// Takes what was found at a wanted path, unless policy excludes it.
    fn take(&mut self, path: &TreePath, entry: Result<Entry, ReadFault>, wants: &Wants) {
        match (wants.excluded(path), entry) {
            (true, Ok(Entry { kind: EntryKind::Folder, .. })) => {}
            (true, _) => drop(self.census.excluded_files.insert(path.clone())),
            (false, Ok(entry)) => self.entries.push(entry),
            (false, Err(fault)) => self.faults.push((path.clone(), fault)),
        }
    }
}

/// One input of a run, as the report names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// `directory`, `git-revision`, `git-index`, `snapshot`, `artifact` or `sbom`.
    pub kind: &'static str,
    /// The name the user gave it.
    pub name: Text,
    /// The commit, or the digest of a snapshot.
    pub digest: Option<Text>,
}

/// Why one file cannot be read. Absent, unreadable, too large and malformed are different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReadFault {
    /// There is no such file.
    Absent,
    /// The system, or the object database, does not hand it out.
    Unreadable,
    /// The object database lacks its contents.
    Missing,
    /// A partial clone has never fetched its contents.
    NotFetched,
    /// It stands in the index with a conflict that nobody has resolved.
    Unmerged,
    /// Reading is not permitted.
    Denied,
    /// It is larger than the stated limit.
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// There are more files in it than the stated limit.
    TooMany {
        /// The limit.
        max_files: u64,
    },
    /// It is something else than a regular file.
    NotRegular,
    /// Its contents are not those its name in the object database promises.
    Corrupt,
}

impl ReadFault {
    /// Returns what the user can do about it, where that is known.
    #[must_use]
    pub fn hint(self) -> Option<&'static str> {
        (self == Self::NotFetched).then_some(git_object::PARTIAL_HINT)
    }

    /// Whether it is the object database that does not hand out the contents, rather than the contents that cannot
    /// be used.
    #[must_use]
    pub fn is_of_store(self) -> bool {
        match self {
            Self::Missing | Self::NotFetched | Self::Corrupt | Self::Unreadable => true,
            Self::Absent
            | Self::Unmerged
            | Self::Denied
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::NotRegular => false,
        }
    }
}

impl Inspected for ReadFault {
    fn neutralise_into(&self, out: &mut String) {
        out.push_str(&match self {
            Self::Absent => "no file".to_owned(),
            Self::Unreadable => "an input error".to_owned(),
            Self::Missing => "a name without contents in the object database".to_owned(),
            Self::NotFetched => "contents that this partial clone never fetched".to_owned(),
            Self::Unmerged => "a merge conflict that is not resolved".to_owned(),
            Self::Denied => "no permission".to_owned(),
            Self::TooLarge { max_bytes } => format!("more than {} MiB", max_bytes >> 20),
            Self::TooMany { max_files } => format!("more than {max_files} files"),
            Self::NotRegular => "something else".to_owned(),
            Self::Corrupt => "contents that do not match their object id".to_owned(),
        });
    }
}

/// Why a tree as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The directory cannot be listed.
    #[error("{path}: {reason}")]
    Directory {
        /// The directory as the user named it.
        path: Text,
        /// What the system says.
        reason: Text,
    },
    /// What is named is no image, or none for the platform.
    #[error("{path}: {reason}")]
    Image {
        /// The file or directory as the user named it.
        path: Text,
        /// What was expected, and what was found.
        reason: Text,
        /// What to do about it, where that is known.
        hint: Option<&'static str>,
    },
    /// The object database lacks an object or holds a broken one.
    #[error("{tree}: {reason}")]
    Git {
        /// The revision or index.
        tree: Text,
        /// What the object database says.
        reason: Text,
        /// What to do about it, where that is known.
        hint: Option<&'static str>,
    },
    /// A file without which nothing can be said is not handed out: compared with nothing, whatever became of it would
    /// pass.
    #[error("{tree}: `{path}`: expected its contents, found {}", neutral(fault))]
    Lost {
        /// The tree.
        tree: Text,
        /// The file.
        path: TreePath,
        /// Why it cannot be read.
        fault: ReadFault,
    },
}

impl TreeError {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Git { hint, .. } | Self::Image { hint, .. } => *hint,
            Self::Lost { fault, .. } => fault.hint().or(Some("`git fsck` names what is broken")),
            Self::Directory { .. } => None,
        }
    }

    /// Returns why a single file of the tree cannot be read.
    #[must_use]
    pub fn fault(&self) -> ReadFault {
        match self {
            Self::Git { hint: Some(_), .. } => ReadFault::NotFetched,
            Self::Lost { fault, .. } => *fault,
            Self::Git { .. } | Self::Image { .. } | Self::Directory { .. } => ReadFault::Unreadable,
        }
    }
}
