//! `signature/revoked-key`: a signature is by a revoked key.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/revoked-key",
    level: Level::Deny,
    summary: "a signature is by a revoked key",
    why: "its owner says that the key may be in other hands",
    help: "fetch an artifact that is signed by the key's successor",
    page: include_str!("revoked_key.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-299" }],
    judge: Judge::Artifact(&[FaultKind::Revoked]),
};
