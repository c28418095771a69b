//! What becomes of the files that families ask about: who may write them, which package they are of, and whether their
//! contents are the package's.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::names::Principal;
use super::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, EntryKind, Owner, TreePath};

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

/// Looks up what was asked.
pub(super) fn look_up(reading: &Reading<'_>, asked: BTreeMap<TreePath, Asked>) -> Files {
    let mut writers = Writers { reading, folders: HashMap::new() };
    let mut files = Files::new();
    for path in asked.keys() {
        let Ok(Some(entry)) = reading.look(path) else { continue };
        let writable = writers.of(&entry);
        let owner = entry.owner.unwrap_or(Owner { user: 0, group: 0 });
        files.insert(path.clone(), FileFact {
            is_folder: entry.kind == EntryKind::Folder,
            mode: entry.mode.unwrap_or(0),
            user: reading.names().user(owner.user),
            group: reading.names().group(owner.group),
            writable,
            belongs: Belongs::Unasked,
            contents: Contents::Unasked,
        });
    }
    files
}

/// Finds out who else than root may write files.
struct Writers<'a, 'b> {
    reading: &'a Reading<'b>,
    /// What of folders is known already.
    folders: HashMap<TreePath, Option<Writable>>,
}

impl Writers<'_, '_> {
    fn of(&mut self, entry: &Entry) -> Option<Writable> {
        own_writers(self.reading, entry, false).or_else(|| self.of_folder(&entry.path.parent()?))
    }

    /// Who may put another file in the place of one in a folder: whoever writes the folder, unless it is sticky, and
    /// whoever may do so with the folder itself.
    fn of_folder(&mut self, folder: &TreePath) -> Option<Writable> {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let own = match self.reading.look(folder) {
            Ok(Some(entry)) => own_writers(self.reading, &entry, entry.mode.unwrap_or(0) & 0o1000 != 0),
            Ok(None) | Err(_) => None,
        };
        let found = own.or_else(|| self.of_folder(&folder.parent()?));
        self.folders.insert(folder.clone(), found.clone());
        found
    }
}

/// Who else than root may write what stands at a path; of a sticky folder only its owner.
fn own_writers(reading: &Reading<'_>, entry: &Entry, is_sticky: bool) -> Option<Writable> {
    let mode = entry.mode?;
    let owner = entry.owner?;
    let by = if mode & 0o002 != 0 && !is_sticky {
        Text::trusted("everyone")
    } else if mode & 0o020 != 0 && owner.group != 0 && !is_sticky {
        text!("the group {}", reading.names().group(owner.group))
    } else if owner.user != 0 {
        text!("the user {}", reading.names().user(owner.user))
    } else {
        return None;
    };
    Some(Writable { path: entry.path.clone(), mode, by })
}
