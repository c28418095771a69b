//! A tarball as it is written: blocks of 512 bytes, unpacked within a bound.

use std::io::{self, Read};

use super::limits;
use crate::text;
use crate::text::Text;

/// The bytes of a block.
pub(super) const BLOCK: usize = 512;

/// The unpacked bytes, block by block.
pub(super) struct Blocks<R> {
    pub(super) reader: R,
    left: u64,
    most: u64,
}

impl<R: Read> Blocks<R> {
    /// Reads at most so many bytes.
    pub(super) fn new(reader: R, most: u64) -> Self {
        Self { reader, left: most, most }
    }

    /// Reads a header; `None` at the two blocks of zeros that end a tarball.
    ///
    /// Where it may end early, the end of the file before or between them ends it too.
    pub(super) fn header(&mut self, may_end_early: bool) -> Result<Option<[u8; BLOCK]>, Text> {
        let Some(block) = self.block_or_end(may_end_early)? else { return Ok(None) };
        if block.iter().any(|byte| *byte != 0) {
            return Ok(Some(block));
        }
        let Some(second) = self.block_or_end(may_end_early)? else { return Ok(None) };
        match second.iter().all(|byte| *byte == 0) {
            true => Ok(None),
            // Some stop here, others read on.
            false => Err(Text::trusted("expected two blocks of zeros at the end, found one and more entries")),
        }
    }

    /// Returns how many bytes were read.
    pub(super) fn offset(&self) -> u64 {
        self.most - self.left
    }

    /// Reads a block, `None` at the end of the file where that may be here.
    fn block_or_end(&mut self, may_end: bool) -> Result<Option<[u8; BLOCK]>, Text> {
        let mut block = [0; BLOCK];
        if may_end {
            let (first, rest) = block.split_at_mut(1);
            let count = loop {
                match self.reader.read(first) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read.map_err(|error| damaged(&error))?,
                }
            };
            if count == 0 {
                return Ok(None);
            }
            self.spend(1)?;
            self.fill(rest)?;
        } else {
            self.fill(&mut block)?;
        }
        Ok(Some(block))
    }

    /// Passes over contents.
    pub(super) fn skip(&mut self, size: u64) -> Result<(), Text>
    where
        R: Read,
    {
        Contents::new(self, size).each(&mut |_| {})?;
        self.padding(size)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Text> {
        self.spend(buffer.len() as u64)?;
        self.reader.read_exact(buffer).map_err(|error| damaged(&error))
    }

    fn spend(&mut self, bytes: u64) -> Result<(), Text> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(text!("at most {} MiB are unpacked of it, found more", self.most >> 20)),
        }
    }

    /// Reads the contents of an extended header.
    pub(super) fn small(&mut self, size: u64) -> Result<Vec<u8>, Text> {
        let length = usize::try_from(size).ok().filter(|_| size <= limits::MAX_HEADER_BYTES);
        let length =
            length.ok_or_else(|| text!("extended headers of at most {} bytes are read", limits::MAX_HEADER_BYTES))?;
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        self.padding(size)?;
        Ok(bytes)
    }

    pub(super) fn padding(&mut self, size: u64) -> Result<(), Text> {
        let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
        let mut rest = [0; BLOCK];
        match over {
            0 => Ok(()),
            over => self.fill(rest.get_mut(over..).unwrap_or_default()),
        }
    }

    /// Counts what stands behind the end, but zeros.
    pub(super) fn rest(&mut self) -> Result<u64, Text> {
        let mut buffer = vec![0; 64 << 10];
        let mut found = 0_u64;
        loop {
            let count = match self.reader.read(&mut buffer) {
                Ok(0) => return Ok(found),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(&error)),
            };
            self.spend(count as u64)?;
            let part = buffer.get(..count).unwrap_or_default();
            found += part.iter().filter(|byte| **byte != 0).count() as u64;
        }
    }
}

/// The contents of one entry.
pub(crate) struct Contents<'a> {
    blocks: &'a mut dyn Fill,
    left: u64,
}

pub(super) trait Fill {
    fn fill_part(&mut self, buffer: &mut [u8]) -> Result<(), Text>;
}

impl<R: Read> Fill for Blocks<R> {
    fn fill_part(&mut self, buffer: &mut [u8]) -> Result<(), Text> {
        self.fill(buffer)
    }
}

impl<'a> Contents<'a> {
    pub(super) fn new(blocks: &'a mut dyn Fill, size: u64) -> Self {
        Self { blocks, left: size }
    }

    /// Reads as much as fits; nothing at the end.
    pub(crate) fn part(&mut self, buffer: &mut [u8]) -> Result<usize, Text> {
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let part = buffer.get_mut(..length).unwrap_or_default();
        self.blocks.fill_part(part)?;
        self.left -= length as u64;
        Ok(length)
    }

    /// Hands out what is left of it.
    pub(crate) fn each(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<(), Text> {
        let mut buffer = [0; 16 << 10];
        while self.left > 0 {
            let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
            let part = buffer.get_mut(..length).unwrap_or_default();
            self.blocks.fill_part(part)?;
            take(part);
            self.left -= part.len() as u64;
        }
        Ok(())
    }
}

/// Says what is wrong with a tarball that cannot be read on.
pub(crate) fn damaged(error: &io::Error) -> Text {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return Text::trusted("expected more of it, found its end: it is cut off");
    }
    text!("it is damaged: {}", error.to_string())
}
