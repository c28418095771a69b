//! `change/same-version-new-digest`: the bytes behind a locked version changed.

use std::collections::{HashMap, HashSet};

use crate::component::{Component, Digest, Digests, ListedDigest, Source};
use crate::diff::{Sighting, keyed};
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Answers, Context, Draft, Judge, Rule, component_subject};
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
    judge: Judge::Changes(judge),
};

/// Fails when name and version stayed and a digest of one algorithm over one artifact differs, whether the entry itself
/// changed or another one for the same version was added beside it.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let published = Published::of(context);
    for change in context.changes {
        answers.add(match (change.before, change.after) {
            (Some(before), Some(after)) if is_same_version(before.component, after.component) => {
                compare(before.component, after.component)
            }
            (_, Some(after)) => match published.find(after) {
                Some(before) => compare(before, after.component),
                None => Answer::Pass,
            },
            (_, None) => Answer::Nothing,
        });
    }
    lists(context, answers);
}

/// Compares the files of digests: they also hold those of versions that no lock file pins, or not yet.
fn lists(context: &Context<'_>, answers: &mut Answers) {
    let Some(before) = context.before else { return };
    for pair in keyed(&before.digest_lists, &context.now.digest_lists, |list| &list.path) {
        let (Some(old), Some(new)) = (pair.before, pair.now) else { continue };
        let pinned: HashSet<(&str, Option<&str>)> = context
            .now
            .inventories
            .iter()
            .filter(|inventory| inventory.path.parent() == new.path.parent())
            .flat_map(|inventory| &inventory.components)
            .map(|component| (&*component.name, component.version.as_deref()))
            .collect();
        let unpinned = |entry: &&ListedDigest| !pinned.contains(&(&*entry.name, Some(&*entry.version)));
        for entry in new.entries().iter().filter(unpinned) {
            let now = &entry.digest;
            let known = old.of(&entry.name, &entry.version).iter().map(|known| &known.digest);
            let known: Vec<&Digest> = known.filter(|known| known.artifact == now.artifact).collect();
            if let Some(was) = known.first().filter(|_| !known.contains(&now)) {
                let (name, version) = (&entry.name, Some(&*entry.version));
                let component = Component::new(&new.ecosystem, name, version, registry(), new.place(entry));
                answers.add(differ(&component, was, now));
            }
        }
    }
}

fn registry() -> Source {
    Source::Registry { registry: None }
}

/// Whether two components are one package in one version.
fn is_same_version(before: &Component, after: &Component) -> bool {
    before.name == after.name && before.version == after.version
}

fn compare(old: &Component, new: &Component) -> Answer {
    // Of a repository the commit is the identity; npm packs it anew, and differently, each time.
    if !new.source.is_digested() {
        return Answer::Pass;
    }
    let subject = component_subject(new);
    match Digests::compare(&old.digests, &new.digests) {
        Digests::Differ { was, now } => differ(new, was, now).into(),
        Digests::Stronger { was, now } => {
            let (from, to) = (was.algorithm.name(), now.algorithm.name());
            let message = text!(
                "`{}` went from {} to {}: whether the contents are the same cannot be told",
                new.label(),
                from,
                to
            );
            Draft::not_determined(subject, message)
                .at(new.digest_location())
                .at_most(Level::Allow)
                .was(text!("{}", was.to_string()))
                .found(text!("{}", now.to_string()))
                .fact(now.to_string())
                .into()
        }
        Digests::Incomparable => {
            let message = text!("the digests of `{}` before and now cover different artifacts", new.label());
            Draft::not_determined(subject, message).at(new.digest_location()).at_most(Level::Allow).into()
        }
        Digests::None | Digests::Added | Digests::Removed { .. } | Digests::Equal | Digests::Weaker { .. } => {
            Answer::Pass
        }
    }
}

fn differ(new: &Component, was: &Digest, now: &Digest) -> Draft {
    Draft::fail(component_subject(new), text!("`{}` has new contents under the same version", new.label()))
        .at(new.digest_location())
        .was(text!("{}", was.to_string()))
        .found(text!("{}", now.to_string()))
        .fact(now.to_string())
}

/// The versions that were locked before and had a digest, by ecosystem, name and version.
struct Published<'a>(HashMap<(&'a str, &'a str, &'a str), &'a Component>);

impl<'a> Published<'a> {
    /// Collects those of the names that the change adds or updates.
    fn of(context: &Context<'a>) -> Self {
        let names: HashSet<&str> =
            context.changes.iter().filter_map(|change| Some(&*change.after?.component.name)).collect();
        let mut known = HashMap::new();
        for inventory in context.before.into_iter().flat_map(|before| &before.inventories) {
            for component in inventory.components.iter().filter(|component| names.contains(&*component.name)) {
                if component.source.is_digested() && !component.digests.is_empty() {
                    let version = component.version.as_deref().unwrap_or_default();
                    known.entry((&*inventory.ecosystem, &*component.name, version)).or_insert(component);
                }
            }
        }
        Self(known)
    }

    fn find(&self, seen: Sighting<'_>) -> Option<&'a Component> {
        let version = seen.component.version.as_deref().unwrap_or_default();
        // From another place the same version may be another archive: that is for the rules about sources.
        let known = self.0.get(&(&*seen.inventory.ecosystem, &*seen.component.name, version)).copied()?;
        (known.origin() == seen.component.origin() || known.origin().is_none() || seen.component.origin().is_none())
            .then_some(known)
    }
}
