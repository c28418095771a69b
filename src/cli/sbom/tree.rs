//! A tree that an SBOM is made of.

#![expect(clippy::disallowed_methods, reason = "a path of the command line is looked at here")]

use std::fs;
use std::path::Path;

use anyhow::Error;

use super::super::environment::Environment;
use super::super::output;
use super::super::progress::Progress;
use crate::ecosystem;
use crate::evidence::{self, Evidence, RootError};
use crate::gate::{self, Target};
use crate::generate::{self, Root as Subject, RootHint};
use crate::text::Text;
use crate::tree::Wants;
use crate::tree::root::{Platform, Root, RootKind};

/// Returns what the files of a tree that match none of the patterns tell of components, and the commit, where it is one.
pub(super) fn evidence(target: &Target, exclude: &[String]) -> Result<(Evidence, Option<String>), Error> {
    let _progress = Progress::start("reading the tree");
    let opened = gate::open(target)?;
    let wants = Wants::new(ecosystem::names(), exclude)?;
    let evidence = evidence::collect(opened.now.as_tree(), &wants).map_err(gate::GateError::from)?;
    Ok((evidence, opened.commit))
}

/// Whether a path of the command line is an image or a tarball rather than the directory of a project.
pub(super) fn is_image(path: &Path) -> bool {
    path.is_file() || (path.join("oci-layout").is_file() && path.join("index.json").is_file())
}

/// Returns what is installed in a root filesystem or an image, but nothing from files that match the patterns, and what
/// it is called.
pub(super) fn installed(
    path: &Path,
    platform: Option<&Platform>,
    exclude: &[String],
    environment: &Environment,
) -> Result<(Evidence, Subject), Error> {
    let _progress = Progress::start("reading what is installed");
    let absolute = environment.directory.join(path);
    let root = Root::open(&absolute, output::shown(path), platform).map_err(gate::GateError::from)?;
    let evidence = evidence::collect_installed(&root, exclude).map_err(|error| match error {
        RootError::Tree(error) => Error::from(gate::GateError::from(error)),
        other => Error::from(other),
    })?;
    // As it is called wherever it is named from.
    let whole = fs::canonicalize(&absolute).unwrap_or(absolute);
    let file = whole.file_name().map_or_else(|| "/".to_owned(), |name| output::shown(Path::new(name)).to_string());
    let kind = match root.kind() {
        RootKind::Folder | RootKind::Tarball => generate::Subject::System,
        RootKind::Image => generate::Subject::Image,
    };
    let name = root.reference().map_or(file, Text::to_string);
    let version = root.input().digest.map(|digest| digest.to_string());
    Ok((evidence, Subject { kind, name, version, license: None }))
}

/// Returns what is known of the root beside the evidence.
pub(super) fn hint(target: &Target, commit: Option<String>) -> RootHint {
    let named = target.repository.as_ref().map_or(&target.absolute, |(_, absolute)| absolute);
    let name =
        named.file_name().map(|name| output::shown(Path::new(name)).to_string()).unwrap_or_else(|| "root".to_owned());
    RootHint { name: name.trim_end_matches(".git").to_owned(), commit }
}
