//! Programs and libraries: where the parts of ELF, PE and Mach-O files lie.
//!
//! Only headers and tables are read, by seeking. A file whose tables are damaged, or longer than any that a linker
//! writes, has no parts: many files begin like a program and are none, and what it is that is damaged is for whoever
//! looks for a part to say. Knows nothing of what the parts hold.

mod elf;
mod macho;
#[cfg(test)]
pub(crate) mod made;
mod pe;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek, SeekFrom};

use object::read::{ReadCache, ReadCacheOps};

/// How many bytes the table of sections, that of segments, or the commands for the loader may have: a table of 65,535
/// sections has 4 MiB.
const MAX_TABLE_BYTES: u64 = 4 << 20;

/// A program or library for one processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executable {
    /// Its format.
    pub format: Format,
    /// The named parts that lie in the file.
    pub sections: Vec<Part>,
    /// The parts that are loaded into memory; of PE the sections.
    pub segments: Vec<Part>,
}

/// The format of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Linux and most other systems.
    #[default]
    Elf,
    /// Windows.
    Pe,
    /// macOS.
    MachO,
}

/// A part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name, empty where it has none.
    pub name: Box<[u8]>,
    /// The address it is loaded at.
    pub address: u64,
    /// Where it begins in the file.
    pub offset: u64,
    /// How many bytes it has in the file.
    pub size: u64,
    /// Whether it is initialised data that the program may change.
    pub is_writable: bool,
}

impl Executable {
    /// Returns what a file is a program for: one processor for most, several for a "fat" file of macOS, none where it is
    /// no program or its tables are damaged.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(contents: &mut (impl Read + Seek + ?Sized)) -> io::Result<Vec<Self>> {
        contents.seek(SeekFrom::Start(0))?;
        let mut magic = Vec::with_capacity(4);
        contents.take(4).read_to_end(&mut magic)?;
        let cache = ReadCache::new(Watched { contents, error: None });
        let found = match magic.as_slice() {
            b"\x7fELF" => elf::read(&cache).into_iter().collect(),
            [b'M', b'Z', ..] => pe::read(&cache).into_iter().collect(),
            b"\xfe\xed\xfa\xce" | b"\xfe\xed\xfa\xcf" | b"\xce\xfa\xed\xfe" | b"\xcf\xfa\xed\xfe" => {
                macho::read(&cache, 0).into_iter().collect()
            }
            b"\xca\xfe\xba\xbe" | b"\xca\xfe\xba\xbf" => macho::read_fat(&cache),
            _ => Vec::new(),
        };
        match cache.into_inner().error {
            Some(error) => Err(error),
            None => Ok(found),
        }
    }

    /// Returns the section of a name.
    #[must_use]
    pub fn section(&self, name: &[u8]) -> Option<&Part> {
        self.sections.iter().find(|section| *section.name == *name)
    }

    /// Returns the first part of data that the program may change.
    #[must_use]
    pub fn data(&self) -> Option<&Part> {
        self.segments.iter().find(|segment| segment.is_writable && segment.size > 0)
    }

    /// Returns what lies at an address and behind it, up to the end of its segment: where in the file, and how many bytes.
    #[must_use]
    pub fn at(&self, address: u64) -> Option<(u64, u64)> {
        self.segments.iter().find_map(|segment| {
            let behind = address.checked_sub(segment.address)?;
            let left = segment.size.checked_sub(behind).filter(|left| *left > 0)?;
            Some((segment.offset.checked_add(behind)?, left))
        })
    }
}

/// Reads at most `max_bytes` from a place of a file on; fewer where it ends before.
///
/// # Errors
/// When the file cannot be read.
pub fn bytes(contents: &mut (impl Read + Seek + ?Sized), offset: u64, max_bytes: u64) -> io::Result<Vec<u8>> {
    contents.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    contents.take(max_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file, and the fault that kept it from being read, which the reader of formats does not hand on.
struct Watched<'a, R: ?Sized> {
    contents: &'a mut R,
    error: Option<io::Error>,
}

impl<R: Read + Seek + ?Sized> Watched<'_, R> {
    /// Keeps the first fault; that the file ends before is none.
    fn keep<T>(&mut self, result: io::Result<T>) -> Result<T, ()> {
        result.map_err(|error| {
            if error.kind() != io::ErrorKind::UnexpectedEof {
                self.error.get_or_insert(error);
            }
        })
    }
}

impl<R: Read + Seek + ?Sized> ReadCacheOps for Watched<'_, R> {
    fn len(&mut self) -> Result<u64, ()> {
        let result = self.contents.seek(SeekFrom::End(0));
        self.keep(result)
    }

    fn seek(&mut self, pos: u64) -> Result<u64, ()> {
        let result = self.contents.seek(SeekFrom::Start(pos));
        self.keep(result)
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ()> {
        let result = self.contents.read(buf);
        self.keep(result)
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> Result<(), ()> {
        let result = self.contents.read_exact(buf);
        self.keep(result)
    }
}
