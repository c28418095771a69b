//! ZIP archives, read here and there: what they list is looked through once, in a buffer of fixed size, and only what is
//! wanted is remembered and read.

use std::cell::RefCell;
use std::io::{self, Read, SeekFrom};

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator,
};

use crate::ecosystem::installed::Damage;
use crate::fact::GapReason;
use crate::text;
use crate::text::Text;
use crate::tree::ReadSeek;

/// How far from its end the end of an archive's list is looked for: behind it a comment may stand of 64 KiB.
const MAX_SEARCHED_BYTES: u64 = (1 << 16) + 22;

/// A file, read from any place.
pub(super) struct Whole<'a>(RefCell<&'a mut dyn ReadSeek>);

impl<'a> Whole<'a> {
    pub(super) fn new(contents: &'a mut dyn ReadSeek) -> Self {
        Self(RefCell::new(contents))
    }
}

impl ReaderAt for Whole<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut contents = self.0.try_borrow_mut().map_err(io::Error::other)?;
        contents.seek(SeekFrom::Start(offset))?;
        contents.read(buf)
    }
}

/// A part of what is read from any place.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) of: &'a dyn ReaderAt,
    pub(super) start: u64,
    pub(super) size: u64,
}

impl ReaderAt for Part<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        let (Some(buf), Some(start)) = (buf.get_mut(..left), self.start.checked_add(offset)) else { return Ok(0) };
        if buf.is_empty() { Ok(0) } else { self.of.read_at(buf, start) }
    }
}

/// An archive.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Part<'a>>,
    bytes: Part<'a>,
    buffer: Vec<u8>,
}

/// One of the files in an archive.
pub(super) struct Entry {
    /// Its path in the archive.
    pub(super) path: Vec<u8>,
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

impl<'a> Archive<'a> {
    /// Finds the list of an archive, `None` where the bytes are none.
    pub(super) fn open(bytes: Part<'a>) -> Result<Option<Self>, Damage> {
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        match ZipLocator::new().max_search_space(MAX_SEARCHED_BYTES).locate_in_reader(bytes, &mut buffer, bytes.size) {
            Ok(zip) => Ok(Some(Self { zip, bytes, buffer })),
            Err((_, error)) => match io_error(error) {
                Ok(error) => Err(error.into()),
                Err(_) => Ok(None),
            },
        }
    }

    /// Looks through the list, and returns the files that are wanted; of two that bear one path the last, as Java has it.
    /// Each that is looked at is counted off `entries_left`.
    pub(super) fn wanted(
        &mut self,
        entries_left: &mut u64,
        wants: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<Entry>, Damage> {
        let mut found: Vec<Entry> = Vec::new();
        let mut entries = self.zip.entries(&mut self.buffer);
        while let Some(entry) = entries.next_entry().map_err(damage)? {
            *entries_left = entries_left.checked_sub(1).ok_or_else(|| Damage {
                reason: GapReason::TooLarge,
                expected: Text::trusted("an archive of fewer files"),
                found: Text::trusted("more than the stated limit"),
            })?;
            let path = entry.file_path();
            let path = path.as_bytes();
            if !entry.is_dir() && wants(path) {
                found.push(Entry { path: path.to_vec(), place: entry.wayfinder(), method: entry.compression_method() });
            }
        }
        // The sort is stable: the last of one path stays the last.
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found.reverse();
        found.dedup_by(|a, b| a.path == b.path);
        found.reverse();
        Ok(found)
    }

    /// Returns where a file lies that is not compressed, as a part of what the archive lies in.
    pub(super) fn stored(&self, entry: &Entry) -> Result<Option<Part<'a>>, Damage> {
        if entry.method != CompressionMethod::STORE {
            return Ok(None);
        }
        let (start, end) = self.zip.get_entry(entry.place).map_err(damage)?.compressed_data_range();
        let size = end.min(self.bytes.size).saturating_sub(start);
        Ok(self.bytes.start.checked_add(start).map(|start| Part { of: self.bytes.of, start, size }))
    }

    /// Reads at most `max_bytes` of a file; one more where it is longer.
    pub(super) fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, Damage> {
        let found = self.zip.get_entry(entry.place).map_err(damage)?;
        let mut bytes = Vec::new();
        let limit = max_bytes.saturating_add(1);
        match entry.method {
            CompressionMethod::STORE => found.reader().take(limit).read_to_end(&mut bytes)?,
            CompressionMethod::DEFLATE => DeflateDecoder::new(found.reader())
                .take(limit)
                .read_to_end(&mut bytes)
                .map_err(|error| malformed(text!("{}", error.to_string())))?,
            method => {
                return Err(Damage {
                    reason: GapReason::UnknownVersion,
                    expected: Text::trusted("a file stored or deflated"),
                    found: text!("{}", method.to_string()),
                });
            }
        };
        Ok(bytes)
    }
}

fn malformed(found: Text) -> Damage {
    Damage::malformed(Text::trusted("a ZIP archive"), found)
}

fn damage(error: rawzip::Error) -> Damage {
    match io_error(error) {
        Ok(error) => error.into(),
        Err(message) => malformed(text!("{}", message)),
    }
}

/// Tells a fault of reading from one of the archive.
fn io_error(error: rawzip::Error) -> Result<io::Error, String> {
    match error.kind() {
        rawzip::ErrorKind::IO(inner) if inner.kind() != io::ErrorKind::UnexpectedEof => {
            Ok(io::Error::new(inner.kind(), inner.to_string()))
        }
        kind => Err(kind.to_string()),
    }
}
