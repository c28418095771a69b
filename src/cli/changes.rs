//! `portcullis changes`.

use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::{Args, ValueEnum};

use super::environment::Environment;
use super::output;
use super::progress::Progress;
use super::target::Place;
use crate::changes;
use crate::gate::{Against, GateError, Target};
use crate::tree::Repository;

/// Lists what a change does to dependencies, and judges nothing.
#[derive(Debug, Args)]
#[command(after_help = "BASE alone compares the directory with the merge base of BASE; BASE..HEAD compares the two\n\
    revisions themselves; BASE...HEAD the merge base of both with HEAD.\n\n\
    Examples:\n  \
    portcullis changes                        uncommitted changes\n  \
    portcullis changes main                   what this branch changes\n  \
    portcullis changes v1.0..v1.1 --format json")]
pub(super) struct Changes {
    /// The revisions to compare (default: the last commit with the directory)
    #[arg(value_name = "BASE[..HEAD]", conflicts_with = "staged")]
    revisions: Option<String>,

    /// Compare the last commit with what is staged
    #[arg(long)]
    staged: bool,

    /// The repository (default: the one around the current directory)
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,

    /// The format
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,

    /// Exit with 1 when there are changes, or files that cannot be read
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// One line a change
    Human,
    /// Everything, for programs
    Json,
}

impl Changes {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let (against, head) = match (&self.revisions, self.staged) {
            (_, true) => (Against::Staged, None),
            (None, _) => (Against::Revision("HEAD".to_owned()), None),
            (Some(text), _) => revisions(text),
        };
        let place = Place { path: PathBuf::from("."), repo: self.repo };
        let mut target = place.target(head, against, environment)?;
        // As git does, the whole repository is compared from wherever it is asked.
        if target.repository.is_none() {
            target.absolute = root(&target)?;
        }
        let listed = {
            let _progress = Progress::start("comparing");
            changes::changes(&target)?
        };
        let text = match self.format {
            Form::Human => listed.human(),
            Form::Json => listed.json()?,
        };
        output::print(text.as_bytes())?;
        let differs = !(listed.changes.is_empty() && listed.gaps.is_empty());
        Ok(u8::from(self.exit_code && differs))
    }
}

/// Reads `BASE`, `BASE..HEAD` or `BASE...HEAD`; a side that is left out is HEAD.
fn revisions(text: &str) -> (Against, Option<String>) {
    let named = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    if let Some((base, head)) = text.split_once("...") {
        (Against::Base(named(base)), Some(named(head)))
    } else if let Some((base, head)) = text.split_once("..") {
        (Against::Revision(named(base)), Some(named(head)))
    } else {
        (Against::Base(named(text)), None)
    }
}

/// Returns the root of the work tree around a folder, or the folder itself where there is none.
fn root(target: &Target) -> Result<PathBuf, Error> {
    let name = output::shown(&target.path);
    let repository = Repository::around(&target.absolute, &name, &target.git).map_err(GateError::from)?;
    let root = repository.and_then(|repository| repository.work_tree().map(Path::to_owned));
    Ok(root.unwrap_or_else(|| target.absolute.clone()))
}
