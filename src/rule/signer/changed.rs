//! `signer/changed`: a release is signed by nobody who signed the one before.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signer/changed",
    level: Level::Deny,
    summary: "a release is signed by nobody who signed the one before",
    why: "whoever takes a project over, or its keyring, signs with a key of their own",
    help: "ask who signed before, by another way than the one the release came by; then record the hand-over in the ledger",
    page: include_str!("changed.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Artifact(&[FaultKind::SignerChanged]),
};
