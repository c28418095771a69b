//! `host/log-gap`: a log has a hole, was cut off or was overwritten.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/log-gap",
    level: Level::Deny,
    summary: "a log has a hole, was cut off or was overwritten",
    why: "the last step of a break-in is to take the ones before it out of the logs",
    help: "keep the file as it is, compare it with the copy on the log host, and let logs go there as they are written",
    page: include_str!("log_gap.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-778" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
