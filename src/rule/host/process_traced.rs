//! `host/process-traced`: a process is in the hands of a tracer.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/process-traced",
    level: Level::Deny,
    summary: "a process is in the hands of a tracer",
    why: "the tracer reads and changes all of its memory, keys and passwords included, and may steer what it does",
    help: "find out who traces (`grep TracerPid /proc/PID/status`) and end it; let nobody do it again: \
           `kernel.yama.ptrace_scope=2`",
    page: include_str!("process_traced.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-668" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
