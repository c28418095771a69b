//! `host/listener-unexpected`: a service listens that nobody expects.

use std::cell::LazyCell;

use super::live;
use super::question::{Question, fail, joined, pass};
use super::unseen::{patterns, unseen};
use crate::finding::{Level, Reference, Subject};
use crate::host::running::Known;
use crate::host::running::network::Listener;
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/listener-unexpected",
    level: Level::Deny,
    summary: "a service listens that nobody expects",
    why: "each open port is a way in from outside, to a service that somebody forgot or that somebody hid",
    help: "stop it (`systemctl disable --now UNIT`), bind it to 127.0.0.1, or name it in the value of \
           `host.network.listen`",
    page: include_str!("listener_unexpected.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1327" }],
    judge: Judge::Host { family: crate::host::running::network::ID, judge },
};

/// Fails for each socket that waits where others reach it and that nobody expects, and each of a service for administrators
/// that waits on every address.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        let is_wildcard = expected.fact.id == "host.network.wildcard_bind";
        let list = expected.list();
        let all = LazyCell::new(|| patterns(&list));
        let part_of = |part: fn(&str) -> Option<&str>| {
            patterns(&list.iter().filter_map(|pattern| part(pattern).map(str::to_owned)).collect::<Vec<String>>())
        };
        // What the pattern says of the program cannot be held against one that cannot be seen.
        let places = LazyCell::new(|| part_of(|pattern| Some(pattern.split_once(' ')?.0)));
        let any_program = LazyCell::new(|| part_of(|pattern| pattern.strip_suffix(" *")));
        let mut is_one = false;
        let mut unknown: Vec<Text> = Vec::new();
        for listener in running.network.listeners.iter().filter(|listener| !listener.is_local) {
            if is_wildcard && !listener.is_everywhere {
                continue;
            }
            let place = listener.name.as_str();
            let (programs, reason) = programs(listener);
            let names: Vec<String> = programs.iter().map(|program| format!("{place} {program}")).collect();
            let is_meant = match &reason {
                None => names.iter().all(|name| all.is_match(name)),
                Some(_) if any_program.is_match(place) => true,
                Some(_) if places.is_match(place) => {
                    unknown.push(listener.name.clone());
                    continue;
                }
                Some(_) => false,
            };
            if is_meant != is_wildcard {
                continue;
            }
            is_one = true;
            answers.add(found(&expected, listener, &joined(&programs), is_wildcard));
        }
        let unread = running.network.unread.iter().filter(|(table, _)| table.as_str() != "net/packet");
        let unread = unread.map(|(table, why)| text!("`/proc/{}`: {}", *table, *why)).next();
        if let Some(reason) = unread {
            unseen(&expected, answers, &reason);
        } else if !unknown.is_empty() {
            let reason =
                text!("which program listens on {} cannot be seen without the rights of root", joined(&unknown));
            unseen(&expected, answers, &reason);
        } else if !is_one {
            pass(&expected, answers);
        }
    }
}

/// Returns the programs that hold a socket, and whether they cannot be seen.
fn programs(listener: &Listener) -> (Vec<Text>, Option<&Text>) {
    match &listener.holders {
        Known::Is(holders) => (holders.iter().map(|holder| holder.program.clone()).collect(), None),
        Known::Absent => (vec![Text::trusted("kernel")], None),
        Known::Unknown(reason) => (vec![Text::trusted("?")], Some(reason)),
    }
}

fn found(expected: &Expected<'_>, listener: &Listener, programs: &Text, is_wildcard: bool) -> Draft {
    let units: Vec<&Text> = listener
        .holders
        .value()
        .into_iter()
        .flatten()
        .filter_map(|holder| holder.unit.as_ref())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let who = match (&listener.holders, units.as_slice()) {
        (Known::Unknown(_), _) => text!("a program of the user {} that cannot be seen", listener.user),
        (Known::Absent, _) => Text::trusted("the kernel, or a process out of sight,"),
        (Known::Is(_), []) => text!("`{}` of the user {}", *programs, listener.user),
        (Known::Is(_), units) => text!("`{}` of {}", *programs, joined(units)),
    };
    let message = match is_wildcard {
        true => text!("{} listens on {}: on every address, and is for administrators alone", who, listener.name),
        false => text!("{} listens on {}, and nobody expects it", who, listener.name),
    };
    let subject = Subject::new("listener", text!("{} {}", listener.name, *programs));
    let draft = fail(expected, subject, message).found(listener.name.clone());
    match units.first() {
        Some(unit) => draft.help(text!(
            "stop it (`systemctl disable --now {}`), bind it to 127.0.0.1, or name it in the value of \
             `host.network.listen` or in the rule's `allow`",
            **unit
        )),
        None => draft,
    }
}
