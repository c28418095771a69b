//! `host/security-unit-failed`: a unit that guards the host has failed.

use super::live;
use super::question::{Question, fail, not_applicable, not_determined, pass};
use super::unseen::subject;
use crate::finding::{Level, Reference, Subject};
use crate::host::running::state::{Manager, UnitState};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/security-unit-failed",
    level: Level::Deny,
    summary: "a unit that guards the host has failed",
    why: "everybody believes that it is at work: it is installed, enabled and configured",
    help: "see why (`systemctl status UNIT`, `journalctl -u UNIT`), mend it and start it again; `systemctl \
           reset-failed` alone mends nothing",
    page: include_str!("security_unit_failed.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::running::state::ID, judge },
};

/// Fails for each guard that is started with the system, was started, and is not at work.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let Some(expected) = question.fact("host.systemd.security_units") else { return };
    let state = &running.state;
    if state.manager == Manager::Other {
        let reason = Text::trusted(
            "neither `/run/systemd/system` nor `/run/openrc/softlevel` is there: nothing notes which services were started",
        );
        answers.add(not_applicable(&expected, subject(&expected), reason));
        return;
    }
    let guards = expected.list();
    let asked: Vec<&UnitState> =
        state.units.iter().filter(|unit| guards.iter().any(|guard| *guard == unit.name.as_str())).collect();
    if asked.is_empty() {
        let reason = Text::trusted("none of the units that guard a host is installed and started with the system");
        answers.add(not_applicable(&expected, subject(&expected), reason));
    }
    for unit in asked {
        let about = Subject::new("unit", unit.name.clone());
        let lower = expected.level().min(Level::Warn);
        let draft = match (unit.is_at_work, unit.was_started, unit.is_oneshot) {
            (true, ..) => {
                pass(&expected, answers);
                continue;
            }
            _ if state.hidden.is_some() => not_determined(
                &expected,
                about,
                text!("whether {} has a process cannot be seen: processes are hidden", unit.name),
            ),
            (false, true, false) => fail(
                &expected,
                about,
                text!(
                    "{} was started with the system and has no process: it failed, or somebody stopped it",
                    unit.name
                ),
            )
            .found(Text::trusted("no process")),
            (false, true, true) => not_determined(
                &expected,
                about,
                text!("{} does its work and ends; whether it failed is known to systemd alone", unit.name),
            )
            .at_most(lower),
            (false, false, _) => not_determined(
                &expected,
                about,
                text!("{} was not started with the system: a condition of it may not hold", unit.name),
            )
            .at_most(lower),
        };
        let name = unit.name.as_str().trim_end_matches(".service");
        let help = match state.manager {
            Manager::Openrc => text!("see why (`rc-service {} status`), mend it and start it again", name),
            _ => text!(
                "see why (`systemctl status {}`, `journalctl -u {}`), mend it and start it again",
                unit.name,
                unit.name
            ),
        };
        answers.add(draft.at(Some(crate::fact::Location::file(unit.path.clone()))).help(help));
    }
}
