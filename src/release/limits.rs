//! The bounds of what is read of a tarball and of a tag. One that is hit leaves the comparison not determined.

/// How many names a tarball or a tag may hold: several times those of the largest kernels.
pub const MAX_ENTRIES: usize = 500_000;

/// How many bytes all names and targets may take together.
pub const MAX_NAMES_BYTES: usize = 128 << 20;

/// How many bytes a tarball may unpack to, whatever its size.
pub const MAX_UNPACKED_BYTES: u64 = 16 << 30;

/// How many bytes it may unpack to in any case.
pub const MIN_UNPACKED_BYTES: u64 = 64 << 20;

/// How many times its own size it may unpack to, above that.
pub const MAX_RATIO: u64 = 100;

/// The largest file of a tag: it is converted in memory.
pub const MAX_BLOB_BYTES: u64 = 256 << 20;

/// The largest file of a tarball that is looked into line by line.
pub const MAX_LOOK_BYTES: usize = 8 << 20;

/// The largest `.gitattributes`: git ignores larger ones, and the first thousands of lines decide nothing.
pub const MAX_ATTRIBUTES_BYTES: u64 = 4 << 20;

/// How deep folders of a tag may be nested.
pub const MAX_FOLDERS: usize = 256;

/// How long what git writes for a placeholder may be, where it cannot be computed.
pub const MAX_EXPANSION_BYTES: usize = 512;

/// How many times it is tried to read what git writes for the placeholders of one file.
pub const MAX_TRIES: usize = 5_000;
