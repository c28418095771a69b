//! `signature/log-proof`: the transparency log does not prove a signature.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/log-proof",
    level: Level::Deny,
    summary: "the transparency log does not prove a signature",
    why: "a signature that no log shows can be made in secret, at any time",
    help: "fetch the bundle anew, or use a trusted root that knows the log",
    page: include_str!("log_proof.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::LogProof]),
};
