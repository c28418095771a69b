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

/// Compares the runs of digits or of letters that two texts begin with, digits above letters, and moves behind them.
pub(super) fn leading(a: &mut &str, b: &mut &str) -> Ordering {
    let is_digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let ((_, rest_a), (_, rest_b), decided) = match (is_digit(a), is_digit(b)) {
        (true, true) => {
            let (one, other) = (digits(a), digits(b));
            (one, other, numbers(one.0, other.0))
        }
        (false, false) => {
            let (one, other) = (letters(a), letters(b));
            (one, other, one.0.cmp(other.0))
        }
        (one, other) => return one.cmp(&other),
    };
    (*a, *b) = (rest_a, rest_b);
    decided
}

/// Compares `[epoch:]version[-release]`, the release where both have one; `None` where a version is empty, holds a dash,
/// which parts off the release, or a release is none.
pub(super) fn packaged(
    a: &str,
    b: &str,
    is_release: impl Fn(&str) -> bool,
    parts: impl Fn(&str, &str) -> Ordering,
) -> Option<Ordering> {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let ((version_a, release_a), (version_b, release_b)) = (release(a), release(b));
    if [version_a, version_b].iter().any(|version| version.is_empty() || version.contains('-'))
        || ![release_a, release_b].into_iter().flatten().all(is_release)
    {
        return None;
    }
    let by_version = numbers(epoch_a, epoch_b).then_with(|| parts(version_a, version_b));
    Some(by_version.then_with(|| release_a.zip(release_b).map_or(Ordering::Equal, |(one, other)| parts(one, other))))
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
