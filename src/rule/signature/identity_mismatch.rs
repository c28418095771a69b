//! `signature/identity-mismatch`: an artifact is signed by another identity.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/identity-mismatch",
    level: Level::Deny,
    summary: "an artifact is signed by another identity",
    why: "a good signature by somebody else proves nothing about this artifact",
    help: "find out who signed; if they may, name the identity in the policy",
    page: include_str!("identity_mismatch.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::IdentityMismatch]),
};
