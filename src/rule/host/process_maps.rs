//! `host/process-maps`: a process has memory that it may both write and execute.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/process-maps",
    level: Level::Deny,
    summary: "a process has memory that it may both write and execute",
    why: "a fault that lets somebody write there lets them run what they wrote, at once",
    help: "build the program without executable stacks and trampolines, or let the unit refuse: \
           `MemoryDenyWriteExecute=yes`",
    page: include_str!("process_maps.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
