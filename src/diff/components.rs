//! What became of components: lock files paired, then the components in them.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use serde::Serialize;

use super::{Pair, keyed};
use crate::component::{Component, Inventory, Relation, Scope, purl_type, version};
use crate::evidence::Evidence;
use crate::fact::{FactKind, Gap};
use crate::tree::TreePath;

/// A component where it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// The lock file.
    pub inventory: &'a Inventory,
    /// The component.
    pub component: &'a Component,
}

/// What became of one component.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The component before.
    pub before: Option<Sighting<'a>>,
    /// The component now.
    pub after: Option<Sighting<'a>>,
    /// What differs, of a component that is on both sides.
    pub fields: Vec<Field>,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Only now.
    Added,
    /// Only before.
    Removed,
    /// On both sides, and different.
    Changed,
}

/// What may differ between two sightings of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The version.
    Version,
    /// Where it is taken from.
    Source,
    /// The address of its artifact, beside what follows from version and source.
    Resolved,
    /// The digests.
    Digests,
    /// What it is needed for.
    Scope,
    /// How it came to be there.
    Relation,
    /// Whether installing it runs a script.
    InstallScript,
    /// The licence.
    License,
}

impl Field {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Source => "source",
            Self::Resolved => "resolved",
            Self::Digests => "digests",
            Self::Scope => "scope",
            Self::Relation => "relation",
            Self::InstallScript => "install-script",
            Self::License => "license",
        }
    }
}

impl Change<'_> {
    /// Returns the kind of the change.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match (self.before, self.after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        }
    }
}

impl ChangeKind {
    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// Returns what became of the components of two evidences, by lock file and name.
///
/// Of a lock file that can be read no longer, or not in full, nothing is known to be removed. What a lock file holds
/// that could not be read before counts as added.
#[must_use]
pub fn changes<'a>(before: &'a Evidence, now: &'a Evidence) -> Vec<Change<'a>> {
    let mut out = Vec::new();
    let unread = unread(before, now);
    for Pair { before, now } in inventories(before, now) {
        let path = now.or(before).map(|inventory| &inventory.path);
        let is_whole = !path.is_some_and(|path| path.ancestors().any(|path| unread.contains(&path)));
        components(before, now, if is_whole { Removals::Known } else { Removals::Unknown }, &mut out);
    }
    out
}

/// Whether what is missing in a lock file is known to be removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removals {
    Known,
    Unknown,
}

/// Returns the places of which less can be known than before.
fn unread<'a>(before: &'a Evidence, now: &'a Evidence) -> BTreeSet<&'a TreePath> {
    let of_components =
        |gaps: &'a [Gap]| gaps.iter().filter(|gap| matches!(gap.kind, FactKind::Component | FactKind::Workflow));
    let identity = |gap: &'a Gap| (&gap.location.path, gap.reason, gap.contents.as_deref());
    let known: BTreeSet<_> = of_components(&before.gaps).map(identity).collect();
    let new = of_components(&now.gaps).filter(|gap| !known.contains(&identity(gap)));
    new.map(|gap| &gap.location.path).collect()
}

/// How many lock files without a partner are looked at, on each side, for those that have moved.
const MAX_MOVED: usize = 64;

/// Pairs lock files: by path, then what a package manager or a move has replaced.
fn inventories<'a>(before: &'a Evidence, now: &'a Evidence) -> Vec<Pair<'a, Inventory>> {
    let mut pairs = Vec::new();
    let mut gone: Vec<&Inventory> = before.inventories.iter().collect();
    let mut come: Vec<&Inventory> = now.inventories.iter().collect();
    pair_off(&mut gone, &mut come, &mut pairs, |inventory| Some(&inventory.path));
    pair_off(&mut gone, &mut come, &mut pairs, |inventory| Some((&inventory.ecosystem, inventory.path.parent())));
    let mut pairs: Vec<_> = pairs.into_iter().map(|(old, new)| Pair { before: Some(old), now: Some(new) }).collect();
    for (old, new) in moved(&gone, &come) {
        gone.retain(|other| !std::ptr::eq(*other, old));
        come.retain(|other| !std::ptr::eq(*other, new));
        pairs.push(Pair { before: Some(old), now: Some(new) });
    }
    pairs.extend(gone.into_iter().map(|old| Pair { before: Some(old), now: None }));
    pairs.extend(come.into_iter().map(|new| Pair { before: None, now: Some(new) }));
    pairs.sort_by(|a, b| path_of(a).cmp(&path_of(b)));
    pairs
}

/// Moves what has the same key on both sides into `pairs`; what has no key stays.
fn pair_off<'a, T, K: Ord>(
    gone: &mut Vec<&'a T>,
    come: &mut Vec<&'a T>,
    pairs: &mut Vec<(&'a T, &'a T)>,
    key: impl Fn(&'a T) -> Option<K>,
) {
    let (keyed_gone, mut left_gone): (Vec<_>, Vec<_>) =
        std::mem::take(gone).into_iter().partition(|one| key(one).is_some());
    let (keyed_come, mut left_come): (Vec<_>, Vec<_>) =
        std::mem::take(come).into_iter().partition(|one| key(one).is_some());
    for pair in keyed(keyed_gone, keyed_come, &key) {
        match (pair.before, pair.now) {
            (Some(old), Some(new)) => pairs.push((old, new)),
            (old, new) => {
                left_gone.extend(old);
                left_come.extend(new);
            }
        }
    }
    (*gone, *come) = (left_gone, left_come);
}

fn path_of<'a>(pair: &Pair<'a, Inventory>) -> Option<&'a TreePath> {
    pair.now.or(pair.before).map(|inventory| &inventory.path)
}

/// Pairs lock files of which at least half of what they pin is the same, the most alike first.
fn moved<'a>(gone: &[&'a Inventory], come: &[&'a Inventory]) -> Vec<(&'a Inventory, &'a Inventory)> {
    let pins =
        |inventories: &[&'a Inventory]| inventories.iter().take(MAX_MOVED).map(|one| (*one, pins(one))).collect();
    let (gone, come): (Vec<_>, Vec<_>) = (pins(gone), pins(come));
    let mut alike = Vec::new();
    for (old, old_pins) in &gone {
        for (new, new_pins) in come.iter().filter(|(new, _)| old.format == new.format) {
            let most = old_pins.len().max(new_pins.len());
            let common = old_pins.intersection(new_pins).count();
            if common > 0 && 2 * common >= most {
                // In thousandths, so that the numbers have an order.
                alike.push((Reverse(1000 * common / most), *old, *new));
            }
        }
    }
    alike.sort_by_key(|(likeness, ..)| *likeness);
    let mut pairs: Vec<(&Inventory, &Inventory)> = Vec::new();
    for (_, old, new) in alike {
        if !pairs.iter().any(|(from, to)| std::ptr::eq(*from, old) || std::ptr::eq(*to, new)) {
            pairs.push((old, new));
        }
    }
    pairs
}

/// Returns what a lock file pins: names and versions.
fn pins(inventory: &Inventory) -> BTreeSet<(&str, Option<&str>)> {
    inventory.components.iter().map(|component| (&*component.name, component.version.as_deref())).collect()
}

fn components<'a>(
    before: Option<&'a Inventory>,
    now: Option<&'a Inventory>,
    removals: Removals,
    out: &mut Vec<Change<'a>>,
) {
    let of = |inventory: Option<&'a Inventory>| {
        inventory.map(|inventory| inventory.components.iter().collect()).unwrap_or_default()
    };
    let (mut gone, mut come, mut pairs): (Vec<&Component>, Vec<&Component>, _) = (of(before), of(now), Vec::new());
    // First those that are the same, then those of one version, then of one series, then whatever is left of
    // one name; highest versions first, so that of two old ones the higher is what a single new one replaces.
    pair_off(&mut gone, &mut come, &mut pairs, |one| Some((one.needed_as(), &one.version, &one.source, &one.name)));
    pair_off(&mut gone, &mut come, &mut pairs, |one| Some((one.needed_as(), &one.version)));
    gone.sort_by(|a, b| order(b, a));
    come.sort_by(|a, b| order(b, a));
    pair_off(&mut gone, &mut come, &mut pairs, |one| Some((one.needed_as(), series(one)?)));
    gone.sort_by(|a, b| order(b, a));
    come.sort_by(|a, b| order(b, a));
    pair_off(&mut gone, &mut come, &mut pairs, |one| Some(one.needed_as()));
    let sighting =
        |inventory: Option<&'a Inventory>, component| inventory.map(|inventory| Sighting { inventory, component });
    let mut changes: Vec<Change<'a>> = pairs
        .into_iter()
        .map(|(old, new)| Change {
            before: sighting(before, old),
            after: sighting(now, new),
            fields: differing(old, new),
        })
        .filter(|change| !change.fields.is_empty())
        .collect();
    gone.retain(|_| removals == Removals::Known);
    changes.extend(gone.into_iter().map(|old| Change {
        before: sighting(before, old),
        after: None,
        fields: Vec::new(),
    }));
    changes.extend(come.into_iter().map(|new| Change { before: None, after: sighting(now, new), fields: Vec::new() }));
    changes.sort_by(|a, b| match (a.before.or(a.after), b.before.or(b.after)) {
        (Some(a), Some(b)) => {
            a.component.needed_as().cmp(b.component.needed_as()).then_with(|| order(a.component, b.component))
        }
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    out.extend(changes);
}

/// Puts components of one name in a list; which of two versions is newer is not said here.
fn order(a: &Component, b: &Component) -> Ordering {
    let by_version = match (&a.version, &b.version) {
        (Some(left), Some(right)) => version::listed(ecosystem(a), left, right),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    by_version.then_with(|| a.source.cmp(&b.source))
}

fn ecosystem(component: &Component) -> &str {
    purl_type(&component.purl).unwrap_or_default()
}

/// Returns the leading numbers of a version within which updates are compatible.
fn series(component: &Component) -> Option<(&str, Option<&str>)> {
    let version = component.version.as_deref()?;
    let mut numbers = version.strip_prefix('v').unwrap_or(version).split('.');
    let major = numbers.next()?;
    Some((major, if major == "0" { numbers.next() } else { None }))
}

fn differing(old: &Component, new: &Component) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut note = |differs: bool, field| {
        if differs {
            fields.push(field);
        }
    };
    note(old.version != new.version, Field::Version);
    note(old.source != new.source || old.name != new.name, Field::Source);
    note(old.version == new.version && old.source == new.source && old.resolved != new.resolved, Field::Resolved);
    note(old.digests != new.digests || old.unverified.is_empty() != new.unverified.is_empty(), Field::Digests);
    // What is not known on one side, because a manifest cannot be read, is not known to differ.
    let is_known = old.scope != Scope::Unknown && new.scope != Scope::Unknown;
    note(is_known && old.scope != new.scope, Field::Scope);
    let is_known = old.relation != Relation::Unknown && new.relation != Relation::Unknown;
    note(is_known && old.relation != new.relation, Field::Relation);
    note(old.install_script != new.install_script, Field::InstallScript);
    note(old.license != new.license, Field::License);
    fields
}
