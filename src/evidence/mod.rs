//! What is known of a tree: facts with their places, gaps, and what was passed over.
//!
//! Evidence is collected from a tree, or read back from a file it was written to. It holds no judgement.

mod collect;
mod compare;
mod document;
mod installed;
mod reading;
mod resolved;
mod snapshot;

use serde::{Deserialize, Serialize};

pub use collect::collect;
pub use compare::{Comparison, compare};
pub use installed::{RootError, collect_installed};
pub use resolved::{CargoSetup, ResolveError, resolve};
pub use snapshot::{SnapshotError, read_snapshot, write_snapshot};

use crate::component::{DigestList, Inventory, Manifest, OperatingSystem, Setting};
use crate::ecosystem::{self, Role};
use crate::fact::{Gap, Location};
use crate::host::Host;
use crate::sbom::{self, SbomFile};
use crate::text::Text;
use crate::tree::{Census, TreePath, Wants, WantsError};
use crate::variable::{self, DisabledCheck};
use crate::workflow::Workflow;

/// What is known of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What lock files pin, in the order of their paths.
    pub inventories: Vec<Inventory>,
    /// What manifests ask for, in the order of their paths.
    pub manifests: Vec<Manifest>,
    /// What files beside lock files hold of digests, in the order of their paths.
    pub digest_lists: Vec<DigestList>,
    /// What files tell package managers about where and how to fetch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// What CI definitions run, in the order of their paths.
    pub workflows: Vec<Workflow>,
    /// The lock files, and what belongs to them, that are there, whether or not they could be read.
    pub lock_files: Vec<LockFile>,
    /// Checks of package managers that environment variables switch off, where files set these.
    pub disabled_checks: Vec<DisabledCheck>,
    /// The operating system of a root filesystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<OperatingSystem>,
    /// The kernels of a root filesystem whose modules lie in it, in the order of their releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kernels: Vec<Kernel>,
    /// What is known of a host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Box<Host>>,
    /// What was taken for granted where a root filesystem does not say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<Text>,
    /// SBOMs, in the order of their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sboms: Vec<SbomFile>,
    /// Symbolic links.
    pub links: Vec<Link>,
    /// Commits of other repositories.
    pub submodules: Vec<Submodule>,
    /// What cannot be known.
    pub gaps: Vec<Gap>,
    /// How much was met and passed over.
    pub census: Census,
}

impl Evidence {
    /// Whether anything is known of a tree, rather than of a host alone. A tree in which nothing was found that is listed
    /// counts as none: to compare with it is to compare with nothing.
    #[must_use]
    pub fn has_tree(&self) -> bool {
        let Self {
            inventories,
            manifests,
            digest_lists,
            settings,
            workflows,
            lock_files,
            disabled_checks,
            system,
            kernels,
            host: _,
            assumptions,
            sboms,
            links,
            submodules,
            gaps,
            census: _,
        } = self;
        let of_files = !(inventories.is_empty() && manifests.is_empty() && digest_lists.is_empty() && sboms.is_empty());
        let of_settings = !(settings.is_empty() && workflows.is_empty() && disabled_checks.is_empty());
        let of_roots = system.is_some() || !(kernels.is_empty() && assumptions.is_empty());
        let of_entries = !(lock_files.is_empty() && links.is_empty() && submodules.is_empty() && gaps.is_empty());
        of_files || of_settings || of_roots || of_entries
    }
}

/// A kernel whose modules lie in a root filesystem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// The release: `6.1.0-18-amd64`.
    pub release: Text,
    /// The folder of its modules.
    pub place: Location,
    /// How many modules its list names, where there is one.
    pub modules: Option<u64>,
}

/// A lock file that is there, or a file that belongs to one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    /// Where.
    pub path: TreePath,
    /// Its ecosystem.
    pub ecosystem: Box<str>,
    /// What it is to its ecosystem.
    pub role: Role,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where it stands.
    pub location: Location,
    /// Its target, as it is written.
    pub target: Text,
    /// Where it leads.
    pub leads: Leads,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leads {
    /// To something inside the tree.
    Inside,
    /// To nothing inside the tree.
    Nowhere,
    /// To another part of the repository of which the tree is a folder.
    Beside,
    /// Out of the tree, and out of its repository.
    Outside,
    /// Into git's own folder.
    GitFolder,
    /// In a circle.
    Circle,
}

/// A commit of another repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submodule {
    /// Where it stands.
    pub path: TreePath,
    /// The commit's id.
    pub commit: Box<str>,
}

/// Wants everything that evidence is made of, and nothing that matches `exclude`.
///
/// # Errors
/// An exclusion that is no pattern.
pub fn wants(exclude: &[String]) -> Result<Wants, WantsError> {
    let names = ecosystem::names().chain(variable::names()).chain(sbom::names());
    Wants::new(names, exclude)
}

impl Evidence {
    /// Puts the facts in their order and links lock files with manifests. Collecting does so by itself.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.inventories.sort_by(|a, b| (&a.path, &a.format).cmp(&(&b.path, &b.format)));
        self.manifests.sort_by(|a, b| a.path.cmp(&b.path));
        self.workflows.sort_by(|a, b| a.path.cmp(&b.path));
        self.settings.sort_by(|a, b| (&a.place, &a.kind).cmp(&(&b.place, &b.kind)));
        self.digest_lists.sort_by(|a, b| a.path.cmp(&b.path));
        self.lock_files.sort();
        self.lock_files.dedup();
        self.disabled_checks.sort();
        self.sboms.sort_by(|a, b| a.path.cmp(&b.path));
        self.links.sort();
        self.submodules.sort();
        self.gaps.sort();
        self.gaps.dedup();
        crate::component::link::inherit(&mut self.manifests);
        for inventory in &mut self.inventories {
            self.digest_lists.iter().for_each(|list| list.attach(inventory));
            crate::component::link::link(inventory, &self.manifests);
        }
        self
    }

    /// Returns the files of which nothing is known, since they could not be read at all.
    pub fn unread(&self) -> impl Iterator<Item = &TreePath> {
        self.gaps.iter().map(|gap| &gap.location.path).filter(|path| self.inventory(path).is_none())
    }

    /// Returns the inventory of a lock file.
    #[must_use]
    pub fn inventory(&self, path: &TreePath) -> Option<&Inventory> {
        self.inventories.iter().find(|inventory| inventory.path == *path)
    }
}

#[cfg(test)]
mod tests;
