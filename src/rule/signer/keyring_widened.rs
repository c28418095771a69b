//! `signer/keyring-widened`: a key is trusted that was not when the last release was recorded.

use crate::artifact::FaultKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "signer/keyring-widened",
    level: Level::Deny,
    summary: "a key is trusted that was not when the last release was recorded",
    why: "one line added to a keyring file lets its owner sign every release to come",
    help: "if the key is right, name it in the ledger by a hand-over; else take it out of the keyring",
    page: include_str!("keyring_widened.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-284" }],
    judge: Judge::Artifact(&[FaultKind::KeyringWidened]),
};
