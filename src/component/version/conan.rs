//! Versions of Conan 2: any items with dots between them, a prerelease behind a dash, a build behind a plus.

use std::cmp::Ordering;

use super::piece::{is_number, is_zero, lists, numbers};

/// Compares items, prerelease and build; a number and a word are compared as text, as Conan does.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let is_read = |text: &str| !text.is_empty() && text.chars().all(|found| found.is_ascii_graphic());
    (is_read(a) && is_read(b)).then(|| whole(a, b))
}

fn whole(a: &str, b: &str) -> Ordering {
    let ((a, build_a), (b, build_b)) = (parted(a, '+'), parted(b, '+'));
    prereleased(a, b).then_with(|| match (build_a, build_b) {
        (Some(one), Some(other)) => prereleased(one, other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    })
}

/// Compares what may have a prerelease; without one it is newer.
fn prereleased(a: &str, b: &str) -> Ordering {
    let ((a, prerelease_a), (b, prerelease_b)) = (parted(a, '-'), parted(b, '-'));
    items(a, b).then_with(|| match (prerelease_a, prerelease_b) {
        (Some(one), Some(other)) => items(one, other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    })
}

fn parted(text: &str, separator: char) -> (&str, Option<&str>) {
    text.rsplit_once(separator).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

/// Compares items; zeros at the end count for nothing.
fn items(a: &str, b: &str) -> Ordering {
    lists(significant(a), significant(b), |one, other| match (is_number(one), is_number(other)) {
        (true, true) => numbers(one, other),
        _ => one.cmp(other),
    })
}

fn significant(text: &str) -> impl Iterator<Item = &str> {
    let zeros = text.rsplit('.').take_while(|item| is_number(item) && is_zero(item)).count();
    text.split('.').take(text.split('.').count() - zeros)
}
