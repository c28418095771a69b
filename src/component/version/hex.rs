//! Versions of Hex: Semantic Versioning 2.0.0 as Elixir's `Version` reads it.

use std::cmp::Ordering;

use super::piece::is_number;
use super::semver::{Semver, Zeros, precedence};

/// The digits of the longest number that Elixir takes.
const MAX_DIGITS: usize = 14;

/// Compares two versions by precedence; build metadata does not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(precedence(&read(a)?, &read(b)?))
}

fn read(text: &str) -> Option<Semver<'_>> {
    let version = Semver::read(text, Zeros::Refused)?;
    let is_short = |number: &str| number.len() <= MAX_DIGITS;
    let is_taken = [version.major, version.minor, version.patch].into_iter().all(is_short)
        && version.prerelease.split('.').all(|one| !is_number(one) || is_short(one));
    is_taken.then_some(version)
}
