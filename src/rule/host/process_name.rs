//! `host/process-name`: a process bears the name of another.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/process-name",
    level: Level::Deny,
    summary: "a process bears the name of another",
    why: "who looks at the list of processes passes over what is called like a thread of the kernel or a part of systemd",
    help: "find out what it is: `ls -l /proc/PID/exe`, `cat /proc/PID/cgroup`; keep a copy of the program before you \
           end it",
    page: include_str!("process_name.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-451" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
