//! Versions of RPM packages (rpm-version(7)): `[epoch:]version[-release]`.

use std::cmp::Ordering;

use super::piece::{digits, epoch, letters, numbers, release};

/// Compares epoch, version, and the release where both have one.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let ((version_a, release_a), (version_b, release_b)) = (release(a), release(b));
    if version_a.is_empty() || version_b.is_empty() {
        return None;
    }
    let by_version = numbers(epoch_a, epoch_b).then_with(|| parts(version_a, version_b));
    Some(by_version.then_with(|| release_a.zip(release_b).map_or(Ordering::Equal, |(one, other)| parts(one, other))))
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
}

fn is_separator(found: char) -> bool {
    !found.is_ascii_alphanumeric() && found != '~' && found != '^'
}
