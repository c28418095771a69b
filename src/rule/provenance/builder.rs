//! `provenance/builder`: an artifact was built by another builder.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "provenance/builder",
    level: Level::Deny,
    summary: "an artifact was built by another builder",
    why: "provenance is worth what the builder that states it is worth",
    help: "find out who built it; if they may, name the builder in the policy",
    page: include_str!("builder.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::Builder]),
};
