//! `signature/weak-key`: a signature is by a key that is too short.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/weak-key",
    level: Level::Deny,
    summary: "a signature is by a key that is too short",
    why: "such keys can be computed by others",
    help: "ask the signer for a signature by a stronger key",
    page: include_str!("weak_key.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-326" }],
    judge: Judge::Artifact(&[FaultKind::WeakKey]),
};
