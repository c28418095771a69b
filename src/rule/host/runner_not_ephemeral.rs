//! `host/runner-not-ephemeral`: a job of the runner reaches other jobs or the host.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/runner-not-ephemeral",
    level: Level::Deny,
    summary: "a job of the runner reaches other jobs or the host",
    why: "whoever may propose a change may run code on the runner, and from there reaches what comes after, or what \
           lies below",
    help: "give each job a machine or a container of its own, without namespaces, paths or capabilities of the host, \
           and remove it afterwards",
    page: include_str!("runner_not_ephemeral.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-653" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
