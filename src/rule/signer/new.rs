//! `signer/new`: nothing is recorded of whoever signed a release.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signer/new",
    level: Level::Warn,
    summary: "nothing is recorded of whoever signed a release",
    why: "without a record nothing tells a new maintainer from a stranger",
    help: "make sure who it is, then record the release with `portcullis verify --record`",
    page: include_str!("new.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-346" }],
    judge: Judge::Artifact(&[FaultKind::SignerNew]),
};
