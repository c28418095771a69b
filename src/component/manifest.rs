//! What a project asks for: its manifest.

use serde::{Deserialize, Serialize};

use super::{RemoteUrl, Scope, Source};
use crate::fact::Location;
use crate::tree::TreePath;

/// A project's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The file.
    pub path: TreePath,
    /// The ecosystem.
    pub ecosystem: Box<str>,
    /// The id of its format.
    pub format: Box<str>,
    /// The package's name, where the manifest describes one.
    pub name: Option<Box<str>>,
    /// Its version.
    pub version: Option<Box<str>>,
    /// Its licence expression.
    pub license: Option<Box<str>>,
    /// The repository in which it says it is developed.
    pub repository: Option<RemoteUrl>,
    /// What it asks for.
    pub requirements: Vec<Requirement>,
    /// Whether it leaves to the build what else the project asks for (`dynamic` of `pyproject.toml`).
    pub is_partial: bool,
    /// What members of its workspace may inherit.
    pub inheritable: Vec<Requirement>,
    /// What replaces other packages wherever they are needed (`[patch]`, `overrides`, `resolutions`).
    pub replacements: Vec<Requirement>,
    /// The folders of its workspace's members, as patterns.
    pub members: Vec<Box<str>>,
    /// The folders that are no members although a pattern says so.
    pub excluded_members: Vec<Box<str>>,
    /// Whether it is the root of a workspace.
    pub workspace_root: bool,
    /// The folder of the project whose requirements it repeats, where it is not the manifest of one itself.
    pub repeats: Option<TreePath>,
    /// The scripts that installing the project runs.
    pub install_scripts: Vec<Script>,
    /// Where the package is named, else the file.
    pub place: Location,
}

/// A requirement of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The name the manifest uses.
    pub name: Box<str>,
    /// The package's own name, which may differ.
    pub package: Box<str>,
    /// The requirement's text.
    pub specifier: Option<Box<str>>,
    /// What it is needed for.
    pub scope: Scope,
    /// Where it is to be taken from.
    pub source: Source,
    /// Whether its text stands in the workspace's root.
    pub inherited: bool,
    /// Where it stands.
    pub place: Location,
}

/// A script that runs on installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The event it runs at.
    pub name: Box<str>,
    /// The command.
    pub command: Box<str>,
    /// Where it stands.
    pub place: Location,
}

impl Manifest {
    /// Returns a manifest that asks for nothing, and stands for the file as a whole.
    #[must_use]
    pub fn new(path: TreePath, ecosystem: &str, format: &str) -> Self {
        Self {
            place: Location::file(path.clone()),
            path,
            ecosystem: ecosystem.into(),
            format: format.into(),
            name: None,
            version: None,
            license: None,
            repository: None,
            requirements: Vec::new(),
            is_partial: false,
            inheritable: Vec::new(),
            replacements: Vec::new(),
            members: Vec::new(),
            excluded_members: Vec::new(),
            workspace_root: false,
            repeats: None,
            install_scripts: Vec::new(),
        }
    }

    /// Returns everything it asks for, whoever it is for: its own requirements, those that members may inherit, and what
    /// replaces other packages.
    pub fn asked(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().chain(&self.inheritable).chain(&self.replacements)
    }

    /// Returns the folder the manifest stands in.
    #[must_use]
    pub fn folder(&self) -> TreePath {
        self.path.parent().unwrap_or_default()
    }
}
