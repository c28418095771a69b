//! What an SBOM lists: the components and projects of all lock files, each once and under a reference of its own.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::component::{Component, Digests, InstalledState, Inventory, Relation, Scope, Source};
use crate::evidence::Evidence;
use crate::fact::Location;
use crate::tree::TreePath;

/// The components of all lock files under references of their own: those of one purl and the same digests are
/// one component with several places.
pub(super) struct Catalog<'a> {
    pub(super) entries: Vec<Merged<'a>>,
    purls: HashMap<&'a str, Group>,
    /// The entries that are not the first of their purl, by purl and source.
    others: HashMap<(&'a str, &'a Source), Vec<usize>>,
    /// The references of these.
    references: HashSet<String>,
    /// The entries in the order of purl and reference.
    order: Vec<usize>,
    pub(super) projects: Vec<NestedProject<'a>>,
    /// What the projects need that are the root itself.
    pub(super) of_root: Vec<usize>,
}

/// The entries of one purl: nearly always a single one.
struct Group {
    first: usize,
    count: usize,
}

/// A component as one or more lock files have it.
pub(super) struct Merged<'a> {
    pub(super) reference: Cow<'a, str>,
    pub(super) first: &'a Component,
    pub(super) scope: Scope,
    pub(super) relation: Relation,
    pub(super) places: Vec<&'a Location>,
    pub(super) needs: Vec<usize>,
    /// Whether some lock file tells what it needs. To list nothing would say that it needs nothing.
    pub(super) tells_edges: bool,
}

/// A project without a component of its own: an application inside the root.
pub(super) struct NestedProject<'a> {
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) version: Option<&'a str>,
    pub(super) needs: Vec<usize>,
    pub(super) is_root: bool,
}

impl<'a> Merged<'a> {
    fn new(reference: Cow<'a, str>, first: &'a Component) -> Self {
        Self {
            reference,
            first,
            scope: first.scope,
            relation: first.relation,
            places: Vec::new(),
            needs: Vec::new(),
            tells_edges: false,
        }
    }
}

impl<'a> Catalog<'a> {
    pub(super) fn of(evidence: &'a Evidence, unlocked: &'a [Component]) -> Self {
        let mut catalog = Self {
            entries: Vec::new(),
            purls: HashMap::new(),
            others: HashMap::new(),
            references: HashSet::new(),
            order: Vec::new(),
            projects: Vec::new(),
            of_root: Vec::new(),
        };
        for inventory in &evidence.inventories {
            let add = |component| is_whole(component).then(|| catalog.add(component, &inventory.path));
            let places: Vec<Option<usize>> = inventory.components.iter().map(add).collect();
            if inventory.capability.edges {
                places.iter().flatten().for_each(|at| catalog.tell_edges(*at));
            }
            catalog.connect(inventory, &places);
        }
        for component in unlocked {
            if let Some(place) = component.places.first() {
                let at = catalog.add(component, &place.path);
                catalog.tell_edges(at);
            }
        }
        let Self { entries, order, projects, of_root, .. } = &mut catalog;
        of_root.extend(projects.iter().filter(|project| project.is_root).flat_map(|project| &project.needs));
        order.extend(0..entries.len());
        order.sort_by_key(|at| entries.get(*at).map(|entry| (&entry.first.purl, &entry.reference)));
        catalog
    }

    /// Returns the entries with their places, in the order of purl and reference.
    pub(super) fn ordered(&self) -> impl Iterator<Item = (usize, &Merged<'a>)> {
        self.order.iter().filter_map(|at| Some((*at, self.entries.get(*at)?)))
    }

    /// Returns the entries that no other needs.
    pub(super) fn needed_by_none(&self) -> Vec<usize> {
        let mut is_needed = vec![false; self.entries.len()];
        for (at, entry) in self.entries.iter().enumerate() {
            for need in entry.needs.iter().filter(|need| **need != at) {
                if let Some(slot) = is_needed.get_mut(*need) {
                    *slot = true;
                }
            }
        }
        is_needed.iter().enumerate().filter(|(_, is_needed)| !**is_needed).map(|(at, _)| at).collect()
    }

    /// Returns the entry of a component, which `file` states.
    fn add(&mut self, component: &'a Component, file: &TreePath) -> usize {
        let entries = &mut self.entries;
        let is_it = |entries: &[Merged<'a>], at: usize| entries.get(at).is_some_and(|it| agree(it.first, component));
        let new = entries.len();
        let at = match self.purls.get_mut(&*component.purl) {
            None => {
                self.purls.insert(&component.purl, Group { first: new, count: 1 });
                entries.push(Merged::new(Cow::Borrowed(&component.purl), component));
                new
            }
            Some(group) if is_it(entries, group.first) => group.first,
            Some(group) => {
                let others = self.others.entry((&component.purl, &component.source)).or_default();
                others.iter().copied().find(|at| is_it(entries, *at)).unwrap_or_else(|| {
                    group.count += 1;
                    let mut reference = format!("{}#{file}", component.purl);
                    if !self.references.insert(reference.clone()) {
                        // As many as the purl has entries: no other has this number.
                        reference.push_str(&format!("#{}", group.count));
                    }
                    others.push(new);
                    entries.push(Merged::new(Cow::Owned(reference), component));
                    new
                })
            }
        };
        if let Some(entry) = entries.get_mut(at) {
            entry.places.extend(&component.places);
            entry.scope = entry.scope.min(component.scope);
            entry.relation = entry.relation.min(component.relation);
        }
        at
    }

    /// Notes that what an entry needs is told.
    fn tell_edges(&mut self, at: usize) {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.tells_edges = true;
        }
    }

    fn connect(&mut self, inventory: &'a Inventory, places: &[Option<usize>]) {
        let entry_of = |index: u32| usize::try_from(index).ok().and_then(|index| places.get(index).copied().flatten());
        for (component, at) in inventory.components.iter().zip(places) {
            let needs: Vec<usize> = component.needs.iter().filter_map(|index| entry_of(*index)).collect();
            if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
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

/// Whether a component is listed: what is only partly installed is told of the whole.
fn is_whole(component: &Component) -> bool {
    component.installed.as_ref().is_none_or(|installed| installed.state == InstalledState::Whole)
}

/// Whether two entries of one purl may be one component: they come from one place, with the same contents.
fn agree(a: &Component, b: &Component) -> bool {
    a.source == b.source
        && !matches!(
            Digests::compare(&a.digests, &b.digests),
            Digests::Differ { .. } | Digests::Incomparable | Digests::Weaker { .. } | Digests::Stronger { .. }
        )
}
