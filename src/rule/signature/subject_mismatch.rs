//! `signature/subject-mismatch`: an attestation is about something else.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/subject-mismatch",
    level: Level::Deny,
    summary: "an attestation is about something else",
    why: "a true statement about another artifact proves nothing about this one",
    help: "fetch the attestation that belongs to the artifact",
    page: include_str!("subject_mismatch.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::SubjectMismatch]),
};
