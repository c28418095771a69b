//! `portcullis sbom`: one file a subcommand.

mod convert;
mod diff;
mod file;
mod generate;
mod output;
mod show;
mod tree;
mod validate;

use anyhow::Error;
use clap::{Args, Subcommand};

use super::environment::Environment;

/// Writes, converts and shows software bills of materials.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis sbom generate -o cyclonedx-json=bom.json")]
pub(super) struct Sbom {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write an SBOM of what the lock files of a tree pin
    Generate(generate::Generate),
    /// Write an SBOM in another format or version
    Convert(convert::Convert),
    /// Compare two SBOMs, or one with a tree
    Diff(diff::Diff),
    /// Judge SBOMs by their specification, and by profiles
    Validate(validate::Validate),
    /// Show what an SBOM lists
    Show(show::Show),
}

impl Sbom {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        match self.command {
            Command::Generate(command) => command.run(environment),
            Command::Convert(command) => command.run(),
            Command::Diff(command) => command.run(environment),
            Command::Validate(command) => command.run(environment),
            Command::Show(command) => command.run(),
        }
    }
}
