//! Builds an inventory out of the entries of a lock file.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use super::{Capability, Component, Inventory, LockedRequirement, Project, Source};
use crate::document::{Fault, Span};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Collects the entries of one lock file, merges those that name the same component, and puts them in order.
#[derive(Debug, Default)]
pub struct InventoryBuilder {
    components: Vec<Component>,
    /// The handle of each name, version, source and package it stands for, behind the hash of these.
    known: HashTable<(u64, u32)>,
    hashes: RandomState,
    projects: Vec<Project>,
    answers: Vec<(Box<str>, u32)>,
    overridden: Vec<Box<str>>,
    renamed: Vec<LockedRequirement>,
}

/// How many digests one component may have: a package of Python has one for each of some hundred archives.
/// They are compared with each other, so a hostile file must not have as many as it has room for.
const MAX_DIGESTS: usize = 512;

/// What makes two entries one component.
fn identity(component: &Component) -> (&str, Option<&str>, &Source, Option<&str>) {
    (&component.name, component.version.as_deref(), &component.source, component.instead_of.as_deref())
}

fn at(handle: u32) -> usize {
    usize::try_from(handle).unwrap_or(usize::MAX)
}

impl InventoryBuilder {
    /// Adds an entry and returns its handle. An entry for a component that is already there adds a place.
    ///
    /// # Errors
    /// A fault at `span` when two entries give one component different digests, or more than can be compared.
    pub fn add(&mut self, mut component: Component, span: Span) -> Result<u32, Fault> {
        component.downloads.sort();
        component.downloads.dedup();
        if component.digests.len() > MAX_DIGESTS {
            return Err(too_many_digests(&component, span));
        }
        if component.digests.is_empty() && component.source.is_digested() {
            component.unverified = component.places.clone();
        }
        let hash = self.hashes.hash_one(identity(&component));
        if let Some(handle) = self.find(&component, hash) {
            if let Some(known) = self.component(handle) {
                merge(known, component, span)?;
            }
            return Ok(handle);
        }
        let handle = u32::try_from(self.components.len()).unwrap_or(u32::MAX);
        self.components.push(component);
        self.known.insert_unique(hash, (hash, handle), |(hash, _)| *hash);
        Ok(handle)
    }

    /// Adds an entry of a format that lists each package once, and returns its handle.
    ///
    /// # Errors
    /// As [`Self::add`], and a fault at `span` when the component is already there.
    pub fn add_once(&mut self, component: Component, span: Span) -> Result<u32, Fault> {
        if self.find(&component, self.hashes.hash_one(identity(&component))).is_some() {
            let found = crate::text!("`{}` a second time", component.label());
            return Err(Fault::new(span, Text::trusted("each package once"), found));
        }
        self.add(component, span)
    }

    fn find(&self, component: &Component, hash: u64) -> Option<u32> {
        let key = identity(component);
        let is_it = |handle: u32| self.components.get(at(handle)).is_some_and(|known| identity(known) == key);
        let found = self.known.find(hash, |(other, handle)| *other == hash && is_it(*handle));
        found.map(|(_, handle)| *handle)
    }

    /// Says that the component `from` needs the component `to`.
    pub fn needs(&mut self, from: u32, to: u32) {
        if let Some(component) = self.component(from) {
            component.needs.push(to);
        }
    }

    /// Returns the component behind a handle.
    pub fn component(&mut self, handle: u32) -> Option<&mut Component> {
        self.components.get_mut(at(handle))
    }

    /// Adds a project.
    pub fn project(&mut self, project: Project) {
        self.projects.push(project);
    }

    /// Says which component answers a requirement as it is written.
    pub fn answer(&mut self, requirement: &str, handle: u32) {
        self.answers.push((requirement.into(), handle));
    }

    /// Says that a component of another name answers a component's requirement.
    pub fn renamed(&mut self, requirement: LockedRequirement) {
        self.renamed.push(requirement);
    }

    /// Says that the project dictates the version of a name.
    pub fn overridden(&mut self, name: &str) {
        self.overridden.push(name.into());
    }

    /// Returns the inventory, its components in the order of name, version and source.
    #[must_use]
    pub fn finish(mut self, path: TreePath, format: &str, ecosystem: &str, capability: Capability) -> Inventory {
        let mut order: Vec<u32> = (0..).zip(&self.components).map(|(handle, _)| handle).collect();
        order.sort_by_key(|handle| self.components.get(at(*handle)).map(identity));
        let folded = self.fold(&order);
        order.retain(|handle| !folded.contains_key(handle));
        let mut new_place = vec![0_u32; self.components.len()];
        for (place, handle) in (0..).zip(order.iter().chain(folded.keys())) {
            if let Some(slot) = new_place.get_mut(at(*handle)) {
                *slot = place;
            }
        }
        let moved = |handle: u32| {
            let handle = folded.get(&handle).copied().unwrap_or(handle);
            new_place.get(at(handle)).copied().unwrap_or(handle)
        };
        let mut components = self.components;
        put_in_place(&mut components, new_place.clone());
        components.truncate(order.len());
        for component in &mut components {
            component.needs.iter_mut().for_each(|handle| *handle = moved(*handle));
            component.needs.sort_unstable();
            component.needs.dedup();
            component.places.sort();
            if component.digests.is_empty() {
                component.unverified.clear();
            }
            component.unverified.sort();
        }
        let mut projects = self.projects;
        for project in &mut projects {
            project.component = project.component.map(moved);
            for requirement in &mut project.requirements {
                requirement.component = requirement.component.map(moved);
            }
        }
        let mut renamed = self.renamed;
        for requirement in &mut renamed {
            requirement.component = requirement.component.map(moved);
        }
        let mut overridden = self.overridden;
        overridden.sort();
        overridden.dedup();
        Inventory {
            path,
            format: format.into(),
            ecosystem: ecosystem.into(),
            manifest: None,
            capability,
            components,
            projects,
            answers: self.answers.into_iter().map(|(requirement, handle)| (requirement, moved(handle))).collect(),
            renamed,
            overridden,
        }
    }
}

impl InventoryBuilder {
    /// Puts the entries of one name and version together of which one says where it comes from and the others say
    /// nothing of their own: they lie in another package's archive, or leave the place to the configuration. Returns
    /// which handle took the place of which. `order` holds all handles, those of one name and version side by side.
    fn fold(&mut self, order: &[u32]) -> BTreeMap<u32, u32> {
        let mut folded = BTreeMap::new();
        let named = |handle: &u32| self.components.get(at(*handle)).map(|it| (&it.name, &it.version));
        for group in order.chunk_by(|a, b| named(a) == named(b)).filter(|group| group.len() > 1) {
            let at = |handle: &u32| self.components.get(at(*handle));
            let (weak, strong): (Vec<u32>, Vec<u32>) = group.iter().partition(|handle| {
                let source = at(handle).map(|component| &component.source);
                matches!(source, Some(Source::Bundled | Source::Registry { registry: None }))
            });
            let [strong] = strong.as_slice() else { continue };
            let Some(known) = at(strong) else { continue };
            // With a digest of its own it may be another package of the name, from the usual registry.
            let agrees = |handle: &u32| {
                at(handle).is_some_and(|other| other.digests.iter().all(|digest| known.digests.contains(digest)))
            };
            folded.extend(weak.into_iter().filter(agrees).map(|handle| (handle, *strong)));
        }
        for (from, to) in &folded {
            let Some(other) = self.component(*from).cloned() else { continue };
            if let Some(known) = self.component(*to) {
                known.places.extend(other.places);
                known.unverified.extend(other.unverified);
                known.needs.extend(other.needs);
                known.scope = known.scope.min(other.scope);
                known.install_script = known.install_script.min(other.install_script);
            }
        }
        folded
    }
}

/// Moves each item to the place given for it, within the list: a large one is not held twice.
fn put_in_place<T>(items: &mut [T], mut places: Vec<u32>) {
    for start in 0..items.len() {
        // Each exchange brings one item home.
        while let Some(home) = places.get(start).map(|place| at(*place)).filter(|home| *home != start) {
            items.swap(start, home);
            places.swap(start, home);
        }
    }
}

/// Adds what a second entry says of a component.
fn merge(known: &mut Component, other: Component, span: Span) -> Result<(), Fault> {
    if known.digests.len() + other.digests.len() > MAX_DIGESTS {
        return Err(too_many_digests(known, span));
    }
    // Else the address of the one entry would hide that of the other, which may be another package's.
    if let (Some(old), Some(new)) = (&known.resolved, &other.resolved)
        && old.place() != new.place()
    {
        return Err(Fault::new(
            span,
            text!("one address for `{}`, `{}`", known.label(), old),
            text!("another, `{}`", new),
        ));
    }
    agree(known, &other, span)?;
    for digest in other.digests {
        if !known.digests.contains(&digest) {
            known.digests.push(digest);
        }
    }
    known.unverified.extend(other.unverified);
    known.places.extend(other.places);
    known.scope = known.scope.min(other.scope);
    known.install_script = known.install_script.min(other.install_script);
    known.license = known.license.take().or(other.license);
    known.resolved = known.resolved.take().or(other.resolved);
    known.digest_at = known.digest_at.or(other.digest_at);
    for place in other.downloads {
        if !known.downloads.contains(&place) {
            known.downloads.push(place);
        }
    }
    Ok(())
}

/// Makes sure that two entries of one component state no two digests of one algorithm over one artifact.
fn agree(known: &Component, other: &Component, span: Span) -> Result<(), Fault> {
    for digest in other.digests.iter().filter(|digest| !digest.is_of_any_artifact()) {
        let mut twins = known
            .digests
            .iter()
            .filter(|old| old.algorithm == digest.algorithm && old.artifact == digest.artifact)
            .peekable();
        let Some(first) = twins.peek().copied() else { continue };
        if !twins.any(|old| old.hex == digest.hex) {
            return Err(Fault::new(
                span,
                text!("one digest for `{}`, {}", known.label(), first.to_string()),
                text!("another, {}", digest.to_string()),
            ));
        }
    }
    Ok(())
}

fn too_many_digests(component: &Component, span: Span) -> Fault {
    Fault::new(span, text!("at most {} digests of `{}`", MAX_DIGESTS, component.label()), Text::trusted("more"))
}
