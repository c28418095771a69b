//! `host/promiscuous-interface`: a network interface takes in what is meant for others.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

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
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
