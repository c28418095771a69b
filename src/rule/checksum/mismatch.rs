//! `checksum/mismatch`: an artifact has another digest than its list says.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "checksum/mismatch",
    level: Level::Deny,
    summary: "an artifact has another digest than its list says",
    why: "the artifact or the list was changed",
    help: "fetch both anew from where they are published, and find out who changed them",
    page: include_str!("mismatch.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-354" }],
    judge: Judge::Artifact(&[FaultKind::ChecksumMismatch]),
};
