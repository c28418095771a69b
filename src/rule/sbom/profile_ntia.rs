//! `sbom/profile-ntia`: an SBOM lacks what the NTIA minimum elements ask for.

use super::profile;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Judge, Rule};
use crate::sbom::SbomFile;

pub(super) static RULE: Rule = Rule {
    id: "sbom/profile-ntia",
    level: Level::Allow,
    summary: "an SBOM lacks what the NTIA minimum elements ask for",
    why: "buyers and agencies that ask for the minimum elements send it back",
    help: "let the tool that makes the document state it, or add it by hand",
    page: include_str!("profile_ntia.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1059" }],
    judge: Judge::Sbom(judge),
};

/// The id of the profile.
pub(super) const PROFILE: &str = "ntia";

/// Fails for each element that an SBOM does not tell.
fn judge(sbom: &SbomFile, context: &Context<'_>, answers: &mut Answers) {
    profile::judge(sbom, PROFILE, &RULE, context, answers);
}
