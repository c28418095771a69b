//! `signature/unsigned-content`: beside what is signed stands what is not.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/unsigned-content",
    level: Level::Deny,
    summary: "beside what is signed stands what is not",
    why: "a reader takes for signed what somebody put around it",
    help: "cut off what stands around the message, and take its verified text alone, with --output",
    page: include_str!("unsigned_content.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::UnsignedContent]),
};
