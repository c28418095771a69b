//! A part of an image: a stretch of a file, or of what a compressed file unpacks to.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{self, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::super::super::beneath::Beneath;
use super::super::window::Window;
use super::Parts;
use crate::archive::{Unpacked, damaged, is_compressed, peeked};
use crate::text::Text;
use crate::tree::TreePath;

/// A part of an image, which can be read again from its start.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    /// The file as it lies there.
    window: Window,
    /// Which stretch of its unpacked bytes is meant, where the file is compressed.
    unpacked: Option<(u64, u64)>,
}

/// What the command line names.
pub(super) enum Opened {
    Folder(Beneath),
    File(File),
}

/// Opens a directory or a regular file that the command line names.
pub(super) fn open(path: &Path) -> Result<Opened, Text> {
    let text = |errno: Errno| {
        Text::trusted(match errno {
            Errno::NOENT => "expected a directory or an archive, found nothing",
            Errno::ACCESS | Errno::PERM => "expected a readable directory or archive, found no permission",
            _ => "expected a readable directory or archive, found an input error",
        })
    };
    // Not blocking, for what stands there may be a FIFO.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let stat = fs::stat(path).map_err(text)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Beneath::open(path).map(Opened::Folder).map_err(text),
        FileType::RegularFile => {
            fs::open(path, flags, Mode::empty()).map(|file| Opened::File(File::from(file))).map_err(text)
        }
        _ => Err(Text::trusted("expected a directory or an archive, found something else")),
    }
}

impl Blob {
    /// Returns all of a file.
    pub(super) fn whole(file: &Arc<File>) -> Result<Self, Text> {
        let size = file.metadata().map_err(|error| damaged(&error))?.len();
        Ok(Self { window: Window::new(file.clone(), 0, size), unpacked: None })
    }

    /// Returns a stretch of what this one unpacks to, or of itself where it is not compressed.
    pub(super) fn part(&self, start: u64, size: u64, is_compressed: bool) -> Self {
        if is_compressed {
            return Self { window: self.window.clone(), unpacked: Some((start, size)) };
        }
        Self { window: self.window.part(start, size), unpacked: None }
    }

    /// Returns how many bytes it has.
    pub(super) fn size(&self) -> u64 {
        self.unpacked.map_or(self.window.size(), |(_, size)| size)
    }

    /// Returns the stretch of a file that it is, where it can be read here and there.
    pub(super) fn window(&self) -> Option<&Window> {
        self.unpacked.is_none().then_some(&self.window)
    }

    /// Returns its first bytes.
    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        Ok(peeked(self.open()?)?.0)
    }

    /// Reads it from its start.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read>> {
        let Some((start, size)) = self.unpacked else { return Ok(Box::new(self.window.clone())) };
        let mut unpacked = unpacked(Box::new(self.window.clone()))?;
        if io::copy(&mut unpacked.by_ref().take(start), &mut io::sink())? < start {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Box::new(unpacked.take(size)))
    }

    /// Reads all of it, if it has at most so many bytes.
    pub(super) fn bytes(&self, max_bytes: u64) -> Result<Vec<u8>, Text> {
        if self.size() > max_bytes {
            return Err(crate::text!("expected at most {} MiB, found more", max_bytes >> 20));
        }
        let mut bytes = Vec::new();
        let read = self.open().and_then(|reader| reader.take(max_bytes).read_to_end(&mut bytes));
        read.map_err(|error| damaged(&error))?;
        Ok(bytes)
    }
}

/// Unpacks a stream that may be compressed.
pub(super) fn unpacked(reader: Box<dyn Read>) -> io::Result<Unpacked<BufReader<impl Read>>> {
    let (head, whole) = peeked(reader)?;
    Unpacked::new(&head, BufReader::with_capacity(64 << 10, whole))
}

/// Whether a file is compressed.
pub(super) fn is_packed(blob: &Blob) -> Result<bool, Text> {
    blob.head().map(|head| is_compressed(&head)).map_err(|error| damaged(&error))
}

/// The directory of an OCI layout.
impl Parts for Beneath {
    fn part(&self, name: &str) -> Option<Blob> {
        let path = TreePath::new(name.as_bytes())?;
        let (file, size) = self.open_file(&path).ok()?;
        Some(Blob { window: Window::new(Arc::new(file), 0, size), unpacked: None })
    }
}
