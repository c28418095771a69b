//! The orders of no ecosystem that the version range specification (VERS) defines.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::piece::{digits, is_number, numbers, run};

/// Compares moments (RFC 3339, section 5.6).
pub(super) fn datetime(a: &str, b: &str) -> Option<Ordering> {
    Some(moment(a)?.cmp(&moment(b)?))
}

fn moment(text: &str) -> Option<Timestamp> {
    // The library takes more than RFC 3339 does, and a leap second for the second before it.
    let is_strict = text.is_ascii()
        && matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b't', _, _, b':', _, _, b':', ..])
        && text.get(17..19).is_some_and(|seconds| is_number(seconds) && seconds != "60")
        && is_offset(digits(text.get(19..).unwrap_or_default().trim_start_matches('.')).1);
    if is_strict { text.parse().ok() } else { None }
}

fn is_offset(text: &str) -> bool {
    matches!(text.as_bytes(), [b'Z' | b'z'] | [b'+' | b'-', _, _, b':', _, _])
}

/// Compares numbers with dots between them, up to the first character that is neither; one that is missing is 0.
pub(super) fn intdot(a: &str, b: &str) -> Option<Ordering> {
    let read = |text| {
        let core = run(text, |found| found.is_ascii_digit() || found == '.').0;
        let core: &str = core.strip_suffix('.').unwrap_or(core);
        core.split('.').all(is_number).then_some(core)
    };
    let (mut a, mut b) = (read(a)?.split('.'), read(b)?.split('.'));
    loop {
        let (one, other) = (a.next(), b.next());
        if one.is_none() && other.is_none() {
            return Some(Ordering::Equal);
        }
        let decided = numbers(one.unwrap_or_default(), other.unwrap_or_default());
        if decided.is_ne() {
            return Some(decided);
        }
    }
}

/// Compares the bytes of UTF-8.
pub(super) fn lexicographic(a: &str, b: &str) -> Option<Ordering> {
    Some(a.cmp(b))
}
