//! Records of what is installed in a root filesystem: the databases of package managers, what packages of languages leave
//! of themselves, and what compilers leave in programs.
//!
//! One file a format. A reader is given what it reads, and opens nothing. What of a record cannot be known is a gap; the
//! rest is told all the same.

mod files;

use std::borrow::Cow;

pub use files::{Beside, Damaged, FileLists, FileRole, Listed, Lists, ReadBeside, Take, Whose, Written, from_root};
pub(super) use files::{lines_of, text as text_of_list};

use super::{File, MAX_GAPS, Unread};
use crate::component::{Capability, OperatingSystem, Package};
use crate::document::{Fault, Span};
use crate::fact::{FactKind, Gap, GapReason, Location, Places};
use crate::text::Text;
use crate::tree::{ReadSeek, TreePath};

/// Every record, in the order of their ids.
pub static RECORDS: &[&Record] = &[
    &super::apk::RECORD,
    &super::cargo::auditable::RECORD,
    &super::deb::status::RECORD,
    &super::deb::status_d::RECORD,
    &super::flatpak::RECORD,
    &super::gem::installed::RECORD,
    &super::go::build_info::RECORD,
    &super::maven::jar::RECORD,
    &super::npm::installed::RECORD,
    &super::opkg::RECORD,
    &super::alpm::RECORD,
    &super::python::installed::RECORD,
    &super::rpm::bdb::RECORD,
    &super::rpm::manifest::RECORD,
    &super::rpm::ndb::RECORD,
    &super::rpm::sqlite::RECORD,
];

/// A format in which it is recorded what is installed.
pub struct Record {
    /// Its id.
    pub id: &'static str,
    /// The ecosystem, which is also the purl type of its packages.
    pub ecosystem: &'static str,
    /// Where it stands.
    pub stands: Stands,
    /// What it can tell.
    pub capability: Capability,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Reads one file.
    pub read: Reader,
    /// Finds out which packages answer the needs by name, where their places decide that. It is given all packages of the
    /// record.
    pub resolve: Option<fn(&mut [Package])>,
    /// The records that count in its place where they stand in the same folder: it was left behind when the package
    /// manager changed from one form to another.
    pub gives_way_to: &'static [&'static str],
    /// How the files of its packages are told.
    pub files: FileLists,
}

impl Record {
    /// Reads the text of one file.
    ///
    /// Bytes that are no UTF-8 are handed to the reader as a control character each: old packages name their maintainers
    /// in Latin-1, which is no reason to read none of the others, and no name or version that holds one makes a purl.
    /// Every other byte stays where it is.
    #[must_use]
    pub fn read_text(&self, path: &TreePath, bytes: &[u8]) -> Packages {
        let mut packages = Packages::default();
        let Reader::Text(read) = self.read else { return packages };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = text_of(bytes);
        let places = Places::new(path, &text);
        if let Err(Unread { reason, fault }) = read(&File { path, text: &text, places: &places }, &mut packages) {
            packages.add_gap(places.gap(FactKind::Component, reason, fault));
        }
        packages
    }

    /// Reads one file here and there.
    #[must_use]
    pub fn read_random(&self, mut opened: Opened<'_>) -> Packages {
        let mut packages = Packages::default();
        let Reader::Random(read) = self.read else { return packages };
        if let Err(damage) = read(&mut opened, &mut packages) {
            packages.gap(opened.path, damage);
        }
        packages
    }
}

/// Reads the file that says which operating system it is, and what of it cannot be known.
#[must_use]
pub fn read_system(path: &TreePath, bytes: &[u8]) -> (Option<OperatingSystem>, Option<Gap>) {
    let (_, text, unreadable) = super::as_text(bytes);
    let places = Places::new(path, text);
    let outcome = super::os_release::os_release(&File { path, text, places: &places });
    let (system, unread) = match (outcome, unreadable) {
        (Ok(system), None) => (Some(system), None),
        (Ok(system), Some(fault)) => (Some(system), Some(Unread::from(fault))),
        (Err(unread), _) => (None, Some(unread)),
    };
    (system, unread.map(|Unread { reason, fault }| places.gap(FactKind::Component, reason, fault)))
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// At these paths below the root, links followed. A `*` stands for any characters of one part.
    At(&'static [&'static str]),
    /// Wherever the last parts of a path are these. A `*` stands for any characters of one part.
    Anywhere(&'static [&'static str]),
    /// In programs and libraries: regular files that begin as an executable does.
    Executables,
}

/// Reads one file of a record.
#[derive(Clone, Copy)]
pub enum Reader {
    /// As text.
    Text(fn(&File<'_>, &mut Packages) -> Result<(), Unread>),
    /// Here and there.
    Random(fn(&mut Opened<'_>, &mut Packages) -> Result<(), Damage>),
}

/// A file that is read here and there.
pub struct Opened<'a> {
    /// Where it stands.
    pub path: &'a TreePath,
    /// How many bytes it has.
    pub size: u64,
    /// Its contents.
    pub contents: &'a mut dyn ReadSeek,
    /// Returns the contents of the file whose name is this one's and an ending, `None` where there is none.
    pub beside: &'a Neighbour<'a>,
}

/// Hands out the contents of a file beside another by the ending that its name has more, `None` where there is none.
pub type Neighbour<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, Damage> + 'a;

/// Why a file, or a part of it, cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The kind of reason.
    pub reason: GapReason,
    /// What was expected.
    pub expected: Text,
    /// What was found.
    pub found: Text,
}

impl Damage {
    /// Returns the reason of a file that does not follow its format.
    #[must_use]
    pub fn malformed(expected: Text, found: Text) -> Self {
        Self { reason: GapReason::Malformed, expected, found }
    }
}

/// A file whose bytes cannot be read on.
impl From<std::io::Error> for Damage {
    fn from(error: std::io::Error) -> Self {
        Self {
            reason: GapReason::Unreadable,
            expected: Text::trusted("its contents"),
            found: crate::text!("{}", error.to_string()),
        }
    }
}

/// What a record tells.
#[derive(Debug, Default)]
pub struct Packages {
    /// The packages.
    pub packages: Vec<Package>,
    /// What cannot be known: the first of it, and how much more there is.
    pub gaps: Vec<Gap>,
    /// How much of what cannot be known stands not among the gaps.
    more: usize,
}

impl Packages {
    /// Adds what cannot be known. Of a file in which nothing can be the first gaps are told, and the others counted.
    pub fn add_gap(&mut self, gap: Gap) {
        if self.gaps.len() <= MAX_GAPS {
            self.gaps.push(gap);
        } else {
            self.count();
        }
    }

    /// Counts one gap more than are told.
    fn count(&mut self) {
        // The last one that was told is counted too.
        self.more = self.more.max(1) + 1;
        if let Some(last) = self.gaps.last_mut() {
            last.expected = crate::text!("at most {} faults", MAX_GAPS);
            last.found = crate::text!("{} more", self.more);
            last.contents = None;
        }
    }

    /// Adds what cannot be known of an entry of a text.
    pub(super) fn gap_of_entry(&mut self, file: &File<'_>, fault: Fault, entry: Span) {
        // An entry is hashed only where its gap is told: a hostile file may have as many as it has room for.
        if self.gaps.len() > MAX_GAPS {
            return self.count();
        }
        self.add_gap(file.gap_of_entry(FactKind::Component, fault.into(), entry));
    }

    /// Adds what cannot be known of the file at a path.
    pub fn gap(&mut self, path: &TreePath, damage: Damage) {
        let Damage { reason, expected, found } = damage;
        self.add_gap(Gap {
            kind: FactKind::Component,
            location: Location::file(path.clone()),
            reason,
            expected,
            found,
            contents: None,
        });
    }
}

/// Makes sure that the last line of a database is ended: every package manager does so, and what was cut off is not.
///
/// # Errors
/// Where it is not.
pub(super) fn last_line(file: &File<'_>) -> Result<(), Unread> {
    if file.text.is_empty() || file.text.ends_with('\n') {
        return Ok(());
    }
    let end = file.text.len();
    let start = file.text.rfind('\n').map_or(0, |at| at + 1);
    let found = crate::text!("the end of the file behind `{}`", file.text.get(start..end).unwrap_or_default());
    Err(Fault::new(Span { start: end, end }, Text::trusted("the end of the last line"), found).into())
}

/// Stands for a byte that is no UTF-8: the character SUBSTITUTE, which is one byte too.
const SUBSTITUTE: char = '\u{1a}';

fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| SUBSTITUTE));
    }
    Cow::Owned(text)
}

#[cfg(test)]
pub(super) mod tests;
