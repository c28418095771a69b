//! `-o FORMAT[@VERSION][=FILE]`: what is written, and where.

use std::path::PathBuf;

use super::super::{Complaint, output};
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
    /// Writes a document, in parts that follow one another, to where it goes.
    pub(super) fn write(&self, parts: &[Vec<u8>]) -> Result<(), Complaint> {
        match &self.file {
            Some(file) => output::write_file(file, &parts.concat()),
            None => parts.iter().try_for_each(|part| output::print(part)),
        }
    }
}
