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
/// differ. With --live the host now is this machine, with what it runs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis host diff yesterday.json today.json\n  \
    portcullis host diff yesterday.json --live\n  \
    portcullis host diff released.tar rootfs --exit-code")]
pub(super) struct Diff {
    /// The host before
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The host now
    #[arg(value_name = "NEW", required_unless_present = "live")]
    new: Option<PathBuf>,

    /// The host now is this machine
    #[arg(long, conflicts_with = "new")]
    live: bool,

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
        let before = evidence(&self.old, environment)?;
        let now = match &self.new {
            Some(new) => evidence(new, environment)?,
            None => machine(&before, environment)?,
        };
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

/// Returns what is known of this machine. What was not asked then is not asked now.
fn machine(before: &Evidence, environment: &Environment) -> Result<Evidence, Error> {
    let (root, wants) = super::of_machine(environment)?;
    let skip = before.host.as_ref().map(|host| host.skipped.clone()).unwrap_or_default();
    Ok(host_evidence(&root, &HostWants { skip, ..wants })?)
}
