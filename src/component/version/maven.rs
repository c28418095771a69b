//! Versions of Maven, as its `ComparableVersion` compares them ("Version Order Specification" of the POM reference).
//!
//! The reference nests a list in a list at each dash; a nested list is always the last item of the one around it, so that
//! a version is a chain of flat lists, and nothing here recurses.

use std::cmp::Ordering;

use super::piece::{is_zero, numbers};

/// Compares two versions.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    Some(chains(&read(&a), &read(&b)))
}

/// One item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item<'a> {
    /// Digits.
    Number(&'a str),
    /// A qualifier.
    Word(&'a str),
    /// A qualifier with a number: `rc1`, `rc-1`.
    Numbered(&'a str, &'a str),
}

/// The items of one list, without the list that is nested at its end.
type List<'a> = Vec<Item<'a>>;

/// The qualifiers with a meaning, in order; the release itself is "".
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

/// Returns the place of a qualifier: those that have no meaning come behind those that have, by their text.
fn rank(qualifier: &str) -> (usize, &str) {
    let meaning = match qualifier {
        "ga" | "final" | "release" => "",
        "cr" => "rc",
        other => other,
    };
    let place = QUALIFIERS.iter().position(|known| *known == meaning);
    place.map_or((QUALIFIERS.len(), qualifier), |place| (place, ""))
}

impl Item<'_> {
    /// Compares it with the end of the other version.
    fn against_end(self) -> Ordering {
        match self {
            Self::Number(digits) => number_against_end(digits),
            Self::Word(word) => rank(word).cmp(&rank("")),
            Self::Numbered(word, digits) => rank(word).cmp(&rank("")).then_with(|| number_against_end(digits)),
        }
    }

    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => numbers(one, other),
            (Self::Number(_), _) => Ordering::Greater,
            (_, Self::Number(_)) => Ordering::Less,
            (Self::Word(one), Self::Word(other)) => rank(one).cmp(&rank(other)),
            (Self::Numbered(one, digits), Self::Numbered(other, others)) => {
                rank(one).cmp(&rank(other)).then_with(|| numbers(digits, others))
            }
            (Self::Word(one), Self::Numbered(other, digits)) => {
                rank(one).cmp(&rank(other)).then_with(|| unnumbered(one, digits))
            }
            (Self::Numbered(one, digits), Self::Word(other)) => {
                rank(one).cmp(&rank(other)).then_with(|| unnumbered(other, digits).reverse())
            }
        }
    }
}

/// Compares a qualifier with the same one that has a number, which is newer, though not by a 0 behind the release.
fn unnumbered(word: &str, digits: &str) -> Ordering {
    if rank(word) == rank("") { number_against_end(digits).reverse() } else { Ordering::Less }
}

fn number_against_end(digits: &str) -> Ordering {
    if is_zero(digits) { Ordering::Equal } else { Ordering::Greater }
}

/// Compares two chains of lists.
fn chains(a: &[List<'_>], b: &[List<'_>]) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (Some((first_a, nested_a)), Some((first_b, nested_b))) = (a.split_first(), b.split_first()) else {
            return chain_against_end(a).then_with(|| chain_against_end(b).reverse());
        };
        let common = first_a.len().min(first_b.len());
        let mut pairs = first_a.iter().zip(first_b).map(|(one, other)| one.compare(*other));
        if let Some(decided) = pairs.find(|order| order.is_ne()) {
            return decided;
        }
        // Where one list ends, what is nested in it meets the next item of the other.
        match (first_a.get(common..).unwrap_or_default(), first_b.get(common..).unwrap_or_default()) {
            ([], []) => (a, b) = (nested_a, nested_b),
            ([], left) => return leftover(left, nested_b, nested_a).reverse(),
            (left, _) => return leftover(left, nested_a, nested_b),
        }
    }
}

/// Compares the items that are left of one list, and what is nested behind them, with what is nested in the other.
fn leftover(left: &[Item<'_>], nested: &[List<'_>], other: &[List<'_>]) -> Ordering {
    let Some((first, rest)) = left.split_first() else { return Ordering::Equal };
    let rest_against_end = || {
        let items = rest.iter().map(|item| item.against_end()).find(|order| order.is_ne());
        items.unwrap_or(Ordering::Equal).then_with(|| chain_against_end(nested))
    };
    let Some((list, behind)) = other.split_first() else {
        return first.against_end().then_with(rest_against_end);
    };
    // A number is newer than a list: 1.1 than 1-1.
    let Some((head, tail)) = list.split_first().filter(|_| !matches!(first, Item::Number(_))) else {
        return Ordering::Greater;
    };
    let list_against_end = || {
        let items = tail.iter().map(|item| item.against_end()).find(|order| order.is_ne());
        items.unwrap_or(Ordering::Equal).then_with(|| chain_against_end(behind))
    };
    first.compare(*head).then_with(|| list_against_end().reverse()).then_with(rest_against_end)
}

/// Compares all items of a chain with the end of the other version.
fn chain_against_end(chain: &[List<'_>]) -> Ordering {
    let decided = chain.iter().flatten().map(|item| item.against_end()).find(|order| order.is_ne());
    decided.unwrap_or(Ordering::Equal)
}

/// Reads a version in lower case.
fn read(text: &str) -> Vec<List<'_>> {
    let mut reader = Reader { text, start: 0, is_digit: false, is_numbered: false, chain: vec![Vec::new()] };
    for (at, found) in text.char_indices() {
        match found {
            '.' => {
                reader.end_item(at);
                reader.start = at + 1;
            }
            '-' => {
                let next_is_digit =
                    text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                if at > reader.start && !reader.is_digit && next_is_digit {
                    // `rc-1` is `rc1`.
                    reader.is_numbered = true;
                    continue;
                }
                reader.end_item(at);
                reader.start = at + 1;
                reader.nest();
            }
            '0'..='9' => {
                if !reader.is_digit && at > reader.start {
                    reader.is_numbered = true;
                    reader.nest();
                }
                reader.is_digit = true;
            }
            _ => {
                if reader.is_digit && at > reader.start {
                    reader.end_item(at);
                    reader.start = at;
                    reader.nest();
                }
                reader.is_digit = false;
            }
        }
    }
    if text.len() > reader.start {
        // `.x` is `-x`, for every qualifier (MNG-7644).
        if !reader.is_digit {
            reader.nest();
        }
        reader.end_item(text.len());
    }
    normal(reader.chain)
}

struct Reader<'a> {
    text: &'a str,
    /// Where the present item begins.
    start: usize,
    is_digit: bool,
    is_numbered: bool,
    chain: Vec<List<'a>>,
}

impl<'a> Reader<'a> {
    /// Adds what was read since the last item; nothing is 0.
    fn end_item(&mut self, end: usize) {
        let piece = self.text.get(self.start..end).unwrap_or_default();
        let item = if piece.is_empty() {
            Item::Number("0")
        } else if self.is_numbered {
            let (word, digits) = piece.split_at(piece.find(|c: char| c.is_ascii_digit()).unwrap_or(piece.len()));
            let word = match word.trim_end_matches('-') {
                "a" => "alpha",
                "b" => "beta",
                "m" => "milestone",
                other => other,
            };
            Item::Numbered(word, digits)
        } else if self.is_digit {
            Item::Number(piece)
        } else {
            Item::Word(piece)
        };
        if let Some(list) = self.chain.last_mut() {
            list.push(item);
        }
        self.is_numbered = false;
    }

    /// Begins a list within the present one, unless that is empty.
    fn nest(&mut self) {
        if self.chain.last().is_some_and(|list| !list.is_empty()) {
            self.chain.push(Vec::new());
        }
    }
}

/// Leaves out lists that are empty, and zeros at the end of a list or before a qualifier.
fn normal(chain: Vec<List<'_>>) -> Vec<List<'_>> {
    // From the innermost list outwards.
    let mut out: Vec<List<'_>> = Vec::new();
    for list in chain.into_iter().rev() {
        let mut kept: List<'_> = Vec::new();
        for item in list.into_iter().rev() {
            let is_zero = matches!(item, Item::Number(digits) if is_zero(digits));
            let next = kept.last().map_or_else(|| out.last().and_then(|nested| nested.first()), Some);
            let is_before_qualifier = match (next, kept.is_empty()) {
                (None, _) => true,
                (Some(Item::Word(_)), _) => true,
                (Some(Item::Numbered(..)), is_nested) => is_nested,
                (Some(Item::Number(_)), _) => false,
            };
            if !is_zero || !is_before_qualifier {
                kept.push(item);
            }
        }
        if !kept.is_empty() {
            kept.reverse();
            out.push(kept);
        }
    }
    out.reverse();
    out
}
