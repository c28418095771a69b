//! `signature/issuer-mismatch`: an identity is vouched for by another issuer.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/issuer-mismatch",
    level: Level::Deny,
    summary: "an identity is vouched for by another issuer",
    why: "one name at two issuers may be two people",
    help: "find out who vouches for the identity; if they may, name the issuer in the policy",
    page: include_str!("issuer_mismatch.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::IssuerMismatch]),
};
