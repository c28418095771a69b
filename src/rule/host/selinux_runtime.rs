//! `host/selinux-runtime`: SELinux does not enforce its policy in the running system.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/selinux-runtime",
    level: Level::Deny,
    summary: "SELinux does not enforce its policy in the running system",
    why: "a permissive SELinux only writes down what a service should not have done, and an absent one not even that",
    help: "`setenforce 1`; where the kernel was started without it, take `selinux=0` from its command line and start again",
    page: include_str!("selinux_runtime.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
