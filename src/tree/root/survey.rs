//! A survey of a root: every name in it is shown to somebody, with what its file system keeps of it, and no file is opened.

use std::cell::OnceCell;

use super::super::{Census, FileIdentity, Owner, ReadFault, TreePath};

/// What a name in a survey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device that is read byte by byte.
    CharacterDevice,
    /// A device that is read block by block.
    BlockDevice,
    /// A FIFO or a socket.
    Channel,
}

/// A name in a survey; links are not shown.
pub struct Met<'a> {
    pub(super) folder: &'a TreePath,
    pub(super) name: &'a [u8],
    /// What it is.
    pub kind: MetKind,
    /// The permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// The owning user and group.
    pub owner: Owner,
    /// The major and minor number of a device; means nothing of other kinds.
    pub device: (u32, u32),
    /// Device and inode: two names of one file share them.
    pub identity: FileIdentity,
    /// How many names the file has.
    pub names: u64,
    pub(super) capabilities: &'a dyn Fn() -> Attributed,
    pub(super) asked: OnceCell<Attributed>,
}

/// The value of an extended attribute, where there is one.
pub(super) type Attributed = Result<Option<Box<[u8]>>, ReadFault>;

/// The extended attribute in which the capabilities of a file stand (`capabilities(7)`).
pub const CAPABILITIES: &[u8] = b"security.capability";

impl Met<'_> {
    /// Returns where it stands.
    #[must_use]
    pub fn path(&self) -> TreePath {
        self.folder.child(self.name)
    }

    /// Returns the folder it stands in.
    #[must_use]
    pub fn folder(&self) -> &TreePath {
        self.folder
    }

    /// Returns its last part.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.name
    }

    /// Returns the extended attribute `security.capability`, where it has one.
    ///
    /// # Errors
    /// Why it cannot be known.
    pub fn capabilities(&self) -> Result<Option<&[u8]>, ReadFault> {
        match self.asked.get_or_init(|| (self.capabilities)()) {
            Ok(value) => Ok(value.as_deref()),
            Err(fault) => Err(*fault),
        }
    }
}

/// What notes down something of a name, on several threads.
pub type Notice<'a, T> = &'a (dyn Fn(&Met<'_>) -> Option<T> + Sync);

/// What a survey found.
#[derive(Debug)]
pub struct Survey<T> {
    /// What was noted, in the order of the paths.
    pub found: Vec<(TreePath, T)>,
    /// Names that could not be looked at.
    pub faults: Vec<(TreePath, ReadFault)>,
    /// Folders that could not be listed: anything may stand in them.
    pub closed: Vec<(TreePath, ReadFault)>,
    /// Folders at which another file system begins that is not local, or not one of files, with what it is. They were not
    /// entered.
    pub elsewhere: Vec<(TreePath, Elsewhere)>,
    /// How much was met.
    pub census: Census,
    /// How many of these are folders.
    pub folders: u64,
}

/// Why another file system is not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Elsewhere {
    /// The kernel shows something of itself there.
    Kernel,
    /// It lies on another machine, or in another program.
    Remote(&'static str),
}

impl<T> Default for Survey<T> {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            faults: Vec::new(),
            closed: Vec::new(),
            elsewhere: Vec::new(),
            census: Census::default(),
            folders: 0,
        }
    }
}

impl<T> Survey<T> {
    pub(super) fn add(&mut self, other: Self) {
        self.found.extend(other.found);
        self.faults.extend(other.faults);
        self.closed.extend(other.closed);
        self.elsewhere.extend(other.elsewhere);
        self.census.add(other.census);
        self.folders += other.folders;
    }

    pub(super) fn sorted(mut self) -> Self {
        self.found.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.faults.sort();
        self.closed.sort();
        self.elsewhere.sort();
        self
    }
}
