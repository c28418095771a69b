//! The policy: which rule counts how much, what is trusted, what is excused.
//!
//! A policy is one TOML file and what it extends. Each section of the file is one file here, registered in
//! `section`. What the rules are is told to this floor by its caller (a [`Catalogue`]); it knows none.
#![warn(clippy::wildcard_enum_match_arm)]

mod builtin;
mod catalogue;
mod error;
mod expression;
pub mod host;
mod load;
mod section;
mod weakened;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub use builtin::{BUILTIN, Builtin};
pub use catalogue::{Catalogue, Parameter, ParameterKind, RuleInfo};
pub use error::PolicyError;
pub use expression::{CUSTOM_SUBJECTS, CustomSubject};
pub use load::{
    BUILTIN_PREFIX, DEFAULT_ORIGIN, Loader, MAX_POLICY_BYTES, NotRead, POLICY_FILE, PolicyFiles, TreeFiles,
    read_unlinked,
};
pub use section::custom::Custom;
pub use section::signer::{PolicySigner, SignerException, whole_fingerprint};
pub use section::waiver::Waiver;
pub use section::{Cursor, SECTIONS, Section, Shown};
pub use weakened::{Weakening, weakenings};

use crate::component::Place;
use crate::document::Position;
use crate::finding::Level;
use crate::text::Text;

/// The policy that judges, resolved from a file and all it extends.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `builtin:NAME`, or the file.
    pub name: Text,
    /// The digest of the file; of several files, of all of them in the order they are read.
    pub digest: String,
    /// Where it was read: `builtin`, `tree`, `base`, or `file`.
    pub origin: &'static str,
    /// The settings of every rule.
    pub rules: BTreeMap<String, Setting>,
    /// What of the tree is left out.
    pub exclude: Vec<Sourced<String>>,
    /// What is trusted beside what the base uses.
    pub sources: Sources,
    /// Who may sign artifacts.
    pub signers: Vec<Sourced<PolicySigner>>,
    /// What is expected of hosts.
    pub host: host::HostPolicy,
    /// Rules of the user's own.
    pub custom: Vec<Sourced<Custom>>,
    /// What is excused.
    pub waivers: Vec<Sourced<Waiver>>,
    /// What it extends, itself last.
    pub extends: Vec<Text>,
}

/// A value and where it was set.
#[derive(Clone, Debug, PartialEq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

/// Where a value of the policy was set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file, or `builtin:NAME`; `default` for what no file sets.
    pub file: Text,
    /// The place in it.
    pub position: Option<Position>,
    /// How many characters it spans on its line, at least one.
    pub width: u32,
}

impl Origin {
    /// Returns the file alone, for what is no longer in it.
    #[must_use]
    pub fn whole(file: Text) -> Self {
        Self { file, position: None, width: 1 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(Position { line, column }) => write!(f, "{}:{line}:{column}", self.file),
            None => write!(f, "{}", self.file),
        }
    }
}

/// The settings of one rule.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What a failure does.
    pub level: Sourced<Level>,
    /// What it does when the rule cannot be determined; the rule's level where this is not set.
    pub undetermined: Option<Sourced<Level>>,
    /// The rule's parameters, those with a default included.
    pub parameters: BTreeMap<&'static str, Sourced<Value>>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Patterns.
    Patterns(Vec<String>),
    /// A number of days, or of things.
    Number(u32),
}

/// What is trusted.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Registries, and places that archives are taken from.
    pub registries: Vec<Sourced<String>>,
    /// Git repositories, or the owners and hosts they lie under.
    pub git: Vec<Sourced<String>>,
    /// Image registries and repositories.
    pub images: Vec<Sourced<String>>,
}

impl Setting {
    /// Returns the level of a rule that cannot be determined.
    #[must_use]
    pub fn undetermined(&self) -> Level {
        self.undetermined_from().value
    }

    /// Returns the same with where it was set.
    #[must_use]
    pub fn undetermined_from(&self) -> &Sourced<Level> {
        // What nobody set is no stricter than what somebody did.
        let is_set =
            |set: &&Sourced<Level>| set.value <= self.level.value || set.origin.file.as_str() != DEFAULT_ORIGIN;
        self.undetermined.as_ref().filter(is_set).unwrap_or(&self.level)
    }

    /// Returns a parameter's number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u32> {
        match self.parameters.get(name)?.value {
            Value::Number(number) => Some(number),
            Value::Patterns(_) => None,
        }
    }

    /// Returns a parameter's patterns.
    #[must_use]
    pub fn patterns(&self, name: &str) -> &[String] {
        match self.parameters.get(name).map(|parameter| &parameter.value) {
            Some(Value::Patterns(patterns)) => patterns,
            Some(Value::Number(_)) | None => &[],
        }
    }
}

impl Sources {
    /// Whether the policy names a registry, or a place, at or above this one.
    #[must_use]
    pub fn trusts_registry(&self, place: &Place) -> bool {
        names_place(&self.registries, place)
    }

    /// Whether the policy names a git repository at or above this place.
    #[must_use]
    pub fn trusts_git(&self, place: &Place) -> bool {
        names_place(&self.git, place)
    }
}

fn names_place(entries: &[Sourced<String>], place: &Place) -> bool {
    entries.iter().any(|entry| place.is_within(&Place::of(&entry.value)))
}

impl Policy {
    /// Returns the excluded patterns.
    #[must_use]
    pub fn excluded(&self) -> Vec<String> {
        self.exclude.iter().map(|pattern| pattern.value.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
