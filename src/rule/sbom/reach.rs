//! The lock files that an SBOM is held against: those in its folder and below.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{Component, Inventory, Relation, Source, purl};
use crate::evidence::Evidence;
use crate::fact::{FactKind, Gap};
use crate::rule::{Answer, Draft};
use crate::sbom::{ListedPackage, Listing, SbomFile, package_of};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

use super::subject;

/// What the lock files in reach of an SBOM pin.
pub(super) struct Reach<'a> {
    /// The lock files of ecosystems whose packages the SBOM lists.
    pub(super) inventories: Vec<&'a Inventory>,
    /// What they pin, by the key of the package.
    pub(super) locked: BTreeMap<Box<str>, Vec<Pinned<'a>>>,
    /// The projects' own packages.
    pub(super) own: BTreeSet<Box<str>>,
}

/// A component that a lock file pins.
pub(super) struct Pinned<'a> {
    pub(super) component: &'a Component,
    /// Its place in the list of lock files.
    pub(super) inventory: usize,
    /// The version in the form in which versions are compared.
    pub(super) version: Option<Box<str>>,
}

impl<'a> Reach<'a> {
    /// Returns what an SBOM is held against.
    ///
    /// # Errors
    /// What there is to say where it cannot be held against anything: no lock file is in reach, one cannot be read, or
    /// the SBOM is about something else.
    pub(super) fn of(sbom: &SbomFile, listing: &Listing, evidence: &'a Evidence) -> Result<Self, Answer> {
        let folder = sbom.path.parent().unwrap_or_default();
        let kinds: BTreeSet<&str> = listing.packages.iter().map(|package| &*package.kind).collect();
        let is_near = |path: &TreePath| path.below(&folder).is_some();
        let inventories: Vec<&Inventory> = evidence
            .inventories
            .iter()
            .filter(|one| is_near(&one.path) && !one.components.is_empty() && kinds.contains(&*one.ecosystem))
            .collect();
        let is_of_concern = |gap: &&Gap| {
            let path = &gap.location.path;
            let mut files = evidence.lock_files.iter().filter(|file| file.path == *path).peekable();
            let known = files.peek().is_some();
            is_near(path)
                && gap.kind == FactKind::Component
                && (!known || files.any(|file| kinds.contains(&*file.ecosystem)))
        };
        if let Some(gap) = evidence.gaps.iter().find(is_of_concern) {
            return Err(undetermined(sbom, gap).into());
        }
        if inventories.is_empty() {
            let reason =
                text!("no lock file in the folder of `{}` or below pins packages of the kinds it lists", sbom.path);
            return Err(Draft::not_applicable(subject(sbom), reason).into());
        }
        let mut reach = Self { inventories, locked: BTreeMap::new(), own: BTreeSet::new() };
        reach.read(evidence, is_near);
        let is_known = |package: &ListedPackage| {
            reach.locked.contains_key(&package.key) || (!package.is_root && reach.own.contains(&package.key))
        };
        if listing.packages.iter().any(is_known) {
            return Ok(reach);
        }
        let reason = text!("no lock file in the folder of `{}` or below pins any package it lists", sbom.path);
        Err(Draft::not_applicable(subject(sbom), reason).into())
    }

    fn read(&mut self, evidence: &Evidence, is_near: impl Fn(&TreePath) -> bool) {
        for (at, inventory) in self.inventories.iter().enumerate() {
            for component in &inventory.components {
                let Some(package) = package_of(&component.purl) else { continue };
                let is_own = component.relation == Relation::Member
                    || matches!(component.source, Source::Member | Source::Path { .. });
                if is_own {
                    self.own.insert(package.key);
                } else {
                    let pinned = Pinned { component, inventory: at, version: package.version };
                    self.locked.entry(package.key).or_default().push(pinned);
                }
            }
        }
        for manifest in evidence.manifests.iter().filter(|manifest| is_near(&manifest.path)) {
            let Some(name) = &manifest.name else { continue };
            let purl = purl(&manifest.ecosystem, name, None, &Source::Member);
            self.own.extend(package_of(&purl).map(|package| package.key));
        }
    }
}

fn undetermined(sbom: &SbomFile, gap: &Gap) -> Draft {
    let message = text!("`{}` cannot be held against the lock files: {}", sbom.path, gap.message());
    Draft::not_determined(subject(sbom), message)
        .at(Some(crate::fact::Location::file(sbom.path.clone())))
        .with_related([gap.location.clone()])
        .with("expected", gap.expected.clone())
        .found(gap.found.clone())
        .help(Text::trusted("mend the lock file, or let the rule's `undetermined` level decide"))
        .fact(text!("{}", gap.location.path).as_str())
        .fact(gap.contents.as_deref().unwrap_or_default())
}
