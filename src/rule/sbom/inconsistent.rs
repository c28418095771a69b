//! `sbom/inconsistent`: an SBOM contradicts itself.

use super::{complaint, unread};
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Judge, Rule};
use crate::sbom::SbomFile;

pub(super) static RULE: Rule = Rule {
    id: "sbom/inconsistent",
    level: Level::Warn,
    summary: "an SBOM contradicts itself",
    why: "a reference that leads nowhere, or a purl that names nothing, hides a component from whoever looks for it",
    help: "mend the value at the place, or let the tool that made the document write it anew",
    page: include_str!("inconsistent.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1059" }],
    judge: Judge::Sbom(judge),
};

/// Fails at each place where a document contradicts itself.
fn judge(sbom: &SbomFile, _: &Context<'_>, answers: &mut Answers) {
    match sbom.stated {
        Some(_) => complaint::tell(sbom, &sbom.inconsistencies, "contradicts itself", answers),
        None => answers.add(unread(sbom)),
    }
}
