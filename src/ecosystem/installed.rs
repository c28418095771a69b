//! Records of what is installed in a root filesystem: the databases of package managers, what packages of languages leave
//! of themselves, and what compilers leave in programs.
//!
//! One file a format. A reader is given what it reads, and opens nothing. What of a record cannot be known is a gap; the
//! rest is told all the same.

use super::{File, Unread};
use crate::component::{Capability, OperatingSystem, Package};
use crate::fact::{FactKind, Gap, GapReason, Location, Places};
use crate::text::Text;
use crate::tree::{ReadSeek, TreePath};

/// Every record, in the order of their ids.
pub static RECORDS: &[&Record] = &[];

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
}

impl Record {
    /// Reads the text of one file.
    #[must_use]
    pub fn read_text(&self, path: &TreePath, bytes: &[u8]) -> Packages {
        let mut packages = Packages::default();
        let Reader::Text(read) = self.read else { return packages };
        let (_, text, unreadable) = super::as_text(bytes);
        let places = Places::new(path, text);
        let outcome = read(&File { path, text, places: &places }, &mut packages);
        let outcome = outcome.and(unreadable.map_or(Ok(()), |fault| Err(fault.into())));
        if let Err(Unread { reason, fault }) = outcome {
            packages.gaps.push(places.gap(FactKind::Component, reason, fault));
        }
        super::bound(&mut packages.gaps);
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
        super::bound(&mut packages.gaps);
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
    pub beside: &'a dyn Fn(&str) -> Result<Option<Vec<u8>>, Damage>,
}

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
    /// What cannot be known.
    pub gaps: Vec<Gap>,
}

impl Packages {
    /// Adds what cannot be known of the file at a path.
    pub fn gap(&mut self, path: &TreePath, damage: Damage) {
        let Damage { reason, expected, found } = damage;
        self.gaps.push(Gap {
            kind: FactKind::Component,
            location: Location::file(path.clone()),
            reason,
            expected,
            found,
            contents: None,
        });
    }
}
