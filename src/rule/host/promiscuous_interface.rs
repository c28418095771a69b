//! `host/promiscuous-interface`: a network interface takes in what is meant for others.

use super::live;
use super::question::{Question, fail, pass};
use super::unseen::unseen;
use crate::finding::{Level, Reference, Subject};
use crate::host::running::Known;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/promiscuous-interface",
    level: Level::Deny,
    summary: "a network interface takes in what is meant for others",
    why: "somebody on the host reads the traffic of its neighbours",
    help: "find out who asked for it (`ss -0 -p`, `dmesg`) and end it: `ip link set dev NAME promisc off`",
    page: include_str!("promiscuous_interface.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-200" }],
    judge: Judge::Host { family: crate::host::running::network::ID, judge },
};

/// Fails for each interface that takes in what is meant for others; a port of a bridge must, and is listed only.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let Some(expected) = question.fact("host.network.promiscuous") else { return };
    let interfaces = match &running.network.interfaces {
        Known::Is(interfaces) => interfaces,
        Known::Absent => return unseen(&expected, answers, &Text::trusted("`/proc/net/dev` is not there")),
        Known::Unknown(reason) => return unseen(&expected, answers, reason),
    };
    let mut is_one = false;
    for interface in interfaces {
        is_one = true;
        let (message, at_most) = match interface.is_bridge_port {
            true => (
                text!(
                    "the interface `{}` takes in what is meant for others, as a port of a bridge must",
                    interface.name
                ),
                Level::Allow,
            ),
            false => (text!("the interface `{}` takes in what is meant for others", interface.name), Level::Deny),
        };
        let help = text!(
            "find out who asked for it (`ss -0 -p`, `dmesg`) and end it: `ip link set dev {} promisc off`",
            interface.name
        );
        answers.add(
            fail(&expected, Subject::new("interface", interface.name.clone()), message)
                .at_most(expected.level().min(at_most))
                .found(Text::trusted("promiscuous"))
                .help(help),
        );
    }
    if !is_one {
        pass(&expected, answers);
    }
}
