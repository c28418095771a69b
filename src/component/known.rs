//! The places from which a tree's components are taken.

use std::collections::{BTreeMap, BTreeSet};

use super::{Component, Inventory, Manifest, Place, RemoteUrl, Source};
use crate::tree::TreePath;

/// The places an ecosystem's components are taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Registries, and folders of archives.
    pub registries: BTreeSet<Place>,
    /// The owners under which git repositories lie.
    pub git: BTreeSet<Place>,
}

/// The known places of every ecosystem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownSources {
    of_ecosystem: BTreeMap<Box<str>, Known>,
    /// The owners of the repositories in which the projects say they are developed, by the projects' folders.
    homes: BTreeMap<TreePath, BTreeSet<Place>>,
}

impl KnownSources {
    /// Returns the places that the components of some lock files are taken from.
    #[must_use]
    pub fn of<'a>(inventories: impl IntoIterator<Item = &'a Inventory>) -> Self {
        let mut known = Self::default();
        for inventory in inventories {
            let of_ecosystem = known.of_ecosystem.entry(inventory.ecosystem.clone()).or_default();
            for component in &inventory.components {
                for place in component.origins() {
                    match component.source {
                        Source::Git { .. } => of_ecosystem.git.insert(place.parent()),
                        _ => of_ecosystem.registries.insert(place),
                    };
                }
            }
        }
        known.of_ecosystem.retain(|_, known| *known != Known::default());
        known
    }

    /// Adds the owners of the projects that some manifests describe.
    #[must_use]
    pub fn with_homes<'a>(mut self, manifests: impl IntoIterator<Item = &'a Manifest>) -> Self {
        for manifest in manifests {
            let owner = manifest.repository.as_ref().map(|url| url.place().parent());
            // A host alone has many owners.
            if let Some(owner) = owner.filter(|owner| owner.as_str().contains('/')) {
                self.homes.entry(manifest.folder()).or_default().insert(owner);
            }
        }
        self
    }

    /// Whether a repository lies under the owner of the project in a folder, or of one around it. Who decides there
    /// decides about the project too.
    #[must_use]
    pub fn is_at_home(&self, folder: &TreePath, repository: &RemoteUrl) -> bool {
        let place = repository.place();
        let mut owners = folder.ancestors().filter_map(|folder| self.homes.get(&folder)).flatten();
        owners.any(|owner| place.is_within(owner) && place != *owner)
    }

    /// Returns what is known of an ecosystem, `None` where nothing is.
    #[must_use]
    pub fn ecosystem(&self, ecosystem: &str) -> Option<&Known> {
        self.of_ecosystem.get(ecosystem)
    }

    /// Whether a place from which a component is taken is known.
    #[must_use]
    pub fn has(&self, ecosystem: &str, component: &Component, place: &Place) -> bool {
        self.ecosystem(ecosystem).is_some_and(|known| match component.source {
            Source::Git { .. } => known.has_git(place),
            _ => known.has_registry(place),
        })
    }

    /// Whether a component is taken from a known place, or from none of its own.
    #[must_use]
    pub fn covers(&self, ecosystem: &str, component: &Component) -> bool {
        component.origin().is_none_or(|place| self.has(ecosystem, component, &place))
    }
}

impl Known {
    /// Whether a registry or archive lies at or below a known place.
    #[must_use]
    pub fn has_registry(&self, place: &Place) -> bool {
        self.registries.iter().any(|known| place.is_within(known))
    }

    /// Whether a repository lies under a known owner.
    #[must_use]
    pub fn has_git(&self, place: &Place) -> bool {
        self.git.iter().any(|known| place.is_within(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_at_home_with_the_owner_of_its_repository() {
        let at = |path: &str| TreePath::new(path.as_bytes()).unwrap();
        let of = |path: &str, url: &str| Manifest {
            repository: Some(RemoteUrl::new(url)),
            ..Manifest::new(at(path), "pypi", "pyproject")
        };
        let known = KnownSources::default().with_homes(&[
            of("pyproject.toml", "https://git.example/acme/meter"),
            of("vendor/odd/pyproject.toml", "https://git.example/odd/odd"),
            of("site/pyproject.toml", "https://meter.example/"),
            of("page/pyproject.toml", "https://meter.example/page"),
        ]);
        let check = |folder: &str, url: &str, expected: bool| {
            let folder = if folder.is_empty() { TreePath::root() } else { at(folder) };
            assert_eq!(known.is_at_home(&folder, &RemoteUrl::new(url)), expected, "{folder:?} {url}");
        };
        check("", "ssh://git@git.example/acme/wire.git", true);
        check("packages/core", "https://git.example/acme/wire", true);
        check("", "https://git.example/acme-too/wire", false);
        check("", "https://git.example/acme", false);
        check("", "https://git.example/odd/wire", false);
        check("vendor/odd", "https://git.example/odd/wire", true);
        check("site", "https://meter.example/anybody/wire", false);
        check("page", "https://meter.example/anybody/wire", false);
    }
}
