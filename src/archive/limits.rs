//! The bounds of what is read of an archive.

/// The longest name, and the longest target of a link (`PATH_MAX` on Linux).
pub(crate) const MAX_NAME_BYTES: usize = 4096;

/// The longest extended header.
pub(crate) const MAX_HEADER_BYTES: u64 = 1 << 20;

/// How much memory unpacking may take: the dictionary of `xz`, the window of `zstd`.
pub(crate) const MAX_UNPACKER_BYTES: u64 = 128 << 20;
