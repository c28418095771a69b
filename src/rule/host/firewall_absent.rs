//! `host/firewall-absent`: no firewall turns away what nobody asked for.

use super::live;
use super::question::{Question, fail, pass};
use super::unseen::unseen;
use crate::finding::{Level, Reference, Subject};
use crate::host::running::Known;
use crate::rule::{Answers, Judge, Rule};
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/firewall-absent",
    level: Level::Deny,
    summary: "no firewall turns away what nobody asked for",
    why: "each service that is started, on purpose or not, can be reached from everywhere at once",
    help: "load rules that drop what comes in and name what may: `nftables`, `ufw` (Debian, Ubuntu) or `firewalld` (RHEL)",
    page: include_str!("firewall_absent.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-923" }],
    judge: Judge::Host { family: crate::host::running::network::ID, judge },
};

/// Fails where the kernel holds no rules that could turn anything away. What rules there are cannot be read without a socket
/// to the kernel: settings that drop what comes in are believed, where the kernel holds rules.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let Some(expected) = question.fact("host.network.firewall") else { return };
    let firewall = &running.network.firewall;
    let reason = match (firewall.may_be(), firewall.kept_by.is_empty()) {
        (Some(false), _) => {
            let message = Text::trusted("the kernel holds no rules of a firewall, neither of nftables nor of iptables");
            let subject = Subject::new("host", Text::trusted("firewall"));
            answers.add(fail(&expected, subject, message).found(Text::trusted("no rules")));
            return;
        }
        (_, false) => return pass(&expected, answers),
        (Some(true), true) => Text::trusted(
            "the kernel holds rules of a firewall; whether they drop what nobody asked for can be read over a socket \
             alone, which is not opened, and no settings of nftables, ufw or firewalld say so",
        ),
        (None, true) => {
            let unknown = |known: Option<&Text>| known.cloned();
            let why = match (&firewall.tables, &firewall.nftables) {
                (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => unknown(Some(reason)),
                _ => None,
            };
            why.unwrap_or_else(|| Text::trusted("whether the kernel holds rules of a firewall cannot be seen"))
        }
    };
    unseen(&expected, answers, &reason);
}
