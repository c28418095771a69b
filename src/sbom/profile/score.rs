//! How far a document fulfils a profile.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::element::{Element, Judge, Level, Profile};
use super::facts::{Facts, Found};
use super::told::Told;
use crate::document::{Lines, Position, Span};
use crate::sbom::Document;
use crate::sbom::model::{Bom, Component};
use crate::text::Text;

/// How many offenders of an element are named.
const MAX_OFFENDERS: usize = 10;

/// How many different remarks of an element are kept.
const MAX_REMARKS: usize = 20;

/// How many characters of a name or version are shown.
const MAX_LABEL: usize = 100;

/// How far a document fulfils a profile.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// The profile, with its edition.
    #[serde(rename = "profile")]
    pub profile: &'static Profile,
    /// The id of the family of the document's format.
    #[serde(skip)]
    pub family: &'static str,
    /// Why the document cannot pass whatever else it tells: it lists no component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
    /// How many components it lists.
    pub components: usize,
    /// The answers, in the order of the profile's elements.
    pub answers: Vec<Answer>,
}

/// How an element is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is told of everything it is asked of.
    Pass,
    /// It is told, and not as it should be; or not told, and only should be.
    Warn,
    /// It is not told, and must be.
    Fail,
    /// It is not asked here.
    NotApplicable,
    /// The file alone cannot say.
    NotDetermined,
}

impl State {
    /// Returns it in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotApplicable => "not-applicable",
            Self::NotDetermined => "not-determined",
        }
    }
}

/// How far an element is fulfilled.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The element.
    pub element: &'static Element,
    /// How it is judged.
    pub state: State,
    /// Of how many subjects it passes.
    pub passed: usize,
    /// Of how many of these its author says that he does not know, or does not tell.
    pub unknown: usize,
    /// Of how many subjects it is asked: one document, or every component that is not exempt.
    pub of: usize,
    /// The first subjects that it does not pass of, failures first.
    pub offenders: Vec<Offender>,
    /// What is to be added, each with how often, in the order of the words.
    pub remarks: Vec<Remark>,
}

/// A subject that an element does not pass of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offender {
    /// Its name and version, or what it is.
    pub label: Text,
    /// How it is judged.
    pub state: State,
    /// What is told of it.
    pub told: Told,
    /// What is to be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Where it begins.
    #[serde(flatten)]
    pub at: Position,
    /// Where it stands in the text.
    #[serde(skip)]
    pub span: Span,
}

/// A remark on an element, and on how many subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Remark {
    /// What is remarked.
    pub text: Text,
    /// On how many subjects.
    pub count: usize,
}

/// How many elements of a level came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many passed.
    pub passed: usize,
    /// How many passed with a warning, or are only warned of.
    pub warned: usize,
    /// How many failed.
    pub failed: usize,
    /// How many the file alone cannot decide.
    pub not_determined: usize,
    /// How many were asked.
    pub of: usize,
}

/// Returns how far a document fulfils a profile. Takes linear time in the size of the document.
#[must_use]
pub fn score(profile: &'static Profile, document: &Document<'_>, bom: &Bom<'_>) -> Score {
    let facts = Facts::of(document, bom);
    let lines = Lines::new(document.text);
    let error = bom.components.is_empty().then(|| Text::trusted("the document lists no component"));
    Score {
        profile,
        family: facts.family(),
        error,
        components: bom.components.len(),
        answers: profile.elements.iter().map(|element| answer(element, &facts, &lines)).collect(),
    }
}

impl Score {
    /// Whether every element that must be told is told.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.error.is_none()
            && self.answers.iter().all(|answer| answer.element.level != Level::Must || answer.state != State::Fail)
    }

    /// Returns how the elements of a level came out, those left aside that are not asked here.
    #[must_use]
    pub fn tally(&self, level: Level) -> Tally {
        let mut tally = Tally::default();
        for answer in self.answers.iter().filter(|answer| answer.element.level == level) {
            match answer.state {
                State::Pass => tally.passed += 1,
                State::Warn => tally.warned += 1,
                State::Fail => tally.failed += 1,
                State::NotDetermined => tally.not_determined += 1,
                State::NotApplicable => continue,
            }
            tally.of += 1;
        }
        tally
    }

    /// Returns the answer to an element.
    #[must_use]
    pub fn answer(&self, id: &str) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.element.id == id)
    }
}

fn answer(element: &'static Element, facts: &Facts<'_>, lines: &Lines<'_>) -> Answer {
    let mut count = Count::new(element, lines);
    match element.judge {
        Judge::Outside(reason) => count.remark(reason),
        Judge::Document(judge) => {
            let found = judge(facts);
            count.add(&found, || Text::trusted("the document"), facts.place());
        }
        Judge::Component(judge) => {
            for (at, component) in facts.bom.components.iter().enumerate() {
                count.add(&judge(facts, at, component), || label(component), component.span);
            }
            if facts.bom.components.is_empty() {
                count.lacks_subjects();
            }
        }
    }
    count.into_answer()
}

/// Returns what a component is called.
fn label(component: &Component<'_>) -> Text {
    let name = match (&component.group, &*component.name) {
        (_, "") => crate::text!("{}", &*component.id),
        (Some(group), name) => crate::text!("{}/{}", &**group, name),
        (None, name) => crate::text!("{}", name),
    };
    let name = match component.version.value() {
        Some(version) => crate::text!("{} {}", name, &**version),
        None => name,
    };
    if name.as_str().is_empty() { Text::trusted("a component without a name") } else { name.shortened(MAX_LABEL) }
}

/// The findings on an element that are being counted.
struct Count<'l> {
    element: &'static Element,
    lines: &'l Lines<'l>,
    states: States,
    unknown: usize,
    failed: Vec<Offender>,
    others: Vec<Offender>,
    remarks: BTreeMap<String, usize>,
}

#[derive(Default)]
struct States {
    pass: usize,
    warn: usize,
    fail: usize,
    not_determined: usize,
    /// Of how many it may be left out, and is.
    left_out: usize,
}

impl<'l> Count<'l> {
    fn new(element: &'static Element, lines: &'l Lines<'l>) -> Self {
        Self {
            element,
            lines,
            states: States::default(),
            unknown: 0,
            failed: Vec::new(),
            others: Vec::new(),
            remarks: BTreeMap::new(),
        }
    }

    /// Judges that there is no component: it is an error, not a pass.
    fn lacks_subjects(&mut self) {
        self.remark("the document lists no component");
        match self.element.level {
            Level::Must => self.states.fail = 1,
            Level::Should => self.states.warn = 1,
            Level::May => {}
        }
    }

    fn remark(&mut self, text: &str) {
        if let Some(count) = self.remarks.get_mut(text) {
            *count += 1;
        } else if self.remarks.len() < MAX_REMARKS {
            self.remarks.insert(text.to_owned(), 1);
        }
    }

    fn add(&mut self, found: &Found, label: impl FnOnce() -> Text, span: Span) {
        let state = found.state.unwrap_or_else(|| state(self.element, found.told));
        if let Some(note) = &found.note {
            self.remark(note);
        }
        let others = match state {
            State::Pass => {
                self.states.pass += 1;
                self.unknown += usize::from(found.told != Told::Value && found.told != Told::None);
                return;
            }
            State::NotApplicable => {
                self.states.left_out += usize::from(found.state.is_none());
                return;
            }
            State::Fail => {
                self.states.fail += 1;
                &mut self.failed
            }
            State::Warn => {
                self.states.warn += 1;
                &mut self.others
            }
            State::NotDetermined => {
                self.states.not_determined += 1;
                &mut self.others
            }
        };
        if others.len() < MAX_OFFENDERS {
            let span = found.span.unwrap_or(span);
            others.push(Offender {
                label: label(),
                state,
                told: found.told,
                note: found.note.as_deref().map(Text::trusted),
                at: self.lines.position(span.start),
                span,
            });
        }
    }

    fn into_answer(self) -> Answer {
        let States { pass, warn, fail, not_determined, left_out } = self.states;
        let state = match () {
            () if fail > 0 => State::Fail,
            () if warn > 0 => State::Warn,
            () if not_determined > 0 => State::NotDetermined,
            () if pass > 0 => State::Pass,
            () => State::NotApplicable,
        };
        let mut offenders = self.failed;
        offenders.extend(self.others);
        offenders.truncate(MAX_OFFENDERS);
        Answer {
            element: self.element,
            state,
            passed: pass,
            unknown: self.unknown,
            of: pass + warn + fail + not_determined + left_out,
            offenders,
            remarks: self
                .remarks
                .into_iter()
                .map(|(text, count)| Remark { text: Text::trusted(text), count })
                .collect(),
        }
    }
}

/// Returns how an element judges what is told.
fn state(element: &Element, told: Told) -> State {
    match (told, element.level) {
        (Told::Value, _) => State::Pass,
        (told, _) if element.accepts.contains(&told) => State::Pass,
        (_, Level::Must) => State::Fail,
        (_, Level::Should) => State::Warn,
        (Told::Placeholder | Told::Malformed, Level::May) => State::Warn,
        (_, Level::May) => State::NotApplicable,
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Answer", 9)?;
        out.serialize_field("element", self.element.id)?;
        out.serialize_field("level", &self.element.level)?;
        out.serialize_field("subject", &self.element.subject())?;
        out.serialize_field("state", &self.state)?;
        out.serialize_field("passed", &self.passed)?;
        out.serialize_field("unknown", &self.unknown)?;
        out.serialize_field("of", &self.of)?;
        out.serialize_field("offenders", &self.offenders)?;
        out.serialize_field("remarks", &self.remarks)?;
        out.end()
    }
}
