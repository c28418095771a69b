//! Versions of npm: Semantic Versioning as node-semver reads it in its loose mode, which npm uses for what it finds.

use std::cmp::Ordering;

use super::piece::{digits, numbers};
use super::semver::{Semver, is_identifier, precedence};

/// What node-semver takes at most.
const MAX_LENGTH: usize = 256;

/// The greatest number node-semver takes: `Number.MAX_SAFE_INTEGER`.
const MAX_NUMBER: &str = "9007199254740991";

/// Compares two versions by precedence; build metadata does not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(precedence(&read(a)?, &read(b)?))
}

/// Reads `v1.2.3`, `=1.2.3`, `01.2.3` and `1.2.3beta` too.
fn read(text: &str) -> Option<Semver<'_>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text = text.trim().trim_start_matches(|found: char| found == 'v' || found == '=' || found.is_whitespace());
    let (major, rest) = number(text)?;
    let (minor, rest) = number(rest.strip_prefix('.')?)?;
    let (patch, rest) = number(rest.strip_prefix('.')?)?;
    let (rest, build) = match rest.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (rest, None),
    };
    if build.is_some_and(|build| !build.split('.').all(is_identifier)) {
        return None;
    }
    // The dash may be left out, so that a dash may also begin the first word.
    let is_prerelease = |text: &str| text.split('.').all(is_identifier);
    let prerelease = match rest.strip_prefix('-').filter(|prerelease| is_prerelease(prerelease)) {
        Some(prerelease) => prerelease,
        None if rest.is_empty() || is_prerelease(rest) => rest,
        None => return None,
    };
    Some(Semver { major, minor, patch, prerelease, build: build.unwrap_or_default() })
}

fn number(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = digits(text);
    (!number.is_empty() && numbers(number, MAX_NUMBER) != Ordering::Greater).then_some((number, rest))
}
