//! `host/listener-unexpected`: a service listens that nobody expects.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

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
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
