//! Findings: what a rule answers about one subject, and the verdict over all of them.
#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::fact::Location;
use crate::text::{Text, hex};

/// What a failing rule does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Listed, nothing more.
    Allow,
    /// Shown, and the gate stays open.
    Warn,
    /// The gate closes.
    Deny,
}

impl Level {
    /// Every level with its word.
    pub const WORDS: [(&'static str, Self); 3] = [("allow", Self::Allow), ("warn", Self::Warn), ("deny", Self::Deny)];

    /// Returns the level of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, level)| *level)
    }

    /// Returns the word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// How a check ended. What passed is only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The rule is violated.
    Fail,
    /// A fact that the rule rests on cannot be known.
    NotDetermined,
    /// The rule has no subject here, for a recorded reason.
    NotApplicable,
    /// The check could not be carried out.
    Error,
    /// The rule is violated, and a waiver excuses it.
    Waived,
}

impl State {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotDetermined => "not-determined",
            Self::NotApplicable => "not-applicable",
            Self::Error => "error",
            Self::Waived => "waived",
        }
    }
}

/// How a finding compares with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Not there before.
    New,
    /// There before.
    Unchanged,
    /// There before and no longer.
    Absent,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Subject {
    /// The kind of thing: `component`, `file`, `policy`, `waiver`, `rule`, `tree`.
    pub kind: &'static str,
    /// Its identity; what a routine update changes is left out.
    pub id: Text,
    /// The name by which an `allow` list means it.
    #[serde(skip)]
    pub name: Text,
    /// The identity with what an update changes, by which a waiver may mean it more closely.
    #[serde(skip)]
    pub exact: Option<Text>,
}

impl Subject {
    /// Returns a subject whose identity is also its name.
    #[must_use]
    pub fn new(kind: &'static str, id: Text) -> Self {
        Self { kind, name: id.clone(), id, exact: None }
    }

    /// Gives the subject the name by which an `allow` list means it.
    #[must_use]
    pub fn named(self, name: Text) -> Self {
        Self { name, ..self }
    }
}

/// An identifier in somebody else's list: a CVE, a CWE, a control of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// The list.
    pub scheme: &'static str,
    /// The identifier in it.
    pub id: &'static str,
}

/// A rule's answer about one subject, with everything a reader needs to act on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: Text,
    /// What it does to the verdict.
    pub level: Level,
    /// How the check ended.
    pub state: State,
    /// What it is about.
    pub subject: Subject,
    /// The place to edit.
    #[serde(serialize_with = "location")]
    pub location: Option<Location>,
    /// Other places that belong to it.
    #[serde(serialize_with = "locations")]
    pub related: Vec<Location>,
    /// What is wrong, in one line.
    pub message: Text,
    /// What to do about it.
    pub help: Text,
    /// The values the answer rests on, whole.
    pub evidence: BTreeMap<&'static str, Text>,
    /// Identifiers in other lists.
    pub references: Vec<Reference>,
    /// The identity of the finding, which survives edits around it.
    pub fingerprint: String,
    /// How it compares with the baseline, `None` where there is none.
    pub baseline: Option<Baseline>,
    /// The waiver that excuses it.
    pub waiver: Option<WaiverNote>,
    /// What to write under the place, in human output.
    #[serde(skip)]
    pub label: Option<Text>,
    /// What the policy says of the rule's level, in human output.
    #[serde(skip)]
    pub rule_level: RuleLevel,
}

/// The level that the policy gives a rule, to which that of a finding may be lower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLevel {
    /// The level.
    pub level: Level,
    /// Where it is set.
    pub from: Text,
}

/// What a report says of the waiver that excuses a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaiverNote {
    /// Who answers for it.
    pub owner: Text,
    /// Why.
    pub reason: Text,
    /// The last day it holds.
    pub expires: String,
}

/// Writes a location as the report's contract has it: path, line and column.
fn location<S: serde::Serializer>(location: &Option<Location>, serializer: S) -> Result<S::Ok, S::Error> {
    location.as_ref().map(Place::of).serialize(serializer)
}

fn locations<S: serde::Serializer>(locations: &[Location], serializer: S) -> Result<S::Ok, S::Error> {
    locations.iter().map(Place::of).collect::<Vec<_>>().serialize(serializer)
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a crate::tree::TreePath,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'a> Place<'a> {
    fn of(location: &'a Location) -> Self {
        Self {
            path: &location.path,
            line: location.position.map(|position| position.line),
            column: location.position.map(|position| position.column),
        }
    }
}

/// Returns the fingerprint of a finding: it depends on the rule, the subject, the file and the facts that
/// matter, never on line numbers or order.
#[must_use]
pub fn fingerprint(rule: &str, subject: &Subject, location: Option<&Location>, facts: &[String]) -> String {
    let mut digest = Sha256::new();
    let path = location.map(|location| location.path.as_bytes().to_vec()).unwrap_or_default();
    let parts = [rule.as_bytes(), subject.kind.as_bytes(), subject.id.as_str().as_bytes(), &path];
    for part in parts.into_iter().chain(facts.iter().map(String::as_bytes)) {
        // The length in front keeps two parts from reading like one.
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex(digest.finalize().get(..16).unwrap_or_default())
}

impl Finding {
    /// Whether the finding closes the gate; `all` counts what was there before as well.
    #[must_use]
    pub fn blocks(&self, all: bool) -> bool {
        self.level == Level::Deny && self.counts(all)
    }

    /// Whether the finding counts at its level.
    #[must_use]
    pub fn counts(&self, all: bool) -> bool {
        let open = match self.state {
            State::Fail | State::NotDetermined | State::Error => true,
            State::NotApplicable | State::Waived => false,
        };
        let in_scope = match self.baseline {
            None | Some(Baseline::New) => true,
            Some(Baseline::Unchanged) => all,
            Some(Baseline::Absent) => false,
        };
        open && in_scope
    }

    /// Returns what a list of findings is ordered by: place first, then rule and subject.
    #[must_use]
    pub fn order(&self) -> impl Ord + use<> {
        (self.location.clone(), self.rule.clone(), self.state, self.subject.id.clone(), self.fingerprint.clone())
    }
}

/// The answer to the whole question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No finding closes the gate.
    Pass,
    /// A finding closes the gate.
    Fail,
    /// A check could not be carried out.
    Error,
}

impl Verdict {
    /// Returns the verdict over findings.
    #[must_use]
    pub fn over(findings: &[Finding], all: bool) -> Self {
        if findings.iter().any(|finding| finding.state == State::Error && finding.counts(all)) {
            Self::Error
        } else if findings.iter().any(|finding| finding.blocks(all)) {
            Self::Fail
        } else {
            Self::Pass
        }
    }

    /// Returns the exit code that belongs to it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Error => 2,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "passed",
            Self::Fail => "failed",
            Self::Error => "error",
        })
    }
}
