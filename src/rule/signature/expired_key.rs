//! `signature/expired-key`: a signature is by a key that has expired.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/expired-key",
    level: Level::Deny,
    summary: "a signature is by a key that has expired",
    why: "nobody vouches for an expired key any more, and its owner may have lost it",
    help: "fetch the renewed certificate from its owner; policy may accept what was signed before: accept-expired",
    page: include_str!("expired_key.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-298" }],
    judge: Judge::Artifact(&[FaultKind::Expired]),
};
