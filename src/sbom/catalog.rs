//! What an SBOM lists: the components and projects of all lock files, each once and under a reference of its own.

use std::collections::{HashMap, HashSet};

use crate::component::{Component, Digests, Inventory, Relation, Scope, Source};
use crate::evidence::Evidence;
use crate::fact::Location;
use crate::tree::TreePath;

/// The components of all lock files under references of their own: those of one purl and the same digests are
/// one component with several places.
pub(super) struct Catalog<'a> {
    pub(super) entries: Vec<Merged<'a>>,
    /// The first entry of each purl and source.
    known: HashMap<(&'a str, &'a Source), usize>,
    /// How many entries each purl has.
    purls: HashMap<&'a str, usize>,
    references: HashSet<String>,
    /// The entries in the order of purl and reference.
    order: Vec<usize>,
    pub(super) projects: Vec<NestedProject<'a>>,
    /// What the projects need that are the root itself.
    pub(super) of_root: Vec<usize>,
}

/// A component as one or more lock files have it.
pub(super) struct Merged<'a> {
    pub(super) reference: String,
    pub(super) first: &'a Component,
    pub(super) scope: Scope,
    pub(super) relation: Relation,
    pub(super) places: Vec<&'a Location>,
    pub(super) needs: Vec<usize>,
    /// The next entry of the purl and source.
    twin: Option<usize>,
}

/// A project without a component of its own: an application inside the root.
pub(super) struct NestedProject<'a> {
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) version: Option<&'a str>,
    pub(super) needs: Vec<usize>,
    pub(super) is_root: bool,
}

impl<'a> Catalog<'a> {
    pub(super) fn of(evidence: &'a Evidence, unlocked: &'a [Component]) -> Self {
        let mut catalog = Self {
            entries: Vec::new(),
            known: HashMap::new(),
            purls: HashMap::new(),
            references: HashSet::new(),
            order: Vec::new(),
            projects: Vec::new(),
            of_root: Vec::new(),
        };
        for inventory in &evidence.inventories {
            let places: Vec<usize> =
                inventory.components.iter().map(|component| catalog.add(component, &inventory.path)).collect();
            catalog.connect(inventory, &places);
        }
        for component in unlocked {
            if let Some(place) = component.places.first() {
                catalog.add(component, &place.path);
            }
        }
        let Self { entries, order, projects, of_root, .. } = &mut catalog;
        of_root.extend(projects.iter().filter(|project| project.is_root).flat_map(|project| &project.needs));
        order.extend(0..entries.len());
        order.sort_by_key(|at| entries.get(*at).map(|entry| (&entry.first.purl, &entry.reference)));
        catalog
    }

    pub(super) fn ordered(&self) -> impl Iterator<Item = &Merged<'a>> {
        self.order.iter().filter_map(|at| self.entries.get(*at))
    }

    /// Returns the entry of a component, which `file` states.
    fn add(&mut self, component: &'a Component, file: &TreePath) -> usize {
        let entries = &mut self.entries;
        let (mut last, mut next) = (None, self.known.get(&(&*component.purl, &component.source)).copied());
        let mut found = None;
        while let Some((at, entry)) = next.and_then(|at| Some((at, entries.get(at)?))) {
            if agree(entry.first, component) {
                found = Some(at);
                break;
            }
            (last, next) = (Some(at), entry.twin);
        }
        let at = found.unwrap_or(entries.len());
        if found.is_none() {
            let count = self.purls.entry(&component.purl).or_default();
            *count += 1;
            let mut reference =
                if *count == 1 { component.purl.to_string() } else { format!("{}#{file}", component.purl) };
            if *count > 1 && !self.references.insert(reference.clone()) {
                // As many as the purl has entries: no other has this number.
                reference.push_str(&format!("#{count}"));
            }
            entries.push(Merged {
                reference,
                first: component,
                scope: component.scope,
                relation: component.relation,
                places: Vec::new(),
                needs: Vec::new(),
                twin: None,
            });
            match last.and_then(|last| entries.get_mut(last)) {
                Some(last) => last.twin = Some(at),
                None => drop(self.known.insert((&component.purl, &component.source), at)),
            }
        }
        if let Some(entry) = entries.get_mut(at) {
            entry.places.extend(&component.places);
            entry.scope = entry.scope.min(component.scope);
            entry.relation = entry.relation.min(component.relation);
        }
        at
    }

    fn connect(&mut self, inventory: &'a Inventory, places: &[usize]) {
        let entry_of = |index: u32| usize::try_from(index).ok().and_then(|index| places.get(index)).copied();
        for (component, at) in inventory.components.iter().zip(places) {
            let needs: Vec<usize> = component.needs.iter().filter_map(|index| entry_of(*index)).collect();
            if let Some(entry) = self.entries.get_mut(*at) {
                entry.needs.extend(needs);
            }
        }
        for project in &inventory.projects {
            let mut needs: Vec<usize> =
                project.requirements.iter().filter_map(|requirement| entry_of(requirement.component?)).collect();
            if let Some(at) = project.component.and_then(entry_of) {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.needs.extend(&needs);
                }
                needs = vec![at];
            }
            let folder = project.folder.clone().unwrap_or_else(|| inventory.path.parent().unwrap_or_default());
            let is_root = folder.is_root() || project.component.is_some();
            self.projects.push(NestedProject {
                reference: format!("project:{folder}#{}", inventory.path),
                name: project.name.as_deref().map_or_else(|| folder.to_string(), str::to_owned),
                version: project.version.as_deref(),
                needs,
                is_root,
            });
        }
    }
}

/// Whether two entries of one purl and source may be one component: with the same contents.
fn agree(a: &Component, b: &Component) -> bool {
    !matches!(
        Digests::compare(&a.digests, &b.digests),
        Digests::Differ { .. } | Digests::Incomparable | Digests::Weaker { .. } | Digests::Stronger { .. }
    )
}
