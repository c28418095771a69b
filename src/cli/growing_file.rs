//! A file that is written piece by piece, whole or not at all.
#![expect(clippy::disallowed_methods, reason = "this is where the command line writes")]

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::Complaint;
use super::output::{beside, replace, unwritable};
use crate::text;
use crate::text::Text;

/// A file that is written piece by piece, and stands at its path only once it is kept. Dropped, it leaves nothing behind.
pub(super) struct GrowingFile {
    path: PathBuf,
    shown: Text,
    file: BufWriter<tempfile::NamedTempFile>,
    /// Why it cannot be written. Whoever writes is not to be disturbed by that.
    failure: Option<io::Error>,
}

impl GrowingFile {
    /// Begins a file; only a regular one is replaced.
    pub(super) fn begin(path: PathBuf, shown: Text) -> Result<Self, Complaint> {
        if let Some(found) = fs::metadata(&path).ok().filter(|found| !found.is_file()) {
            let found = if found.is_dir() { "a folder" } else { "something else" };
            return Err(Complaint::new(text!("{}: expected a file that can be replaced, found {}", shown, found)));
        }
        match beside(&path) {
            Ok(file) => Ok(Self { path, shown, file: BufWriter::new(file), failure: None }),
            Err(error) => Err(unwritable(&shown, &error)),
        }
    }

    /// Puts the file to its path.
    pub(super) fn keep(self) -> Result<(), Complaint> {
        let Self { path, shown, file, failure } = self;
        let kept = match failure {
            Some(error) => Err(error),
            None => file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| replace(file, &path)),
        };
        kept.map_err(|error| unwritable(&shown, &error))
    }
}

impl Write for GrowingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_none() {
            self.failure = self.file.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
