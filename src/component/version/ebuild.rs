//! Versions of Gentoo's ebuilds (Package Manager Specification, 3.2 and 3.3).

use std::cmp::Ordering;

use super::piece::{digits, letters, lists, numbers};

/// Compares numbers, letter, suffixes and revision.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    Some(
        numbers(a.first, b.first)
            .then_with(|| lists(a.others.split('.').skip(1), b.others.split('.').skip(1), component))
            .then_with(|| a.letter.cmp(b.letter))
            .then_with(|| suffixes(a.suffixes, b.suffixes))
            .then_with(|| numbers(a.revision, b.revision)),
    )
}

struct Version<'a> {
    first: &'a str,
    /// The numbers behind, each with its dot.
    others: &'a str,
    letter: &'a str,
    /// Each with its underscore.
    suffixes: &'a str,
    /// Empty where there is none, which is the same as 0.
    revision: &'a str,
}

/// In order; a version without a suffix stands between the last two.
const SUFFIXES: [&str; 5] = ["alpha", "beta", "pre", "rc", "p"];

fn read(text: &str) -> Option<Version<'_>> {
    let (text, revision) = text.split_once("-r").map_or((text, None), |(text, revision)| (text, Some(revision)));
    let (core, suffixes) = text.split_at(text.find('_').unwrap_or(text.len()));
    let (core, letter) = core.split_at(core.trim_end_matches(|last: char| last.is_ascii_lowercase()).len());
    let (first, others) = core.split_at(core.find('.').unwrap_or(core.len()));
    let is_digits = |text: &str| !text.is_empty() && digits(text).1.is_empty();
    let is_read = is_digits(first)
        && others.split('.').skip(1).all(is_digits)
        && letter.len() <= 1
        && suffixes.split('_').skip(1).all(|one| suffix(one).is_some())
        && revision.is_none_or(is_digits);
    is_read.then_some(Version { first, others, letter, suffixes, revision: revision.unwrap_or_default() })
}

/// Compares numbers behind the first: as fractions where one begins with 0 (algorithm 3.3).
fn component(a: &str, b: &str) -> Ordering {
    if a.starts_with('0') || b.starts_with('0') {
        a.trim_end_matches('0').cmp(b.trim_end_matches('0'))
    } else {
        numbers(a, b)
    }
}

/// Compares suffixes; what is left over is newer where it is `_p`, else older (algorithm 3.5).
fn suffixes(a: &str, b: &str) -> Ordering {
    let words = |text| str::split(text, '_').skip(1).filter_map(suffix);
    let (mut a, mut b) = (words(a), words(b));
    let is_patch = |place: usize| place + 1 == SUFFIXES.len();
    loop {
        let decided = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some((place, _)), None) => return if is_patch(place) { Ordering::Greater } else { Ordering::Less },
            (None, Some((place, _))) => return if is_patch(place) { Ordering::Less } else { Ordering::Greater },
            (Some((one, one_number)), Some((other, other_number))) => {
                one.cmp(&other).then_with(|| numbers(one_number, other_number))
            }
        };
        if decided.is_ne() {
            return decided;
        }
    }
}

/// Returns a suffix's place, and its number.
fn suffix(text: &str) -> Option<(usize, &str)> {
    let (word, number) = letters(text);
    let place = SUFFIXES.iter().position(|suffix| *suffix == word)?;
    digits(number).1.is_empty().then_some((place, number))
}
