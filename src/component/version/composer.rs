//! Versions of Composer: four numbers and a stability (composer/semver), compared as PHP's `version_compare` does.

use std::cmp::Ordering;

use super::piece::{digits, is_number, numbers, run};

/// What stands for `x` in `1.x-dev`.
const ANY: &str = "9999999";

/// Compares two versions; branches (`dev-main`) are only ever equal to themselves, and have no order.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim_ascii(), b.trim_ascii());
    match (branch(a), branch(b)) {
        (Some(one), Some(other)) => (one == other).then_some(Ordering::Equal),
        (None, None) => Some(parts(&read(a)?, &read(b)?)),
        _ => None,
    }
}

/// Returns the name of a branch that stands in place of a version.
fn branch(text: &str) -> Option<&str> {
    match text {
        "master" | "trunk" | "default" => Some(text),
        _ => after_word(text, "dev-"),
    }
}

/// Returns the parts that are compared: numbers, and the words of [`RANKS`].
fn read(text: &str) -> Option<Vec<&str>> {
    let without_build = text.split_once('+').filter(|(version, build)| {
        !version.is_empty() && !build.is_empty() && !build.contains(|found: char| found.is_ascii_whitespace())
    });
    let text = without_build.map_or(text, |(version, _)| version);
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    classical(text).or_else(|| dated(text)).or_else(|| numbered_branch(text))
}

/// Reads one to four numbers; those that are left out are 0.
fn classical(text: &str) -> Option<Vec<&str>> {
    let (first, mut rest) = digits(text);
    if first.is_empty() || first.len() > 5 {
        return None;
    }
    let mut out = vec![first];
    while let Some((number, left)) = rest.strip_prefix('.').map(digits).filter(|(number, _)| !number.is_empty()) {
        out.push(number);
        rest = left;
    }
    if out.len() > 4 {
        return None;
    }
    out.resize(4, "0");
    stability(rest, &mut out).then_some(out)
}

/// Reads a date, and perhaps a time.
fn dated(text: &str) -> Option<Vec<&str>> {
    let is_separator = |found: char| matches!(found, '.' | ':' | '-');
    let (date, _) = run(text, |found| found.is_ascii_digit() || is_separator(found));
    let date = date.trim_end_matches(is_separator);
    if !is_date(date) {
        return None;
    }
    let mut out: Vec<&str> = date.split(is_separator).collect();
    stability(text.get(date.len()..)?, &mut out).then_some(out)
}

/// Whether a text is four digits, one to six pairs, and at most two groups of one to three, all with separators or not.
fn is_date(text: &str) -> bool {
    let mut rest = group(text, 4);
    for _ in 0..6 {
        rest = rest.and_then(|rest| group(rest, 2));
        let Some(rest) = rest else { return false };
        let tails = [1, 2, 3].map(|length| group(rest, length));
        let is_end = |rest: &str| rest.is_empty() || [1, 2, 3].iter().any(|length| group(rest, *length) == Some(""));
        if rest.is_empty() || tails.into_iter().flatten().any(is_end) {
            return true;
        }
    }
    false
}

/// Returns what stands behind a number of digits, and behind a separator before them.
fn group(text: &str, length: usize) -> Option<&str> {
    let text = text.strip_prefix(['.', ':', '-']).unwrap_or(text);
    text.get(..length).filter(|digits| is_number(digits)).and_then(|_| text.get(length..))
}

/// Reads the name of a branch that is numbers, with `x` for any (`1.x-dev`).
fn numbered_branch(text: &str) -> Option<Vec<&str>> {
    let length = text.len().checked_sub(3)?;
    let core = text.get(..length).filter(|_| text.get(length..).is_some_and(|end| end.eq_ignore_ascii_case("dev")))?;
    let core = core.strip_suffix(['.', '-']).unwrap_or(core);
    let mut out = Vec::new();
    for (at, part) in core.split('.').enumerate() {
        match part {
            "x" | "X" | "*" if at > 0 => out.push(ANY),
            number if is_number(number) && at < 4 => out.push(number),
            _ => return None,
        }
    }
    if out.len() > 4 {
        return None;
    }
    out.resize(4, ANY);
    out.push("dev");
    Some(out)
}

/// How stabilities are written, and the word that is compared; "stable" says nothing more.
const STABILITIES: [(&str, Option<&str>); 9] = [
    ("stable", None),
    ("beta", Some("beta")),
    ("b", Some("beta")),
    ("rc", Some("RC")),
    ("alpha", Some("alpha")),
    ("a", Some("alpha")),
    ("patch", Some("patch")),
    ("pl", Some("patch")),
    ("p", Some("patch")),
];

/// Adds what follows the numbers: a stability with numbers of its own, and `dev`. Whether that is all.
fn stability<'a>(text: &'a str, out: &mut Vec<&'a str>) -> bool {
    let behind = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    for (spelling, word) in STABILITIES {
        let Some(rest) = after_word(behind, spelling) else { continue };
        let (numbers, rest) = trailing_numbers(rest);
        let Some(is_dev) = ends_in_dev(rest) else { continue };
        if let Some(word) = word {
            out.push(word);
            out.extend(numbers.split(['.', '-']).filter(|number| !number.is_empty()));
            out.extend(is_dev.then_some("dev"));
        }
        return true;
    }
    let is_dev = ends_in_dev(behind);
    out.extend(is_dev.filter(|is_dev| *is_dev).map(|_| "dev"));
    is_dev.is_some()
}

/// Parts off numbers that may have a dot or a dash before them.
fn trailing_numbers(text: &str) -> (&str, &str) {
    let mut length = 0;
    while let Some(rest) = text.get(length..) {
        let number = digits(rest.strip_prefix(['.', '-']).unwrap_or(rest));
        if number.0.is_empty() {
            break;
        }
        length = text.len() - number.1.len();
    }
    text.split_at(length)
}

/// Whether a text is `dev`, perhaps behind a dot or a dash; `None` where it is neither that nor empty.
fn ends_in_dev(text: &str) -> Option<bool> {
    let word = text.strip_prefix(['.', '-']).unwrap_or(text);
    if word.eq_ignore_ascii_case("dev") { Some(true) } else { text.is_empty().then_some(false) }
}

fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).and_then(|_| text.get(word.len()..))
}

/// The words in order; `#` is any number, and the end where it is compared with a word.
const RANKS: [&str; 6] = ["dev", "alpha", "beta", "RC", "#", "patch"];

fn parts(a: &[&str], b: &[&str]) -> Ordering {
    let rank = |part: &str| RANKS.iter().position(|word| *word == if is_number(part) { "#" } else { part });
    let against_end = |part: &str| if is_number(part) { Ordering::Greater } else { rank(part).cmp(&rank("#")) };
    let (mut ours, mut theirs) = (a.iter(), b.iter());
    loop {
        let decided = match (ours.next(), theirs.next()) {
            (None, None) => return Ordering::Equal,
            (Some(one), None) => return against_end(one),
            (None, Some(other)) => return against_end(other).reverse(),
            (Some(one), Some(other)) if is_number(one) && is_number(other) => numbers(one, other),
            (Some(one), Some(other)) => rank(one).cmp(&rank(other)),
        };
        if decided.is_ne() {
            return decided;
        }
    }
}
