//! `change/new-git-source`: a component comes from a git repository of an owner that is new here.

use crate::component::Source;
use crate::diff::Change;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, package_subject};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/new-git-source",
    level: Level::Deny,
    summary: "a component comes from a git repository of an owner that is new here",
    why: "a repository has no publishing step, no digest and no registry that could withdraw it",
    help: "take a published version, or name the repository under [sources] git in the policy first",
    page: include_str!("new_git_source.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::ComponentChange(judge),
};

/// Fails when the owner of the repository is known neither from before nor from the policy.
fn judge(change: &Change<'_>, context: &Context<'_>) -> Answer {
    let Some(after) = change.after else { return Answer::Nothing };
    let (new, ecosystem) = (after.component, after.inventory.ecosystem.as_ref());
    let Source::Git { repository, .. } = &new.source else { return Answer::Pass };
    let place = repository.place();
    // An ecosystem that is new as a whole is one warning of `change/untrusted-registry`.
    if context.known.ecosystem(ecosystem).is_none()
        || context.known.covers(ecosystem, new)
        || context.policy.sources.trusts_git(&place)
    {
        return Answer::Pass;
    }
    let folder = after.inventory.path.parent().unwrap_or_default();
    // Who owns the project's own repository decides about the project anyway.
    let level = if context.known.is_at_home(&folder, repository) { Level::Warn } else { Level::Deny };
    Draft::fail(package_subject(new), text!("`{}` comes from the git repository `{}`", new.label(), repository))
        .at(new.at(new.source_at))
        .label(text!("`{}` is no owner known before", place.parent()))
        .found(text!("{}", repository))
        .with("owner", text!("{}", place.parent()))
        .fact(place.as_str())
        .at_most(level)
        .into()
}
