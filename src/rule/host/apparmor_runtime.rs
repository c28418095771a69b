//! `host/apparmor-runtime`: the running kernel confines nothing by AppArmor or another security module.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/apparmor-runtime",
    level: Level::Deny,
    summary: "the running kernel confines nothing by AppArmor or another security module",
    why: "a service that is taken over then does whatever its user may do, and as root that is everything",
    help: "start the kernel with `apparmor=1 security=apparmor`, and load the profiles: `systemctl enable --now apparmor`",
    page: include_str!("apparmor_runtime.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
