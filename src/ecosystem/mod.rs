//! Manifests and lock files of package ecosystems, turned into facts.
//!
//! One file a format. A format says by name which files it reads, and what it can know of a component; its
//! reader turns one file's text into facts, and what it cannot understand into gaps. It opens nothing, judges
//! nothing, and knows no other format.

mod alpm;
mod apk;
mod cargo;
mod deb;
mod flatpak;
mod gem;
mod github;
mod go;
pub mod installed;
mod maven;
mod npm;
mod opkg;
mod os_release;
mod pnpm;
mod python;
mod rpm;
mod yarn;

pub use os_release::os_release;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::component::{Capability, DigestList, Inventory, Manifest, Setting};
use crate::document::{Fault, Span};
use crate::fact::{FactKind, Gap, GapReason, Location, Places};
use crate::text::{Text, hex};
use crate::tree::{NamePattern, TreePath};
use crate::workflow::Workflow;

/// Every format, in the order of their ids.
pub static FORMATS: &[&Format] = &[
    &cargo::lock::FORMAT,
    &cargo::manifest::FORMAT,
    &github::action::FORMAT,
    &github::workflow::FORMAT,
    &go::module::FORMAT,
    &go::sum::FORMAT,
    &go::vendor::FORMAT,
    &go::work::FORMAT,
    &npm::lock::FORMAT,
    &npm::manifest::FORMAT,
    &python::pipfile::FORMAT,
    &python::pipfile_lock::FORMAT,
    &pnpm::FORMAT,
    &python::poetry::FORMAT,
    &python::pylock::FORMAT,
    &python::pyproject::FORMAT,
    &python::requirements::FORMAT,
    &python::uv::FORMAT,
    &yarn::FORMAT,
];

/// A format of manifests or lock files.
pub struct Format {
    /// Its id.
    pub id: &'static str,
    /// The ecosystem, which is also the purl type of its packages.
    pub ecosystem: &'static str,
    /// What its files are.
    pub role: Role,
    /// The names its files bear, as [`NamePattern`] reads them.
    pub names: &'static [&'static str],
    /// What it can tell.
    pub capability: Capability,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Reads one file.
    pub collect: Collect,
}

/// Reads one file: facts go to the sink; a fault means that the rest of the file cannot be known.
pub type Collect = fn(&File<'_>, &mut Facts) -> Result<(), Unread>;

/// What the files of a format are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// They pin components.
    Lock,
    /// They ask for components.
    Manifest,
    /// They say what a CI system runs.
    Workflow,
    /// They ask for components, and pin those of which they name one version.
    Mixed,
    /// They hold the digests of what a lock file in the same folder pins.
    Digests,
    /// They join the projects of several folders, and may put one component in the place of another.
    Workspace,
}

impl Role {
    /// Returns the kind of fact that is missing where such a file cannot be read.
    #[must_use]
    pub fn fact(self) -> FactKind {
        match self {
            Self::Lock | Self::Mixed | Self::Digests | Self::Workspace => FactKind::Component,
            Self::Manifest => FactKind::Requirement,
            Self::Workflow => FactKind::Workflow,
        }
    }
}

/// One file to be read.
pub struct File<'a> {
    /// Where it stands.
    pub path: &'a TreePath,
    /// Its text, without a byte order mark.
    pub text: &'a str,
    /// The places in the text.
    pub places: &'a Places<'a>,
}

impl File<'_> {
    /// Returns the gap of what cannot be known of an entry, which stays the same gap as long as the entry does.
    #[must_use]
    pub fn gap_of_entry(&self, kind: FactKind, unread: Unread, entry: Span) -> Gap {
        let contents = self.text.get(entry.start..entry.end).map(|text| hex(&Sha256::digest(text)).into());
        Gap { contents, ..self.places.gap(kind, unread.reason, unread.fault) }
    }
}

/// What was read from one file.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What lock files pin.
    pub inventories: Vec<Inventory>,
    /// What manifests ask for.
    pub manifests: Vec<Manifest>,
    /// What CI definitions run.
    pub workflows: Vec<Workflow>,
    /// What they tell a package manager about where and how to fetch.
    pub settings: Vec<Setting>,
    /// Other files that they are read together with.
    pub includes: Vec<Include>,
    /// What files beside lock files hold of digests.
    pub digest_lists: Vec<DigestList>,
    /// What cannot be known.
    pub gaps: Vec<Gap>,
}

/// A file that another one says is to be read with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Where it should stand.
    pub path: TreePath,
    /// Where that is said.
    pub place: Location,
}

/// Why the rest of a file cannot be known.
pub struct Unread {
    /// The kind of reason.
    pub reason: GapReason,
    /// Place, expectation and finding.
    pub fault: Fault,
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self { reason: GapReason::Malformed, fault }
    }
}

impl Unread {
    /// Returns the reason of a file in a version that is not known here.
    #[must_use]
    pub fn version(span: Span, expected: Text, found: Text) -> Self {
        Self { reason: GapReason::UnknownVersion, fault: Fault::new(span, expected, found) }
    }

    /// Returns the reason of a file that contradicts itself.
    #[must_use]
    pub fn contradiction(fault: Fault) -> Self {
        Self { reason: GapReason::Contradictory, fault }
    }
}

/// Returns the format by which the file at this path, from the root of the repository on, is read.
#[must_use]
pub fn format_of(path: &TreePath) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| NamePattern::any(format.names, path))
}

/// Whether only what the file at this path holds tells whether it pins components.
#[must_use]
pub fn may_pin(path: &TreePath) -> bool {
    format_of(path).is_some_and(|format| format.role == Role::Mixed)
}

/// Returns the names of all files that some format reads.
pub fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|format| format.names.iter().copied())
}

/// Returns the name of an ecosystem that is known here.
///
/// # Errors
/// The names that are known.
pub fn known(name: &str) -> Result<String, Text> {
    let names: std::collections::BTreeSet<&str> = FORMATS
        .iter()
        .map(|format| format.ecosystem)
        .chain(installed::RECORDS.iter().map(|record| record.ecosystem))
        .collect();
    match names.contains(name) {
        true => Ok(name.to_owned()),
        false => Err(crate::text!("expected one of {}", names.into_iter().collect::<Vec<_>>().join(", "))),
    }
}

/// Reads the contents of one file.
#[must_use]
pub fn read(format: &Format, path: &TreePath, bytes: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let (bytes, text, unreadable) = as_text(bytes);
    let places = Places::new(path, text);
    let outcome = match unreadable.or_else(|| conflict_marker(text)) {
        Some(fault) => Err(fault.into()),
        None => (format.collect)(&File { path, text, places: &places }, &mut facts),
    };
    if let Err(Unread { reason, fault }) = outcome {
        facts.gaps.push(places.gap(format.role.fact(), reason, fault));
    }
    bound(&mut facts.gaps);
    if facts.gaps.iter().any(|gap| gap.contents.is_none()) {
        let contents: Box<str> = hex(&Sha256::digest(bytes)).into();
        for gap in facts.gaps.iter_mut().filter(|gap| gap.contents.is_none()) {
            gap.contents = Some(contents.clone());
        }
    }
    facts
}

/// Returns the contents of a file without a byte order mark, which every tool that writes or reads these files takes for
/// nothing; the part of it that is text; and what is wrong with the rest.
fn as_text(bytes: &[u8]) -> (&[u8], &str, Option<Fault>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (bytes, text, None),
        Err(error) => {
            let sound =
                bytes.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
            let bad = bytes
                .get(error.valid_up_to()..)
                .and_then(|rest| rest.get(..error.error_len().unwrap_or(rest.len()).min(4)))
                .unwrap_or_default();
            let at = Span { start: sound.len(), end: sound.len() };
            (bytes, sound, Some(Fault::new(at, Text::trusted("UTF-8 text"), crate::text!("the bytes `{}`", bad))))
        }
    }
}

/// How many gaps of one file are told. Each of them leaves many rules undetermined, and a hostile file may have as
/// many as it has room for.
const MAX_GAPS: usize = 100;

/// Tells the first gaps of a file, and how many more there are.
fn bound(gaps: &mut Vec<Gap>) {
    gaps.sort();
    gaps.dedup();
    let more = gaps.len().saturating_sub(MAX_GAPS);
    if let Some(last) = gaps.get_mut(MAX_GAPS).filter(|_| more > 1) {
        last.expected = crate::text!("at most {} faults", MAX_GAPS);
        last.found = crate::text!("{} more", more);
        last.contents = None;
    }
    gaps.truncate(MAX_GAPS + 1);
}

/// Finds the mark that git leaves where it could not merge.
fn conflict_marker(text: &str) -> Option<Fault> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            let span = Span { start: offset, end: offset + line.trim_end().len() };
            return Some(Fault::new(span, Text::trusted("a merged file"), Text::trusted("a merge conflict marker")));
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
