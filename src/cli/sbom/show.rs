//! `portcullis sbom show`.

use std::path::PathBuf;

use anyhow::Error;
use clap::Args;

use super::super::output;
use super::file::{self, NotOne};
use crate::sbom::model::Unread;
use crate::sbom::show;
use crate::text;

/// Shows what an SBOM lists: a table, the tree of who needs whom, the licences, or why one component is there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom show bom.json\n  \
    portcullis sbom show bom.json --tree\n  \
    portcullis sbom show bom.json --why pkg:npm/lodash")]
pub(super) struct Show {
    /// The document; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Draw who needs whom, from the root
    #[arg(long, conflicts_with_all = ["licenses", "why"])]
    tree: bool,

    /// List the components by licence
    #[arg(long, conflicts_with = "why")]
    licenses: bool,

    /// Show the shortest chains from the root to a component: its purl, with or without a version, or its name
    #[arg(long, value_name = "PURL")]
    why: Option<String>,
}

impl Show {
    pub(super) fn run(self) -> Result<u8, Error> {
        let bytes = file::read(&self.file)?;
        match self.shown(&bytes) {
            Ok(shown) => {
                output::print(shown.as_bytes())?;
                Ok(0)
            }
            Err(NotOne(message)) => {
                output::complain(&format!("error: {message}"));
                Ok(1)
            }
        }
    }

    fn shown(&self, bytes: &[u8]) -> Result<String, NotOne> {
        let text = file::decoded(&self.file, bytes)?;
        let document = file::document(&self.file, &text)?;
        let unread = Unread::forgotten();
        let bom = document.model(&unread);
        if let Some(wanted) = &self.why {
            let chains = show::why(&bom, wanted);
            if chains.found == 0 {
                let shown = output::shown(&self.file);
                return Err(NotOne(text!("{}: expected a component `{}`, found none", shown, wanted.as_str())));
            }
            return Ok(chains.text);
        }
        Ok(match (self.tree, self.licenses) {
            (true, _) => show::tree(&bom),
            (_, true) => show::licenses(&bom),
            _ => show::table(&document, &bom),
        })
    }
}
