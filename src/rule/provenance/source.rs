//! `provenance/source`: an artifact was built from another source.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "provenance/source",
    level: Level::Deny,
    summary: "an artifact was built from another source",
    why: "a trusted builder builds a stranger's source as well",
    help: "fetch the artifact that was built from the right repository, branch or tag",
    page: include_str!("source.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::Source]),
};
