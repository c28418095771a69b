//! `release/not-in-tag`: a file of a tarball is not in its tag.

use crate::artifact::DifferenceKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "release/not-in-tag",
    level: Level::Deny,
    summary: "a file of a tarball is not in the tag",
    why: "nobody who reads the repository has seen it",
    help: "leave it out, commit it, or name generated files in the rule's `allow`",
    page: include_str!("not_in_tag.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }, Reference { scheme: "cve", id: "CVE-2024-3094" }],
    judge: Judge::AgainstTag(&[DifferenceKind::Added]),
};
