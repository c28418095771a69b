//! `host/kernel-taint`: the running kernel marks itself as changed or unstable.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/kernel-taint",
    level: Level::Deny,
    summary: "the running kernel marks itself as changed or unstable",
    why: "a module that was forced in or that nobody signed has every right of the kernel, and can make it say anything",
    help: "see in the log which module it was (`dmesg`), and start again without it; the marks stay until then",
    page: include_str!("kernel_taint.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
