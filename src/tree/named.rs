//! Files that the command line names, one at a time.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::ReadFault;

/// A regular file that is open for reading.
pub struct NamedFile {
    file: File,
    stat: Stat,
}

/// How many bytes are read at once.
const CHUNK: usize = 256 << 10;

impl NamedFile {
    /// Opens the file at a path. Whatever stands there, opening it waits for nobody.
    ///
    /// # Errors
    /// When there is no regular file that may be read.
    pub fn open(path: &Path) -> Result<Self, ReadFault> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty()).map_err(fault)?;
        let stat = rustix::fs::fstat(&descriptor).map_err(fault)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ReadFault::NotRegular);
        }
        Ok(Self { file: File::from(descriptor), stat })
    }

    /// Returns the size it had when it was opened, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::try_from(self.stat.st_size).unwrap_or_default()
    }

    /// Reads it whole.
    ///
    /// # Errors
    /// When it is larger than `max_bytes`, or the system does not hand it out.
    pub fn read(self, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        if self.size() > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        // No more than it takes; what the size promises need not come.
        let mut bytes = Vec::with_capacity(usize::try_from(self.size()).unwrap_or_default().saturating_add(1));
        self.file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(|_error| ReadFault::Unreadable)?;
        if bytes.len() as u64 > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        Ok(bytes)
    }

    /// Hands out its contents from the beginning, part by part, as far as they go now.
    ///
    /// # Errors
    /// When the system does not hand it out, or it was changed while it was read.
    pub fn for_each_part(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), PartsFault> {
        let mut buffer = vec![0; CHUNK];
        let mut total = 0_u64;
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    take(buffer.get(..count).unwrap_or_default());
                    total += count as u64;
                    // It would go on for as long as somebody writes to it.
                    if total > self.size() {
                        return Err(PartsFault::Changed);
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(PartsFault::Unreadable),
            }
        }
        let now = rustix::fs::fstat(&self.file).map_err(|_errno| PartsFault::Unreadable)?;
        let is_same = total == self.size()
            && (now.st_size, now.st_mtime, now.st_mtime_nsec)
                == (self.stat.st_size, self.stat.st_mtime, self.stat.st_mtime_nsec);
        if is_same { Ok(()) } else { Err(PartsFault::Changed) }
    }
}

impl std::io::Read for NamedFile {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.file.read(buffer)
    }
}

/// Why the contents of an open file are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartsFault {
    /// The system does not hand it out.
    Unreadable,
    /// It was changed while it was read.
    Changed,
}

fn fault(errno: Errno) -> ReadFault {
    match errno {
        Errno::NOENT | Errno::NOTDIR => ReadFault::Absent,
        Errno::ACCESS | Errno::PERM => ReadFault::Denied,
        // A socket, or a device that is not there.
        Errno::NXIO | Errno::NODEV => ReadFault::NotRegular,
        _ => ReadFault::Unreadable,
    }
}

/// What stands at a path of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// A folder.
    Folder,
    /// Something else, or nothing.
    Other,
}

/// Returns what stands at a path, links followed.
#[must_use]
pub fn stands_at(path: &Path) -> Stands {
    match rustix::fs::stat(path) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => Stands::Folder,
        Ok(_) | Err(_) => Stands::Other,
    }
}

/// A name in a folder that the command line names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InFolder {
    /// Its path.
    pub path: PathBuf,
    /// Whether it is a regular file; links are not followed.
    pub is_file: bool,
}

/// Lists everything below a folder but folders, in the order of paths.
///
/// # Errors
/// Where a folder cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<InFolder>, (PathBuf, ReadFault)> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            let denied = error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
            (path, if denied { ReadFault::Denied } else { ReadFault::Unreadable })
        })?;
        if entry.depth() > 0 && !entry.file_type().is_dir() {
            found.push(InFolder { is_file: entry.file_type().is_file(), path: entry.into_path() });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make the files they read")]

    use super::*;

    #[test]
    fn only_regular_files_are_opened_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), b"abc").unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("fifo"), Mode::RUSR).unwrap();
        assert_eq!(NamedFile::open(&at("file")).unwrap().read(3), Ok(b"abc".to_vec()));
        assert_eq!(NamedFile::open(&at("file")).unwrap().read(2), Err(ReadFault::TooLarge { max_bytes: 2 }));
        assert_eq!(NamedFile::open(&at("none")).err(), Some(ReadFault::Absent));
        assert_eq!(NamedFile::open(&at("fifo")).err(), Some(ReadFault::NotRegular));
        assert_eq!(NamedFile::open(folder.path()).err(), Some(ReadFault::NotRegular));
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_told_from_one_that_stays() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, vec![1; 3 * CHUNK]).unwrap();
        let mut seen = 0;
        NamedFile::open(&path).unwrap().for_each_part(|part| seen += part.len()).unwrap();
        assert_eq!(seen, 3 * CHUNK);
        let mut file = NamedFile::open(&path).unwrap();
        let grows = |_: &[u8]| {
            let mut more = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
            more.write_all(&[2; CHUNK]).unwrap();
        };
        assert_eq!(file.for_each_part(grows), Err(PartsFault::Changed));
    }
}
