//! The bounds of what is read, in one place.

/// The largest manifest or lock file that is read: several times the largest public one known.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// The longest target of a symbolic link (`PATH_MAX` on Linux).
pub const MAX_LINK_BYTES: u64 = 4096;

/// How many links are followed on the way to one file (as Linux, `path_resolution(7)`).
pub const MAX_LINKS: usize = 40;

/// How deep folders may be nested in a git tree.
pub const MAX_FOLDERS: usize = 512;

/// The largest `.gitignore` that is obeyed; a larger one ignores nothing.
pub const MAX_IGNORE_BYTES: u64 = 4 << 20;

/// How many files and folders of a git tree are looked at: more than the largest one known has. A tree
/// object may hold another many times over, and so list more than there are bytes.
pub const MAX_ENTRIES: u64 = 5_000_000;

/// How many of them may be wanted: recognised files, links and submodules.
pub const MAX_WANTED: usize = 200_000;
