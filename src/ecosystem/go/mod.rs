//! Go: `go.mod`, `go.sum`, `go.work`, `vendor/modules.txt`, and what the linker leaves in programs.
//!
//! Since Go 1.17 `go.mod` names every module that is built, in the very version: it is the lock file, and the manifest
//! too. `go.sum` beside it holds the digests. What a workspace replaces stands in `go.work`.

pub(super) mod build_info;
pub(super) mod module;
mod modules;
mod replace;
pub(super) mod sum;
mod syntax;
pub(super) mod vendor;
pub(super) mod work;

use crate::component::Capability;

/// The ecosystem, by the purl type of its modules.
const ECOSYSTEM: &str = "golang";

/// What `go.mod` and `go.work` can tell.
const CAPABILITY: Capability = Capability {
    transitive: true,
    digests: true,
    install_scripts: false,
    scope: false,
    licenses: false,
    edges: false,
    // "go: inconsistent vendoring: … is explicitly required in go.mod, but …": versions are compared as they are written.
    exact_requirements: true,
};

#[cfg(test)]
mod build_info_tests;
#[cfg(test)]
mod tests;
