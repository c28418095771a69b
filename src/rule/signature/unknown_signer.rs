//! `signature/unknown-signer`: no trusted key signed an artifact.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/unknown-signer",
    level: Level::Deny,
    summary: "no trusted key signed an artifact",
    why: "anybody can sign; only who is trusted says something about it",
    help: "find out whose key it is; if they may sign, name it in the policy or with --key",
    page: include_str!("unknown_signer.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Artifact(&[FaultKind::UnknownSigner]),
};
