//! `-o FORMAT[@VERSION][=FILE]`: what is written, and where.

use std::path::PathBuf;

use crate::sbom::{self, Chosen};

/// A format, and the file it goes to; without one it goes to standard output.
#[derive(Clone)]
pub(super) struct Output {
    pub(super) chosen: Chosen,
    pub(super) file: Option<PathBuf>,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.chosen.format.id, self.chosen.version)
    }
}

/// Reads the value of the option.
pub(super) fn output_of(text: &str) -> Result<Output, String> {
    let (format, file) =
        text.split_once('=').map_or((text, None), |(format, file)| (format, Some(PathBuf::from(file))));
    sbom::choose(format).map(|chosen| Output { chosen, file }).map_err(|message| message.to_string())
}

impl Output {
    /// Writes a document to where it goes.
    pub(super) fn write(&self, text: &[u8]) -> Result<(), super::super::Complaint> {
        match &self.file {
            Some(file) => super::super::output::write_file(file, text),
            None => super::super::output::print(text),
        }
    }
}
