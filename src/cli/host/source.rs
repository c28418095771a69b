//! The host that is meant: this one, a root filesystem in a directory or a tarball, an image, a snapshot.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Error;
use clap::Args;

use super::super::environment::Environment;
use super::super::target::{MAX_SNAPSHOT_BYTES, platform_of};
use super::super::{Complaint, output};
use crate::evidence::{Evidence, read_snapshot};
use crate::gate::{self, GateError};
use crate::host::{HostWants, family_ids};
use crate::text;
use crate::text::Text;
use crate::tree::root::{Platform, Root};
use crate::tree::{Input, System};

/// Which host is read, and how.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Read a root filesystem instead of this host: a directory, a tarball of one, an image
    #[arg(long, value_name = "DIR|TAR")]
    pub(super) root: Option<PathBuf>,

    /// Of an image for several platforms, read the one for this
    #[arg(long, value_name = "OS/ARCH", value_parser = platform_of, requires = "root")]
    pub(super) platform: Option<Platform>,

    /// Leave out a family of facts; may be repeated
    #[arg(long, value_name = "FAMILY", value_parser = family_of)]
    pub(super) skip: Vec<String>,

    /// Compare every file of every package with it
    #[arg(long)]
    pub(super) deep: bool,
}

fn family_of(text: &str) -> Result<String, String> {
    let known = family_ids();
    match known.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("expected one of the families {}", known.join(", "))),
    }
}

impl Source {
    /// Opens the root.
    pub(super) fn open(&self, environment: &Environment) -> Result<Root, Error> {
        let path = self.root.clone().unwrap_or_else(|| PathBuf::from("/"));
        open(&path, self.platform.as_ref(), environment)
    }

    /// Returns how it is read.
    pub(super) fn wants(&self, environment: &Environment, exclude: Vec<String>) -> HostWants {
        let skip: BTreeSet<Box<str>> = self.skip.iter().map(|family| family.as_str().into()).collect();
        let system = self.root.is_none().then(|| Arc::new(System::of_machine()));
        HostWants { system, skip, deep: self.deep, exclude, variables: environment.variables.clone() }
    }
}

pub(super) fn open(path: &Path, platform: Option<&Platform>, environment: &Environment) -> Result<Root, Error> {
    let absolute = environment.directory.join(path);
    Ok(Root::open(&absolute, output::shown(path), platform).map_err(GateError::from)?)
}

/// Reads a snapshot of a host.
pub(super) fn snapshot(file: &Path) -> Result<(Input, Evidence), Error> {
    let bytes = output::read_file(file, MAX_SNAPSHOT_BYTES)?;
    let complaint = |found: &str| {
        Complaint::new(text!("{}: expected a snapshot of a host, found {}", output::shown(file), found))
            .hint(Text::trusted("`portcullis host snapshot -o FILE` writes one"))
    };
    let text = std::str::from_utf8(&bytes).map_err(|_error| complaint("bytes that are no UTF-8"))?;
    let evidence = read_snapshot(text).map_err(|source| GateError::Snapshot { file: output::shown(file), source })?;
    if evidence.host.is_none() {
        return Err(complaint("a snapshot of a tree").into());
    }
    Ok((gate::snapshot_input(output::shown(file), text), evidence))
}
