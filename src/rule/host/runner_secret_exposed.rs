//! `host/runner-secret-exposed`: a job of the runner reaches the container daemon, or secrets in its environment.

use super::live;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "host/runner-secret-exposed",
    level: Level::Deny,
    summary: "a job of the runner reaches the container daemon, or secrets in its environment",
    why: "every step and every dependency that runs in the job reads them, and the daemon is root on the host",
    help: "hand a secret to the one step that needs it, exchange long-lived ones for tokens of the job, and do not \
           mount the socket",
    page: include_str!("runner_secret_exposed.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-526" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge: live::judge },
};
