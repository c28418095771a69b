//! The component that a document is about.

use crate::component::Manifest;
use crate::evidence::Evidence;
use crate::tree::TreePath;

/// The component that a document is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// What it is.
    pub kind: Subject,
    /// Its name.
    pub name: String,
    /// Its version, where one is stated.
    pub version: Option<String>,
    /// Its licence expression, where one is stated.
    pub license: Option<String>,
}

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The project that is developed in a tree.
    Project,
    /// What is installed in a root filesystem.
    System,
    /// An image of a container.
    Image,
}

impl Subject {
    /// Returns the word of CycloneDX for such a component.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Project | Self::System => "application",
            Self::Image => "container",
        }
    }

    /// Returns the word of CycloneDX for the part of its life in which it is looked at.
    pub(super) fn lifecycle(self) -> &'static str {
        match self {
            Self::Project => "pre-build",
            Self::System => "operations",
            Self::Image => "post-build",
        }
    }
}

/// What is known of the root beside the evidence.
#[derive(Clone, Debug, Default)]
pub struct RootHint {
    /// The name of the directory or repository.
    pub name: String,
    /// The commit, which serves as version where no manifest states one.
    pub commit: Option<String>,
}

impl Root {
    /// Returns the root of a tree: the package of the manifest at its top, else the directory.
    #[must_use]
    pub fn of(evidence: &Evidence, hint: &RootHint) -> Self {
        let at_top = |manifest: &&Manifest| manifest.folder() == TreePath::root() && manifest.name.is_some();
        let text = |value: &Option<Box<str>>| value.as_deref().map(str::to_owned);
        let stated = evidence.manifests.iter().find(at_top);
        // A lock file may know the version that a manifest inherits, or stand alone.
        let locked =
            evidence.inventories.iter().filter(|inventory| inventory.path.parent() == Some(TreePath::root())).find_map(
                |inventory| {
                    inventory
                        .projects
                        .iter()
                        .find(|project| project.folder == Some(TreePath::root()) && project.name.is_some())
                },
            );
        Self {
            kind: Subject::Project,
            name: stated
                .and_then(|manifest| text(&manifest.name))
                .or_else(|| locked.and_then(|project| text(&project.name)))
                .unwrap_or_else(|| hint.name.clone()),
            version: stated
                .and_then(|manifest| text(&manifest.version))
                .or_else(|| locked.and_then(|project| text(&project.version)))
                .or_else(|| hint.commit.clone()),
            license: stated.and_then(|manifest| text(&manifest.license)),
        }
    }
}
