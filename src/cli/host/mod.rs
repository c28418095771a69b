//! `portcullis host`: one file a subcommand.

mod check;
mod diff;
mod explain;
mod snapshot;
mod source;

use std::path::Path;
use std::sync::Arc;

use anyhow::Error;
use clap::{Args, Subcommand};

use super::environment::Environment;
use crate::host::HostWants;
use crate::tree::System;
use crate::tree::root::Root;

/// Judges how a host is hardened: this one, a root filesystem, an image.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis host check --root rootfs")]
pub(super) struct Host {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge this host, a root filesystem or an image
    Check(Box<check::Check>),
    /// Write what is known of a host, to compare with later
    Snapshot(snapshot::Snapshot),
    /// Compare two hosts, or what was known of one with what is now
    Diff(diff::Diff),
    /// Explain a fact, or list all facts
    Explain(explain::Explain),
}

/// Returns the root of this host, and how it is read.
pub(super) fn of_machine(environment: &Environment) -> Result<(Root, HostWants), Error> {
    let root = source::open(Path::new("/"), None, environment)?;
    let system = Some(Arc::new(System::of_machine()));
    Ok((root, HostWants { system, variables: environment.variables.clone(), ..HostWants::default() }))
}

impl Host {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        match self.command {
            Command::Check(command) => command.run(environment),
            Command::Snapshot(command) => command.run(environment),
            Command::Diff(command) => command.run(environment),
            Command::Explain(command) => command.run(),
        }
    }
}
