//! `host/sysctl-drift`: a kernel setting in force is another than the one that files set.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/sysctl-drift",
    level: Level::Deny,
    summary: "a kernel setting in force is another than the one that files set",
    why: "either somebody changed it by hand or the next boot takes it away, and who reads the files believes what is \
           not so",
    help: "apply the files (`sysctl --system`), or write what is in force into a file of `/etc/sysctl.d`; find out \
           who changed it",
    page: include_str!("sysctl_drift.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-665" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
