//! `export-subst`: what `git archive` writes for `$Format:…$`, as far as it follows from the commit alone.

use std::collections::BTreeSet;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::limits;
use crate::text;
use crate::text::{Text, find};
use crate::tree::{CommitDetails, Person};

/// A piece of what stands in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes.
    Exactly(Vec<u8>),
    /// One of these, by the version of git.
    OneOf(Vec<Vec<u8>>),
    /// The beginning of an id, as long as git found it unique.
    Abbreviated(String),
    /// The names of branches and tags at the commit, this tag among them, or nothing; in brackets or not.
    Decoration { tag: String, in_brackets: bool },
    /// A tag, perhaps with the distance from it.
    Description(Vec<u8>),
}

/// Returns a file with its placeholders replaced.
///
/// # Errors
/// Where one is met that cannot be computed.
pub(super) fn pieces(source: &[u8], commit: &CommitDetails, tag: &str) -> Result<Vec<Piece>, Text> {
    let mut out = Pieces::default();
    let mut rest = source;
    while let Some(at) = find(rest, b"$Format:") {
        let (before, placeholder) = rest.split_at_checked(at).unwrap_or((rest, b""));
        let inner = placeholder.get(b"$Format:".len()..).unwrap_or_default();
        let Some(end) = inner.iter().position(|byte| *byte == b'$') else { break };
        out.add(before);
        out.format(inner.get(..end).unwrap_or_default(), commit, tag)?;
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    out.add(rest);
    Ok(out.0)
}

/// Returns the file's bytes, where nothing in it is left open.
pub(super) fn exact(pieces: &[Piece]) -> Option<Vec<u8>> {
    match pieces {
        [] => Some(Vec::new()),
        [Piece::Exactly(bytes)] => Some(bytes.clone()),
        _ => None,
    }
}

/// Whether a file could be what these pieces stand for.
pub(super) fn matches(pieces: &[Piece], found: &[u8]) -> bool {
    let mut ends = BTreeSet::from([0]);
    let mut tries = 0;
    for piece in pieces {
        let mut next = BTreeSet::new();
        for end in ends {
            // Placeholders behind each other could be read in more ways than anybody waits for.
            tries += 1;
            if tries > limits::MAX_TRIES {
                return false;
            }
            piece.ends(found.get(end..).unwrap_or_default(), |length| {
                next.insert(end + length);
            });
        }
        ends = next;
    }
    ends.contains(&found.len())
}

/// The letters of names that are taken for those of tags and branches: no quote, no bracket, nothing that a language
/// gives a meaning to.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'+' | b'-' | b'@')
}

impl Piece {
    /// Names each length that the piece may have at the beginning of `found`.
    fn ends(&self, found: &[u8], mut end: impl FnMut(usize)) {
        match self {
            Self::Exactly(bytes) if found.starts_with(bytes) => end(bytes.len()),
            Self::Exactly(_) => {}
            Self::OneOf(all) => all.iter().filter(|bytes| found.starts_with(bytes)).for_each(|bytes| end(bytes.len())),
            Self::Abbreviated(id) => {
                let common = found.iter().zip(id.bytes()).take_while(|(a, b)| **a == *b).count();
                (4..=common).for_each(end);
            }
            Self::Description(literal) => {
                if found.starts_with(literal) {
                    end(literal.len());
                }
                let longest = found.iter().take(limits::MAX_EXPANSION_BYTES).take_while(|byte| is_of_name(**byte));
                // Of a commit that no annotated tag describes git writes nothing.
                (0..=longest.count()).for_each(end);
            }
            Self::Decoration { tag, in_brackets } => {
                let is_inside = |byte: u8| is_of_name(byte) || matches!(byte, b' ' | b',' | b':' | b'>' | b'(' | b')');
                let longest =
                    found.iter().take(limits::MAX_EXPANSION_BYTES).take_while(|byte| is_inside(**byte)).count();
                for length in 0..=longest {
                    let part = found.get(..length).unwrap_or_default();
                    let inner = match *in_brackets && !part.is_empty() {
                        true => part.strip_prefix(b" (").and_then(|it| it.strip_suffix(b")")),
                        false => Some(part),
                    };
                    if inner.is_some_and(|inner| part.is_empty() || is_decoration(inner, tag)) {
                        end(length);
                    }
                }
            }
        }
    }
}

/// Whether a text is a list of names at a commit, with a tag among them.
fn is_decoration(text: &[u8], tag: &str) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_of_name);
    let items: Vec<&str> = text.split(", ").collect();
    let is_item = |item: &&str| is_name(item.strip_prefix("HEAD -> ").or(item.strip_prefix("tag: ")).unwrap_or(item));
    items.iter().all(is_item) && items.iter().any(|item| item.strip_prefix("tag: ") == Some(tag))
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn add(&mut self, bytes: &[u8]) {
        match self.0.last_mut() {
            _ if bytes.is_empty() => {}
            Some(Piece::Exactly(before)) => before.extend_from_slice(bytes),
            _ => self.0.push(Piece::Exactly(bytes.to_vec())),
        }
    }

    /// Expands a format as `git log --format` does.
    fn format(&mut self, format: &[u8], commit: &CommitDetails, tag: &str) -> Result<(), Text> {
        let unknown = |rest: &[u8]| {
            text!("the placeholder `{}` cannot be computed", rest.get(..rest.len().min(24)).unwrap_or_default())
        };
        let mut rest = format;
        while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
            self.add(rest.get(..at).unwrap_or_default());
            rest = rest.get(at..).unwrap_or_default();
            let taken = match rest.get(1..).unwrap_or_default() {
                [b'%', ..] => self.text(b"%", 2),
                [b'n', ..] => self.text(b"\n", 2),
                [b'H', ..] => self.text(commit.id.as_bytes(), 2),
                [b'T', ..] => self.text(commit.tree.as_bytes(), 2),
                [b'P', ..] => self.text(commit.parents.join(" ").as_bytes(), 2),
                [b'h', ..] => self.abbreviated(&commit.id),
                [b't', ..] => self.abbreviated(&commit.tree),
                [b'p', ..] => {
                    for (index, parent) in commit.parents.iter().enumerate() {
                        self.add(if index > 0 { b" " } else { b"" });
                        self.abbreviated(parent);
                    }
                    2
                }
                [b'd', ..] => self.decoration(tag, true),
                [b'D', ..] => self.decoration(tag, false),
                [b's', ..] if commit.encoding.is_none() => self.text(&subject(&commit.message), 2),
                [b'e', ..] => self.text(commit.encoding.as_deref().unwrap_or_default().as_bytes(), 2),
                [who @ (b'a' | b'c'), what, ..] => {
                    let person = if *who == b'a' { &commit.author } else { &commit.committer };
                    let piece = of_person(person, *what)
                        .filter(|_| commit.encoding.is_none() || !matches!(what, b'n' | b'e' | b'l'));
                    match piece.ok_or_else(|| unknown(rest))? {
                        Piece::Exactly(bytes) => self.add(&bytes),
                        piece @ (Piece::OneOf(_)
                        | Piece::Abbreviated(_)
                        | Piece::Description(_)
                        | Piece::Decoration { .. }) => self.0.push(piece),
                    }
                    3
                }
                inner if inner.starts_with(b"(describe") => {
                    let end = inner.iter().position(|byte| *byte == b')').ok_or_else(|| unknown(rest))?;
                    let literal = rest.get(..end + 2).unwrap_or_default().to_vec();
                    self.0.push(Piece::Description(literal));
                    end + 2
                }
                _ => return Err(unknown(rest)),
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        self.add(rest);
        Ok(())
    }

    /// Adds a text in place of a placeholder of a length.
    fn text(&mut self, bytes: &[u8], taken: usize) -> usize {
        self.add(bytes);
        taken
    }

    fn abbreviated(&mut self, id: &str) -> usize {
        self.0.push(Piece::Abbreviated(id.to_owned()));
        2
    }

    fn decoration(&mut self, tag: &str, in_brackets: bool) -> usize {
        self.0.push(Piece::Decoration { tag: tag.to_owned(), in_brackets });
        2
    }
}

/// Joins the lines of a message up to the first empty one.
fn subject(message: &[u8]) -> Vec<u8> {
    let lines = message.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let lines: Vec<&[u8]> = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect();
    lines.join(&b' ')
}

fn of_person(person: &Person, what: u8) -> Option<Piece> {
    let time = Timestamp::from_second(person.seconds).ok()?;
    let offset = Offset::from_seconds(person.offset_minutes.checked_mul(60)?).ok()?;
    let local = time.to_zoned(TimeZone::fixed(offset));
    let shown = |format: &str| Some(Piece::Exactly(local.strftime(format).to_string().into_bytes()));
    match what {
        b'n' => Some(Piece::Exactly(person.name.clone())),
        b'e' => Some(Piece::Exactly(person.email.clone())),
        b'l' => Some(Piece::Exactly(person.email.split(|byte| *byte == b'@').next()?.to_vec())),
        b't' => Some(Piece::Exactly(person.seconds.to_string().into_bytes())),
        b'd' => shown("%a %b %-d %H:%M:%S %Y %z"),
        b'D' => shown("%a, %-d %b %Y %H:%M:%S %z"),
        b'i' => shown("%Y-%m-%d %H:%M:%S %z"),
        b's' => shown("%Y-%m-%d"),
        b'I' => Some(strict(&local, person.offset_minutes)),
        _ => None,
    }
}

/// Older versions of git write `+00:00` where newer ones write `Z`.
fn strict(local: &Zoned, offset_minutes: i32) -> Piece {
    let long = local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string().into_bytes();
    match offset_minutes {
        0 => Piece::OneOf(vec![long, local.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into_bytes()]),
        _ => Piece::Exactly(long),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit() -> CommitDetails {
        let person = |name: &str| Person {
            name: name.into(),
            email: format!("{name}@example.com").into(),
            seconds: 1_767_225_600,
            offset_minutes: 90,
        };
        CommitDetails {
            id: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            tree: "fedcba9876543210fedcba9876543210fedcba98".to_owned(),
            parents: Vec::new(),
            author: person("a"),
            committer: person("c"),
            message: b"\nOne\nline \n\nmore".to_vec(),
            encoding: None,
        }
    }

    #[track_caller]
    fn check(source: &str, found: &str, expected: bool) {
        let pieces = pieces(source.as_bytes(), &commit(), "v1").unwrap();
        assert_eq!(matches(&pieces, found.as_bytes()), expected, "{source}: {found}");
    }

    #[test]
    fn placeholders_are_written_as_git_writes_them() {
        check("$Format:%H%n%an%% x$;", "0123456789abcdef0123456789abcdef01234567\na% x;", true);
        check("$Format:%s$", "One line", true);
        check("$Format:%aI$|$Format:%cd$", "2026-01-01T01:30:00+01:30|Thu Jan 1 01:30:00 2026 +0130", true);
        check("$Format:%h", "$Format:%h", true);
        check("a$Format:$b", "ab", true);
        assert!(pieces(b"$Format:%ar$", &commit(), "v1").is_err());
        assert!(pieces(b"$Format:%+d$", &commit(), "v1").is_err());
    }

    #[test]
    fn what_is_left_open_takes_nothing_but_what_git_could_write() {
        check("v=\"$Format:%h$\"", "v=\"0123456\"", true);
        check("v=\"$Format:%h$\"", "v=\"0123457\"", false);
        check("v=\"$Format:%h$\"", "v=\"012\"", false);
        check("v=\"$Format:%d$\"", "v=\" (HEAD -> main, tag: v1, origin/main)\"", true);
        check("v=\"$Format:%d$\"", "v=\"\"", true);
        check("v=\"$Format:%d$\"", "v=\" (tag: v2)\"", false);
        check("v=\"$Format:%D$\"", "v=\"tag: v1\"; evil(\"\"", false);
        check("v=\"$Format:%D$\"", "v=\"tag: v1, `x`\"", false);
        check("$Format:%(describe:tags=true)$.", "v1-2-gabcdef.", true);
        check("$Format:%(describe)$.", "v1; x.", false);
        check("$Format:%(describe)$.", ".", true);
    }
}
