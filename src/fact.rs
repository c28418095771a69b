//! What every fact has: a place it was read at, and gaps where it could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::document::{Fault, Lines, Position, Span};
use crate::text::{Text, hex};
use crate::tree::{ReadFault, TreePath};

/// A place in a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The file.
    pub path: TreePath,
    /// The place in the file, `None` for the file as a whole.
    pub position: Option<Position>,
    /// How many characters the place spans on its line, at least one.
    pub width: u32,
}

impl Location {
    /// Returns the location of a whole file.
    #[must_use]
    pub fn file(path: TreePath) -> Self {
        Self { path, position: None, width: 1 }
    }
}

/// The path, and line and column where they are known.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{}:{}:{}", Text::of(&self.path), position.line, position.column),
            None => write!(f, "{}", Text::of(&self.path)),
        }
    }
}

/// A place in a file that is known from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// Line and column.
    pub position: Position,
    /// How many characters it spans, at least one.
    pub width: u32,
}

/// The kind of a fact, by which a rule says what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// What lock files pin.
    Component,
    /// What manifests ask for.
    Requirement,
    /// Symbolic links.
    Link,
    /// The policy file of the tree.
    Policy,
    /// What CI definitions run.
    Workflow,
    /// Environment variables that files set.
    Variable,
    /// SBOMs.
    Sbom,
    /// Files of a host.
    Host,
}

/// A fact that cannot be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// What cannot be known.
    pub kind: FactKind,
    /// Where it would have stood.
    pub location: Location,
    /// Why it cannot be known.
    pub reason: GapReason,
    /// What was expected there.
    pub expected: Text,
    /// What was found instead.
    pub found: Text,
    /// The digest of the contents that could not be understood, so that other contents are another gap.
    pub contents: Option<Box<str>>,
}

/// Why a fact cannot be known. Absent, unreadable, too large and malformed are different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum GapReason {
    /// The file is not there.
    Absent,
    /// The system or the object database does not hand it out.
    Unreadable,
    /// Reading is not permitted.
    Denied,
    /// It is larger than the stated limit.
    TooLarge,
    /// It is no regular file.
    NotRegular,
    /// A link leads out of the tree, to nothing, or in a circle.
    Misdirected,
    /// It does not follow its format.
    Malformed,
    /// It follows a version of its format that is not known here.
    UnknownVersion,
    /// It says two different things of one subject.
    Contradictory,
    /// It was read to its end, and refers to something that it does not hold.
    Dangling,
}

impl Gap {
    /// Returns the gap of a file that cannot be read.
    #[must_use]
    pub fn unread(kind: FactKind, path: TreePath, fault: ReadFault) -> Self {
        let reason = match fault {
            ReadFault::Absent | ReadFault::Missing | ReadFault::NotFetched => GapReason::Absent,
            ReadFault::Denied => GapReason::Denied,
            ReadFault::TooLarge { .. } | ReadFault::TooMany { .. } => GapReason::TooLarge,
            ReadFault::NotRegular => GapReason::NotRegular,
            ReadFault::Unreadable | ReadFault::Corrupt | ReadFault::Unmerged => GapReason::Unreadable,
        };
        let expected = match fault {
            ReadFault::TooLarge { max_bytes } => crate::text!("a file of at most {} MiB", max_bytes >> 20),
            ReadFault::TooMany { max_files } => crate::text!("a tree of at most {} files", max_files),
            _ => Text::trusted("a readable regular file"),
        };
        let found = match fault.hint() {
            Some(hint) => crate::text!("{} ({})", fault, hint),
            None => Text::of(&fault),
        };
        Self { kind, location: Location::file(path), reason, expected, found, contents: None }
    }

    /// Returns the gap as one message.
    #[must_use]
    pub fn message(&self) -> Text {
        crate::text!("`{}` could not be read: expected {}, found {}", self.location.path, self.expected, self.found)
    }
}

/// What a file refers to and does not hold. The first is told and the others are counted: what cut the file off
/// cut off many at once.
#[derive(Debug, Default)]
pub struct Missing {
    first: Option<(Span, Text)>,
    others: u32,
    all: Sha256,
    is_cut_off: bool,
}

impl Missing {
    /// Adds a reference at `at` to something that should stand elsewhere in the file.
    pub fn add(&mut self, at: Span, expected: Text) {
        self.all.update(expected.as_str());
        self.all.update([0]);
        match &self.first {
            None => self.first = Some((at, expected)),
            Some(_) => self.others = self.others.saturating_add(1),
        }
    }

    /// Adds what stands in one part of the file and should stand in a later one too, which only a file that was cut
    /// off lacks.
    pub fn add_unfinished(&mut self, at: Span, expected: Text) {
        self.is_cut_off = true;
        self.add(at, expected);
    }

    /// Returns the gap they are, which stays the same as long as the same are missing; `None` where nothing is.
    #[must_use]
    pub fn gap(self, kind: FactKind, places: &Places<'_>) -> Option<Gap> {
        let (at, expected) = self.first?;
        let found = match self.others {
            0 => Text::trusted("none"),
            others => crate::text!("none, nor what {} more references lead to", others),
        };
        let contents = hex(&self.all.finalize());
        // Every package manager ends the last line.
        let is_cut_off = self.is_cut_off || !places.text.ends_with('\n');
        let reason = if is_cut_off { GapReason::Malformed } else { GapReason::Dangling };
        let gap = places.gap(kind, reason, Fault::new(at, expected, found));
        Some(Gap { contents: Some(contents.into()), ..gap })
    }
}

/// Turns the spans of one text into locations.
pub struct Places<'a> {
    path: &'a TreePath,
    lines: Lines<'a>,
    text: &'a str,
}

impl<'a> Places<'a> {
    /// Indexes the text of the file at `path`.
    #[must_use]
    pub fn new(path: &'a TreePath, text: &'a str) -> Self {
        Self { path, lines: Lines::new(text), text }
    }

    /// Returns where the byte at `offset` stands.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(offset)
    }

    /// Returns the spot of a span, its width cut at the end of the line.
    #[must_use]
    pub fn spot(&self, span: Span) -> Spot {
        let covered = self.text.get(span.start..span.end).unwrap_or_default();
        let width = covered.lines().next().unwrap_or_default().chars().count().max(1);
        Spot { position: self.position(span.start), width: u32::try_from(width).unwrap_or(u32::MAX) }
    }

    /// Returns the location of a span.
    #[must_use]
    pub fn at(&self, span: Span) -> Location {
        let spot = self.spot(span);
        Location { path: self.path.clone(), position: Some(spot.position), width: spot.width }
    }

    /// Returns the gap of a fault in this text.
    #[must_use]
    pub fn gap(&self, kind: FactKind, reason: GapReason, fault: Fault) -> Gap {
        Gap {
            kind,
            location: self.at(fault.span),
            reason,
            expected: fault.expected,
            found: fault.found,
            contents: None,
        }
    }
}
