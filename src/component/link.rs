//! Lock files and manifests put together: which manifest belongs to which project, what each component is
//! needed for, and what members inherit from their workspace's root.

use std::collections::{HashMap, HashSet};
use std::ops::Bound;

use globset::GlobBuilder;

use super::{Component, Inventory, LockedRequirement, Manifest, Project, Relation, Requirement, Scope};
use crate::fact::Location;
use crate::tree::TreePath;

/// Gives every requirement that is inherited the text of its workspace's root.
pub fn inherit(manifests: &mut [Manifest]) {
    let roots: HashMap<(Box<str>, TreePath), Vec<Requirement>> = manifests
        .iter()
        .filter(|manifest| manifest.workspace_root)
        .map(|manifest| ((manifest.ecosystem.clone(), manifest.folder()), manifest.inheritable.clone()))
        .collect();
    for manifest in manifests {
        let ecosystem = manifest.ecosystem.clone();
        let root = manifest.folder().ancestors().find_map(|folder| roots.get(&(ecosystem.clone(), folder)));
        for requirement in manifest.requirements.iter_mut().filter(|requirement| requirement.inherited) {
            if let Some(shared) = root.and_then(|root| root.iter().find(|shared| shared.name == requirement.name)) {
                requirement.package = shared.package.clone();
                requirement.specifier = shared.specifier.clone();
                requirement.source = shared.source.clone();
            }
        }
    }
}

/// Sets scope and relation of an inventory's components, with the help of the manifests of its projects.
pub fn link(inventory: &mut Inventory, manifests: &[Manifest]) {
    if inventory.projects.is_empty() {
        inventory.projects = projects_of_manifests(inventory, manifests);
    }
    take_requirements(inventory, manifests);
    let mut roots: Vec<(u32, Scope)> = Vec::new();
    let mut members: Vec<u32> = Vec::new();
    for project in &inventory.projects {
        members.extend(project.component);
        let manifest = manifest_of(inventory, project, manifests);
        for locked in &project.requirements {
            let Some(component) = locked.component else { continue };
            let scope = match (locked.scope, manifest) {
                (Scope::Unknown, Some(manifest)) => stated_scope(manifest, locked, inventory.component(component)),
                (scope, _) => scope,
            };
            roots.push((component, scope));
        }
    }
    spread(inventory, &roots, &members);
}

/// Gives a project whose lock file remembers no requirement those of its manifest that the lock file answers
/// by their bare name, as npm's version 1 does.
fn take_requirements(inventory: &mut Inventory, manifests: &[Manifest]) {
    let mut projects = std::mem::take(&mut inventory.projects);
    let bare = |project: &&mut Project| project.component.is_none() && project.requirements.is_empty();
    for project in projects.iter_mut().filter(bare) {
        let asked = manifest_of(inventory, project, manifests).map_or(&[][..], |manifest| &manifest.requirements);
        let answered = asked.iter().map(|requirement| {
            answers_to(inventory, &requirement.name).map(|component| LockedRequirement {
                name: requirement.name.clone(),
                specifier: None,
                scope: requirement.scope,
                component: Some(component),
            })
        });
        project.requirements = answered.flatten().collect();
    }
    inventory.projects = projects;
}

/// Returns what answers a bare name: one component, or several versions of it.
fn answers_to(inventory: &Inventory, name: &str) -> impl Iterator<Item = u32> {
    let versions = format!("{name} ");
    let from = (Bound::Included(versions.as_str()), Bound::Unbounded);
    let several = inventory.answers.range::<str, _>(from);
    let several: Vec<u32> =
        several.take_while(|(key, _)| key.starts_with(&versions)).map(|(_, component)| *component).collect();
    inventory.answers.get(name).copied().into_iter().chain(several)
}

/// Whether a manifest is of the kind that a lock file is written from.
fn is_written_from(inventory: &Inventory, manifest: &Manifest) -> bool {
    manifest.ecosystem == inventory.ecosystem
        && inventory.manifest.as_ref().is_none_or(|name| name.as_bytes() == manifest.path.file_name())
}

/// Returns the manifest of a project: by its folder, or by its name below the lock file.
#[must_use]
pub fn manifest_of<'a>(inventory: &Inventory, project: &Project, manifests: &'a [Manifest]) -> Option<&'a Manifest> {
    let mut candidates = manifests.iter().filter(|manifest| is_written_from(inventory, manifest));
    if let Some(folder) = &project.folder {
        return candidates.find(|manifest| manifest.folder() == *folder);
    }
    let below = inventory.path.parent().unwrap_or_default();
    candidates
        .filter(|manifest| {
            manifest.name.is_some() && manifest.name == project.name && manifest.path.below(&below).is_some()
        })
        .min_by_key(|manifest| (manifest.path.parts().count(), manifest.path.clone()))
}

/// Returns the projects of a lock file that names none: the manifest beside it and its workspace's members.
fn projects_of_manifests(inventory: &Inventory, manifests: &[Manifest]) -> Vec<Project> {
    let folder = inventory.path.parent().unwrap_or_default();
    let Some(root) =
        manifests.iter().find(|manifest| is_written_from(inventory, manifest) && manifest.folder() == folder)
    else {
        return Vec::new();
    };
    let is_member = |manifest: &&Manifest| {
        is_written_from(inventory, manifest) && (manifest.path == root.path || has_member(root, &manifest.folder()))
    };
    manifests.iter().filter(is_member).map(|manifest| project_of(inventory, manifest)).collect()
}

/// Whether a folder is one of a workspace's members by the patterns of its root.
#[must_use]
pub fn has_member(root: &Manifest, folder: &TreePath) -> bool {
    let Some(relative) = folder.below(&root.folder()).and_then(|rest| std::str::from_utf8(rest).ok()) else {
        return false;
    };
    let matches = |pattern: &str| {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .is_ok_and(|glob| glob.compile_matcher().is_match(relative))
    };
    let mut member = false;
    for pattern in &root.members {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern) => member = false,
            None if matches(pattern) => member = true,
            _ => {}
        }
    }
    member && !root.excluded_members.iter().any(|pattern| matches(pattern))
}

fn project_of(inventory: &Inventory, manifest: &Manifest) -> Project {
    let requirements = manifest.requirements.iter().map(|requirement| {
        let specifier = requirement.specifier.as_deref().unwrap_or_default();
        let answer = inventory.answers.get(format!("{}@{specifier}", requirement.name).as_str()).copied();
        LockedRequirement {
            name: requirement.name.clone(),
            specifier: answer.and(requirement.specifier.clone()),
            scope: requirement.scope,
            component: answer,
        }
    });
    Project {
        folder: Some(manifest.folder()),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        component: None,
        requirements: requirements.collect(),
        place: Location::file(inventory.path.clone()),
    }
}

fn stated_scope(manifest: &Manifest, locked: &LockedRequirement, component: Option<&Component>) -> Scope {
    let by_name = |requirement: &&Requirement| {
        requirement.name == locked.name || component.is_some_and(|component| component.name == requirement.package)
    };
    manifest.requirements.iter().filter(by_name).map(|requirement| requirement.scope).min().unwrap_or(Scope::Unknown)
}

/// Carries scope and relation from the projects along the edges.
fn spread(inventory: &mut Inventory, roots: &[(u32, Scope)], members: &[u32]) {
    let members: HashSet<u32> = members.iter().copied().collect();
    let direct: HashSet<u32> = roots.iter().map(|(component, _)| *component).collect();
    let mut reached: Vec<Option<Scope>> = vec![None; inventory.components.len()];
    for scope in [Scope::Runtime, Scope::Optional, Scope::Peer, Scope::Build, Scope::Dev, Scope::Unknown] {
        let mut ahead: Vec<u32> =
            roots.iter().filter(|(_, stated)| *stated == scope).map(|(component, _)| *component).collect();
        if scope == Scope::Runtime {
            ahead.extend(&members);
        }
        while let Some(index) = ahead.pop() {
            let Some(slot) = usize::try_from(index).ok().and_then(|index| reached.get_mut(index)) else { continue };
            if slot.is_some() {
                continue;
            }
            *slot = Some(scope);
            // A member's own requirements are roots with a scope of their own.
            if !members.contains(&index) {
                ahead.extend(
                    inventory.component(index).into_iter().flat_map(|component| component.needs.iter().copied()),
                );
            }
        }
    }
    for ((index, component), reached) in (0..).zip(&mut inventory.components).zip(reached) {
        component.relation = if members.contains(&index) {
            Relation::Member
        } else if !inventory.capability.edges && component.relation != Relation::Unknown {
            // Only the lock file itself can tell, and does.
            component.relation
        } else if direct.contains(&index) {
            Relation::Direct
        } else if reached.is_some() {
            Relation::Transitive
        } else {
            Relation::Unknown
        };
        if component.scope == Scope::Unknown {
            component.scope = reached.unwrap_or(Scope::Unknown);
        }
    }
}
