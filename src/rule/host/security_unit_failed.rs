//! `host/security-unit-failed`: a unit that guards the host has failed.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/security-unit-failed",
    level: Level::Deny,
    summary: "a unit that guards the host has failed",
    why: "everybody believes that it is at work: it is installed, enabled and configured",
    help: "see why (`systemctl status UNIT`, `journalctl -u UNIT`), mend it and start it again; `systemctl \
           reset-failed` alone mends nothing",
    page: include_str!("security_unit_failed.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
