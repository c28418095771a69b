//! `host/process-traced`: SUMMARY.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/process-traced",
    level: Level::Deny,
    summary: "SUMMARY",
    why: "WHY",
    help: "HELP",
    page: include_str!("process_traced.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-000" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
