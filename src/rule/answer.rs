//! What a rule may answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Location;
use crate::finding::{Level, Reference, State, Subject};
use crate::text::Text;

/// A rule's answer about one subject.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The rule holds.
    Pass,
    /// The rule has nothing to say here; not counted.
    Nothing,
    /// Anything a report should name.
    Draft(Box<Draft>),
}

/// A finding as its rule drafts it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(super) state: State,
    pub(super) at_most: Option<Level>,
    pub(super) subject: Subject,
    pub(super) location: Option<Location>,
    pub(super) related: Vec<Location>,
    pub(super) message: Text,
    pub(super) help: Option<Text>,
    pub(super) evidence: BTreeMap<&'static str, Text>,
    pub(super) facts: Vec<String>,
    pub(super) references: Vec<Reference>,
    pub(super) label: Option<Text>,
    pub(super) is_never_allowed: bool,
}

impl Draft {
    fn new(state: State, subject: Subject, message: Text) -> Self {
        Self {
            state,
            at_most: None,
            subject,
            location: None,
            related: Vec::new(),
            message,
            help: None,
            evidence: BTreeMap::new(),
            facts: Vec::new(),
            references: Vec::new(),
            label: None,
            is_never_allowed: false,
        }
    }

    /// The rule is violated.
    #[must_use]
    pub fn fail(subject: Subject, message: Text) -> Self {
        Self::new(State::Fail, subject, message)
    }

    /// A fact that the rule rests on cannot be known.
    #[must_use]
    pub fn not_determined(subject: Subject, message: Text) -> Self {
        Self::new(State::NotDetermined, subject, message)
    }

    /// The rule has no subject here, for this reason.
    #[must_use]
    pub fn not_applicable(subject: Subject, reason: Text) -> Self {
        Self::new(State::NotApplicable, subject, reason)
    }

    /// Gives this subject a level of its own, at most the rule's.
    #[must_use]
    pub fn at_most(mut self, level: Level) -> Self {
        self.at_most = Some(level);
        self
    }

    /// Sets the place to edit.
    #[must_use]
    pub fn at(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }

    /// Adds places that belong to it.
    #[must_use]
    pub fn with_related(mut self, related: impl IntoIterator<Item = Location>) -> Self {
        self.related.extend(related);
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// States the value before, which is also shown under the place.
    #[must_use]
    pub fn was(mut self, value: Text) -> Self {
        self.label = Some(crate::text!("was `{}`", value));
        self.with("was", value)
    }

    /// States the value found.
    #[must_use]
    pub fn found(self, value: Text) -> Self {
        self.with("found", value)
    }

    /// States a value the answer rests on.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Text) -> Self {
        self.evidence.insert(name, value);
        self
    }

    /// Shows a remark under the place.
    #[must_use]
    pub fn label(mut self, label: Text) -> Self {
        self.label = Some(label);
        self
    }

    /// Says that no pattern of the policy lets it pass: only a waiver, or the rule's level.
    #[must_use]
    pub fn never_allowed(mut self) -> Self {
        self.is_never_allowed = true;
        self
    }

    /// Names identifiers in other lists, beside those of the rule.
    #[must_use]
    pub fn with_references(mut self, references: impl IntoIterator<Item = Reference>) -> Self {
        self.references.extend(references);
        self
    }

    /// Names a fact without which this would be another finding.
    #[must_use]
    pub fn fact(mut self, fact: impl Into<String>) -> Self {
        self.facts.push(fact.into());
        self
    }
}

impl From<Draft> for Answer {
    fn from(draft: Draft) -> Self {
        Self::Draft(Box::new(draft))
    }
}

/// The answers of one rule.
#[derive(Debug, Default)]
pub struct Answers {
    pub(super) passes: u64,
    /// The facts of hosts that are as expected, of one subject at least.
    pub(super) passed: BTreeSet<&'static str>,
    pub(super) drafts: Vec<Draft>,
}

impl Answers {
    /// Adds an answer.
    pub fn add(&mut self, answer: impl Into<Answer>) {
        match answer.into() {
            Answer::Pass => self.passes += 1,
            Answer::Nothing => {}
            Answer::Draft(draft) => self.drafts.push(*draft),
        }
    }

    /// Counts a subject for which the rule holds.
    pub fn pass(&mut self) {
        self.passes += 1;
    }

    /// Counts a subject of which a fact is as expected.
    pub fn pass_of(&mut self, fact: &'static str) {
        self.passes += 1;
        self.passed.insert(fact);
    }
}
