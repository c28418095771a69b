//! `change/digest-removed`: a locked component lost its digest.

use crate::component::{Digests, Inventory};
use crate::diff::Change;
use crate::ecosystem::Role;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, package_subject};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

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

/// Fails when there was a digest and there is none, at any of the component's places, although it still comes from where
/// digests are recorded: of a repository, a folder or a bundle there is none by nature.
fn judge(change: &Change<'_>, context: &Context<'_>) -> Answer {
    let (Some(before), Some(after)) = (change.before, change.after) else { return Answer::Nothing };
    let (old, new) = (before.component, after.component);
    let (was, place) = match (Digests::compare(&old.digests, &new.digests), old.digests.first()) {
        (Digests::Removed { was }, _) => (was, new.location()),
        (_, Some(was)) if old.unverified.is_empty() && !new.unverified.is_empty() => (was, new.unverified.first()),
        _ => return Answer::Pass,
    };
    if !new.source.is_digested() {
        return Answer::Pass;
    }
    // Of a file of digests that is gone as a whole another rule tells, of one that cannot be read a gap.
    if new.digests.is_empty() && old.digests_in.is_some() && !has_digests(after.inventory, context) {
        return Answer::Pass;
    }
    if !after.inventory.capability.digests {
        let reason = text!("`{}` is of a format that records no digests", after.inventory.path);
        return Draft::not_applicable(package_subject(new), reason).at(new.location().cloned()).into();
    }
    Draft::fail(package_subject(new), text!("`{}` lost its digest", new.label()))
        .at(place.cloned())
        .was(text!("{}", was.to_string()))
        .found(Text::trusted("no digest"))
        .fact(new.version.as_deref().unwrap_or_default())
        .into()
}

/// Whether there is a file of digests beside a lock file, of which nothing is left unread.
fn has_digests(inventory: &Inventory, context: &Context<'_>) -> bool {
    let folder = inventory.path.parent();
    context.now.digest_lists.iter().any(|list| list.path.parent() == folder)
        && !context.now.gaps.iter().any(|gap| is_digests(&gap.location.path, inventory, context))
}

fn is_digests(path: &TreePath, inventory: &Inventory, context: &Context<'_>) -> bool {
    let mut files = context.now.lock_files.iter().filter(|file| file.role == Role::Digests);
    files.any(|file| file.path == *path && file.path.parent() == inventory.path.parent())
}
