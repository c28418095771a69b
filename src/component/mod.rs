//! Components, what asks for them, and the inventories that lock files are.
//!
//! Facts only: how a format writes them is the business of `ecosystem`, what to think of them that of `rule`.

mod builder;
#[cfg(test)]
mod cases;
mod control;
mod digest;
mod digest_list;
mod installed;
mod known;
pub mod link;
mod manifest;
pub mod npm;
mod operating_system;
mod purl;
mod setting;
mod source;
pub mod version;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use builder::InventoryBuilder;
pub use control::{Control, Head, Unstated};
pub use digest::{Algorithm, Digest, Digests};
pub use digest_list::{DigestList, ListedDigest};
pub use installed::{
    Assumption, Because, FileList, Installed, InstalledKind, InstalledPurl, InstalledState, Package, SourcePackage,
    edges, one_line, purl_of,
};
pub use known::{Known, KnownSources};
pub use manifest::{Manifest, Requirement, Script};
pub use operating_system::OperatingSystem;
pub use purl::{Part, Purl, PurlFault, PurlParts, purl, purl_type};
pub use setting::{Setting, SettingKind};
pub use source::{GitReference, Place, RemoteUrl, Source, is_commit};

use crate::fact::{Location, Spot};
use crate::tree::TreePath;

/// One piece of software that a lock file pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The package URL, its identity.
    pub purl: Box<str>,
    /// The name, as its registry writes it.
    pub name: Box<str>,
    /// The name of the package in whose place the project puts it.
    pub instead_of: Option<Box<str>>,
    /// The version, as the lock file writes it.
    pub version: Option<Box<str>>,
    /// Where it is taken from.
    pub source: Source,
    /// The address of the artifact, where the lock file states it.
    pub resolved: Option<RemoteUrl>,
    /// The places its artifacts are downloaded from, where the lock file states them beside the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub downloads: Vec<Place>,
    /// The digests of the artifact.
    pub digests: Vec<Digest>,
    /// What it is needed for.
    pub scope: Scope,
    /// How it came to be there.
    pub relation: Relation,
    /// Whether installing it runs a script of its own.
    pub install_script: InstallScript,
    /// The licence expression the lock file or manifest states.
    pub license: Option<Box<str>>,
    /// The components it needs, as places in the inventory's list.
    pub needs: Vec<u32>,
    /// Where it stands; a lock file may name one component at several places.
    pub places: Vec<Location>,
    /// The places that state no digest, of a component for which others do.
    pub unverified: Vec<Location>,
    /// Where its version stands.
    pub version_at: Option<Spot>,
    /// Where its digest stands.
    pub digest_at: Option<Spot>,
    /// The file its digests stand in, where that is another than its own.
    pub digests_in: Option<TreePath>,
    /// Where its source stands.
    pub source_at: Option<Spot>,
    /// What is known of it because it is installed; `None` where it is only pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<Box<Installed>>,
}

/// What a component is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The product itself.
    Runtime,
    /// The product where the platform offers it.
    Optional,
    /// To be brought by whoever uses the product.
    Peer,
    /// Building the product.
    Build,
    /// Developing and testing it.
    Dev,
    /// The files read do not tell.
    Unknown,
}

/// How a component came to be in an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// It is part of the project itself.
    Member,
    /// A manifest of the project names it.
    Direct,
    /// Another component needs it.
    Transitive,
    /// The files read do not tell.
    Unknown,
}

/// Whether installing a component runs a script of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstallScript {
    /// It runs one.
    Runs,
    /// It runs none.
    None,
    /// The format does not record it.
    Unrecorded,
}

/// What a format can tell of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// Components that only other components need.
    pub transitive: bool,
    /// Digests of what comes from a registry.
    pub digests: bool,
    /// Whether installing runs a script.
    pub install_scripts: bool,
    /// The scope, without a manifest at hand.
    pub scope: bool,
    /// Licences.
    pub licenses: bool,
    /// Which component needs which.
    pub edges: bool,
    /// Whether its package manager refuses a lock file whose requirements differ in their very text from the
    /// manifest's, rather than one whose versions do not satisfy them.
    pub exact_requirements: bool,
}

/// What one lock file pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The lock file.
    pub path: TreePath,
    /// The id of its format.
    pub format: Box<str>,
    /// The ecosystem its packages belong to, which is also their purl type.
    pub ecosystem: Box<str>,
    /// The name its projects' manifests bear, where several kinds of manifests of its ecosystem may stand side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Box<str>>,
    /// What the format can tell.
    pub capability: Capability,
    /// The components, in the order of their keys.
    pub components: Vec<Component>,
    /// The projects whose requirements the lock file resolves.
    pub projects: Vec<Project>,
    /// Which component answers a requirement as it is written, for formats that list components so; or one of
    /// a bare name, for those that remember no requirement of the project. Where several versions answer one name, each
    /// stands under the name, a blank and its version.
    pub answers: BTreeMap<Box<str>, u32>,
    /// Requirements of components that a component of another name answers, where the format tells.
    pub renamed: Vec<LockedRequirement>,
    /// Names whose version the project dictates (overrides, resolutions), whatever their requirements say.
    pub overridden: Vec<Box<str>>,
}

/// A project as its lock file sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its folder, where the lock file names it.
    pub folder: Option<TreePath>,
    /// Its name, where the lock file names it.
    pub name: Option<Box<str>>,
    /// Its version, where the lock file names it.
    pub version: Option<Box<str>>,
    /// The component that stands for it, where the lock file lists one.
    pub component: Option<u32>,
    /// What it asked for when the lock file was written.
    pub requirements: Vec<LockedRequirement>,
    /// Where it stands.
    pub place: Location,
}

impl Project {
    /// Returns a project of which the lock file says nothing but where it stands.
    #[must_use]
    pub fn new(place: Location) -> Self {
        Self { folder: None, name: None, version: None, component: None, requirements: Vec::new(), place }
    }
}

/// A requirement as the lock file remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRequirement {
    /// The name the manifest uses.
    pub name: Box<str>,
    /// The requirement's text, where the lock file repeats it.
    pub specifier: Option<Box<str>>,
    /// What it is needed for, as far as the lock file tells.
    pub scope: Scope,
    /// The component that answers it.
    pub component: Option<u32>,
}

impl Component {
    /// Returns a component of which no more is known than what it is called, where it comes from and where it stands.
    #[must_use]
    pub fn new(ecosystem: &str, name: &str, version: Option<&str>, source: Source, place: Location) -> Self {
        let purl = purl(ecosystem, name, version, &source);
        Self { purl, ..Self::of(name.into(), version.map(Into::into), source, place) }
    }

    /// Returns a component without its purl.
    pub(crate) fn of(name: Box<str>, version: Option<Box<str>>, source: Source, place: Location) -> Self {
        Self {
            purl: Box::default(),
            name,
            instead_of: None,
            version,
            source,
            resolved: None,
            downloads: Vec::new(),
            digests: Vec::new(),
            scope: Scope::Unknown,
            relation: Relation::Unknown,
            install_script: InstallScript::Unrecorded,
            license: None,
            needs: Vec::new(),
            places: vec![place],
            unverified: Vec::new(),
            version_at: None,
            digest_at: None,
            digests_in: None,
            source_at: None,
            installed: None,
        }
    }

    /// Returns the purl without version and qualifiers, which an update leaves as it is.
    #[must_use]
    pub fn versionless_purl(&self) -> &str {
        let end = self.purl.find(['@', '?']).unwrap_or(self.purl.len());
        self.purl.get(..end).unwrap_or(&self.purl)
    }

    /// Returns where it is taken from, whatever the spelling and the version: the registry, the repository, or
    /// the folder of an archive. `None` for what comes from beside the project, or from where the
    /// configuration says.
    #[must_use]
    pub fn origin(&self) -> Option<Place> {
        match &self.source {
            Source::Registry { registry } => registry.as_ref().map(RemoteUrl::place),
            Source::Git { repository, .. } => Some(repository.place()),
            Source::Archive { url } => {
                let name = self.name.rsplit('/').next().unwrap_or(&self.name);
                Some(url.place().up_to(name, self.version.as_deref()))
            }
            Source::Path { .. } | Source::Member | Source::Bundled => None,
        }
    }

    /// Returns every place it is taken from: its origin, and where its artifacts are downloaded.
    pub fn origins(&self) -> impl Iterator<Item = Place> {
        self.origin().into_iter().chain(self.downloads.iter().cloned())
    }

    /// Returns the name by which others need it: its own, or that of the package in whose place the project puts it.
    #[must_use]
    pub fn needed_as(&self) -> &str {
        self.instead_of.as_deref().unwrap_or(&self.name)
    }

    /// Returns name and version as a message shows them.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_string(),
        }
    }

    /// Returns where it stands first.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.places.first()
    }

    /// Returns where its digest stands, or its first location where that is not known.
    #[must_use]
    pub fn digest_location(&self) -> Option<Location> {
        let location = self.at(self.digest_at)?;
        Some(match &self.digests_in {
            Some(path) => Location { path: path.clone(), ..location },
            None => location,
        })
    }

    /// Returns a spot of this component's own, or its first location where there is none.
    #[must_use]
    pub fn at(&self, spot: Option<Spot>) -> Option<Location> {
        let first = self.places.first()?;
        Some(match spot {
            Some(spot) => Location { path: first.path.clone(), position: Some(spot.position), width: spot.width },
            None => first.clone(),
        })
    }
}

impl Inventory {
    /// Returns the component at a place of the list.
    #[must_use]
    pub fn component(&self, index: u32) -> Option<&Component> {
        self.components.get(usize::try_from(index).ok()?)
    }
}
