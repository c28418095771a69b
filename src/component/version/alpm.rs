//! Versions of pacman (vercmp(8)): `[epoch:]version[-pkgrel]`.

use std::cmp::Ordering;

use super::piece::{digits, epoch, letters, numbers, release, run};

/// Compares epoch, version, and the pkgrel where both have one: `1.5` is `1.5-1` and `1.5-2`, which are not equal.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let ((version_a, release_a), (version_b, release_b)) = (release(a), release(b));
    // A dash parts off the release: neither pkgver nor pkgrel may hold one.
    if [version_a, version_b].iter().any(|version| version.is_empty() || version.contains('-')) {
        return None;
    }
    // A pkgrel is a number, or two with a dot between them (PKGBUILD(5)).
    let is_number = |release: &str| release.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if ![release_a, release_b].into_iter().flatten().all(is_number) {
        return None;
    }
    let by_version = numbers(epoch_a, epoch_b).then_with(|| parts(version_a, version_b));
    Some(by_version.then_with(|| release_a.zip(release_b).map_or(Ordering::Equal, |(one, other)| parts(one, other))))
}

/// Compares the runs of digits and letters in turns, and the lengths of what parts them.
fn parts(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (mut a, mut b) = (a, b);
    while !a.is_empty() && !b.is_empty() {
        let ((gap_a, rest_a), (gap_b, rest_b)) = (separators(a), separators(b));
        (a, b) = (rest_a, rest_b);
        if a.is_empty() || b.is_empty() {
            break;
        }
        if gap_a.len() != gap_b.len() {
            return gap_a.len().cmp(&gap_b.len());
        }
        let is_digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        let decided = match (is_digit(a), is_digit(b)) {
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (true, true) => {
                let ((one, rest_a), (other, rest_b)) = (digits(a), digits(b));
                (a, b) = (rest_a, rest_b);
                numbers(one, other)
            }
            (false, false) => {
                let ((one, rest_a), (other, rest_b)) = (letters(a), letters(b));
                (a, b) = (rest_a, rest_b);
                one.cmp(other)
            }
        };
        if decided.is_ne() {
            return decided;
        }
    }
    // Letters that are left over, as in `1.0rc`, are older than the end; all else is newer.
    let leads_with_letter = |text: &str| text.starts_with(|first: char| first.is_ascii_alphabetic());
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if leads_with_letter(b) {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, _) => {
            if leads_with_letter(a) {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}

fn separators(text: &str) -> (&str, &str) {
    run(text, |found| !found.is_ascii_alphanumeric())
}
