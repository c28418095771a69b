//! What differs between the two sides of a component.

use std::collections::{BTreeMap, BTreeSet};

use super::pairing::Paired;
use super::{Difference, Told, What};
use crate::sbom::model::{Bom, Component, ComponentScope, End, License, RelationKind, Stated};

/// Both documents, ready to be compared.
pub(super) struct Compared<'a> {
    before: &'a Bom<'a>,
    now: &'a Bom<'a>,
    told: Told,
    old: Edges,
    new: Edges,
}

/// What each component leads to: the pair that the other belongs to, and its place, in that order.
struct Edges {
    needs: Lists,
    contents: Lists,
}

/// Lists of which each belongs to a component, one behind the other.
struct Lists {
    /// Where each begins; the last is the end of all.
    starts: Vec<usize>,
    all: Vec<(usize, usize)>,
}

impl Lists {
    fn of(bom: &Bom<'_>, pair_of: &[usize], kind: &RelationKind<'_>) -> Self {
        let mut edges: Vec<(usize, usize, usize)> = bom
            .relations
            .iter()
            .filter(|relation| relation.kind == *kind)
            .filter_map(|relation| match (&relation.from, &relation.to) {
                (End::Component(from), End::Component(to)) => Some((*from, *pair_of.get(*to)?, *to)),
                _ => None,
            })
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let starts = (0..=bom.components.len()).map(|component| edges.partition_point(|(from, ..)| *from < component));
        Self { starts: starts.collect(), all: edges.into_iter().map(|(_, pair, to)| (pair, to)).collect() }
    }

    fn get(&self, component: usize) -> &[(usize, usize)] {
        let bounds = self.starts.get(component).zip(self.starts.get(component + 1));
        bounds.and_then(|(start, end)| self.all.get(*start..*end)).unwrap_or_default()
    }
}

impl Edges {
    fn of(bom: &Bom<'_>, pair_of: &[usize]) -> Self {
        Self {
            needs: Lists::of(bom, pair_of, &RelationKind::DependsOn),
            contents: Lists::of(bom, pair_of, &RelationKind::Contains),
        }
    }
}

impl<'a> Compared<'a> {
    pub(super) fn new(before: &'a Bom<'a>, now: &'a Bom<'a>, paired: &Paired, told: Told) -> Self {
        let (old, new) = std::thread::scope(|scope| {
            let old = scope.spawn(|| Edges::of(before, &paired.of_before));
            let new = Edges::of(now, &paired.of_now);
            (old.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), new)
        });
        Self { before, now, told, old, new }
    }

    /// Returns what differs between a component before and now.
    pub(super) fn differences(&self, old: usize, new: usize) -> Vec<Difference> {
        let (Some(was), Some(is)) = (self.before.components.get(old), self.now.components.get(new)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut note = |what: What, before: Option<String>, after: Option<String>| {
            if before != after {
                out.push(Difference { what, before, after });
            }
        };
        // Nearly all pairs are alike: what is equal is not written out to be compared.
        if was.version.value() != is.version.value() {
            let version = |one: &Component<'_>| one.version.value().map(ToString::to_string);
            note(What::Version, version(was), version(is));
        }
        if self.told.digest {
            for (before, after) in digests(was, is) {
                note(What::Digest, before, after);
            }
        }
        if self.told.license && (&was.declared, &was.concluded) != (&is.declared, &is.concluded) {
            let (before, after) = (licenses(was), licenses(is));
            if folded(&before) != folded(&after) {
                note(What::License, before, after);
            }
        }
        if self.told.supplier && was.supplier != is.supplier {
            let supplier =
                |one: &Component<'_>| one.supplier.value().and_then(|party| party.name.as_deref().map(str::to_owned));
            note(What::Supplier, supplier(was), supplier(is));
        }
        if self.told.scope {
            // To be needed is what is meant where nothing is said.
            let scope = |one: &Component<'_>| {
                one.scope.filter(|scope| *scope != ComponentScope::Required).map(|scope| scope.word().to_owned())
            };
            note(What::Scope, scope(was), scope(is));
        }
        let mut edges = |is_told: bool, what: What, old: &[(usize, usize)], new: &[(usize, usize)]| {
            let pairs = |list: &[(usize, usize)]| list.iter().map(|(pair, _)| *pair).collect::<BTreeSet<usize>>();
            if !is_told || old.iter().map(|(pair, _)| pair).eq(new.iter().map(|(pair, _)| pair)) {
                return;
            }
            let missing = |from: &[(usize, usize)], other: &BTreeSet<usize>, bom: &Bom<'_>| {
                let labels: BTreeSet<String> = from
                    .iter()
                    .filter(|(pair, _)| !other.contains(pair))
                    .filter_map(|(_, at)| bom.components.get(*at).map(label))
                    .collect();
                (!labels.is_empty()).then(|| labels.into_iter().collect::<Vec<_>>().join(", "))
            };
            note(what, missing(old, &pairs(new), self.before), missing(new, &pairs(old), self.now));
        };
        edges(self.told.needs, What::Needs, self.old.needs.get(old), self.new.needs.get(new));
        edges(self.told.contents, What::Contents, self.old.contents.get(old), self.new.contents.get(new));
        out
    }
}

fn label(component: &Component<'_>) -> String {
    let version = component.version.value().map(|version| format!(" {version}")).unwrap_or_default();
    format!("{}{version}", component.name)
}

/// Returns the digests that differ, by algorithm; where no algorithm is in common, all of them.
fn digests(was: &Component<'_>, is: &Component<'_>) -> Vec<(Option<String>, Option<String>)> {
    type ByAlgorithm = BTreeMap<String, BTreeSet<String>>;
    let of = |one: &Component<'_>| {
        let mut out = ByAlgorithm::new();
        for hash in &one.hashes {
            out.entry(hash.algorithm.name().to_owned()).or_default().insert(hash.value.to_ascii_lowercase());
        }
        out
    };
    // Nearly always they are the same.
    if was.hashes == is.hashes {
        return Vec::new();
    }
    let (before, after) = (of(was), of(is));
    let shown = |algorithm: &str, values: Option<&BTreeSet<String>>| {
        values.map(|values| format!("{algorithm}:{}", values.iter().cloned().collect::<Vec<_>>().join(",")))
    };
    let has_common = before.keys().any(|algorithm| after.contains_key(algorithm));
    let algorithms: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    algorithms
        .into_iter()
        // An algorithm that only one side has says nothing where another is in common.
        .filter(|algorithm| !has_common || (before.contains_key(*algorithm) && after.contains_key(*algorithm)))
        .map(|algorithm| (shown(algorithm, before.get(algorithm)), shown(algorithm, after.get(algorithm))))
        .collect()
}

fn licenses(component: &Component<'_>) -> Option<String> {
    let stated = |licenses: &Stated<Vec<License<'_>>>| match licenses {
        Stated::Value(all) => {
            let labels: BTreeSet<&str> = all.iter().flat_map(|one| one.label().split(" AND ")).collect();
            Some(labels.into_iter().collect::<Vec<_>>().join(" AND "))
        }
        Stated::None => Some("NONE".to_owned()),
        Stated::Absent | Stated::Unknown | Stated::Withheld => None,
    };
    stated(&component.declared).or_else(|| stated(&component.concluded))
}

fn folded(license: &Option<String>) -> Option<String> {
    license.as_ref().map(|license| license.to_ascii_lowercase())
}
