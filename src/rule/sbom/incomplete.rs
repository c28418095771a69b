//! `sbom/incomplete`: an SBOM does not tell everything.

use super::{listing, subject};
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::sbom::{SbomFile, Shortfall};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "sbom/incomplete",
    level: Level::Warn,
    summary: "an SBOM does not tell everything",
    why: "what an SBOM leaves out nobody looks for when a flaw becomes known",
    help: "make it anew from the lock files, or state as complete what is",
    page: include_str!("incomplete.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1059" }],
    judge: Judge::Sbom(judge),
};

/// Fails once for each way in which a document does not tell everything.
fn judge(sbom: &SbomFile, _: &Context<'_>, answers: &mut Answers) {
    let listing = match listing(sbom) {
        Ok(listing) => listing,
        Err(answer) => return answers.add(answer),
    };
    if listing.components == 0 {
        let message = text!("`{}` lists no component", sbom.path);
        let draft = Draft::fail(subject(sbom), message).at(Some(Location::file(sbom.path.clone())));
        return answers.add(draft.fact("empty"));
    }
    let admitted = shortfall(sbom, &listing.admitted, "says itself that it does not tell everything");
    let unreached = shortfall(sbom, &listing.unreached, "lists components that nothing in it leads to");
    match (admitted, unreached) {
        (None, None) => answers.pass(),
        (admitted, unreached) => admitted.into_iter().chain(unreached).for_each(|draft| answers.add(draft)),
    }
}

fn shortfall(sbom: &SbomFile, short: &Shortfall, what: &'static str) -> Option<Draft> {
    let first = short.first.first()?;
    let others = match short.count.saturating_sub(1) {
        0 => Text::default(),
        1 => Text::trusted(", and of another one"),
        others => text!(", and of {} others", others),
    };
    let message = text!("`{}` {}: of `{}` {}{}", sbom.path, what, first.label, first.told, others);
    let named = short.first.iter().map(|one| text!("{}: {}", one.label, one.told).to_string()).collect::<Vec<_>>();
    let draft = Draft::fail(subject(sbom), message).at(Some(sbom.at(first.at))).label(first.told.clone());
    let counts = text!("{} of {}", short.count, short.of);
    Some(draft.with("count", counts).with("first", Text::trusted(named.join("; "))).fact(what))
}
