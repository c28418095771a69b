//! Versions put in a list: an order that is total, which those of some ecosystems are not.

use std::cmp::Ordering;

use super::piece::{epoch, release};
use super::{compare, composer};

/// Compares two versions of one ecosystem for a list, which is then always the same; the newest come last as far as the
/// ecosystem's rules tell, and what they do not order comes first, by its text.
///
/// This says of no version that it is newer than another: [`compare`] does.
#[must_use]
pub fn listed(ecosystem: &str, a: &str, b: &str) -> Ordering {
    let by_rule = |a, b| compare(ecosystem, a, b).unwrap_or(Ordering::Equal);
    match (is_ordered(ecosystem, a), is_ordered(ecosystem, b)) {
        // A release counts only where both have one, which is no order of three: here none comes first.
        (true, true) if matches!(ecosystem, "alpm" | "rpm") => {
            let ((version_a, release_a), (version_b, release_b)) = (release(a), release(b));
            by_rule(version_a, version_b)
                .then_with(|| release_a.is_some().cmp(&release_b.is_some()))
                .then_with(|| by_rule(a, b))
        }
        (true, true) => by_rule(a, b),
        (false, false) => a.cmp(b),
        (a, b) => a.cmp(&b),
    }
}

/// Whether a version has a place among all others that have one.
fn is_ordered(ecosystem: &str, version: &str) -> bool {
    let begins_and_ends_plainly = || {
        let is_plain = |end: char| end.is_ascii_alphanumeric();
        let plain = release(epoch(version).1).0;
        plain.starts_with(is_plain) && plain.ends_with(is_plain)
    };
    compare(ecosystem, version, version).is_some()
        && match ecosystem {
            // The lengths of separators at the ends of a version count now and then.
            "alpm" => begins_and_ends_plainly(),
            "composer" => !composer::is_branch(version),
            // A number and a word are compared as text, two numbers are not.
            "conan" => false,
            _ => true,
        }
}
