//! Versions of Alpine packages (apk-package(5)): `digits{.digits}{letter}{_suffix{n}}{~hash}{-rN}`.

use std::cmp::Ordering;

use super::piece::{digits, letters, numbers, run};

/// Compares part by part.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parts(a)?, parts(b)?);
    let (mut ours, mut theirs) = (a.into_iter(), b.into_iter());
    loop {
        let (one, other) = (ours.next(), theirs.next());
        let decided = match (one, other) {
            (Some(one), Some(other)) => one.compare(&other),
            (Some(one), None) => one.against_end(),
            (None, Some(other)) => other.against_end().reverse(),
            (None, None) => return Some(Ordering::Equal),
        };
        if decided.is_ne() {
            return Some(decided);
        }
    }
}

/// A part of a version, in the order in which parts may stand.
#[derive(Clone, Copy, Debug)]
enum Piece<'a> {
    First(&'a str),
    Number(&'a str),
    Letter(&'a str),
    /// Where it stands among [`SUFFIXES`].
    Suffix(usize),
    SuffixNumber(&'a str),
    Hash(&'a str),
    Revision(&'a str),
}

/// Those before the release, and those behind it.
const SUFFIXES: [&str; 9] = ["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"];

/// How many of them stand before the release.
const BEFORE: usize = 4;

impl Piece<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::First(_) => 0,
            Self::Number(_) => 1,
            Self::Letter(_) => 2,
            Self::Suffix(_) => 3,
            Self::SuffixNumber(_) => 4,
            Self::Hash(_) => 5,
            Self::Revision(_) => 6,
        }
    }

    fn is_before_release(&self) -> bool {
        matches!(self, Self::Suffix(place) if *place < BEFORE)
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            // "0" in front makes a fraction of a number, as in Gentoo.
            (Self::Number(one), Self::Number(other)) if one.starts_with('0') || other.starts_with('0') => {
                one.cmp(other)
            }
            (Self::First(one), Self::First(other))
            | (Self::Number(one), Self::Number(other))
            | (Self::SuffixNumber(one), Self::SuffixNumber(other))
            | (Self::Revision(one), Self::Revision(other)) => numbers(one, other),
            (Self::Letter(one), Self::Letter(other)) | (Self::Hash(one), Self::Hash(other)) => one.cmp(other),
            (Self::Suffix(one), Self::Suffix(other)) => one.cmp(other),
            _ if self.is_before_release() => Ordering::Less,
            _ if other.is_before_release() => Ordering::Greater,
            // Whichever goes on with what stands further in front is newer.
            _ => other.rank().cmp(&self.rank()),
        }
    }

    fn against_end(&self) -> Ordering {
        if self.is_before_release() { Ordering::Less } else { Ordering::Greater }
    }
}

fn parts(text: &str) -> Option<Vec<Piece<'_>>> {
    let (first, mut rest) = digits(text);
    if first.is_empty() {
        return None;
    }
    let mut out = vec![Piece::First(first)];
    while let Some(begin) = rest.chars().next() {
        let last = out.last().map_or(0, Piece::rank);
        let behind = rest.get(begin.len_utf8()..).unwrap_or_default();
        let (piece, left) = match begin {
            '.' if last <= 1 => {
                let (number, left) = digits(behind);
                (Piece::Number(number), left)
            }
            'a'..='z' if last <= 1 => {
                let (letter, left) = rest.split_at(1);
                (Piece::Letter(letter), left)
            }
            '_' if last <= 4 => {
                let (word, left) = letters(behind);
                (Piece::Suffix(SUFFIXES.iter().position(|suffix| *suffix == word)?), left)
            }
            '0'..='9' if last == 3 => {
                let (number, left) = digits(rest);
                (Piece::SuffixNumber(number), left)
            }
            '~' if last <= 4 => {
                let (hash, left) = run(behind, |found| matches!(found, '0'..='9' | 'a'..='f'));
                (Piece::Hash(hash), left)
            }
            '-' if last <= 5 => {
                let (number, left) = digits(behind.strip_prefix('r')?);
                (Piece::Revision(number), left)
            }
            _ => return None,
        };
        if let Piece::Number("") | Piece::Hash("") | Piece::Revision("") = piece {
            return None;
        }
        out.push(piece);
        rest = left;
    }
    Some(out)
}
