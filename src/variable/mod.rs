//! Environment variables that files of a tree set, and which checks of a package manager they switch off.
//!
//! One file a format, one file an ecosystem. A format finds where variables of known names are set, and to what; an
//! ecosystem says which of its variables those are, and what a value switches off. Nothing here decides whether that is
//! wrong, and the values of other variables, which may be secrets, are not kept.

mod assignment;
mod dotenv;
mod github;
mod go;
mod makefile;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::document::{Fault, Span};
use crate::fact::{FactKind, Gap, GapReason, Location, Places};
use crate::text;
use crate::text::{Text, hex, without_credentials};
use crate::tree::{NamePattern, TreePath};

/// Every format, in the order of their ids.
pub static FORMATS: &[&Format] = &[&dotenv::FORMAT, &github::FORMAT, &makefile::FORMAT];

/// The variables of every ecosystem, in the order of the ecosystems.
static VARIABLES: &[&[Variable]] = &[go::VARIABLES];

/// A format of files that set variables.
pub struct Format {
    /// Its id.
    pub id: &'static str,
    /// The names its files bear, as [`NamePattern`] reads them.
    pub names: &'static [&'static str],
    /// What it is, in one line.
    pub summary: &'static str,
    /// Finds where variables are set.
    collect: fn(&str) -> Result<Vec<Assignment<'_>>, Fault>,
}

/// A variable that switches off a check of its package manager.
struct Variable {
    name: &'static str,
    ecosystem: &'static str,
    /// Says what a value switches off.
    switches_off: fn(&str) -> Vec<SwitchedOff>,
}

/// A check that is switched off, and for what.
struct SwitchedOff {
    check: Check,
    /// What it is off for; `None` for everything.
    only_for: Option<Box<str>>,
}

/// A variable that is set, where it is set.
struct Assignment<'a> {
    name: &'static str,
    value: Cow<'a, str>,
    span: Span,
}

/// A check of a package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// That the network is encrypted and the other side is who it says.
    Encryption,
    /// That what is fetched is what everybody else is given under that version.
    Publication,
}

/// A check that a variable switches off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisabledCheck {
    /// Where it stands.
    pub place: Location,
    /// The variable.
    pub variable: Box<str>,
    /// Its value, without credentials.
    pub value: Text,
    /// The ecosystem it is for.
    pub ecosystem: Box<str>,
    /// The check it switches off.
    pub check: Check,
    /// What the check is off for; `None` for everything.
    pub only_for: Option<Text>,
}

/// Returns the format by which the file at this path, from the root of the repository on, is read.
#[must_use]
pub fn format_of(path: &TreePath) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| NamePattern::any(format.names, path))
}

/// Returns the names of all files that some format reads.
pub fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|format| format.names.iter().copied())
}

/// How many assignments of known variables one file may have. Each may be a finding.
const MAX_ASSIGNMENTS: usize = 1_000;

/// Reads one file: which checks the variables it sets switch off, and what cannot be known of it.
#[must_use]
pub fn read(format: &Format, path: &TreePath, bytes: &[u8]) -> (Vec<DisabledCheck>, Option<Gap>) {
    // What is no text sets no variable that anybody would read, and a name among it is found all the same.
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let places = Places::new(path, &text);
    let (reason, fault) = match (format.collect)(&text) {
        Ok(assignments) if assignments.len() > MAX_ASSIGNMENTS => {
            let last = assignments.last().map(|assignment| assignment.span).unwrap_or_default();
            let expected = text!("at most {} assignments", MAX_ASSIGNMENTS);
            (GapReason::TooLarge, Fault::new(last, expected, Text::trusted("more")))
        }
        Ok(assignments) => {
            let mut disabled: Vec<_> = assignments.iter().flat_map(|one| disabled_by(one, &places)).collect();
            disabled.sort();
            disabled.dedup();
            return (disabled, None);
        }
        Err(fault) => (GapReason::Malformed, fault),
    };
    let contents = Some(hex(&Sha256::digest(bytes)).into());
    (Vec::new(), Some(Gap { contents, ..places.gap(FactKind::Variable, reason, fault) }))
}

fn disabled_by(assignment: &Assignment<'_>, places: &Places<'_>) -> Vec<DisabledCheck> {
    let known = VARIABLES.iter().copied().flatten().filter(|variable| variable.name == assignment.name);
    known
        .flat_map(|variable| {
            (variable.switches_off)(assignment.value.trim()).into_iter().map(move |off| (variable, off))
        })
        .map(|(variable, SwitchedOff { check, only_for })| DisabledCheck {
            place: places.at(assignment.span),
            variable: variable.name.into(),
            value: Text::of(without_credentials(assignment.value.trim()).as_ref()),
            ecosystem: variable.ecosystem.into(),
            check,
            only_for: only_for.map(|only_for| Text::of(only_for.as_ref())),
        })
        .collect()
}

/// Returns the known variable of a name.
fn known(name: &str) -> Option<&'static str> {
    VARIABLES.iter().copied().flatten().find(|variable| variable.name == name).map(|variable| variable.name)
}

#[cfg(test)]
mod tests;
