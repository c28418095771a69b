//! Which controls of a benchmark a report covers, and how each ended.

use std::collections::BTreeMap;

use serde::Serialize;

use super::FactLine;
use crate::host::Host;
use crate::policy::Policy;
use crate::policy::host::{Benchmark, table};
use crate::text;
use crate::text::Text;

/// The controls of a benchmark that facts name, and how each ended.
#[derive(Clone, Debug)]
pub struct Controls {
    /// The profile by which the benchmark is chosen.
    pub profile: &'static str,
    /// The scheme under which facts name its controls.
    pub scheme: &'static str,
    /// What the benchmark is called, with its edition.
    pub title: &'static str,
    /// How many of the controls below are covered: those of which a fact came to an answer. How many the benchmark has in
    /// all is not said where its source publishes no count.
    pub covered: u64,
    /// The controls, in the order of their numbers.
    pub controls: Vec<ControlLine>,
}

/// A control of a benchmark.
#[derive(Clone, Debug, Serialize)]
pub struct ControlLine {
    /// Its number.
    pub id: &'static str,
    /// The worst state of its facts, `not-judged` where one of them came to no answer and none is worse.
    pub state: &'static str,
    /// The facts that stand for it, each with its state.
    pub facts: Vec<ControlFact>,
}

/// A fact that stands for a control.
#[derive(Clone, Debug, Serialize)]
pub struct ControlFact {
    /// Its id.
    pub id: &'static str,
    /// How it ended.
    pub state: &'static str,
}

/// The state of a fact about which no rule came to an answer.
const NOT_JUDGED: &str = "not-judged";

/// The states of facts, the worst first. Where one fact of a control is as expected and another has nothing to be about, the
/// control is as expected.
const STATES: [&str; 7] = ["fail", "error", "not-determined", NOT_JUDGED, "waived", "pass", "not-applicable"];

/// Returns the controls of the benchmark in force, where one is.
pub(super) fn controls(policy: &Policy, facts: &[FactLine]) -> Option<Controls> {
    let benchmark = policy.host.benchmark()?;
    let ended: BTreeMap<&str, &'static str> = facts.iter().map(|fact| (fact.id, fact.state)).collect();
    let mut controls: BTreeMap<Number, ControlLine> = BTreeMap::new();
    for (fact, id) in named(benchmark) {
        let line = controls.entry(Number::of(id)).or_insert(ControlLine { id, state: "pass", facts: Vec::new() });
        let state = ended.get(fact).copied().unwrap_or(NOT_JUDGED);
        if line.facts.iter().all(|known| known.id != fact) {
            line.facts.push(ControlFact { id: fact, state });
        }
    }
    let controls: Vec<ControlLine> =
        controls.into_values().map(|line| ControlLine { state: worst(&line.facts), ..line }).collect();
    let is_covered = |line: &&ControlLine| line.facts.iter().any(|fact| fact.state != NOT_JUDGED);
    let covered = controls.iter().filter(is_covered).count() as u64;
    let Benchmark { name, scheme, title, .. } = benchmark;
    Some(Controls { profile: name, scheme, title, covered, controls })
}

/// Returns the facts that controls of a benchmark name, each with the control's number.
fn named(benchmark: &'static Benchmark) -> impl Iterator<Item = (&'static str, &'static str)> {
    table().facts.iter().flat_map(move |fact| {
        let own = fact.controls().iter().filter(move |control| control.scheme == benchmark.scheme);
        own.map(|control| (fact.id.as_str(), control.id.as_str()))
    })
}

fn worst(facts: &[ControlFact]) -> &'static str {
    let has = |state: &&&str| facts.iter().any(|fact| fact.state == **state);
    STATES.iter().find(has).copied().unwrap_or(NOT_JUDGED)
}

/// A number of a control in the order of its parts: `1.1.9` stands before `1.1.10`, `R9` before `R10`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Number(Vec<(String, u64)>);

impl Number {
    fn of(id: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = id;
        while !rest.is_empty() {
            let word = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
            let (before, behind) = rest.split_at_checked(word).unwrap_or((rest, ""));
            let end = behind.find(|character: char| !character.is_ascii_digit()).unwrap_or(behind.len());
            let (digits, behind) = behind.split_at_checked(end).unwrap_or((behind, ""));
            parts.push((before.to_owned(), digits.parse().unwrap_or_default()));
            rest = behind;
        }
        Self(parts)
    }
}

impl Controls {
    /// Returns how many controls are covered and how they ended, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let count = |state: &str| self.controls.iter().filter(|control| control.state == state).count();
        let counts = STATES.iter().map(|state| (count(state), state.replace('-', " ")));
        let counts: Vec<String> =
            counts.filter(|(count, _)| *count > 0).map(|(count, state)| format!("{count} {state}")).collect();
        let covered = super::plural(self.covered, "control covered", "controls covered");
        format!("{covered} of {} ({}): {}", self.title, self.profile, counts.join(", "))
    }

    /// Returns the controls that a reader has to look at: what fails, and what could not be told.
    pub fn open(&self) -> impl Iterator<Item = &ControlLine> {
        self.controls.iter().filter(|control| matches!(control.state, "fail" | "error" | "not-determined"))
    }
}

impl ControlLine {
    /// Returns the facts that give the control its state.
    #[must_use]
    pub fn deciding(&self) -> Vec<&'static str> {
        self.facts.iter().filter(|fact| fact.state == self.state).map(|fact| fact.id).collect()
    }
}

/// Returns what a reader must know where a benchmark was written for another system than the one that was judged.
pub(super) fn note(policy: &Policy, host: Option<&Host>) -> Option<Text> {
    let (benchmark, host) = (policy.host.benchmark()?, host?);
    let meant = benchmark.distribution?;
    match host.distribution() {
        Some(found) if found == meant => None,
        Some(found) => Some(text!("{} is written for {}, and this host is {}", benchmark.title, meant, found)),
        None => Some(text!("{} is written for {}, and this host does not say what it is", benchmark.title, meant)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_the_order_of_their_parts() {
        let mut ids = ["1.1.10", "R10", "1.1.9", "R9", "1.10", "UBTU-24-100110", "kernel.kptr_restrict", "", "é1"];
        ids.sort_by_key(|id| Number::of(id));
        assert_eq!(ids, ["", "1.1.9", "1.1.10", "1.10", "R9", "R10", "UBTU-24-100110", "kernel.kptr_restrict", "é1"]);
    }

    #[test]
    fn a_control_is_as_bad_as_its_worst_fact() {
        let check = |states: &[&'static str], expected: &str| {
            let facts: Vec<ControlFact> = states.iter().map(|state| ControlFact { id: "host.a", state }).collect();
            assert_eq!(worst(&facts), expected, "{states:?}");
        };
        check(&["pass", "fail", "not-determined"], "fail");
        check(&["pass", "not-judged"], "not-judged");
        check(&["not-judged", "not-determined"], "not-determined");
        check(&["pass", "waived"], "waived");
        check(&["not-applicable", "pass"], "pass");
        check(&["not-applicable", "not-applicable"], "not-applicable");
        check(&[], "not-judged");
    }
}
