//! `signature/weak-hash`: a signature is over a weak digest.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/weak-hash",
    level: Level::Deny,
    summary: "a signature is over a weak digest",
    why: "two artifacts can be made that share the digest, and so the signature",
    help: "ask the signer to sign with SHA-256 or better",
    page: include_str!("weak_hash.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-328" }],
    judge: Judge::Artifact(&[FaultKind::WeakHash]),
};
