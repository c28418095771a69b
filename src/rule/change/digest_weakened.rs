//! `change/digest-weakened`: a digest of a weaker algorithm took the place of a stronger one.

use crate::component::Digests;
use crate::diff::Change;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, package_subject};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/digest-weakened",
    level: Level::Deny,
    summary: "a locked component has a digest of a weaker algorithm than before",
    why: "a weaker digest can be met by other contents, and a verifier takes what the lock file offers",
    help: "restore the stronger digest, or let the package manager write the entry anew",
    page: include_str!("digest_weakened.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-328" }],
    judge: Judge::ComponentChange(judge),
};

/// Fails when the strongest algorithm now is weaker than the strongest before, whatever the version.
fn judge(change: &Change<'_>, _: &Context<'_>) -> Answer {
    let (Some(before), Some(after)) = (change.before, change.after) else { return Answer::Nothing };
    let (old, new) = (before.component, after.component);
    // Of a repository the commit is the identity; npm packs it anew, and differently, each time.
    if !new.source.is_digested() {
        return Answer::Pass;
    }
    let Digests::Weaker { was, now } = Digests::compare(&old.digests, &new.digests) else { return Answer::Pass };
    let message =
        text!("the digest of `{}` went from {} to {}", new.label(), was.algorithm.name(), now.algorithm.name());
    Draft::fail(package_subject(new), message)
        .at(new.digest_location())
        .was(text!("{}", was.to_string()))
        .found(text!("{}", now.to_string()))
        .fact(now.algorithm.name())
        .into()
}
