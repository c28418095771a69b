//! The bounds of what is read, in one place.

/// The largest manifest or lock file that is read: ten times the largest public one known.
pub const MAX_FILE_BYTES: u64 = 256 << 20;

/// The longest target of a symbolic link (`PATH_MAX` on Linux).
pub const MAX_LINK_BYTES: u64 = 4096;

/// How many links are followed on the way to one file (as Linux, `path_resolution(7)`).
pub const MAX_LINKS: usize = 40;

/// How deep folders may be nested in a git tree.
pub const MAX_FOLDERS: usize = 512;

/// The largest `.gitignore` that is obeyed; a larger one ignores nothing.
pub const MAX_IGNORE_BYTES: u64 = 4 << 20;
