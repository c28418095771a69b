//! A file of pages, read one page at a time.

use std::collections::BTreeMap;
use std::io::{ErrorKind, SeekFrom};

use super::bytes::count;
use crate::ecosystem::installed::Damage;
use crate::text;
use crate::text::Text;
use crate::tree::ReadSeek;

/// A file that is read here and there.
pub(super) struct Disk<'a> {
    contents: &'a mut dyn ReadSeek,
    size: u64,
    /// Where the contents are read on without seeking.
    position: Option<u64>,
}

impl<'a> Disk<'a> {
    /// Returns the file with some contents and as many bytes as it is said to have.
    pub(super) fn new(contents: &'a mut dyn ReadSeek, size: u64) -> Self {
        Self { contents, size, position: None }
    }

    /// Returns how many bytes the file has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Fills `buffer` with the bytes from a place on.
    pub(super) fn fill(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), Damage> {
        let end = at.saturating_add(count(buffer));
        if end > self.size {
            return Err(ends_early(end, self.size));
        }
        if self.position.take() != Some(at) {
            self.contents.seek(SeekFrom::Start(at))?;
        }
        match self.contents.read_exact(buffer) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(ends_early(end, self.size)),
            read => read?,
        }
        self.position = Some(end);
        Ok(())
    }
}

/// Pages that were read. One that is read for the second time stands in two places, or in a circle.
#[derive(Debug, Default)]
pub(super) struct Visited {
    /// Sixty-four pages a word.
    words: BTreeMap<u32, u64>,
}

impl Visited {
    /// Notes that a page is read.
    pub(super) fn enter(&mut self, page: u32) -> Result<(), Damage> {
        let word = self.words.entry(page / u64::BITS).or_default();
        let bit = 1_u64 << (page % u64::BITS);
        if *word & bit != 0 {
            return Err(Damage::malformed(
                Text::trusted("pages that each belong to one place"),
                text!("page {}, which another one leads to as well", page),
            ));
        }
        *word |= bit;
        Ok(())
    }
}

fn ends_early(end: u64, size: u64) -> Damage {
    Damage::malformed(text!("at least {} bytes", end), text!("the end of the file after {}", size))
}
