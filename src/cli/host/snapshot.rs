//! `portcullis host snapshot`.

use std::path::PathBuf;

use anyhow::Error;
use clap::Args;

use super::super::environment::Environment;
use super::super::output;
use super::super::progress::Progress;
use super::source::Source;
use crate::evidence::write_snapshot;
use crate::gate::host_evidence;

/// Writes what is known of a host, so that `host check --baseline` counts only what got worse since, and `host diff` tells
/// what changed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    portcullis host snapshot -o host.json\n  \
    portcullis host check --baseline host.json")]
pub(super) struct Snapshot {
    #[command(flatten)]
    source: Source,

    /// The file to write
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    file: PathBuf,
}

impl Snapshot {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let root = self.source.open(environment)?;
        let evidence = {
            let _progress = Progress::start("reading the host");
            host_evidence(&root, &self.source.wants(environment, Vec::new()))?
        };
        output::write_file(&self.file, write_snapshot(&evidence)?.as_bytes())?;
        Ok(0)
    }
}
