//! What becomes of the files that families ask about: who may write them, which package they are of, and whether their
//! contents are the package's.

mod compare;
mod contents;
mod diversions;
mod folders;
mod left_out;
mod owners;
mod sought;
mod writers;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use compare::Compare;
pub(super) use owners::held;

use self::owners::Owners;
use self::writers::Writers;
use super::acl;
use super::line::Place;
use super::names::Principal;
use super::reading::Reading;
use crate::parallel;
use crate::text::Text;
use crate::tree::root::Root;
use crate::tree::{Entry, EntryKind, Owner, ReadFault, TreePath};

/// How much is asked of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Its mode and owner, and who may write it.
    State,
    /// Which package it is of, too.
    Package,
    /// Whether its contents are the package's, too.
    Contents,
}

/// What is known of files, by the path at which each stands.
pub type Files = BTreeMap<TreePath, FileFact>;

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFact {
    /// Whether it is a folder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_folder: bool,
    /// The permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// Who owns it.
    pub user: Principal,
    /// Its group.
    pub group: Principal,
    /// Who else than root may write it, be it through a folder above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writable: Option<Writable>,
    /// Whom its access control list lets write by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list_lets_write: Vec<Text>,
    /// Whether nobody may change it, or only add to it, root included, until that is taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_locked: bool,
    /// Which package it is of.
    #[serde(default, skip_serializing_if = "Belongs::is_unasked")]
    pub belongs: Belongs,
    /// Whether its contents are the package's.
    #[serde(default, skip_serializing_if = "Contents::is_unasked")]
    pub contents: Contents,
}

/// Who else than root may write a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writable {
    /// The file, or the folder above it, that lets them.
    pub path: TreePath,
    /// Its mode.
    pub mode: u32,
    /// Who: `everyone`, `the group staff`, `the user bob`.
    pub by: Text,
}

/// Which package a file is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Belongs {
    /// Nobody asked.
    #[default]
    Unasked,
    /// Of none.
    Nobody {
        /// Where a diversion moved the file of the package to that has this path.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diverted_to: Option<TreePath>,
    },
    /// Of this one.
    Package {
        /// Its name.
        name: Text,
        /// Whether it is a file that is meant to be edited.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_configuration: bool,
        /// The mode that the package gives it, where its database records that (rpm, apk).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<u32>,
    },
    /// No database of packages can be read that would tell.
    Unknown,
}

/// Whether the contents of a file are its package's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Contents {
    /// Nobody asked.
    #[default]
    Unasked,
    /// They are.
    AsPackaged,
    /// They are others.
    Changed {
        /// The digest that the package records: `md5:…`.
        recorded: Text,
        /// The digest found.
        found: Text,
    },
    /// No package records them.
    Unrecorded,
    /// They cannot be read.
    Unread,
}

/// A database of packages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Where it stands.
    pub path: TreePath,
    /// The package manager it is of: `deb`, `rpm`.
    pub ecosystem: Text,
    /// How many packages it names.
    pub packages: usize,
    /// Whether it says which files they have.
    pub has_files: bool,
}

/// A file of a package that is not as it was packaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// Where it stands.
    pub path: TreePath,
    /// The package.
    pub package: Text,
    /// What of it differs.
    pub differences: Vec<Difference>,
}

/// What of a file is not as it was packaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Difference {
    /// Its contents.
    Contents {
        /// The digest that the package records: `md5:…`.
        recorded: Text,
        /// The digest found.
        found: Text,
    },
    /// It has rights that the package does not give it.
    Mode {
        /// The mode that the package records.
        recorded: u32,
        /// The mode found.
        found: u32,
    },
    /// Another owns it.
    Owner {
        /// The owner that the package records.
        recorded: Text,
        /// The owner found.
        found: Text,
    },
    /// Another group has it.
    Group {
        /// The group that the package records.
        recorded: Text,
        /// The group found.
        found: Text,
    },
    /// It has capabilities that the package does not give it.
    Capabilities {
        /// Those that the package records; empty for none.
        recorded: Text,
        /// Those found.
        found: Text,
    },
    /// It is not there.
    Missing,
    /// It cannot be read.
    Unread,
}

impl Belongs {
    /// Whether nobody asked.
    #[must_use]
    pub fn is_unasked(&self) -> bool {
        *self == Self::Unasked
    }

    /// Returns the name of the package.
    #[must_use]
    pub fn package(&self) -> Option<&Text> {
        match self {
            Self::Package { name, .. } => Some(name),
            Self::Unasked | Self::Nobody { .. } | Self::Unknown => None,
        }
    }
}

impl Contents {
    /// Whether nobody asked.
    #[must_use]
    pub fn is_unasked(&self) -> bool {
        *self == Self::Unasked
    }
}

/// What was found out of files.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What families asked about.
    pub(super) files: Files,
    /// The databases of packages that were read.
    pub(super) databases: Vec<Database>,
    /// Files of packages that are not as they were packaged, as far as they were compared.
    pub(super) changed: Vec<Changed>,
}

/// Looks up what was asked, and compares files of packages with these as far as that was asked for.
pub(super) fn look_up(reading: &Reading<'_>, asked: &BTreeMap<TreePath, Asked>, compare: Compare) -> Found {
    let is_asked = asked.values().any(|asked| *asked >= Asked::Package) || compare != Compare::Nothing;
    let owners = if is_asked { Owners::read(reading, asked, compare) } else { Owners::default() };
    let compared = contents::compare(reading, &owners, asked, compare);
    let mut writers = Writers::new(reading);
    let mut files = Files::new();
    let asked: Vec<(&TreePath, &Asked)> = asked.iter().collect();
    let root = reading.root();
    let looked = parallel::map(&asked, |(path, _)| {
        let entry = root.look(path).ok()??;
        Some((root.attribute(&entry, acl::ATTRIBUTE), is_locked(root, &entry)))
    });
    for ((path, asked), looked) in asked.into_iter().zip(looked) {
        let Ok(Some(entry)) = reading.look(path) else { continue };
        let Some((list, is_locked)) = looked else { continue };
        let list_lets_write = lets_write(reading, &entry, list);
        let writable = writers.of(&entry);
        let owner = entry.owner.unwrap_or(Owner { user: 0, group: 0 });
        let is_contents = *asked == Asked::Contents && entry.kind == EntryKind::File;
        files.insert(
            path.clone(),
            FileFact {
                is_folder: entry.kind == EntryKind::Folder,
                mode: entry.mode.unwrap_or(0),
                user: reading.names().user(owner.user),
                group: reading.names().group(owner.group),
                writable,
                list_lets_write,
                is_locked,
                belongs: if *asked >= Asked::Package { owners.of(path) } else { Belongs::Unasked },
                contents: if is_contents { compared.contents(path) } else { Contents::Unasked },
            },
        );
    }
    Found { files, databases: owners.databases, changed: compared.changed }
}

/// Returns whom the access control list of a file lets write by name. A list that is none is a gap.
fn lets_write(reading: &Reading<'_>, entry: &Entry, list: Result<Option<Box<[u8]>>, ReadFault>) -> Vec<Text> {
    match list {
        Ok(None) => Vec::new(),
        Ok(Some(value)) => acl::writers(&value, reading.names()).unwrap_or_else(|found| {
            let expected = Text::trusted("an access control list");
            reading.malformed(&Place::file(&entry.path), expected, found);
            Vec::new()
        }),
        Err(fault) => {
            reading.unread(entry.path.clone(), fault);
            Vec::new()
        }
    }
}

/// Whether a file is locked; where it cannot be opened, that is no reason to say so.
fn is_locked(root: &Root, entry: &Entry) -> bool {
    entry.kind == EntryKind::File && matches!(root.is_locked(entry), Ok(Some(true)))
}
