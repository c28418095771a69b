//! `sbom/profile-cisa-2026`: an SBOM lacks what the CISA minimum elements of 2026 ask for.

use super::profile;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Judge, Rule};
use crate::sbom::SbomFile;

pub(super) static RULE: Rule = Rule {
    id: "sbom/profile-cisa-2026",
    level: Level::Allow,
    summary: "an SBOM lacks what the CISA minimum elements of 2026 ask for",
    why: "agencies that follow the 2026 edition ask for more than names and versions",
    help: "let the tool that makes the document state it, or add it by hand",
    page: include_str!("profile_cisa_2026.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1059" }],
    judge: Judge::Sbom(judge),
};

/// The id of the profile.
pub(super) const PROFILE: &str = "cisa-2026";

/// Fails for each element that an SBOM does not tell.
fn judge(sbom: &SbomFile, context: &Context<'_>, answers: &mut Answers) {
    profile::judge(sbom, PROFILE, &RULE, context, answers);
}
