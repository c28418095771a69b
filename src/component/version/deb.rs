//! Versions of Debian packages (deb-version(7)): `[epoch:]upstream[-revision]`.

use std::cmp::Ordering;

use super::piece::{digits, is_number, numbers, release, run};

/// Compares epoch, upstream version and revision.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    Some(
        numbers(a.epoch, b.epoch)
            .then_with(|| parts(a.upstream, b.upstream))
            .then_with(|| parts(a.revision, b.revision)),
    )
}

struct Version<'a> {
    epoch: &'a str,
    upstream: &'a str,
    /// Empty where there is none, which is the same as 0.
    revision: &'a str,
}

fn read(text: &str) -> Option<Version<'_>> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if is_number(epoch) => (epoch, rest),
        Some(_) => return None,
        None => ("", text),
    };
    let (upstream, revision) = release(rest);
    let is_plain = |found: char| found.is_ascii_alphanumeric() || matches!(found, '.' | '+' | '~');
    let is_upstream =
        !upstream.is_empty() && upstream.chars().all(|found| is_plain(found) || matches!(found, '-' | ':'));
    let is_revision = revision.is_none_or(|revision| !revision.is_empty() && revision.chars().all(is_plain));
    (is_upstream && is_revision).then_some(Version { epoch, upstream, revision: revision.unwrap_or_default() })
}

/// Compares what is no digit and what is, in turns.
fn parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() || !b.is_empty() {
        let ((words_a, rest_a), (words_b, rest_b)) = (words(a), words(b));
        let ((number_a, rest_a), (number_b, rest_b)) = (digits(rest_a), digits(rest_b));
        let decided = spelling(words_a, words_b).then_with(|| numbers(number_a, number_b));
        if decided.is_ne() {
            return decided;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn words(text: &str) -> (&str, &str) {
    run(text, |found| !found.is_ascii_digit())
}

/// Compares characters: `~` before the end, then letters, then all others.
fn spelling(a: &str, b: &str) -> Ordering {
    let weight = |byte: Option<u8>| match byte {
        Some(b'~') => (0, 0),
        None => (1, 0),
        Some(letter) if letter.is_ascii_alphabetic() => (2, letter),
        Some(other) => (3, other),
    };
    let (mut a, mut b) = (a.bytes(), b.bytes());
    loop {
        let (one, other) = (a.next(), b.next());
        let decided = weight(one).cmp(&weight(other));
        if decided.is_ne() || one.is_none() {
            return decided;
        }
    }
}
