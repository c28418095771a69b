//! `change/source-changed`: a component is taken from elsewhere than before.

use std::collections::BTreeSet;

use crate::component::{Component, Digests, Place, Source};
use crate::diff::{Change, Sighting};
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Answers, Context, Draft, Judge, Rule, package_subject};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "change/source-changed",
    level: Level::Deny,
    summary: "a component is taken from elsewhere than before",
    why: "the name is the same, and whoever runs the new place decides what is installed under it",
    help: "restore the old source, or name the new one under [sources] in the policy first",
    page: include_str!("source_changed.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Changes(judge),
};

/// What a move from one source to another means.
enum Move {
    /// The same place, or one under the project's own control.
    Harmless,
    /// To a place that was known before for other components, or of the project's own owner.
    Known,
    /// To a place nobody has named.
    Strange,
}

/// Fails when kind or place of the source differ, unless the component moves into the project itself; and when the
/// project puts another component in its place.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let rewritten = context.changes.iter().filter(|change| is_rewritten(change));
    let mirrors = rewritten.filter_map(|change| change.after?.component.origin()).collect();
    for change in context.changes {
        answers.add(of_change(change, &mirrors, context));
    }
}

/// Whether another package manager writes down what the one before left to its configuration, and the contents are the
/// same.
fn is_rewritten(change: &Change<'_>) -> bool {
    let (Some(before), Some(after)) = (change.before, change.after) else { return false };
    let (old, new) = (before.component, after.component);
    is_written_down(before, after)
        && old.version == new.version
        && Digests::compare(&old.digests, &new.digests) == Digests::Equal
}

fn is_written_down(before: Sighting<'_>, after: Sighting<'_>) -> bool {
    before.inventory.format != after.inventory.format && before.component.source == Source::Registry { registry: None }
}

/// Judges what became of one component. `mirrors` are the places to which others moved with the same contents.
fn of_change(change: &Change<'_>, mirrors: &BTreeSet<Place>, context: &Context<'_>) -> Answer {
    let (before, after) = match (change.before, change.after) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(after)) => return replaced_from_the_start(after, context),
        (_, None) => return Answer::Nothing,
    };
    let (old, new) = (before.component, after.component);
    if old.name != new.name {
        return replaced(Some(old), new, context);
    }
    if !matches!(old.source, Source::Path { .. }) && is_outside(after) {
        let message = text!("`{}` is now taken from {}, which is no part of the tree", new.label(), place(new));
        return Draft::fail(package_subject(new), message)
            .at_most(Level::Warn)
            .at(new.at(new.source_at))
            .was(place(old))
            .found(place(new))
            .fact(place(new).as_str())
            .into();
    }
    let draft = || {
        Draft::fail(package_subject(new), text!("`{}` is now taken from {}", new.label(), place(new)))
            .at(new.at(new.source_at))
            .was(place(old))
            .found(place(new))
            .fact(place(new).as_str())
    };
    if is_rewritten(change) {
        return Answer::Pass;
    }
    // An update along with the move to another package manager comes from where the rest of the same contents came from.
    let is_moved_along = is_written_down(before, after) && new.origin().is_some_and(|to| mirrors.contains(&to));
    match weigh(before, after, context) {
        Move::Strange if is_moved_along => draft().at_most(Level::Warn).into(),
        Move::Harmless => Answer::Pass,
        // Taken from the policy, or from where the tree's other components come from: worth a look, since a
        // private name may have been registered in public.
        Move::Known => draft().at_most(Level::Warn).into(),
        Move::Strange => draft().into(),
    }
}

/// Whether a component is taken from a folder that no reviewer of this tree sees.
fn is_outside(seen: Sighting<'_>) -> bool {
    let Source::Path { path } = &seen.component.source else { return false };
    seen.inventory.path.parent().unwrap_or_default().join(path.as_bytes()).is_none()
}

/// Judges a component that the project puts in the place of another, which was `old` before.
fn replaced(old: Option<&Component>, new: &Component, context: &Context<'_>) -> Answer {
    let Some(instead_of) = new.instead_of.as_deref() else {
        // What took its place is gone.
        return Answer::Pass;
    };
    let was = old.map_or_else(|| instead_of.to_owned(), |old| old.name.to_string());
    let draft = Draft::fail(package_subject(new), text!("`{}` takes the place of `{}`", new.label(), instead_of))
        .at(new.at(new.source_at))
        .was(text!("{}", was))
        .found(text!("{}", new.name))
        .fact(new.name.as_ref())
        .fact(instead_of);
    if context.policy.sources.trusts_git(&Place::of(&new.name)) {
        draft.at_most(Level::Warn).into()
    } else {
        draft.into()
    }
}

/// Judges a component that is new in its lock file and stands for another, unless it does so elsewhere already.
fn replaced_from_the_start(after: Sighting<'_>, context: &Context<'_>) -> Answer {
    let new = after.component;
    if new.instead_of.is_none() {
        return Answer::Nothing;
    }
    let is_it = |known: &Component| known.name == new.name && known.instead_of == new.instead_of;
    let before = context.before.into_iter().flat_map(|before| &before.inventories);
    let is_known = before.flat_map(|inventory| &inventory.components).any(is_it);
    if is_known { Answer::Pass } else { replaced(None, new, context) }
}

fn weigh(before: Sighting<'_>, after: Sighting<'_>, context: &Context<'_>) -> Move {
    let (old, new, ecosystem) = (before.component, after.component, &*after.inventory.ecosystem);
    let (Some(to), from) = (new.origin(), old.origin()) else { return Move::Harmless };
    let same_kind = matches!(
        (&old.source, &new.source),
        (Source::Registry { .. } | Source::Archive { .. }, Source::Registry { .. } | Source::Archive { .. })
            | (Source::Git { .. }, Source::Git { .. })
    );
    if same_kind && from.as_ref().is_some_and(|from| to.is_within(from) || from.is_within(&to)) {
        return Move::Harmless;
    }
    let is_git = matches!(new.source, Source::Git { .. });
    let named =
        if is_git { context.policy.sources.trusts_git(&to) } else { context.policy.sources.trusts_registry(&to) };
    let known = context.known.covers(ecosystem, new);
    // The same contents from a place that other components come from: a mirror.
    let is_mirror = same_kind
        && known
        && old.version == new.version
        && Digests::compare(&old.digests, &new.digests) == Digests::Equal;
    let is_own = match &new.source {
        Source::Git { repository, .. } => {
            context.known.is_at_home(&after.inventory.path.parent().unwrap_or_default(), repository)
        }
        _ => false,
    };
    match &old.source {
        // The lock file did not say where; a registry that is known is where it came from.
        Source::Registry { registry: None } if !is_git && (known || named) => Move::Harmless,
        _ if named || is_mirror || is_own => Move::Known,
        // From a repository or from the project itself to the registry that others come from.
        Source::Git { .. } | Source::Path { .. } | Source::Member | Source::Bundled if !is_git && known => Move::Known,
        _ => Move::Strange,
    }
}

fn place(component: &Component) -> Text {
    match &component.source {
        Source::Registry { registry: Some(url) } | Source::Archive { url } | Source::Git { repository: url, .. } => {
            text!("{}", url)
        }
        Source::Registry { registry: None } => Text::trusted("the configured registry"),
        Source::Path { path } => text!("the folder {}", path),
        Source::Member => Text::trusted("the project itself"),
        Source::Bundled => Text::trusted("another package's archive"),
    }
}
