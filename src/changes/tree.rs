//! What a change of a tree does to dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::component::{Component, RemoteUrl, Source};
use crate::diff::{self, Change, ChangeKind, Sighting};
use crate::ecosystem;
use crate::evidence::Comparison;
use crate::fact::{Gap, GapReason, Location};
use crate::gate::{self, Before, GateError, Target};
use crate::text::Text;
use crate::tree::{TreePath, Wants};

/// The version of the list's JSON form.
const SCHEMA_VERSION: &str = "1.0";

/// What a change does to dependencies.
#[derive(Debug, Serialize)]
pub struct Listed {
    schema_version: &'static str,
    /// The changes. One that stands in several lock files is listed once, with all places.
    pub changes: Vec<Listing>,
    /// What could not be read.
    pub gaps: Vec<GapListing>,
}

/// One change.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listing {
    kind: ChangeKind,
    before: Option<ComponentListing>,
    after: Option<ComponentListing>,
    fields: Vec<&'static str>,
    locations: Vec<Place>,
}

/// One component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ComponentListing {
    name: Text,
    version: Option<Text>,
    purl: Text,
    ecosystem: Text,
    source: SourceListing,
    resolved: Option<Text>,
    digests: Vec<Text>,
    scope: crate::component::Scope,
    relation: crate::component::Relation,
    install_script: crate::component::InstallScript,
    license: Option<Text>,
}

/// What makes two changes one: both sides and what differs.
type Facts = (Option<ComponentListing>, Option<ComponentListing>, Vec<&'static str>);

/// Where a component is taken from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceListing {
    kind: &'static str,
    url: Option<Text>,
    commit: Option<Text>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    path: TreePath,
    line: Option<u32>,
}

/// Something that could not be read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GapListing {
    path: TreePath,
    line: Option<u32>,
    column: Option<u32>,
    reason: GapReason,
    expected: Text,
    found: Text,
    side: &'static str,
}

impl fmt::Display for GapListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        write!(f, "{}{at}: expected {}, found {} ({})", self.path, self.expected, self.found, self.side)
    }
}

/// Lists what became of components between the trees of a target.
///
/// # Errors
/// When the trees cannot be read.
pub fn changes(target: &Target) -> Result<Listed, GateError> {
    let opened = gate::open(target)?;
    let wants = Wants::new(ecosystem::names(), &[])?;
    let compared = match &opened.before {
        Some(Before::Revision { tree, .. }) => opened.compare(Some(tree), &wants)?,
        Some(Before::Nothing | Before::Snapshot { .. }) | None => opened.compare(None, &wants)?,
    };
    Ok(Listed::of(&compared))
}

impl Listed {
    fn of(compared: &Comparison) -> Self {
        let found = diff::changes(&compared.before, &compared.now);
        // What became of a lock file that cannot be read on one of the sides is not known: it is listed as a gap.
        let unread: BTreeSet<&TreePath> = compared.before.unread().chain(compared.now.unread()).collect();
        let is_known = |change: &&Change<'_>| {
            [change.before, change.after].iter().flatten().all(|seen| !unread.contains(&seen.inventory.path))
        };
        let mut merged: BTreeMap<Facts, Vec<Place>> = BTreeMap::new();
        for change in found.iter().filter(is_known) {
            let key = (
                change.before.map(component),
                change.after.map(component),
                change.fields.iter().map(|field| field.word()).collect(),
            );
            merged.entry(key).or_default().extend(places(change));
        }
        let changes = merged
            .into_iter()
            .map(|((before, after, fields), locations)| {
                let kind = match (&before, &after) {
                    (None, _) => ChangeKind::Added,
                    (_, None) => ChangeKind::Removed,
                    _ => ChangeKind::Changed,
                };
                Listing { kind, before, after, fields, locations }
            })
            .collect::<Vec<_>>();
        let of_side = |gaps: &[Gap], side| gaps.iter().map(move |gap| gap_listing(gap, side)).collect::<Vec<_>>();
        let mut gaps = of_side(&compared.now.gaps, "after");
        gaps.extend(of_side(&compared.before.gaps, "before"));
        gaps.sort();
        let mut listed = Self { schema_version: SCHEMA_VERSION, changes, gaps };
        listed.changes.sort_by(|a, b| (name(a), &a.before, &a.after).cmp(&(name(b), &b.before, &b.after)));
        listed
    }

    /// Returns one line a change.
    #[must_use]
    pub fn human(&self) -> String {
        let mut out = String::new();
        for change in &self.changes {
            let version = |side: &Option<ComponentListing>| {
                side.as_ref().and_then(|side| side.version.as_ref()).map(ToString::to_string).unwrap_or_default()
            };
            let (before, after) = (version(&change.before), version(&change.after));
            let what = match change.kind {
                ChangeKind::Added => format!("+ {} {after}", name(change)),
                ChangeKind::Removed => format!("- {} {before}", name(change)),
                ChangeKind::Changed if before == after => {
                    format!("~ {} {after} ({})", name(change), change.fields.join(", "))
                }
                ChangeKind::Changed => match other_name(change) {
                    Some(old) => format!("~ {old} {before} -> {} {after}", name(change)),
                    None => format!("~ {} {before} -> {after}", name(change)),
                },
            };
            let mut paths: Vec<String> = change.locations.iter().map(|place| place.path.to_string()).collect();
            paths.dedup();
            out.push_str(&format!("{what}  [{}]\n", paths.join(", ")));
        }
        for gap in &self.gaps {
            out.push_str(&format!("? {gap}\n"));
        }
        let count = |kind| self.changes.iter().filter(|change| change.kind == kind).count();
        out.push_str(&format!(
            "{} added, {} removed, {} changed, {} unreadable\n",
            count(ChangeKind::Added),
            count(ChangeKind::Removed),
            count(ChangeKind::Changed),
            self.gaps.len()
        ));
        out
    }

    /// Returns the list as JSON.
    ///
    /// # Errors
    /// Never for a list made by this module; the serialiser's own are passed on.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn name(listing: &Listing) -> &str {
    listing.after.as_ref().or(listing.before.as_ref()).map(|component| component.name.as_str()).unwrap_or_default()
}

/// Returns the name before, where another package has taken the place of one.
fn other_name(listing: &Listing) -> Option<&Text> {
    let (before, after) = (listing.before.as_ref()?, listing.after.as_ref()?);
    (before.name != after.name).then_some(&before.name)
}

fn places(change: &Change<'_>) -> Vec<Place> {
    let Some(seen) = change.after.or(change.before) else { return Vec::new() };
    seen.component.places.iter().map(place).collect()
}

fn place(location: &Location) -> Place {
    Place { path: location.path.clone(), line: location.position.map(|position| position.line) }
}

pub(super) fn gap_listing(gap: &Gap, side: &'static str) -> GapListing {
    GapListing {
        path: gap.location.path.clone(),
        line: gap.location.position.map(|position| position.line),
        column: gap.location.position.map(|position| position.column),
        reason: gap.reason,
        expected: gap.expected.clone(),
        found: gap.found.clone(),
        side,
    }
}

fn component(seen: Sighting<'_>) -> ComponentListing {
    let Component { purl, name, version, source, resolved, digests, scope, relation, install_script, license, .. } =
        seen.component;
    ComponentListing {
        name: Text::of(name),
        version: version.as_ref().map(Text::of),
        purl: Text::of(purl),
        ecosystem: Text::of(&seen.inventory.ecosystem),
        source: source_listing(source),
        resolved: resolved.as_ref().map(Text::of),
        digests: digests.iter().map(|digest| Text::of(&digest.to_string())).collect(),
        scope: *scope,
        relation: *relation,
        install_script: *install_script,
        license: license.as_ref().map(Text::of),
    }
}

fn source_listing(source: &Source) -> SourceListing {
    let url = |url: &RemoteUrl| Some(Text::of(url));
    let (kind, url, commit) = match source {
        Source::Registry { registry } => ("registry", registry.as_ref().and_then(url), None),
        Source::Archive { url: address } => ("archive", url(address), None),
        Source::Git { repository, commit, .. } => ("git", url(repository), commit.as_ref().map(Text::of)),
        Source::Path { path } => ("path", Some(Text::of(path)), None),
        Source::Member => ("member", None, None),
        Source::Bundled => ("bundled", None, None),
    };
    SourceListing { kind, url, commit }
}
