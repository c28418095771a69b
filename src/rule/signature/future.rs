//! `signature/future`: a signature says that it is from the future.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/future",
    level: Level::Deny,
    summary: "a signature says that it is from the future",
    why: "the signer's clock, or somebody who signs ahead, makes its time worth nothing",
    help: "check the clocks, or give the time of the judgement with --at",
    page: include_str!("future.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Artifact(&[FaultKind::Future]),
};
