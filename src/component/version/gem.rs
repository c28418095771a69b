//! Versions of RubyGems (`Gem::Version`): numbers and words, where a word makes it a prerelease.

use std::cmp::Ordering;
use std::iter::repeat;

use super::piece::{digits, is_number, is_zero, letters, numbers};

/// Compares the segments; one that is missing is 0, and a word is less than a number.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (segments(a)?, segments(b)?);
    let length = a.len().max(b.len());
    let pairs = a.iter().chain(repeat(&"0")).zip(b.iter().chain(repeat(&"0"))).take(length);
    let decided = pairs.map(|(one, other)| segment(one, other)).find(|order| order.is_ne());
    Some(decided.unwrap_or(Ordering::Equal))
}

fn segment(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => numbers(a, b),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => a.cmp(b),
    }
}

/// Returns the numbers and words, without the zeros at the end, and without those before the first word.
fn segments(text: &str) -> Option<Vec<&str>> {
    let text = text.trim_ascii();
    if !is_read(text) {
        return None;
    }
    let (mut numbers, mut rest) = (Vec::new(), Vec::new());
    let mut add = |segment| {
        let segments = if rest.is_empty() && is_number(segment) { &mut numbers } else { &mut rest };
        segments.push(segment);
    };
    for (at, part) in text.split('-').enumerate() {
        // A dash reads as `.pre.`.
        if at > 0 {
            add("pre");
        }
        for dotted in part.split('.') {
            let mut left = dotted;
            while !left.is_empty() {
                let (number, behind) = digits(left);
                let (word, behind) = letters(behind);
                [number, word].into_iter().filter(|segment| !segment.is_empty()).for_each(&mut add);
                left = behind;
            }
        }
    }
    for segments in [&mut numbers, &mut rest] {
        let kept = segments.iter().rposition(|segment| !is_number(segment) || !is_zero(segment));
        segments.truncate(kept.map_or(0, |last| last + 1));
    }
    numbers.append(&mut rest);
    Some(numbers)
}

/// Whether RubyGems takes a text for a version; nothing at all is 0.
fn is_read(text: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_dashed =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let (release, behind) = text.split_once('-').map_or((text, None), |(release, behind)| (release, Some(behind)));
    let mut parts = release.split('.');
    text.is_empty()
        || (parts.next().is_some_and(is_number)
            && parts.all(is_word)
            && behind.is_none_or(|behind| behind.split('.').all(is_dashed)))
}
