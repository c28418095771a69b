//! `host/unit-drop-in-masked`: what hardens a unit is masked, or taken back.

use std::collections::BTreeMap;

use super::hardening::{State, confines};
use super::question::{Question, at, fail, pass, shown, unread};
use super::running::{gap_at, is_packaged, unit_subject};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::systemd::{Setting, Unit};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-drop-in-masked",
    level: Level::Deny,
    summary: "what hardens a unit is masked, or taken back",
    why: "the hardening still stands in a file that everybody reads, and no longer counts",
    help: "remove the link or the drop-in that takes the hardening back, then `systemctl daemon-reload`",
    page: include_str!("unit_drop_in_masked.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "systemd", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact_of_packages("host.systemd.drop_in_masked", answers) else { return };
    // A unit that is masked runs nothing that could be hardened.
    let in_force = |unit: &&Unit| unit.mask.is_none() && unit.alias_of.is_none();
    for unit in question.host.systemd.units.iter().filter(in_force) {
        let paths = unit.drop_ins.iter().flat_map(|one| std::iter::once(&one.path).chain(&one.hides));
        if let Some(gap) = paths.into_iter().find_map(|path| gap_at(question, "systemd", path)) {
            answers.add(unread(&expected, unit_subject(&unit.name), gap));
            continue;
        }
        match of_unit(question, unit).split_first() {
            Some((first, others)) => answers.add(draft(first, others, &expected, unit)),
            None => pass(&expected, answers),
        }
    }
}

/// How many settings of a unit are told.
const MAX_TOLD: usize = 10;

/// Hardening that does not count.
struct Lost<'a> {
    setting: &'a Setting,
    /// The setting that takes it back, or else nothing does but what stands in its place.
    by: Option<&'a Setting>,
}

impl Lost<'_> {
    /// Returns what does not count: `User=alice`.
    fn said(&self) -> Text {
        text!("{}={}", self.setting.key, self.setting.value)
    }

    /// Returns what stands in its place.
    fn hider(&self) -> TreePath {
        self.setting.hidden_by.clone().unwrap_or_else(|| self.setting.place.path.clone())
    }

    /// Returns what there is instead.
    fn now(&self, unit: &Unit) -> Text {
        match self.by {
            Some(by) => text!("{}={}", by.key, by.value),
            None => {
                let hider = self.hider();
                let mask = unit.drop_ins.iter().find(|one| one.path == hider).and_then(|one| one.mask.clone());
                mask.map_or_else(|| text!("a file of the same name"), |mask| text!("{}", mask))
            }
        }
    }

    fn message(&self, unit: &Unit) -> Text {
        let (said, at) = (self.said(), self.setting.place.shown());
        match self.by {
            Some(by) => {
                text!(
                    "`{}` says {} in {}, which takes back {} of {}",
                    unit.name,
                    self.now(unit),
                    by.place.shown(),
                    said,
                    at
                )
            }
            None => {
                let (hider, is) = (self.hider(), self.now(unit));
                text!(
                    "{} of `{}` in {} does not count: `{}` is {} and comes first",
                    said,
                    unit.name,
                    at,
                    shown(&hider),
                    is
                )
            }
        }
    }
}

/// Answers for a unit: the first hardening that does not count says where and how to mend, and all are told.
fn draft(first: &Lost<'_>, others: &[Lost<'_>], expected: &Expected<'_>, unit: &Unit) -> Draft {
    let all = || std::iter::once(first).chain(others).take(MAX_TOLD);
    let listed = |between: &str, one: &dyn Fn(&Lost<'_>) -> Text| {
        all().map(one).reduce(|before, next| text!("{}{}{}", before, *between, next)).unwrap_or_default()
    };
    let draft = fail(expected, unit_subject(&unit.name), listed("; ", &|lost| lost.message(unit)))
        .with_related(all().map(|lost| lost.setting.place.location()))
        .was(listed(", ", &|lost| lost.said()))
        .found(listed(", ", &|lost| lost.now(unit)));
    match first.by {
        Some(by) => at(draft, &by.place),
        None => {
            let hider = first.hider();
            let mend = text!("`rm {}`, then `systemctl daemon-reload`", shown(&hider));
            draft.at(Some(Location::file(hider))).help(mend)
        }
    }
}

/// Returns the hardening of a unit that does not count, one for each setting.
fn of_unit<'a>(question: &Question<'_>, unit: &'a Unit) -> Vec<Lost<'a>> {
    let mut by_key: BTreeMap<&str, Vec<&Setting>> = BTreeMap::new();
    for setting in &unit.settings {
        by_key.entry(setting.key.as_str()).or_default().push(setting);
    }
    by_key.into_iter().filter_map(|(key, settings)| of_key(question, unit, key, &settings)).collect()
}

fn of_key<'a>(question: &Question<'_>, unit: &'a Unit, key: &str, settings: &[&'a Setting]) -> Option<Lost<'a>> {
    let (hidden, counted): (Vec<&Setting>, Vec<&Setting>) =
        settings.iter().copied().partition(|setting| setting.hidden_by.is_some());
    let mut now = State::unset(key);
    counted.iter().for_each(|setting| now.take(key, setting.value.as_str()));
    // What another file of the same name stands in the place of.
    let by_file = |setting: &&&Setting| {
        let mut alone = State::unset(key);
        let same = hidden.iter().filter(|other| other.place.path == setting.place.path);
        same.for_each(|other| alone.take(key, other.value.as_str()));
        let is_ours = setting.hidden_by.as_ref().is_some_and(|hider| !is_of_package(question, unit, hider));
        is_ours && confines(key, &alone) && now.is_weaker_than(&alone)
    };
    if let Some(setting) = hidden.iter().find(by_file) {
        return Some(Lost { setting, by: None });
    }
    // What a later file takes back of the state that the files before it made.
    let mut before = State::unset(key);
    let mut last: Option<&Setting> = None;
    let mut lost = None;
    for of_file in counted.chunk_by(|one, other| one.place.path == other.place.path) {
        let mut after = before.clone();
        of_file.iter().for_each(|setting| after.take(key, setting.value.as_str()));
        if let (Some(setting), Some(by)) = (last, of_file.last())
            && confines(key, &before)
            && after.is_weaker_than(&before)
            && now.is_weaker_than(&before)
            && !is_of_package(question, unit, &by.place.path)
        {
            lost = Some(Lost { setting, by: Some(by) });
        }
        before = after;
        last = of_file.last().copied().or(last);
    }
    lost
}

/// Whether a package ships a file of a unit: what a maker decides about their own service is no fault here.
fn is_of_package(question: &Question<'_>, unit: &Unit, path: &TreePath) -> bool {
    let file = unit.file.as_ref().filter(|file| file.path == *path).map(|file| &file.real);
    let drop_in = || unit.drop_ins.iter().find(|one| one.path == *path).and_then(|one| one.real.as_ref());
    let real: Option<&TreePath> = file.or_else(drop_in);
    real.is_some_and(|real| is_packaged(question, path, real))
}
