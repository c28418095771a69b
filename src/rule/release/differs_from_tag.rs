//! `release/differs-from-tag`: a file of a tarball is another than in its tag, or is lost.

use crate::artifact::DifferenceKind;
use crate::finding::{Level, Reference};
use crate::rule::{Judge, Rule};

pub(super) static RULE: Rule = Rule {
    id: "release/differs-from-tag",
    level: Level::Deny,
    summary: "a file of a tarball is not as it is in the tag",
    why: "what was reviewed in the repository is not what users build",
    help: "build the tarball anew by `git archive`, or find out who changed the file on the way",
    page: include_str!("differs_from_tag.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-494" }, Reference { scheme: "cve", id: "CVE-2024-3094" }],
    judge: Judge::AgainstTag(&[DifferenceKind::Changed, DifferenceKind::Lost, DifferenceKind::Unknown]),
};
