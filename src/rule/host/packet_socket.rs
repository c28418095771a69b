//! `host/packet-socket`: a process reads what passes on the network before the firewall does.

use super::live;
use super::question::{Question, fail, pass};
use super::unseen::{file_name, patterns, unseen};
use crate::finding::{Level, Reference, Subject};
use crate::host::running::Known;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/packet-socket",
    level: Level::Deny,
    summary: "a process reads what passes on the network before the firewall does",
    why: "a packet socket sees every frame, passwords among them, and a hidden door waits on one for its secret knock",
    help: "find out whose it is (`ss -0 -p`) and stop it; name what is meant to have one in the value of \
           `host.network.packet_socket`",
    page: include_str!("packet_socket.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-200" }],
    judge: Judge::Host { family: crate::host::running::network::ID, judge },
};

/// Fails for each program that holds a packet socket and is not meant to.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let Some(expected) = question.fact("host.network.packet_socket") else { return };
    let network = &running.network;
    let mut is_one = false;
    let mut unknown = network.unread.get(&Text::trusted("net/packet")).map(|why| text!("`/proc/net/packet`: {}", *why));
    let may = patterns(&expected.list());
    let mut told = std::collections::BTreeSet::new();
    for socket in &network.packet_sockets {
        let holders = match &socket.holders {
            Known::Is(holders) => holders,
            Known::Absent => {
                is_one = true;
                let message = text!(
                    "a packet socket of the user {} is held by no process that can be seen: it reads every frame",
                    socket.user
                );
                answers.add(fail(&expected, Subject::new("program", socket.name.clone()), message));
                continue;
            }
            Known::Unknown(reason) => {
                unknown = Some(text!("who holds a packet socket of the user {}: {}", socket.user, *reason));
                continue;
            }
        };
        for holder in holders.iter().filter(|holder| !may.is_match(file_name(holder.program.as_str()))) {
            is_one = true;
            if !told.insert(&holder.program) {
                continue;
            }
            let message = match &holder.unit {
                Some(unit) => text!("`{}` of {} holds a packet socket: it reads every frame", holder.program, *unit),
                None => text!("`{}` holds a packet socket: it reads every frame", holder.program),
            };
            let subject = Subject::new("program", holder.program.clone());
            answers.add(fail(&expected, subject, message).found(holder.program.clone()));
        }
    }
    match unknown {
        Some(reason) => unseen(&expected, answers, &reason),
        None if is_one => {}
        None => pass(&expected, answers),
    }
}
