//! `checksum/unsigned`: a list of digests is not signed.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "checksum/unsigned",
    level: Level::Deny,
    summary: "a list of digests is not signed",
    why: "whoever can change the artifact can change the list beside it",
    help: "fetch the list's signature, or ask for one",
    page: include_str!("unsigned.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::ChecksumUnsigned]),
};
