//! `host/unit-sandbox`: a service of one's own runs without any confinement.

use super::hardening::{State, confines};
use super::question::{Question, fail, not_determined, pass, shown};
use super::running::{is_nobodys, unit_subject};
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::systemd::Unit;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-sandbox",
    level: Level::Deny,
    summary: "a service of one's own runs without any confinement",
    why: "a fault in it gives away all that its user may do, where a few lines would keep it from most",
    help: "add `NoNewPrivileges=yes`, `ProtectSystem=strict` and their kin; `systemd-analyze security UNIT` shows what is missing",
    page: include_str!("unit_sandbox.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-653" }],
    judge: Judge::Host { family: "systemd", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact_of_packages("host.systemd.sandbox", answers) else { return };
    let wanted = expected.list();
    let mut unknown = 0_usize;
    for unit in &question.host.systemd.units {
        let Some(file) = unit.file.as_ref().filter(|_| unit.mask.is_none() && unit.alias_of.is_none()) else {
            continue;
        };
        let is_service = unit.name.as_str().ends_with(".service") && !unit.commands.is_empty();
        if !is_service || file.path.as_bytes().starts_with(b"run/") {
            continue;
        }
        match question.file(&file.real).and_then(is_nobodys) {
            Some(false) => {}
            None => unknown += 1,
            Some(true) if wanted.iter().any(|key| is_confined(unit, key)) => pass(&expected, answers),
            Some(true) => {
                let message = text!("`{}` in `{}` sets none of {}", unit.name, shown(&file.path), wanted.join(", "));
                let draft = fail(&expected, unit_subject(&unit.name), message).found(Text::trusted("none"));
                answers.add(draft.at(Some(Location::file(file.path.clone()))));
            }
        }
    }
    if unknown > 0 {
        let message = text!("no database of packages tells which of {} services are the host's own", unknown);
        answers.add(not_determined(&expected, Subject::new("unit", Text::trusted("services")), message));
    }
}

/// Whether a setting confines a unit.
fn is_confined(unit: &Unit, key: &str) -> bool {
    let mut state = State::unset(key);
    let settings = unit.settings.iter().filter(|setting| setting.key.as_str() == key && setting.hidden_by.is_none());
    for setting in settings {
        state.take(key, setting.value.as_str());
    }
    confines(key, &state)
}
