//! `host/packet-socket`: a process reads what passes on the network before the firewall does.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

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
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
