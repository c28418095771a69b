//! `host/process-executable`: a process runs a program that does not stand where programs do.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/process-executable",
    level: Level::Deny,
    summary: "a process runs a program that does not stand where programs do",
    why: "a program that is deleted, in memory alone or in a folder that everyone may write is of no package, and no \
           check of files finds it",
    help: "look at it before you end it: `ls -l /proc/PID/exe`, `cp /proc/PID/exe FILE`; a service after an update \
           only needs a restart",
    page: include_str!("process_executable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
