//! Versions of RPM packages (rpm-version(7)): `[epoch:]version[-release]`.

use std::cmp::Ordering;

use super::piece::{leading, packaged};

/// Compares epoch, version, and the release where both have one.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    packaged(a, b, |_release| true, parts)
}

/// Compares the runs of digits and letters in turns; all else parts them and counts for nothing.
fn parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        (a, b) = (a.trim_start_matches(is_separator), b.trim_start_matches(is_separator));
        // A tilde comes before everything, even the end.
        match (a.strip_prefix('~'), b.strip_prefix('~')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        // A caret comes behind the end, and before everything else.
        match (a.strip_prefix('^'), b.strip_prefix('^')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return if b.is_empty() { Ordering::Greater } else { Ordering::Less },
            (None, Some(_)) => return if a.is_empty() { Ordering::Less } else { Ordering::Greater },
            (None, None) => {}
        }
        // "Leftover wins."
        if a.is_empty() || b.is_empty() {
            return b.is_empty().cmp(&a.is_empty());
        }
        let decided = leading(&mut a, &mut b);
        if decided.is_ne() {
            return decided;
        }
    }
}

fn is_separator(found: char) -> bool {
    !found.is_ascii_alphanumeric() && found != '~' && found != '^'
}
