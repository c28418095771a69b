//! A stretch of a file, read here and there without moving anybody else's place in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// A stretch of a file.
#[derive(Clone, Debug)]
pub(super) struct Window {
    file: Arc<File>,
    start: u64,
    size: u64,
    at: u64,
}

impl Window {
    pub(super) fn new(file: Arc<File>, start: u64, size: u64) -> Self {
        Self { file, start, size, at: 0 }
    }

    /// Returns how many bytes it has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Returns a stretch of this stretch, as far as it reaches.
    pub(super) fn part(&self, start: u64, size: u64) -> Self {
        let start = start.min(self.size);
        Self::new(self.file.clone(), self.start.saturating_add(start), size.min(self.size - start))
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let part = buffer.get_mut(..length).unwrap_or_default();
        if part.is_empty() {
            return Ok(0);
        }
        let count = self.file.read_at(part, self.start.saturating_add(self.at))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = sought(to, self.at, self.size)?;
        Ok(self.at)
    }
}

/// Returns the place that is sought from a place in something of so many bytes.
pub(super) fn sought(to: SeekFrom, at: u64, size: u64) -> io::Result<u64> {
    let sought = match to {
        SeekFrom::Start(at) => Some(at),
        SeekFrom::End(by) => size.checked_add_signed(by),
        SeekFrom::Current(by) => at.checked_add_signed(by),
    };
    sought.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
