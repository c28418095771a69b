//! `portcullis host diff`.

use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::{Args, ValueEnum};

use super::super::environment::Environment;
use super::super::output;
use super::super::progress::Progress;
use super::source;
use crate::changes::hosts;
use crate::evidence::Evidence;
use crate::gate::host_evidence;
use crate::host::HostWants;

/// Compares two hosts, each a snapshot, a root filesystem in a directory or a tarball, or an image, and lists the facts that
/// differ.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis host diff yesterday.json today.json\n  \
    portcullis host diff released.tar rootfs --exit-code")]
pub(super) struct Diff {
    /// The host before
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The host now
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// The format
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,

    /// Exit with 1 when facts differ
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// A line a fact
    Human,
    /// Everything, for programs
    Json,
}

impl Diff {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let _progress = Progress::start("comparing");
        let (before, now) = (evidence(&self.old, environment)?, evidence(&self.new, environment)?);
        let listed = hosts::list(&before, &now)?;
        let text = match self.format {
            Form::Human => listed.human(),
            Form::Json => listed.json()?,
        };
        output::print(text.as_bytes())?;
        Ok(u8::from(self.exit_code && !listed.is_empty()))
    }
}

/// Returns what is known of a host by its snapshot, or by reading it.
fn evidence(path: &Path, environment: &Environment) -> Result<Evidence, Error> {
    if output::is_json(&environment.directory.join(path)) {
        return Ok(source::snapshot(path)?.1);
    }
    let root = source::open(path, None, environment)?;
    Ok(host_evidence(&root, &HostWants::default())?)
}
