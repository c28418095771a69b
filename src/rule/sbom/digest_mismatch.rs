//! `sbom/digest-mismatch`: an SBOM and a lock file state different digests for one component.

use std::collections::BTreeMap;

use super::listing;
use super::reach::{Pinned, Reach};
use crate::component::{Algorithm, Digest};
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::sbom::{ListedPackage, SbomFile};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "sbom/digest-mismatch",
    level: Level::Deny,
    summary: "an SBOM and a lock file state different digests for one component",
    why: "one of the two names other contents than are installed: the SBOM was changed, or made from something else",
    help: "find out which of the two is right, and make the SBOM anew from the lock file",
    page: include_str!("digest_mismatch.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Sbom(judge),
};

/// Fails for each listed component that a lock file pins in the same version with other digests of one algorithm.
fn judge(sbom: &SbomFile, context: &Context<'_>, answers: &mut Answers) {
    let held = listing(sbom).and_then(|listing| Ok((listing, Reach::of(sbom, listing, context.now)?)));
    let (listing, reach) = match held {
        Ok(held) => held,
        Err(answer) => return answers.add(answer),
    };
    let mut differ = false;
    for package in &listing.packages {
        let all = reach.locked.get(&package.key).into_iter().flatten();
        let pinned: Vec<&Pinned<'_>> =
            all.filter(|one| one.version.is_some() && one.version == package.version).collect();
        if let Some(draft) = mismatch(sbom, package, &pinned) {
            differ = true;
            answers.add(draft);
        }
    }
    if !differ {
        answers.pass();
    }
}

/// Returns what there is to say of a package of which the lock files know no digest that the SBOM states, of an algorithm
/// that both use: where one is the same, the others belong to artifacts that only one of them tells of.
fn mismatch(sbom: &SbomFile, package: &ListedPackage, pinned: &[&Pinned<'_>]) -> Option<Draft> {
    let mut of_algorithm: BTreeMap<Algorithm, Vec<&Digest>> = BTreeMap::new();
    for digest in &package.digests {
        of_algorithm.entry(digest.algorithm).or_default().push(digest);
    }
    let locked: Vec<(&Pinned<'_>, &Digest)> =
        pinned.iter().flat_map(|one| one.component.digests.iter().map(move |digest| (*one, digest))).collect();
    // The strongest first.
    for (algorithm, stated) in of_algorithm.iter().rev() {
        let mut same = locked.iter().filter(|(_, digest)| digest.algorithm == *algorithm).peekable();
        let (Some((one, was)), Some(found)) = (same.peek().copied(), stated.first()) else { continue };
        if same.any(|(_, digest)| stated.iter().any(|stated| stated.hex == digest.hex)) {
            continue;
        }
        let version = package.version.as_deref().unwrap_or_default();
        let message = text!(
            "`{} {}` has the digest `{}` in `{}`, and another in the lock file",
            one.component.name,
            version,
            found.to_string(),
            sbom.path
        );
        let id = text!("{}@{} in {}", package.key, version, sbom.path);
        return Some(
            Draft::fail(Subject::new("component", id).named(text!("{}", one.component.name)), message)
                .at(Some(sbom.at(package.at)))
                .with_related(one.component.digest_location())
                .label(text!("locked as `{}:{}`", was.algorithm.name(), was.hex))
                .with("locked", text!("{}:{}", was.algorithm.name(), was.hex))
                .found(text!("{}:{}", found.algorithm.name(), found.hex))
                .fact(format!("{}:{}", was.algorithm.name(), was.hex))
                .fact(format!("{}:{}", found.algorithm.name(), found.hex)),
        );
    }
    None
}
