//! `host/time-unsynchronised`: the clock of the host is not kept right.

use super::live;
use super::question::{Question, fail, joined, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::running::time::ID;
use crate::host::running::{Known, Running};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/time-unsynchronised",
    level: Level::Deny,
    summary: "the clock of the host is not kept right",
    why: "logs of several hosts cannot be put in order, and what has expired counts as valid or the other way round",
    help: "start one service that keeps it: `systemctl enable --now chrony` (Debian), `chronyd` (RHEL) or \
           `systemd-timesyncd`",
    page: include_str!("time_unsynchronised.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-223" }],
    judge: Judge::Host { family: ID, judge },
};

/// The process of timesyncd, as the kernel shortens its name.
const TIMESYNCD: &str = "systemd-timesyn";

/// Fails where nothing keeps the clock, or what keeps it says that it has not been set right.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        one(running, &expected, answers);
    }
}

fn one(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let subject = || Subject::new("clock", Text::trusted("clock"));
    let time = &running.time;
    // Without timesyncd the mark is left of one that was killed.
    let may_run = time.services.value().is_none_or(|services| services.contains(&Text::trusted(TIMESYNCD)));
    if time.is_marked == Known::Is(true) && may_run {
        return pass(expected, answers);
    }
    if running.sysctl.is_in_container() {
        let reason = text!("this is a container: its clock is the host's");
        return answers.add(not_applicable(expected, subject(), reason));
    }
    let services = match &time.services {
        Known::Is(services) => services,
        Known::Absent => {
            let message = text!("whether anything keeps the clock is not known: /proc shows no process");
            return answers.add(not_determined(expected, subject(), message));
        }
        Known::Unknown(reason) => {
            let message = text!("whether anything keeps the clock is not known: {}", *reason);
            return answers.add(not_determined(expected, subject(), message));
        }
    };
    let others: Vec<Text> = services.iter().filter(|name| name.as_str() != TIMESYNCD).cloned().collect();
    if !others.is_empty() {
        let message = text!(
            "{} keeps the clock, and says over a socket alone whether it is right, which is not opened",
            joined(&others)
        );
        let help = text!("look yourself: `chronyc tracking`, `ntpq -p` or `timedatectl show -p NTPSynchronized`");
        answers.add(not_determined(expected, subject(), message).help(help));
    } else if let Some(reason) = time.is_marked.reason() {
        answers.add(not_determined(
            expected,
            subject(),
            text!("whether the clock was set right is not known: {}", *reason),
        ));
    } else if services.is_empty() {
        let message = text!("nothing keeps the clock: none of timesyncd, chrony, ntpd and their like runs");
        answers.add(fail(expected, subject(), message).found(Text::trusted("no service")));
    } else {
        let message =
            text!("timesyncd runs and has not set the clock right: there is no /run/systemd/timesync/synchronized");
        let help = text!("look at `timedatectl timesync-status`: a server must be named and reached");
        answers.add(fail(expected, subject(), message).help(help).found(Text::trusted("not synchronised")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::host::live::tests::{answers, host};

    #[test]
    fn what_files_and_processes_tell_is_judged() {
        let check = |is_marked: bool, services: Option<&[&str]>, expected: &str| {
            let host = host(|running| {
                running.time.is_marked = Known::Is(is_marked);
                running.time.services =
                    services.map_or(Known::Absent, |names| Known::Is(names.iter().map(Text::of).collect()));
            });
            assert_eq!(answers(&RULE, &host), [expected], "{is_marked} {services:?}");
        };
        check(true, Some(&[TIMESYNCD]), "pass");
        check(true, None, "pass");
        check(true, Some(&[]), "fail clock");
        check(true, Some(&["chronyd"]), "not-determined clock");
        check(false, Some(&[TIMESYNCD]), "fail clock");
        check(false, Some(&[]), "fail clock");
        check(false, Some(&["chronyd"]), "not-determined clock");
        check(false, None, "not-determined clock");
    }
}
