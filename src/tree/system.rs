//! What the kernel of the running machine shows of itself: the files under `/proc` and `/sys`.
//!
//! They are read as they are, never through a root filesystem that is inspected, and never written. What a process may not
//! see is a fault with its reason.

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::beneath::{Beneath, fault};
use super::{FileIdentity, ReadFault, TreePath};

/// The largest file of the kernel that is read: `kallsyms` and the like are longer, and nobody asks for them.
const MAX_BYTES: u64 = 16 << 20;

/// How much room a file gets at first; the kernel writes a page at a time, and of a setting all that fits.
const ROOM: usize = 64 << 10;

/// How much room a setting gets at first: the kernel takes as much memory for itself, and clears it.
const ROOM_OF_SETTING: usize = 1 << 10;

/// How deep folders of settings may lie.
const MAX_DEPTH: usize = 16;

/// How many names of a folder are read: a machine has at most four million processes.
const MAX_NAMES: usize = 1 << 22;

/// What becomes of a setting: its path below `/proc/sys`, and its value or why it cannot be read. Returns whether others are
/// asked for.
pub type TakeSetting<'a> = dyn FnMut(&str, Result<Vec<u8>, ReadFault>) -> bool + 'a;

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

    /// Opens a folder; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be entered.
    pub fn enter(&self, shown: Shown, path: &str) -> Result<Option<ShownFolder>, ReadFault> {
        let Some((folder, path)) = self.folder(shown).zip(TreePath::new(path.as_bytes())) else { return Ok(None) };
        told(folder.hold_folder(&path).map(ShownFolder))
    }

    /// Opens the folder of what stands at a path, and returns it with the name in it.
    fn above<'a>(&self, shown: Shown, path: &'a str) -> Result<Option<(ShownFolder, &'a str)>, ReadFault> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        Ok(self.enter(shown, above)?.map(|folder| (folder, name)))
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, shown: Shown, path: &str) -> Result<Option<Vec<u8>>, ReadFault> {
        self.above(shown, path)?.map_or(Ok(None), |(folder, name)| folder.read(name))
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
        self.above(shown, path)?.map_or(Ok(None), |(folder, name)| folder.link(name))
    }

    /// Returns what stands at the end of a link such as `PID/exe`, also where no path leads to it any more; `None` where
    /// there is no such link.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub fn target(&self, shown: Shown, path: &str) -> Result<Option<Target>, ReadFault> {
        self.above(shown, path)?.map_or(Ok(None), |(folder, name)| folder.target(name))
    }

    /// Reads every file below `/proc/sys` whose path from there on is wanted, in no order, and gives each to `take` until
    /// that returns `false`. A path that is not wanted is not opened, be it a folder or a file; files that may only be
    /// written are left out. Nothing is given where there is no such folder.
    pub fn settings(&self, wants: &dyn Fn(&str) -> bool, take: &mut TakeSetting<'_>) {
        let folder = self.proc.as_ref().zip(TreePath::new(b"sys")).map(|(proc, path)| proc.open_folder(&path));
        if let Some(Ok(folder)) = folder {
            settings(folder, "", MAX_DEPTH, wants, take);
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

/// Parts what is not there from what cannot be told. A process may be gone.
fn told<T>(found: Result<T, Errno>) -> Result<Option<T>, ReadFault> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH) => Ok(None),
        Err(errno) => Err(fault(errno)),
    }
}

/// A folder of the kernel, held open: that of a process stays that of the same one.
#[derive(Debug)]
pub struct ShownFolder(OwnedFd);

impl ShownFolder {
    /// Reads a file in it; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ReadFault> {
        self.read_until(name, |_| false)
    }

    /// Reads likewise a file that the kernel gives as a whole wherever there is room: what does not fill it is all there is,
    /// and nobody asks whether more follows. Such are `status`, `cgroup`, `cmdline` and `environ` of a process.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read_whole(&self, name: &str) -> Result<Option<Vec<u8>>, ReadFault> {
        self.read_until(name, |bytes| bytes.len() < bytes.capacity())
    }

    fn read_until(&self, name: &str, is_all: impl Fn(&Vec<u8>) -> bool) -> Result<Option<Vec<u8>>, ReadFault> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let Some(file) = told(fs::openat(&self.0, name, flags, Mode::empty()))? else { return Ok(None) };
        // With room at once: a second reading of a setting gives nothing, so that a first one of few bytes would cut it.
        let mut bytes = Vec::with_capacity(ROOM);
        loop {
            match rustix::io::read(&file, rustix::buffer::spare_capacity(&mut bytes)) {
                Ok(0) => return Ok(Some(bytes)),
                Ok(_) if bytes.len() as u64 > MAX_BYTES => return Err(ReadFault::TooLarge { max_bytes: MAX_BYTES }),
                Ok(_) if is_all(&bytes) => return Ok(Some(bytes)),
                Ok(_) => bytes.reserve(ROOM.min(bytes.len())),
                Err(Errno::INTR) => {}
                // The process is gone.
                Err(Errno::SRCH | Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(fault(errno)),
            }
        }
    }

    /// Returns the text of a link in it; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn link(&self, name: &str) -> Result<Option<Vec<u8>>, ReadFault> {
        match fs::readlinkat(&self.0, name, Vec::new()) {
            // Something else stands there.
            Err(Errno::INVAL) => Ok(None),
            found => told(found.map(CString::into_bytes)),
        }
    }

    /// Returns what stands at the end of a link in it; `None` where there is no such link.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub fn target(&self, name: &str) -> Result<Option<Target>, ReadFault> {
        let stat = told(fs::statat(&self.0, name, AtFlags::empty()))?;
        #[expect(clippy::useless_conversion, reason = "the fields' widths differ between platforms")]
        Ok(stat.map(|stat| Target {
            names: u64::try_from(stat.st_nlink).unwrap_or(u64::MAX),
            identity: FileIdentity { device: u64::try_from(stat.st_dev).unwrap_or(0), inode: u64::from(stat.st_ino) },
            mode: u32::from(stat.st_mode) & 0o7777,
            user: stat.st_uid,
        }))
    }

    /// Returns the texts of the links in a folder of it such as `fd`, in no order; none where there is no folder.
    ///
    /// # Errors
    /// Why it cannot be listed.
    pub fn links(&self, name: &str) -> Result<Vec<Vec<u8>>, ReadFault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = fs::openat(&self.0, name, flags, Mode::empty()).and_then(fs::Dir::new);
        let Some(mut folder) = told(opened)? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for _ in 0..MAX_NAMES {
            let Some(entry) = folder.next() else { break };
            let Some(entry) = told(entry)? else { break };
            // One that is gone, or no link, tells nothing.
            if let Ok(target) = folder.fd().and_then(|folder| fs::readlinkat(folder, entry.file_name(), Vec::new())) {
                out.push(target.into_bytes());
            }
        }
        Ok(out)
    }
}

fn settings(
    folder: OwnedFd,
    above: &str,
    depth: usize,
    wants: &dyn Fn(&str) -> bool,
    take: &mut TakeSetting<'_>,
) -> bool {
    let Ok(mut names) = fs::Dir::new(folder) else { return true };
    while let Some(entry) = names.next() {
        let (Ok(entry), Ok(folder)) = (entry, names.fd()) else { return true };
        let name = entry.file_name();
        let path = format!("{above}{}", String::from_utf8_lossy(name.to_bytes()));
        if matches!(name.to_bytes(), b"." | b"..") || !wants(&path) {
            continue;
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let goes_on = if entry.file_type() == FileType::Directory {
            match fs::openat(folder, name, flags | OFlags::DIRECTORY, Mode::empty()) {
                Ok(below) if depth > 0 => settings(below, &format!("{path}/"), depth - 1, wants, take),
                _ => true,
            }
        } else {
            match fs::openat(folder, name, flags, Mode::empty()).and_then(|file| setting(&file)) {
                Ok(value) => take(&path, Ok(value)),
                Err(Errno::NOENT | Errno::NOTDIR) => true,
                Err(errno) => {
                    let mode = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map_or(0, |stat| stat.st_mode);
                    mode & 0o444 == 0 || take(&path, Err(fault(errno)))
                }
            }
        };
        if !goes_on {
            return false;
        }
    }
    true
}

/// Reads a setting, from its beginning each time: a second reading behind a first gives nothing of many.
fn setting(file: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let mut room = [0; ROOM_OF_SETTING];
    let length = rustix::io::pread(file, &mut room, 0)?;
    match room.get(..length) {
        // The kernel may leave out a last part that does not fit.
        Some(value) if length < ROOM_OF_SETTING / 2 => Ok(value.to_vec()),
        _ => {
            let mut value = Vec::with_capacity(ROOM);
            rustix::io::pread(file, rustix::buffer::spare_capacity(&mut value), 0)?;
            Ok(value)
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
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
        let all = system.enter(Shown::Proc, "").unwrap().unwrap();
        assert_eq!(all.links("42"), Ok(vec![b"/nowhere (deleted)".to_vec()]));
        assert_eq!(all.links("43"), Ok(Vec::new()));
        assert!(system.enter(Shown::Proc, "43").unwrap().is_none());
        assert!(system.enter(Shown::Proc, "cmdline").unwrap().is_none());
        assert_eq!(system.target(Shown::Proc, "42/exe"), Ok(None));
        assert_eq!(system.target(Shown::Proc, "cmdline").unwrap().unwrap().names, 1);
        assert_eq!(system.processes(), Ok(vec![42]));
        // More than a first reading of few bytes would give.
        let long = "|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h";
        std::fs::create_dir_all(proc.join("sys/kernel/random")).unwrap();
        std::fs::write(proc.join("sys/kernel/core_pattern"), long).unwrap();
        std::fs::write(proc.join("sys/kernel/random/uuid"), "x").unwrap();
        let longer = "a".repeat(ROOM_OF_SETTING);
        std::fs::write(proc.join("sys/kernel/modprobe"), &longer).unwrap();
        let mut found = Vec::new();
        system.settings(&|path| !path.ends_with("random"), &mut |path, value| {
            found.push((path.to_owned(), value));
            true
        });
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let value = |path: &str, text: &str| (path.to_owned(), Ok(text.as_bytes().to_vec()));
        assert_eq!(found, [value("kernel/core_pattern", long), value("kernel/modprobe", &longer)]);
        assert_eq!(System::at(&sys, &sys).processes(), Ok(Vec::new()));
    }
}
