//! `signature/wrong-type`: a signature is not over a document.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/wrong-type",
    level: Level::Deny,
    summary: "a signature is not over a document",
    why: "what was signed for another purpose says nothing about the artifact",
    help: "ask the signer for a signature over the artifact",
    page: include_str!("wrong_type.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Artifact(&[FaultKind::WrongType]),
};
