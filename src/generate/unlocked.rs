//! What manifests pin by themselves, where no lock file stands beside or above them.

use std::collections::HashSet;

use crate::component::{Component, GitReference, Manifest, Relation, Requirement, Source};
use crate::ecosystem::{Role, may_pin};
use crate::evidence::Evidence;
use crate::tree::TreePath;

/// Returns the manifests that no lock file beside or above them covers.
pub(super) fn unlocked(evidence: &Evidence) -> impl Iterator<Item = &Manifest> {
    let locks = evidence.lock_files.iter().filter(|file| file.role == Role::Lock);
    let locked: HashSet<(&str, TreePath)> =
        locks.filter_map(|file| Some((&*file.ecosystem, file.path.parent()?))).collect();
    evidence.manifests.iter().filter(move |manifest| {
        // What a file asks for beside what it pins is locked nowhere.
        may_pin(&manifest.path)
            || !manifest.folder().ancestors().any(|folder| locked.contains(&(&*manifest.ecosystem, folder)))
    })
}

/// Returns what such manifests describe: their own packages, and what they ask of git by a whole commit id. All
/// else is a range that a resolver would have to choose from.
pub(super) fn components(evidence: &Evidence) -> Vec<Component> {
    unlocked(evidence).flat_map(|manifest| own(manifest).into_iter().chain(pinned(manifest))).collect()
}

fn own(manifest: &Manifest) -> Option<Component> {
    let name = manifest.name.as_deref()?;
    let mut component =
        Component::new(&manifest.ecosystem, name, manifest.version.as_deref(), Source::Member, manifest.place.clone());
    component.license = manifest.license.clone();
    component.relation = Relation::Member;
    Some(component)
}

fn pinned(manifest: &Manifest) -> impl Iterator<Item = Component> {
    manifest.requirements.iter().filter_map(|requirement: &Requirement| {
        let Source::Git { repository, reference: GitReference::Commit(commit), .. } = &requirement.source else {
            return None;
        };
        let source = Source::Git {
            repository: repository.clone(),
            reference: GitReference::Commit(commit.clone()),
            commit: Some(commit.clone()),
        };
        let mut component =
            Component::new(&manifest.ecosystem, &requirement.package, None, source, requirement.place.clone());
        component.scope = requirement.scope;
        component.relation = Relation::Direct;
        Some(component)
    })
}
