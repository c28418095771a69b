//! Versions of NuGet: up to four numbers, then labels as in Semantic Versioning 2.0.0, whatever their case.

use std::cmp::Ordering;

use super::piece::{digits, lists, numbers};
use super::semver::is_identifier;

/// The greatest number that .NET takes here.
const MAX_NUMBER: &str = "2147483647";

/// Compares two versions (`VersionComparer.Default`); metadata does not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let mut by_number = a.numbers.iter().zip(b.numbers).map(|(one, other)| numbers(one, other));
    let decided = by_number.find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
    Some(decided.then_with(|| match (a.labels, b.labels) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(other)) => lists(one.split('.'), other.split('.'), labels),
    }))
}

struct Version<'a> {
    /// Those that are left out are 0.
    numbers: [&'a str; 4],
    labels: Option<&'a str>,
}

fn read(text: &str) -> Option<Version<'_>> {
    let (text, metadata) = text.split_once('+').map_or((text, None), |(text, metadata)| (text, Some(metadata)));
    let (core, labels) = text.split_once('-').map_or((text, None), |(core, labels)| (core, Some(labels)));
    if ![labels, metadata].into_iter().flatten().all(|words| words.split('.').all(is_identifier)) {
        return None;
    }
    let mut found = ["0"; 4];
    let mut parts = core.split('.');
    for (place, part) in found.iter_mut().zip(parts.by_ref()) {
        let (number, rest) = digits(part);
        if number.is_empty() || !rest.is_empty() || numbers(number, MAX_NUMBER) == Ordering::Greater {
            return None;
        }
        *place = number;
    }
    parts.next().is_none().then_some(Version { numbers: found, labels })
}

/// Compares labels; one is a number where .NET reads it as a 32-bit integer, which may have a sign.
fn labels(a: &str, b: &str) -> Ordering {
    match (a.parse::<i32>(), b.parse::<i32>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => {
            let upper = |text: &str| text.to_ascii_uppercase();
            upper(a).cmp(&upper(b))
        }
    }
}
