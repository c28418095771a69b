//! Versions of Python packages (PEP 440).

use std::cmp::Ordering;
use std::str::FromStr as _;

use pep440_rs::Version;

/// Compares two versions; a local version is greater than the public one it belongs to.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(Version::from_str(a).ok()?.cmp(&Version::from_str(b).ok()?))
}
