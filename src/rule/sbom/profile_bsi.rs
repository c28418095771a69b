//! `sbom/profile-bsi`: an SBOM lacks what BSI TR-03183-2 asks for.

use super::profile;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Judge, Rule};
use crate::sbom::SbomFile;

pub(super) static RULE: Rule = Rule {
    id: "sbom/profile-bsi",
    level: Level::Allow,
    summary: "an SBOM lacks what BSI TR-03183-2 asks for",
    why: "the guideline is what German authorities read the Cyber Resilience Act by",
    help: "let the tool that makes the document state it, or add it by hand",
    page: include_str!("profile_bsi.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1059" }],
    judge: Judge::Sbom(judge),
};

/// The id of the profile.
pub(super) const PROFILE: &str = "bsi-tr-03183-2";

/// Fails for each element that an SBOM does not tell.
fn judge(sbom: &SbomFile, context: &Context<'_>, answers: &mut Answers) {
    profile::judge(sbom, PROFILE, &RULE, context, answers);
}
