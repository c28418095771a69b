//! `signature/not-allowed-signer`: an artifact is signed by a key that may not sign it.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/not-allowed-signer",
    level: Level::Deny,
    summary: "an artifact is signed by a key that may not sign it",
    why: "a key is trusted for what it is given for, and nothing else",
    help: "let the right key sign it, or name this one for such artifacts in the policy",
    page: include_str!("not_allowed_signer.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-863" }],
    judge: Judge::Artifact(&[FaultKind::NotAllowedSigner]),
};
