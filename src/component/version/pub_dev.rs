//! Versions of Dart's pub: Semantic Versioning, but build metadata counts.

use std::cmp::Ordering;

use super::piece::lists;
use super::semver::{Semver, Zeros, identifiers, precedence};

/// Compares two versions; one with build metadata is greater than the same without.
///
/// This is the order of `Version`, not that in which pub tries versions, where what is stable comes before all else.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Semver::read(a, Zeros::Taken)?, Semver::read(b, Zeros::Taken)?);
    let words = |build| str::split(build, '.').filter(|word| !word.is_empty());
    Some(precedence(&a, &b).then_with(|| lists(words(a.build), words(b.build), identifiers)))
}
