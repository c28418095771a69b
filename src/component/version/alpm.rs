//! Versions of pacman (vercmp(8)): `[epoch:]version[-pkgrel]`.

use std::cmp::Ordering;

use super::piece::{leading, packaged, run};

/// Compares epoch, version, and the pkgrel where both have one: `1.5` is `1.5-1` and `1.5-2`, which are not equal.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    // A pkgrel is a number, or two with a dot between them (PKGBUILD(5)).
    let is_release = |release: &str| release.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    packaged(a, b, is_release, parts)
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
        let decided = leading(&mut a, &mut b);
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
