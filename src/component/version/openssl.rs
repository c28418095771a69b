//! Versions of OpenSSL: three numbers, and up to 1.1.1 a letter or two for the patch.

use std::cmp::Ordering;

use super::piece::{is_number, numbers, run};

/// Compares two releases; prereleases are not read.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let ((numbers_a, patch_a), (numbers_b, patch_b)) = (read(a)?, read(b)?);
    let mut by_number = numbers_a.iter().zip(numbers_b).map(|(one, other)| numbers(one, other));
    let decided = by_number.find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
    Some(decided.then_with(|| patch_a.cmp(patch_b)))
}

fn read(text: &str) -> Option<([&str; 3], &str)> {
    let (core, patch) = run(text, |found| found.is_ascii_digit() || found == '.');
    let mut parts = core.split('.');
    let found = [parts.next()?, parts.next()?, parts.next()?];
    // "As of 3.0.0 the numbers are MAJOR.MINOR.PATCH."
    let has_letters = found.first().is_some_and(|major| numbers(major, "3") == Ordering::Less);
    let is_patch = patch.is_empty() || (has_letters && patch.bytes().all(|byte| byte.is_ascii_lowercase()));
    (parts.next().is_none() && found.iter().all(|number| is_number(number)) && is_patch).then_some((found, patch))
}
