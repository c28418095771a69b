//! Versions of Go modules: "as defined by the Semantic Versioning 2.0.0 spec, … with a leading v".
//!
//! Pseudo-versions are prereleases by their form, and `+incompatible` is build metadata: neither needs a rule.

use std::cmp::Ordering;

use super::piece::is_number;
use super::semver::{Semver, Zeros, precedence};

/// Compares two versions by precedence; build metadata does not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(precedence(&read(a)?, &read(b)?))
}

/// Reads a version; `v1` and `v1.2` stand for `v1.0.0` and `v1.2.0` (golang.org/x/mod/semver).
fn read(text: &str) -> Option<Semver<'_>> {
    let text = text.strip_prefix('v')?;
    let is_short = |text: &str| is_number(text) && (text == "0" || !text.starts_with('0'));
    let short = |major, minor| Semver { major, minor, patch: "0", prerelease: "", build: "" };
    match text.split_once('.') {
        None if is_short(text) => Some(short(text, "0")),
        Some((major, minor)) if is_short(major) && is_short(minor) => Some(short(major, minor)),
        _ => Semver::read(text, Zeros::Refused),
    }
}
