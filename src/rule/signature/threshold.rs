//! `signature/threshold`: an artifact is signed by too few.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/threshold",
    level: Level::Deny,
    summary: "an artifact is signed by too few",
    why: "one stolen key must not be enough where several people have to agree",
    help: "let the others sign, or lower the threshold in the policy",
    page: include_str!("threshold.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::Threshold]),
};
