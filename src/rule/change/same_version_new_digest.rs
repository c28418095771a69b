//! `change/same-version-new-digest`: the bytes behind a locked version changed.

use crate::component::Digests;
use crate::diff::Change;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, component_subject};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/same-version-new-digest",
    level: Level::Deny,
    summary: "a locked component has a new digest under its old version",
    why: "a published version does not change; a new digest means it was replaced",
    help: "restore the old digest, or find out who published the new one and why",
    page: include_str!("same_version_new_digest.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-494" }],
    judge: Judge::ComponentChange(judge),
};

/// Fails when name and version stayed and a digest of one algorithm over one artifact differs.
fn judge(change: &Change<'_>, _: &Context<'_>) -> Answer {
    let (Some(before), Some(after)) = (change.before, change.after) else { return Answer::Nothing };
    let (old, new) = (before.component, after.component);
    // Of a repository the commit is the identity; npm packs it anew, and differently, each time.
    if !new.source.is_digested() {
        return Answer::Pass;
    }
    if old.version != new.version {
        return Answer::Pass;
    }
    let subject = component_subject(new);
    match Digests::compare(&old.digests, &new.digests) {
        Digests::Differ { was, now } => {
            Draft::fail(subject, text!("`{}` has new contents under the same version", new.label()))
                .at(new.at(new.digest_at))
                .with_related(old.at(old.digest_at).filter(|place| after.inventory.path != place.path))
                .was(text!("{}", was.to_string()))
                .found(text!("{}", now.to_string()))
                .fact(now.to_string())
                .into()
        }
        Digests::Stronger { was, now } => Draft::not_determined(
            subject,
            text!(
                "`{}` went from {} to {}: whether the contents are the same cannot be told",
                new.label(),
                was.algorithm.name(),
                now.algorithm.name()
            ),
        )
        .at(new.at(new.digest_at))
        .at_most(Level::Allow)
        .was(text!("{}", was.to_string()))
        .found(text!("{}", now.to_string()))
        .fact(now.to_string())
        .into(),
        Digests::Incomparable => Draft::not_determined(
            subject,
            text!("the digests of `{}` before and now cover different artifacts", new.label()),
        )
        .at(new.at(new.digest_at))
        .at_most(Level::Allow)
        .into(),
        Digests::None | Digests::Added | Digests::Removed { .. } | Digests::Equal | Digests::Weaker { .. } => {
            Answer::Pass
        }
    }
}
