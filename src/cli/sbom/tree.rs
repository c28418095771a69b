//! A tree that an SBOM is made of.

use anyhow::Error;

use super::super::output;
use super::super::progress::Progress;
use crate::ecosystem;
use crate::evidence::{self, Evidence};
use crate::gate::{self, Target};
use crate::generate::RootHint;
use crate::tree::Wants;

/// Returns what the files of a tree that match none of the patterns tell of components, and the commit, where it is one.
pub(super) fn evidence(target: &Target, exclude: &[String]) -> Result<(Evidence, Option<String>), Error> {
    let _progress = Progress::start("reading the tree");
    let opened = gate::open(target)?;
    let wants = Wants::new(ecosystem::names(), exclude)?;
    let evidence = evidence::collect(opened.now.as_tree(), &wants).map_err(gate::GateError::from)?;
    Ok((evidence, opened.commit))
}

/// Returns what is known of the root beside the evidence.
pub(super) fn hint(target: &Target, commit: Option<String>) -> RootHint {
    let named = target.repository.as_ref().map_or(&target.absolute, |(_, absolute)| absolute);
    let name = named
        .file_name()
        .map(|name| output::shown(std::path::Path::new(name)).to_string())
        .unwrap_or_else(|| "root".to_owned());
    RootHint { name: name.trim_end_matches(".git").to_owned(), commit }
}
