//! `host/firewall-absent`: no firewall turns away what nobody asked for.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/firewall-absent",
    level: Level::Deny,
    summary: "no firewall turns away what nobody asked for",
    why: "each service that is started, on purpose or not, can be reached from everywhere at once",
    help: "load rules that drop what comes in and name what may: `nftables`, `ufw` (Debian, Ubuntu) or `firewalld` (RHEL)",
    page: include_str!("firewall_absent.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-923" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
