//! `sbom/invalid`: an SBOM breaks the specification of its version.

use super::{complaint, subject, unread};
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::sbom::SbomFile;
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "sbom/invalid",
    level: Level::Deny,
    summary: "an SBOM breaks the specification of its version",
    why: "whoever receives it cannot rely on reading it whole, and tools pass over in silence what they do not expect",
    help: "mend the value at the place, or let the tool that made the document write it anew",
    page: include_str!("invalid.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1059" }],
    judge: Judge::Sbom(judge),
};

/// Fails at each place where a document breaks its specification, and for a file that is no document that can be read.
fn judge(sbom: &SbomFile, _: &Context<'_>, answers: &mut Answers) {
    if sbom.stated.is_some() {
        return complaint::tell(sbom, &sbom.violations, "breaks its specification", answers);
    }
    let Some(why) = sbom.violations.told.first() else { return answers.add(unread(sbom)) };
    let message = text!("`{}` is no SBOM that can be read: expected {}, found {}", sbom.path, why.expected, why.found);
    answers.add(
        Draft::fail(subject(sbom), message)
            .at(Some(sbom.at(why.at)))
            .label(text!("expected {}", why.expected))
            .with("expected", why.expected.clone())
            .found(why.found.clone())
            .fact(why.found.as_str()),
    );
}
