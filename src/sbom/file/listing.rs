//! What a document lists, as far as rules ask.

use serde::{Deserialize, Serialize};

use super::package_of;
use crate::component::Digest;
use crate::document::Span;
use crate::fact::{Places, Spot};
use crate::sbom::Document;
use crate::sbom::model::{Aggregate, Bom, Component, End, Facet, Hash, RelationKind, Stated};
use crate::text::Text;

/// How many of each kind are named before the rest is only counted.
const MAX_NAMED: usize = 10;

/// How many characters of a name are kept.
const MAX_LABEL: usize = 100;

/// What a document lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// How many components it lists beside what it is about.
    pub components: u32,
    /// The components that bear a purl, once for each, in the order of the document.
    pub packages: Vec<ListedPackage>,
    /// Where it says itself that it does not tell everything.
    pub admitted: Shortfall,
    /// The components that no chain of relations leads to from what it is about, where it tells of dependencies.
    pub unreached: Shortfall,
}

/// A component that bears a purl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedPackage {
    /// The type of the purl.
    pub kind: Box<str>,
    /// The purl without a version and in a form of which every package has one.
    pub key: Box<str>,
    /// The version.
    pub version: Option<Box<str>>,
    /// The digests, of algorithms that lock files use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Digest>,
    /// Whether it is what the document is about.
    pub is_root: bool,
    /// Where it stands.
    pub at: Spot,
}

/// Something a document does not tell: of how much of it, and of what first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortfall {
    /// How many.
    pub count: u32,
    /// Of how many.
    pub of: u32,
    /// The first.
    pub first: Vec<Offender>,
}

/// One of those of which something is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offender {
    /// What it is called.
    pub label: Text,
    /// What is told of it instead.
    pub told: Text,
    /// Where it stands.
    pub at: Spot,
}

impl Listing {
    pub(super) fn of(document: &Document<'_>, bom: &Bom<'_>, places: &Places<'_>) -> Self {
        let is_root = |at: usize| bom.roots.contains(&at);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let packages = bom.components.iter().enumerate();
        Self {
            components: count((0..bom.components.len()).filter(|at| !is_root(*at)).count()),
            packages: packages.flat_map(|(at, component)| self::packages(component, is_root(at), places)).collect(),
            admitted: admitted(document, bom, places),
            unreached: unreached(bom, places),
        }
    }
}

/// Returns a spot that marks the beginning of a value: all of a component would be a screen.
pub(super) fn opening(span: Span, places: &Places<'_>) -> Spot {
    places.spot(Span { start: span.start, end: span.end.min(span.start + 1) })
}

fn label(component: &Component<'_>) -> Text {
    let name = match (&component.group, &*component.name) {
        (_, "") => crate::text!("{}", &*component.id),
        (Some(group), name) => crate::text!("{}/{}", &**group, name),
        (None, name) => crate::text!("{}", name),
    };
    match &component.version {
        Stated::Value(version) => crate::text!("{} {}", name, &**version),
        _ => name,
    }
    .shortened(MAX_LABEL)
}

fn packages(component: &Component<'_>, is_root: bool, places: &Places<'_>) -> Vec<ListedPackage> {
    let stated = component.version.value().map(|version| &**version);
    let named = component.purls.iter().filter_map(|purl| package_of(purl));
    named
        .map(|package| ListedPackage {
            kind: package.kind,
            key: package.key,
            version: package.version.or_else(|| stated.map(Into::into)),
            digests: digests(component),
            is_root,
            at: opening(component.span, places),
        })
        .collect()
}

/// Returns the digests of a component: its own, and those of the archives it is distributed in.
fn digests(component: &Component<'_>) -> Vec<Digest> {
    let archives = component.references.iter().filter(|reference| reference.kind == "distribution");
    let all = component.hashes.iter().chain(archives.flat_map(|reference| &reference.hashes));
    let mut digests: Vec<Digest> = all.filter_map(Hash::digest).collect();
    digests.sort();
    digests.dedup();
    digests
}

/// Returns where a document says that it does not tell everything, or does not know whether it does.
fn admitted(document: &Document<'_>, bom: &Bom<'_>, places: &Places<'_>) -> Shortfall {
    let mut out = Shortfall { of: u32::try_from(bom.completeness.len()).unwrap_or(u32::MAX), ..Shortfall::default() };
    for one in &bom.completeness {
        let told = match (one.what, one.aggregate) {
            (Facet::Contents, Aggregate::Incomplete) => "what it holds is told in part",
            (Facet::Contents, Aggregate::Unknown) => "whether all it holds is told is not known",
            (Facet::Dependencies, Aggregate::Incomplete) => "what it needs is told in part",
            (Facet::Dependencies, Aggregate::Unknown) => "whether all it needs is told is not known",
            (_, Aggregate::Complete | Aggregate::Unstated) => continue,
        };
        let component = one.of.and_then(|at| bom.components.get(at));
        out.add(|| Offender {
            label: component.map_or_else(|| Text::trusted("the document"), label),
            told: Text::trusted(told),
            at: opening(component.map_or(document.root.span, |component| component.span), places),
        });
    }
    out
}

/// Returns the components that nothing leads to from what the document is about. A document that tells of no dependency,
/// or not what it is about, leaves nothing to follow; files are found in what holds them.
fn unreached(bom: &Bom<'_>, places: &Places<'_>) -> Shortfall {
    let tells = bom
        .relations
        .iter()
        .any(|relation| relation.kind == RelationKind::DependsOn && matches!(relation.to, End::Component(_)));
    if !tells || bom.roots.is_empty() {
        return Shortfall::default();
    }
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); bom.components.len()];
    for relation in &bom.relations {
        let (End::Component(from), End::Component(to)) = (&relation.from, &relation.to) else { continue };
        if let Some(list) = after.get_mut(*from) {
            list.push(*to);
        }
        // What another word relates has no direction that all tools agree on.
        if let (RelationKind::Other(_), Some(list)) = (&relation.kind, after.get_mut(*to)) {
            list.push(*from);
        }
    }
    let mut is_reached = vec![false; bom.components.len()];
    let mut ahead = bom.roots.clone();
    while let Some(at) = ahead.pop() {
        match is_reached.get_mut(at) {
            Some(mark) if !*mark => *mark = true,
            _ => continue,
        }
        ahead.extend(after.get(at).into_iter().flatten());
    }
    let mut out = Shortfall::default();
    for (component, is_reached) in bom.components.iter().zip(is_reached).filter(|(one, _)| one.kind != "file") {
        out.of = out.of.saturating_add(1);
        if !is_reached {
            out.add(|| Offender {
                label: label(component),
                told: Text::trusted("nothing leads to it"),
                at: opening(component.span, places),
            });
        }
    }
    out
}

impl Shortfall {
    /// Adds one, and its name where there is room.
    fn add(&mut self, offender: impl FnOnce() -> Offender) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < MAX_NAMED {
            self.first.push(offender());
        }
    }
}
