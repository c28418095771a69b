//! Streams of a layer: hashed as they pass, or read anew to be read here and there.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use sha2::{Digest as _, Sha256, Sha512};

use super::super::window::sought;
use super::blob::{Blob, unpacked};
use crate::text::hex;

/// A digest in the making.
pub(super) enum Hasher {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> String {
        match self {
            Self::Sha256(hasher) => hex(&hasher.finalize()),
            Self::Sha512(hasher) => hex(&hasher.finalize()),
        }
    }
}

/// A stream that is hashed as it passes, where somebody asks for its digest.
pub(super) struct Hashed<R> {
    pub(super) reader: R,
    hasher: Rc<RefCell<Option<Hasher>>>,
}

impl<R> Hashed<R> {
    pub(super) fn new(reader: R, hasher: Rc<RefCell<Option<Hasher>>>) -> Self {
        Self { reader, hasher }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if let Some(hasher) = self.hasher.borrow_mut().as_mut() {
            hasher.update(buffer.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}

/// How many times a compressed layer is unpacked anew for one file.
const MAX_RESTARTS: usize = 16;

/// A file of a compressed layer, read here and there by unpacking the layer anew wherever somebody goes back.
pub(super) struct Replay {
    blob: Blob,
    offset: u64,
    size: u64,
    at: u64,
    stream: Option<(u64, Box<dyn Read>)>,
    restarts: usize,
}

impl Replay {
    pub(super) fn new(blob: Blob, offset: u64, size: u64) -> Self {
        Self { blob, offset, size, at: 0, stream: None, restarts: 0 }
    }

    /// Returns the stream at the place that is wanted.
    fn stream(&mut self) -> io::Result<&mut Box<dyn Read>> {
        let behind = self.stream.as_ref().is_none_or(|(at, _)| *at > self.at);
        if behind {
            self.restarts += 1;
            if self.restarts > MAX_RESTARTS {
                return Err(io::Error::other("it would have to be unpacked too many times"));
            }
            let mut reader = unpacked(self.blob.open()?)?;
            skip(&mut reader, self.offset)?;
            self.stream = Some((0, Box::new(reader)));
        }
        let Some((at, reader)) = &mut self.stream else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        skip(reader, self.at - *at)?;
        *at = self.at;
        Ok(reader)
    }
}

fn skip(reader: &mut impl Read, bytes: u64) -> io::Result<()> {
    if io::copy(&mut reader.by_ref().take(bytes), &mut io::sink())? < bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

impl Read for Replay {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        if length == 0 {
            return Ok(0);
        }
        let count = self.stream()?.read(buffer.get_mut(..length).unwrap_or_default())?;
        self.at += count as u64;
        if let Some((at, _)) = &mut self.stream {
            *at = self.at;
        }
        Ok(count)
    }
}

impl Seek for Replay {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = sought(to, self.at, self.size)?;
        Ok(self.at)
    }
}
