//! `signature/weak-binding`: a key is bound to its certificate by a weak signature.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signature/weak-binding",
    level: Level::Deny,
    summary: "a key is bound to its certificate by a weak signature",
    why: "somebody else's key could be passed off as one of the signer's",
    help: "ask its owner to renew the certificate's self-signatures",
    page: include_str!("weak_binding.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-328" }],
    judge: Judge::Artifact(&[FaultKind::WeakBinding]),
};
