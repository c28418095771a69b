//! What `cargo metadata` adds to evidence, asked only for a tree that the user has called trusted.
//!
//! Cargo obeys what it finds in the current directory and above: `.cargo/config.toml` and `rust-toolchain.toml` can
//! both name programs to run. So it is run from the file system's root, with the toolchain pinned, with nothing of
//! the environment but what it needs, `--locked --offline`, and never by a path that leads into the inspected tree.
//! `cargo metadata` itself runs no build script.
#![expect(clippy::disallowed_methods, reason = "the one program the gate may run, when it is asked to")]

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use super::Evidence;
use crate::component::Scope;
use crate::document;
use crate::text::Text;
use crate::tree::TreePath;

/// How cargo is run.
#[derive(Clone, Debug)]
pub struct CargoSetup {
    /// The inspected tree, absolute and without links.
    pub tree: PathBuf,
    /// Where programs are looked for (`PATH`).
    pub path: Option<OsString>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Cargo's home, where it is not below the user's.
    pub cargo_home: Option<PathBuf>,
    /// Rustup's home, where it is not below the user's.
    pub rustup_home: Option<PathBuf>,
    /// The toolchain rustup is told to use, else its default.
    pub toolchain: Option<String>,
}

/// Why cargo's answer cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// There is no cargo outside the inspected tree.
    #[error("--resolve: expected cargo on the path and outside the inspected tree, found none")]
    NoCargo,
    /// Cargo failed.
    #[error("--resolve: expected `cargo metadata` to succeed for `{manifest}`, found: {found}")]
    Failed {
        /// The manifest.
        manifest: Text,
        /// The first line of what cargo says.
        found: Text,
    },
    /// Cargo's answer is none.
    #[error("--resolve: expected the answer of `cargo metadata` for `{manifest}`, found other output")]
    Answer {
        /// The manifest.
        manifest: Text,
        /// What is wrong with it.
        #[source]
        source: cargo_metadata::Error,
    },
}

/// Adds licences and scopes, as cargo itself knows them, to what the tree's `Cargo.lock` files pin.
///
/// # Errors
/// When cargo cannot be run, or fails.
pub fn resolve(evidence: &mut Evidence, setup: &CargoSetup) -> Result<(), ResolveError> {
    let program = cargo(setup).ok_or(ResolveError::NoCargo)?;
    for inventory in evidence.inventories.iter_mut().filter(|inventory| *inventory.ecosystem == *"cargo") {
        let folder = inventory.path.parent().unwrap_or_default();
        let manifest = folder.child(b"Cargo.toml");
        let metadata = ask(&program, setup, &manifest)?;
        let known = Known::of(&metadata);
        for component in &mut inventory.components {
            let version = component.version.as_deref().unwrap_or_default();
            if let Some((license, scope)) = known.0.get(&(component.name.to_string(), version.to_owned())) {
                component.license = license.as_deref().map(Into::into).or(component.license.take());
                component.scope = *scope;
            }
        }
    }
    Ok(())
}

fn ask(program: &Path, setup: &CargoSetup, manifest: &TreePath) -> Result<Metadata, ResolveError> {
    let shown = Text::of(manifest);
    let path = setup.tree.join(std::ffi::OsStr::from_bytes(manifest.as_bytes()));
    let mut command = MetadataCommand::new();
    command.cargo_path(program).manifest_path(path).current_dir("/");
    command.other_options(["--locked", "--offline"].map(str::to_owned));
    let mut command = command.cargo_command();
    command.env_clear().stdin(Stdio::null());
    for (name, value) in environment(setup) {
        command.env(name, value);
    }
    let failed = |found: &str| ResolveError::Failed { manifest: shown.clone(), found: Text::of(found) };
    let output = command.output().map_err(|error| failed(&error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(failed(said.lines().next().unwrap_or("no message")));
    }
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    MetadataCommand::parse(answer).map_err(|source| ResolveError::Answer { manifest: shown, source })
}

/// Returns all of the environment that cargo is given.
fn environment(setup: &CargoSetup) -> Vec<(&'static str, OsString)> {
    let folders = outside(setup);
    let mut out = vec![("PATH", std::env::join_paths(folders).unwrap_or_default())];
    for (name, value) in [("HOME", &setup.home), ("CARGO_HOME", &setup.cargo_home), ("RUSTUP_HOME", &setup.rustup_home)]
    {
        out.extend(value.as_ref().map(|value| (name, value.clone().into_os_string())));
    }
    // Without this rustup would look for a toolchain file in the current directory and above.
    out.extend(toolchain(setup).map(|toolchain| ("RUSTUP_TOOLCHAIN", toolchain.into())));
    out
}

/// Returns the folders of `PATH` that are absolute and outside the inspected tree.
fn outside(setup: &CargoSetup) -> Vec<PathBuf> {
    let folders = setup.path.as_ref().map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
    folders
        .into_iter()
        .filter(|folder| folder.is_absolute())
        .filter(|folder| folder.canonicalize().is_ok_and(|folder| !folder.starts_with(&setup.tree)))
        .collect()
}

fn cargo(setup: &CargoSetup) -> Option<PathBuf> {
    let candidates = outside(setup).into_iter().map(|folder| folder.join("cargo"));
    // A link from outside may lead into the tree.
    candidates
        .into_iter()
        .find(|program| program.canonicalize().is_ok_and(|real| real.is_file() && !real.starts_with(&setup.tree)))
}

/// Returns the toolchain that rustup is told to use: the one asked for, else its own default.
fn toolchain(setup: &CargoSetup) -> Option<String> {
    if let Some(toolchain) = &setup.toolchain {
        return Some(toolchain.clone());
    }
    let home = setup.rustup_home.clone().or_else(|| Some(setup.home.as_ref()?.join(".rustup")))?;
    let settings = std::fs::read_to_string(home.join("settings.toml")).ok()?;
    let settings = document::toml(&settings).ok()?;
    settings.get("default_toolchain")?.string("`default_toolchain`").ok().map(str::to_owned)
}

/// What cargo knows of packages, by name and version.
struct Known(HashMap<(String, String), (Option<String>, Scope)>);

impl Known {
    fn of(metadata: &Metadata) -> Self {
        let scopes = scopes(metadata);
        let packages = metadata.packages.iter().map(|package| {
            let scope = scopes.get(&package.id).copied().unwrap_or(Scope::Unknown);
            ((package.name.to_string(), package.version.to_string()), (package.license.clone(), scope))
        });
        Self(packages.collect())
    }
}

/// Carries scopes from the workspace's members along the edges, strongest first.
fn scopes(metadata: &Metadata) -> HashMap<PackageId, Scope> {
    let nodes: HashMap<&PackageId, &cargo_metadata::Node> =
        metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
    let mut reached: HashMap<PackageId, Scope> =
        metadata.workspace_members.iter().map(|member| (member.clone(), Scope::Runtime)).collect();
    for scope in [Scope::Runtime, Scope::Build, Scope::Dev] {
        let mut ahead: Vec<PackageId> = reached
            .keys()
            .filter(|id| scope == Scope::Runtime || metadata.workspace_members.contains(id))
            .cloned()
            .collect();
        let mut seen: std::collections::HashSet<PackageId> = ahead.iter().cloned().collect();
        while let Some(id) = ahead.pop() {
            let is_member = metadata.workspace_members.contains(&id);
            for edge in nodes.get(&id).into_iter().flat_map(|node| &node.deps) {
                let fits = edge.dep_kinds.iter().any(|kind| match kind.kind {
                    DependencyKind::Normal => scope == Scope::Runtime || !is_member,
                    DependencyKind::Build => scope == Scope::Build || (!is_member && scope != Scope::Runtime),
                    DependencyKind::Development => scope == Scope::Dev && is_member,
                    _ => false,
                });
                if fits && seen.insert(edge.pkg.clone()) {
                    reached.entry(edge.pkg.clone()).or_insert(scope);
                    ahead.push(edge.pkg.clone());
                }
            }
        }
    }
    reached
}
