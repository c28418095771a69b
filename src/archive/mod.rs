//! Archives and compressed streams, read part by part: nothing is unpacked onto a disk, and memory is bounded.

mod blocks;
mod compressed;
pub(crate) mod limits;
mod tarball;

pub(crate) use blocks::{Contents, damaged};
pub(crate) use compressed::{Unpacked, is_compressed, peeked};
#[cfg(feature = "signatures")]
pub(crate) use tarball::End;
pub(crate) use tarball::{BLOCK_DEVICE, Bounds, CHARACTER_DEVICE, Entry, EntryKind, walk};
