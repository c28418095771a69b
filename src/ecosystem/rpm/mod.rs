//! rpm, the package manager of Fedora, SUSE and their kin: the three databases in which it has recorded what is installed,
//! each read by a small reader of its own, and the manifest of images that have none.
//!
//! A database holds one header a package; what stands in it is the same in all three. None of them is read whole: pages
//! are read as they are needed, and each of them once, which ends every chain that runs in a circle.

pub(super) mod bdb;
mod bytes;
mod disk;
mod files;
mod header;
pub(super) mod manifest;
pub(super) mod ndb;
mod package;
pub(super) mod sqlite;
#[cfg(test)]
mod tests;

use crate::component::Capability;
use crate::ecosystem::installed::Damage;
use crate::fact::GapReason;
use crate::text;

/// The ecosystem, which is also the purl type.
const ECOSYSTEM: &str = "rpm";

/// What each of the databases can tell.
const CAPABILITY: Capability = Capability {
    transitive: true,
    digests: false,
    install_scripts: false,
    scope: false,
    licenses: true,
    edges: true,
    exact_requirements: false,
};

/// The largest header that is read: many times the largest one known.
const MAX_HEADER_BYTES: u32 = 64 << 20;

/// How many packages of one database are read: many times as many as the largest distribution has.
const MAX_PACKAGES: usize = 200_000;

/// How many names of what they provide and need are read in one database.
const MAX_NAMES: usize = 4_000_000;

/// Returns why a header is left unread that takes too many bytes.
fn too_large(bytes: u64) -> Damage {
    Damage {
        reason: GapReason::TooLarge,
        expected: text!("a header of at most {} bytes", MAX_HEADER_BYTES),
        found: text!("{} bytes", bytes),
    }
}
