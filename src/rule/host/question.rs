//! What a rule about hosts may look at, and the words that such rules share.

use crate::fact::Gap;
use crate::finding::{Level, Subject};
use crate::host::{FileFact, Host, Place, Principal};
use crate::policy::host::{Expected, HostPolicy, Operator};
use crate::rule::{Answers, Draft};
use crate::text;
use crate::text::{Inspected, Text};
use crate::tree::TreePath;

/// What a rule about hosts may look at.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The id of the rule.
    pub rule: &'static str,
    /// What is known of the host.
    pub host: &'a Host,
    /// What the policy says of hosts.
    pub policy: &'a HostPolicy,
    /// The day of the judgement.
    pub today: jiff::civil::Date,
}

impl<'a> Question<'a> {
    /// Returns the facts that the rule is to judge.
    pub fn facts(&self) -> impl Iterator<Item = Expected<'a>> + 'a {
        self.policy.expected(self.rule)
    }

    /// Returns one fact, if the profile has it.
    #[must_use]
    pub fn fact(&self, id: &str) -> Option<Expected<'a>> {
        self.policy.fact(id)
    }

    /// Returns a fact, if it is expected, that rests as a whole on which packages files are of: where that was left out, the
    /// answer is given here, and there is none.
    pub fn fact_of_packages(&self, id: &str, answers: &mut Answers) -> Option<Expected<'a>> {
        let expected = self.fact(id)?;
        if self.has_no_packages() {
            answers.add(Self::without_packages(&expected, Self::subject_of_fact(&expected)));
            return None;
        }
        Some(expected)
    }

    /// Returns what is known of a file that a family asked about.
    #[must_use]
    pub fn file(&self, path: &TreePath) -> Option<&'a FileFact> {
        self.host.files.get(path)
    }

    /// Returns the subject of an answer about a fact as a whole.
    #[must_use]
    pub fn subject_of_fact(expected: &Expected<'_>) -> Subject {
        Subject::new("fact", text!("{}", expected.fact.id))
    }

    /// Whether nobody was to say which packages files are of: no gap, then.
    #[must_use]
    pub fn has_no_packages(&self) -> bool {
        !self.host.has("package")
    }

    /// Returns the answer about what rests on which packages files are of, where that was left out.
    #[must_use]
    pub fn without_packages(expected: &Expected<'_>, subject: Subject) -> Draft {
        let reason = "which packages files are of was left out (`--skip package`)";
        not_applicable(expected, subject, Text::trusted(reason))
    }

    /// Returns the subject of the file at a path: from the root on.
    #[must_use]
    pub fn subject_of_file(path: &TreePath) -> Subject {
        Subject::new("file", shown(path))
    }
}

/// Returns a path as it is shown: from the root on.
#[must_use]
pub(in crate::rule) fn shown(path: &TreePath) -> Text {
    if path.is_root() { Text::trusted("/") } else { text!("/{}", *path) }
}

/// Returns a mode as it is shown: four octal digits.
#[must_use]
pub(in crate::rule) fn octal(mode: u32) -> Text {
    Text::trusted(format!("{mode:04o}"))
}

/// Returns an owner as it is shown: `root:shadow`.
#[must_use]
pub(in crate::rule) fn owner(user: &Principal, group: &Principal) -> Text {
    text!("{}:{}", *user, *group)
}

/// Returns the answer that a fact is not as expected.
pub(in crate::rule) fn fail(expected: &Expected<'_>, subject: Subject, message: Text) -> Draft {
    of_fact(Draft::fail(subject, message), expected)
}

/// Returns the answer that a fact cannot be known.
pub(in crate::rule) fn not_determined(expected: &Expected<'_>, subject: Subject, message: Text) -> Draft {
    of_fact(Draft::not_determined(subject, message), expected)
}

/// Returns the answer that there is nothing here that a fact could be about, for a recorded reason.
pub(in crate::rule) fn not_applicable(expected: &Expected<'_>, subject: Subject, reason: Text) -> Draft {
    of_fact(Draft::not_applicable(subject, reason), expected)
}

/// Counts a fact that is as expected.
pub(in crate::rule) fn pass(expected: &Expected<'_>, answers: &mut Answers) {
    answers.pass_of(&expected.fact.id);
}

fn of_fact(draft: Draft, expected: &Expected<'_>) -> Draft {
    let fact = expected.fact;
    let mut draft = draft
        .at_most(expected.level())
        .with_references(fact.references())
        .with("fact", text!("{}", fact.id))
        .with("severity", Text::trusted(fact.severity.word()))
        .fact(fact.id.as_str());
    // What only the rule understands is said in its message.
    let wanted = if expected.operator() == Operator::Own { String::new() } else { expected.words() };
    if !wanted.is_empty() {
        draft = draft.with("expected", text!("{}", wanted));
    }
    if let Some(note) = &fact.note {
        draft = draft.with("note", text!("{}", *note));
    }
    if let Some(caution) = &fact.caution {
        draft = draft.with("caution", text!("{}", *caution));
    }
    draft
}

/// Returns the answer that a file could not be read on which a fact rests.
pub(in crate::rule) fn unread(expected: &Expected<'_>, subject: Subject, gap: &Gap) -> Draft {
    let message = text!("`/{}` could not be read: expected {}, found {}", gap.location.path, gap.expected, gap.found);
    not_determined(expected, subject, message).at(Some(gap.location.clone())).found(gap.found.clone())
}

/// States where a fact was read.
pub(in crate::rule) fn at(draft: Draft, place: &Place) -> Draft {
    draft.at(Some(place.location()))
}

/// Returns the mount point of the file system on which a path lies, if that is mounted with an option.
#[must_use]
pub(in crate::rule) fn mounted_with(question: &Question<'_>, path: &TreePath, option: &str) -> Option<Text> {
    let mount = question.host.mounts.covering(path)?;
    mount.has(option).then(|| text!("`{}` ({})", shown(&mount.path), mount.place.shown()))
}

/// Returns words of a list, the last joined by `and`.
#[must_use]
pub(in crate::rule) fn joined<I: Inspected>(words: &[I]) -> Text {
    match words {
        [] => Text::default(),
        [one] => Text::of(one),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| Text::of(word).to_string()).collect();
            Text::trusted(format!("{} and {}", first.join(", "), Text::of(last)))
        }
    }
}

/// The level of what is only worth telling.
pub(in crate::rule) const TOLD: Level = Level::Allow;
