//! `host/sysctl-value`: a kernel setting in force is weaker than expected.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/sysctl-value",
    level: Level::Deny,
    summary: "a kernel setting in force is weaker than expected",
    why: "the kernel does what it was told last, whatever the files say that were read when it started",
    help: "set it now and for the next boot: `sysctl -w KEY=VALUE`, and the same line in a file of `/etc/sysctl.d`",
    page: include_str!("sysctl_value.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
