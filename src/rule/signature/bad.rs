//! `signature/bad`: a signature does not hold.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/bad",
    level: Level::Deny,
    summary: "a signature does not hold",
    why: "whoever changed the artifact or the signature is not who signed",
    help: "fetch both anew from where they are published, and find out who changed them",
    page: include_str!("bad.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Artifact(&[FaultKind::Bad, FaultKind::Malformed, FaultKind::Unsupported]),
};
