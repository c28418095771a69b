//! `checksum/missing-entry`: a list of digests does not hold an artifact.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "checksum/missing-entry",
    level: Level::Deny,
    summary: "a list of digests does not hold an artifact",
    why: "nothing says what the artifact should be",
    help: "fetch the list that belongs to the artifact",
    page: include_str!("missing_entry.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-353" }],
    judge: Judge::Artifact(&[FaultKind::ChecksumMissing]),
};
