//! What the kernel of the running machine shows of itself: the files under `/proc` and `/sys`.
//!
//! They are read as they are, never through a root filesystem that is inspected, and never written. What a process may not
//! see is a fault with its reason.

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::beneath::{Beneath, fault};
use super::{FileIdentity, ReadFault, TreePath};

/// The largest file of the kernel that is read: `kallsyms` and the like are longer, and nobody asks for them.
const MAX_BYTES: u64 = 16 << 20;

/// How many names of a folder are read: a machine has at most four million processes.
const MAX_NAMES: usize = 1 << 22;

/// The running machine.
#[derive(Debug)]
pub struct System {
    proc: Option<Beneath>,
    sys: Option<Beneath>,
}

/// Which of the kernel's file systems is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// `/proc`.
    Proc,
    /// `/sys`.
    Sys,
}

/// What stands at the end of a link of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// How many names it has; none where it was removed.
    pub names: u64,
    /// Device and inode.
    pub identity: FileIdentity,
    /// The permission bits.
    pub mode: u32,
    /// The owning user.
    pub user: u32,
}

impl System {
    /// Opens the machine on which this runs.
    #[must_use]
    pub fn of_machine() -> Self {
        Self::at(&PathBuf::from("/proc"), &PathBuf::from("/sys"))
    }

    /// Opens what stands at these places; what is not there has nothing in it.
    #[must_use]
    pub fn at(proc: &Path, sys: &Path) -> Self {
        Self { proc: Beneath::open(proc).ok(), sys: Beneath::open(sys).ok() }
    }

    fn folder(&self, shown: Shown) -> Option<&Beneath> {
        match shown {
            Shown::Proc => self.proc.as_ref(),
            Shown::Sys => self.sys.as_ref(),
        }
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, shown: Shown, path: &str) -> Result<Option<Vec<u8>>, ReadFault> {
        let Some((folder, path)) = self.folder(shown).zip(TreePath::new(path.as_bytes())) else { return Ok(None) };
        let file = match folder.open_kernel_file(&path) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH) => return Ok(None),
            Err(errno) => return Err(fault(errno)),
        };
        let mut bytes = Vec::new();
        match file.take(MAX_BYTES + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 > MAX_BYTES => Err(ReadFault::TooLarge { max_bytes: MAX_BYTES }),
            Ok(_) => Ok(Some(bytes)),
            Err(error) => match Errno::from_io_error(&error) {
                // The process is gone.
                Some(Errno::SRCH | Errno::NOENT) => Ok(None),
                Some(errno) => Err(fault(errno)),
                None => Err(ReadFault::Unreadable),
            },
        }
    }

    /// Returns the names in a folder, in order; none where there is no folder.
    ///
    /// # Errors
    /// Why it cannot be listed.
    pub fn list(&self, shown: Shown, path: &str) -> Result<Vec<Box<[u8]>>, ReadFault> {
        let Some((folder, path)) = self.folder(shown).zip(TreePath::new(path.as_bytes())) else {
            return Ok(Vec::new());
        };
        match folder.list(&path) {
            Ok(names) => {
                let mut names: Vec<Box<[u8]>> = names.into_iter().take(MAX_NAMES).map(|named| named.name).collect();
                names.sort_unstable();
                Ok(names)
            }
            Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH) => Ok(Vec::new()),
            Err(errno) => Err(fault(errno)),
        }
    }

    /// Returns the text of a link; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn link(&self, shown: Shown, path: &str) -> Result<Option<Vec<u8>>, ReadFault> {
        let Some((folder, path)) = self.folder(shown).zip(TreePath::new(path.as_bytes())) else { return Ok(None) };
        let Some(above) = path.parent() else { return Ok(None) };
        let found = folder
            .open_folder(&above)
            .and_then(|handle| fs::readlinkat(&handle, std::ffi::OsStr::from_bytes(path.file_name()), Vec::new()));
        match found {
            Ok(target) => Ok(Some(target.into_bytes())),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH | Errno::INVAL) => Ok(None),
            Err(errno) => Err(fault(errno)),
        }
    }

    /// Returns the texts of the links in a folder such as `PID/fd`, in no order; none where there is no folder.
    ///
    /// # Errors
    /// Why it cannot be listed.
    pub fn links(&self, shown: Shown, path: &str) -> Result<Vec<Vec<u8>>, ReadFault> {
        let Some((folder, path)) = self.folder(shown).zip(TreePath::new(path.as_bytes())) else {
            return Ok(Vec::new());
        };
        let handle = match folder.open_folder(&path) {
            Ok(handle) => handle,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH) => return Ok(Vec::new()),
            Err(errno) => return Err(fault(errno)),
        };
        let mut out = Vec::new();
        for entry in fs::Dir::read_from(&handle).map_err(fault)?.take(MAX_NAMES) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(Errno::NOENT | Errno::SRCH) => break,
                Err(errno) => return Err(fault(errno)),
            };
            // One that is gone, or no link, tells nothing.
            if let Ok(target) = fs::readlinkat(&handle, entry.file_name(), Vec::new()) {
                out.push(target.into_bytes());
            }
        }
        Ok(out)
    }

    /// Returns what stands at the end of a link such as `PID/exe`, also where no path leads to it any more; `None` where
    /// there is no such link.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub fn target(&self, shown: Shown, path: &str) -> Result<Option<Target>, ReadFault> {
        let Some((folder, path)) = self.folder(shown).zip(TreePath::new(path.as_bytes())) else { return Ok(None) };
        let Some(above) = path.parent() else { return Ok(None) };
        let found = folder
            .open_folder(&above)
            .and_then(|handle| fs::statat(&handle, std::ffi::OsStr::from_bytes(path.file_name()), AtFlags::empty()));
        match found {
            #[expect(clippy::useless_conversion, reason = "the fields' widths differ between platforms")]
            Ok(stat) => Ok(Some(Target {
                names: u64::try_from(stat.st_nlink).unwrap_or(u64::MAX),
                identity: FileIdentity {
                    device: u64::try_from(stat.st_dev).unwrap_or(0),
                    inode: u64::from(stat.st_ino),
                },
                mode: u32::from(stat.st_mode) & 0o7777,
                user: stat.st_uid,
            })),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH) => Ok(None),
            Err(errno) => Err(fault(errno)),
        }
    }

    /// Returns the numbers of the processes that are shown, in order.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub fn processes(&self) -> Result<Vec<u32>, ReadFault> {
        let mut numbers: Vec<u32> = self
            .list(Shown::Proc, "")?
            .iter()
            .filter_map(|name| std::str::from_utf8(name).ok()?.parse().ok())
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

impl Beneath {
    /// Opens a file of the kernel, whose size says nothing.
    fn open_kernel_file(&self, path: &TreePath) -> Result<std::fs::File, Errno> {
        let Some(above) = path.parent() else { return Err(Errno::NOENT) };
        let handle = self.open_folder(&above)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let name = std::ffi::OsStr::from_bytes(path.file_name());
        fs::openat(&handle, name, flags, Mode::empty()).map(std::fs::File::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_links_and_processes_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (proc, sys) = (folder.path().join("proc"), folder.path().join("sys"));
        std::fs::create_dir_all(proc.join("42")).unwrap();
        std::fs::create_dir_all(proc.join("acpi")).unwrap();
        std::fs::write(proc.join("cmdline"), "quiet\n").unwrap();
        std::os::unix::fs::symlink("/nowhere (deleted)", proc.join("42/exe")).unwrap();
        let system = System::at(&proc, &sys);
        assert_eq!(system.read(Shown::Proc, "cmdline"), Ok(Some(b"quiet\n".to_vec())));
        assert_eq!(system.read(Shown::Proc, "nothing"), Ok(None));
        assert_eq!(system.read(Shown::Sys, "kernel/security/lsm"), Ok(None));
        assert_eq!(system.link(Shown::Proc, "42/exe"), Ok(Some(b"/nowhere (deleted)".to_vec())));
        assert_eq!(system.link(Shown::Proc, "42/nothing"), Ok(None));
        assert_eq!(system.links(Shown::Proc, "42"), Ok(vec![b"/nowhere (deleted)".to_vec()]));
        assert_eq!(system.links(Shown::Proc, "43"), Ok(Vec::new()));
        assert_eq!(system.target(Shown::Proc, "42/exe"), Ok(None));
        assert_eq!(system.target(Shown::Proc, "cmdline").unwrap().unwrap().names, 1);
        assert_eq!(system.processes(), Ok(vec![42]));
        assert_eq!(System::at(&sys, &sys).processes(), Ok(Vec::new()));
    }
}
