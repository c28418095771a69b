//! `host/unit-required`: a unit that should run is masked, not enabled, or not installed.

use super::question::{Question, fail, pass, shown, unread};
use super::running::{gap_at, install, no_systemd, open_question, unit_named, unit_subject};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::systemd::{Mask, Unit};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-required",
    level: Level::Deny,
    summary: "a unit that should run is masked, not enabled, or not installed",
    why: "without it what happens on the host leaves no trail, or one whose times cannot be trusted",
    help: "`systemctl unmask UNIT` and `systemctl enable UNIT`",
    page: include_str!("unit_required.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "systemd", judge },
};

/// Units that other units always start, whether links want them or not.
const ALWAYS_STARTED: [&str; 2] = ["systemd-journald.service", "systemd-udevd.service"];

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.systemd.required_enabled") else { return };
    if !question.host.systemd.is_there {
        return answers.add(no_systemd(&expected));
    }
    for wanted in expected.list() {
        let names: Vec<String> = wanted.split('|').map(unit_named).collect();
        answer(question, &expected, &names, answers);
    }
}

fn answer(question: &Question<'_>, expected: &Expected<'_>, names: &[String], answers: &mut Answers) {
    let systemd = &question.host.systemd;
    let units: Vec<&Unit> = names.iter().filter_map(|name| systemd.unit(name)).collect();
    let is_running = |unit: &&&Unit| {
        let is_always_started = ALWAYS_STARTED.contains(&unit.name.as_str());
        unit.is_startable() && (is_always_started || systemd.is_enabled(unit))
    };
    let has_gap = |unit: &Unit| unit.file.as_ref().and_then(|file| gap_at(question, "systemd", &file.path));
    if let Some(unit) = units.iter().find(is_running) {
        return match has_gap(unit) {
            Some(gap) => answers.add(unread(expected, unit_subject(&unit.name), gap)),
            None => pass(expected, answers),
        };
    }
    if let Some((unit, mask)) = units.iter().find_map(|unit| Some((unit, unit.mask.as_ref()?))) {
        return answers.add(masked(expected, unit, mask));
    }
    let first = Text::of(names.first().map(String::as_str).unwrap_or_default());
    if let Some(gap) = names.iter().find_map(|name| open_question(question, name)) {
        return answers.add(unread(expected, unit_subject(&first), gap));
    }
    match units.iter().find(|unit| unit.file.is_some()) {
        Some(unit) => {
            let message = text!(
                "`{}` is installed, and nothing starts it: no `.wants` or `.requires` folder links to it",
                unit.name
            );
            let draft = fail(expected, unit_subject(&unit.name), message).found(Text::trusted("not enabled"));
            let file = unit.file.as_ref().map(|file| Location::file(file.path.clone()));
            answers.add(draft.at(file).help(text!("`systemctl enable {}`", unit.name)));
        }
        None if names.len() > 1 => {
            let all: Vec<Text> = names.iter().map(|name| text!("`{}`", *name)).collect();
            let message = text!("none of {} is installed", super::question::joined(&all));
            answers.add(missing(question, expected, &first, message));
        }
        None => answers.add(missing(question, expected, &first, text!("`{}` is not installed", first))),
    }
}

fn masked(expected: &Expected<'_>, unit: &Unit, mask: &Mask) -> Draft {
    let message = text!("`{}` is masked: `{}` is {}", unit.name, shown(&mask.path), mask.is);
    fail(expected, unit_subject(&unit.name), message)
        .at(Some(Location::file(mask.path.clone())))
        .found(mask.is.clone())
        .help(text!("`systemctl unmask {0}` and `systemctl enable {0}`", unit.name))
}

fn missing(question: &Question<'_>, expected: &Expected<'_>, name: &Text, message: Text) -> Draft {
    let bare = name.as_str().trim_end_matches(".service");
    let (debian, rhel, alpine) = match bare {
        "auditd" => ("auditd", "audit", "audit"),
        bare if bare.starts_with("chrony") => ("chrony", "chrony", "chrony"),
        _ => (bare, bare, bare),
    };
    let words = install(question, debian, rhel, alpine);
    fail(expected, unit_subject(name), message).found(Text::trusted("not installed")).help(text!(
        "{}, then `systemctl enable {}`",
        words,
        *name
    ))
}
