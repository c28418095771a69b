//! `host/lockdown`: root may change the running kernel, or nothing vouched for what was booted.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/lockdown",
    level: Level::Deny,
    summary: "root may change the running kernel, or nothing vouched for what was booted",
    why: "who becomes root once can then hide inside the kernel, below every check that runs on top of it",
    help: "start the kernel with `lockdown=integrity`, and switch Secure Boot on in the firmware",
    page: include_str!("lockdown.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
