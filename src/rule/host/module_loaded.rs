//! `host/module-loaded`: a kernel module is loaded that should not be, or an old kernel still runs.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/module-loaded",
    level: Level::Deny,
    summary: "a kernel module is loaded that should not be, or an old kernel still runs",
    why: "a forbidden module was loaded all the same, and a kernel that was updated on disk keeps its old faults \
           until the start",
    help: "`modprobe -r MODULE`, and forbid it by `install MODULE /bin/false` in `/etc/modprobe.d`; start again into \
           the new kernel",
    page: include_str!("module_loaded.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1125" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
