//! `host/time-unsynchronised`: the clock of the host is not kept right.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

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
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
