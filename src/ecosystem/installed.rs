//! Records of what is installed in a root filesystem: the databases of package managers, what packages of languages leave
//! of themselves, and what compilers leave in programs.
//!
//! One file a format. A reader is given what it reads, and opens nothing. What of a record cannot be known is a gap; the
//! rest is told all the same.

use super::{File, Unread, cargo, gem, go, maven, npm, python};
use crate::component::{Capability, Package};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::text::Text;
use crate::tree::{ReadSeek, TreePath};

/// Every record, in the order of their ids.
pub static RECORDS: &[&Record] = &[
    &cargo::auditable::RECORD,
    &gem::installed::RECORD,
    &go::build_info::RECORD,
    &maven::jar::RECORD,
    &npm::installed::RECORD,
    &python::installed::RECORD,
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
}

/// Turns needs by name into needs by place, where the place of a package decides what answers a need. Given are all
/// packages of a record, from all its files.
pub fn resolve(record: &Record, packages: &mut [Package]) {
    if std::ptr::eq(record, &npm::installed::RECORD) {
        npm::installed::resolve(packages);
    }
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
