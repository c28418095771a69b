//! The pieces that versions are made of: runs of digits, of letters, and what is compared of them.

use std::cmp::Ordering;

/// Compares two runs of digits by value, however long they are.
pub(super) fn numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Whether a text is digits and nothing else.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a run of digits is worth nothing.
pub(super) fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

/// Parts a text behind the characters that belong to a run.
pub(super) fn run(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|found| !belongs(found)).unwrap_or(text.len()))
}

/// Parts a text behind its digits.
pub(super) fn digits(text: &str) -> (&str, &str) {
    run(text, |found| found.is_ascii_digit())
}

/// Parts a text behind its ASCII letters.
pub(super) fn letters(text: &str) -> (&str, &str) {
    run(text, |found| found.is_ascii_alphabetic())
}

/// Parts off an epoch: the digits before a colon, none where there is no colon behind them.
pub(super) fn epoch(text: &str) -> (&str, &str) {
    let (digits, behind) = digits(text);
    behind.strip_prefix(':').map_or(("", text), |rest| (digits, rest))
}

/// Parts off a release, which stands behind the last dash.
pub(super) fn release(text: &str) -> (&str, Option<&str>) {
    text.rsplit_once('-').map_or((text, None), |(version, release)| (version, Some(release)))
}

/// Compares the first pieces of two lists that differ; of two that agree as far as both go, the longer is greater.
pub(super) fn lists<'a>(
    a: impl Iterator<Item = &'a str>,
    b: impl Iterator<Item = &'a str>,
    compare: impl Fn(&str, &str) -> Ordering,
) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => match compare(one, other) {
                Ordering::Equal => {}
                decided => return decided,
            },
        }
    }
}
