//! `portcullis baseline`.

use std::path::PathBuf;

use anyhow::Error;
use clap::Args;

use super::environment::Environment;
use super::output;
use super::progress::Progress;
use super::target::{self, Place};
use crate::evidence::{self, collect, write_snapshot};
use crate::gate::{self, Against, GateError};
use crate::host::HostWants;

/// Writes what is known of a tree, so that `gate --baseline` counts only what got worse since.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    portcullis baseline -o portcullis-baseline.json\n  \
    portcullis gate --baseline portcullis-baseline.json")]
pub(super) struct Baseline {
    #[command(flatten)]
    place: Place,

    /// Read this revision instead of the directory
    #[arg(long, value_name = "REV")]
    head: Option<String>,

    /// The policy whose exclusions hold
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// Keep what is known of this host as well, for `gate --host`
    #[arg(long)]
    host: bool,

    /// The file to write
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    file: PathBuf,
}

impl Baseline {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let target = self.place.target(self.head, Against::Nothing, environment)?;
        let _progress = Progress::start("reading the tree");
        let opened = gate::open(&target)?;
        let policy = gate::policy_of(&opened, &target::policy(self.policy.as_deref(), environment)?)?;
        let wants = evidence::wants(&policy.excluded()).map_err(GateError::from)?.below(opened.folder.clone());
        let mut evidence = collect(opened.now.as_tree(), &wants).map_err(GateError::from)?;
        if self.host {
            let (root, wants) = super::host::of_machine(environment)?;
            evidence.host = gate::host_evidence(&root, &HostWants { exclude: policy.excluded(), ..wants })?.host;
        }
        output::write_file(&self.file, write_snapshot(&evidence)?.as_bytes())?;
        Ok(0)
    }
}
