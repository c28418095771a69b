//! `portcullis sbom convert`.

use std::path::PathBuf;

use anyhow::Error;
use clap::Args;

use super::super::output;
use super::file::{self, NotOne};
use super::output::{Output, output_of};
use crate::sbom::convert;

/// Writes an SBOM in another format or version. What the other cannot hold is told on stderr, each kind with its count.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom convert bom.json -o spdx-json=bom.spdx.json\n  \
    portcullis sbom convert bom.xml -o cyclonedx-json@1.5 --strict")]
pub(super) struct Convert {
    /// The document; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The format, on stdout or into a file; may be repeated
    #[arg(short = 'o', long = "output", value_name = "FORMAT[@VERSION][=FILE]", value_parser = output_of, required = true)]
    outputs: Vec<Output>,

    /// Exit with 1 when anything is lost
    #[arg(long)]
    strict: bool,
}

impl Convert {
    pub(super) fn run(self) -> Result<u8, Error> {
        let bytes = file::read(&self.file)?;
        match self.convert(&bytes) {
            Ok(is_whole) => Ok(u8::from(self.strict && !is_whole)),
            Err(Failure::NotOne(NotOne(message))) => {
                output::complain(&format!("error: {message}"));
                Ok(1)
            }
            Err(Failure::Other(error)) => Err(error),
        }
    }

    fn convert(&self, bytes: &[u8]) -> Result<bool, Failure> {
        let text = file::decoded(&self.file, bytes)?;
        let document = file::document(&self.file, &text)?;
        let mut is_whole = true;
        for output in &self.outputs {
            let converted = convert(&document, output.chosen);
            output.write(std::slice::from_ref(&converted.text)).map_err(|error| Failure::Other(error.into()))?;
            for loss in &converted.losses {
                output::complain(&format!(
                    "lost: {}@{} has no place for {} ({} times)",
                    output.chosen.format.id,
                    output.chosen.version,
                    crate::text::Text::of(&loss.what),
                    loss.count
                ));
            }
            is_whole &= converted.losses.is_empty();
        }
        Ok(is_whole)
    }
}

enum Failure {
    NotOne(NotOne),
    Other(Error),
}

impl From<NotOne> for Failure {
    fn from(why: NotOne) -> Self {
        Self::NotOne(why)
    }
}
