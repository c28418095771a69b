//! `portcullis verify show`.

use std::path::PathBuf;

use anyhow::Error;
use clap::{Args, ValueEnum};

use super::environment::Environment;
use super::{Complaint, output};
use crate::text;
use crate::verify::{Named, show};

/// Prints what keys, signatures, messages and attestations hold, without judging.
#[derive(Debug, Args)]
#[command(after_help = "Nothing is verified, and of secret keys only the public half is shown.\n\
                        Exit codes: 0 understood, 1 damaged or of no known kind, 2 a file cannot be read.\n\n\
                        Examples:\n  \
                        portcullis verify show release.asc\n  \
                        portcullis verify show root.json --format json\n\n\
                        To verify an artifact that is called `show`, write ./show.")]
pub(super) struct Show {
    /// Keys, keyrings, signatures, signed messages, bundles, attestations, lists
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// How it is printed
    #[arg(long, value_name = "FMT", value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

impl Show {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let named = |path: &PathBuf| Named { path: environment.directory.join(path), shown: output::shown(path) };
        let all = self.files.iter().map(|path| show::show(&named(path))).collect::<Result<Vec<_>, _>>()?;
        match self.format {
            Format::Human => output::print(show::human(&all).as_bytes())?,
            Format::Json => output::print(&show::json(&all)?)?,
        }
        let faults: Vec<_> = all.iter().filter_map(|shown| shown.fault.as_ref()).collect();
        for fault in &faults {
            output::complain(&Complaint::new(text!("{}", **fault)).lines());
        }
        Ok(u8::from(!faults.is_empty()))
    }
}
