//! `portcullis schema`.

use anyhow::Error;
use clap::{Args, ValueEnum};

use super::output;
use crate::report::schema;

/// Prints a JSON schema.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis schema report > portcullis-report.schema.json")]
pub(super) struct Schema {
    /// Of what
    #[arg(value_enum)]
    of: Of,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// The JSON report
    Report,
    /// The policy file
    Policy,
}

impl Schema {
    pub(super) fn run(self) -> Result<u8, Error> {
        let text = match self.of {
            Of::Report => schema::report().to_owned(),
            Of::Policy => serde_json::to_string_pretty(&schema::policy())? + "\n",
        };
        output::print(text.as_bytes())?;
        Ok(0)
    }
}
