//! Semantic Versioning 2.0.0: Cargo's versions, and what others make of it.

use std::cmp::Ordering;

use super::piece::{is_number, lists, numbers};

/// Compares two versions by precedence (section 11); build metadata does not count (section 10).
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(precedence(&Semver::read(a, Zeros::Refused)?, &Semver::read(b, Zeros::Refused)?))
}

/// A version in its parts.
pub(super) struct Semver<'a> {
    pub(super) major: &'a str,
    pub(super) minor: &'a str,
    pub(super) patch: &'a str,
    /// Behind the dash; empty where there is none.
    pub(super) prerelease: &'a str,
    /// Behind the plus; empty where there is none.
    pub(super) build: &'a str,
}

/// Whether numbers may begin with zeros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zeros {
    Refused,
    Taken,
}

impl<'a> Semver<'a> {
    /// Reads a version of three numbers (sections 2, 9 and 10).
    pub(super) fn read(text: &'a str, zeros: Zeros) -> Option<Self> {
        let (text, build) = parted(text, '+')?;
        let (core, prerelease) = parted(text, '-')?;
        let mut parts = core.split('.');
        let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next()?);
        let is_core = |part: &str| is_number(part) && (zeros == Zeros::Taken || !leads_with_zero(part));
        let no_zeros = |one: &str| zeros == Zeros::Taken || !is_number(one) || !leads_with_zero(one);
        let is_read = parts.next().is_none()
            && [major, minor, patch].into_iter().all(is_core)
            && (prerelease.is_empty() || prerelease.split('.').all(|one| is_identifier(one) && no_zeros(one)))
            && (build.is_empty() || build.split('.').all(is_identifier));
        is_read.then_some(Self { major, minor, patch, prerelease, build })
    }
}

/// Splits at the first separator; what stands behind it may not be empty.
fn parted(text: &str, separator: char) -> Option<(&str, &str)> {
    match text.split_once(separator) {
        Some((_, "")) => None,
        Some(parts) => Some(parts),
        None => Some((text, "")),
    }
}

fn leads_with_zero(number: &str) -> bool {
    number.len() > 1 && number.starts_with('0')
}

/// Whether a text is an identifier of a prerelease or of build metadata.
pub(super) fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Compares by precedence.
pub(super) fn precedence(a: &Semver<'_>, b: &Semver<'_>) -> Ordering {
    numbers(a.major, b.major)
        .then_with(|| numbers(a.minor, b.minor))
        .then_with(|| numbers(a.patch, b.patch))
        .then_with(|| prereleases(a.prerelease, b.prerelease))
}

/// Compares prereleases; none is the greatest.
pub(super) fn prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => lists(a.split('.'), b.split('.'), identifiers),
    }
}

/// Compares identifiers: numbers by value, words by ASCII, and a number below a word.
pub(super) fn identifiers(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => numbers(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}
