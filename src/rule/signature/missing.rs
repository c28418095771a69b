//! `signature/missing`: an artifact has no signature.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/missing",
    level: Level::Deny,
    summary: "an artifact has no signature",
    why: "nobody vouches for what it holds",
    help: "fetch its signature from where it is published, or name it with --signature",
    page: include_str!("missing.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Artifact(&[FaultKind::Missing]),
};
