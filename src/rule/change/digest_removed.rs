//! `change/digest-removed`: a locked component lost its digest.

use crate::component::{Component, Digests, Source};
use crate::diff::Change;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, package_subject};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "change/digest-removed",
    level: Level::Deny,
    summary: "a locked component lost its digest",
    why: "without a digest whatever the registry or the network delivers is installed",
    help: "restore the digest, or let the package manager write the entry anew",
    page: include_str!("digest_removed.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-353" }],
    judge: Judge::ComponentChange(judge),
};

/// Fails when there was a digest and there is none, although the component still comes from where digests are
/// recorded: of a repository, a folder or a bundle there is none by nature.
fn judge(change: &Change<'_>, _: &Context<'_>) -> Answer {
    let (Some(before), Some(after)) = (change.before, change.after) else { return Answer::Nothing };
    let (old, new) = (before.component, after.component);
    let Digests::Removed { was } = Digests::compare(&old.digests, &new.digests) else { return Answer::Pass };
    if !is_digested(new) {
        return Answer::Pass;
    }
    if !after.inventory.capability.digests {
        let reason = text!("`{}` is of a format that records no digests", after.inventory.path);
        return Draft::not_applicable(package_subject(new), reason).at(new.location().cloned()).into();
    }
    Draft::fail(package_subject(new), text!("`{}` lost its digest", new.label()))
        .at(new.location().cloned())
        .was(text!("{}", was.to_string()))
        .found(Text::trusted("no digest"))
        .fact(new.version.as_deref().unwrap_or_default())
        .into()
}

fn is_digested(component: &Component) -> bool {
    matches!(component.source, Source::Registry { .. } | Source::Archive { .. })
}
