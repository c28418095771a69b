//! A folder of the machine below which paths are opened without following any link, not even on the way.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::index_file::Stat as Noted;
use super::{Entry, EntryKind, FileIdentity, Owner, ReadFault, TreePath};

/// A folder of the machine, held open.
#[derive(Debug)]
pub(super) struct Beneath(OwnedFd);

/// A name in a folder.
pub(super) struct Named {
    pub(super) name: Box<[u8]>,
    pub(super) kind: FileType,
}

impl Beneath {
    pub(super) fn open(folder: &Path) -> Result<Self, Errno> {
        fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map(Self)
    }

    /// Looks at one path, `None` where nothing stands there.
    pub(super) fn look(&self, path: &TreePath) -> Result<Option<Entry>, Errno> {
        let handle = match self.open_at(path, OFlags::PATH | OFlags::NOFOLLOW) {
            Ok(handle) => handle,
            Err(errno) if nothing_stands(errno) => return Ok(None),
            Err(errno) => return Err(errno),
        };
        let stat = fs::fstat(&handle)?;
        let target = || fs::readlinkat(&handle, c"", Vec::new());
        Ok(Some(entry_of(path.clone(), kind_of(&stat, target)?, &stat)))
    }

    /// Lists what stands in a folder, in no order, each looked at by its name in the folder.
    pub(super) fn list_entries(&self, folder: &TreePath) -> Result<Vec<Entry>, Errno> {
        let handle = self.open_folder(folder)?;
        let mut out = Vec::new();
        for named in fs::Dir::read_from(&handle)? {
            let named = named?;
            let name = named.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let path = folder.child(name.to_bytes());
            match look_in(&handle, OsStr::from_bytes(name.to_bytes()), &path) {
                Ok(entry) => out.push(entry),
                // Gone since it was listed.
                Err(Errno::NOENT) => {}
                Err(_) => out.push(Entry::new(path, EntryKind::Other("unreadable"))),
            }
        }
        Ok(out)
    }

    /// Returns what git would note of a file.
    pub(super) fn noted(&self, path: &TreePath) -> Option<Noted> {
        let handle = self.open_at(path, OFlags::PATH | OFlags::NOFOLLOW).ok()?;
        let stat = fs::fstat(&handle).ok()?;
        // git keeps the lower half of what is wider (`gitformat-index(5)`).
        let lower = |number: u64| u32::try_from(number & 0xffff_ffff).unwrap_or(0);
        let time = |seconds: i64, nanoseconds: u64| (lower(seconds.cast_unsigned()), lower(nanoseconds));
        #[expect(clippy::useless_conversion, reason = "the fields' widths differ between platforms")]
        Some(Noted {
            modified: time(i64::from(stat.st_mtime), u64::try_from(stat.st_mtime_nsec).unwrap_or(0)),
            changed: time(i64::from(stat.st_ctime), u64::try_from(stat.st_ctime_nsec).unwrap_or(0)),
            inode: lower(u64::from(stat.st_ino)),
            size: lower(stat.st_size.cast_unsigned()),
        })
    }

    /// Returns the names in a folder, in no order, with what each is as far as the system tells without looking.
    pub(super) fn list(&self, folder: &TreePath) -> Result<Vec<Named>, Errno> {
        let handle = self.open_folder(folder)?;
        let mut names = Vec::new();
        for entry in fs::Dir::new(handle)? {
            let entry = entry?;
            if entry.file_name() != c"." && entry.file_name() != c".." {
                names.push(Named { name: entry.file_name().to_bytes().into(), kind: entry.file_type() });
            }
        }
        Ok(names)
    }

    /// Returns what stands at a path, for a file system that does not tell it in a listing.
    pub(super) fn kind(&self, path: &TreePath) -> FileType {
        let stat = self.open_at(path, OFlags::PATH | OFlags::NOFOLLOW).and_then(fs::fstat);
        stat.map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode))
    }

    /// Opens a regular file, and returns how many bytes it has.
    pub(super) fn open_file(&self, path: &TreePath) -> Result<(File, u64), ReadFault> {
        // Looked at first, so that nothing but a regular file is ever opened; looked at again once it is
        // open, since it may have been replaced in between.
        match self.look(path).map_err(fault)? {
            None => return Err(ReadFault::Absent),
            Some(Entry { kind: EntryKind::File, .. }) => {}
            Some(_) => return Err(ReadFault::NotRegular),
        }
        self.open_looked_at(path)
    }

    /// Opens what was looked at and is a regular file, and returns how many bytes it has.
    pub(super) fn open_looked_at(&self, path: &TreePath) -> Result<(File, u64), ReadFault> {
        self.open_at(path, TO_READ).map_err(fault).and_then(regular)
    }

    /// Opens a folder so that what stands in it can be looked at and opened; no part of its path may be a link.
    pub(super) fn hold_folder(&self, folder: &TreePath) -> Result<OwnedFd, Errno> {
        self.open_at(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW)
    }

    /// Opens a folder, of which no part may be a link.
    pub(super) fn open_folder(&self, folder: &TreePath) -> Result<OwnedFd, Errno> {
        self.open_at(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW)
    }

    /// Reads a regular file of at most `max_bytes`.
    pub(super) fn read(&self, path: &TreePath, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        let (file, size) = self.open_file(path)?;
        if size > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| io_fault(&error))?;
        if bytes.len() as u64 > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        Ok(bytes)
    }

    #[cfg(target_os = "linux")]
    fn open_at(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match fs::openat2(&self.0, os(path), flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => self.open_by_parts(path, flags),
            other => other,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_at(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        self.open_by_parts(path, flags)
    }

    /// Opens folder by folder, none of which may be a link.
    fn open_by_parts(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        if path.is_root() {
            return fs::openat(&self.0, c".", flags | OFlags::CLOEXEC, Mode::empty());
        }
        let folder_flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = fs::openat(&self.0, c".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            let flags = if is_last { flags | OFlags::NOFOLLOW | OFlags::CLOEXEC } else { folder_flags };
            at = fs::openat(at.as_fd(), OsStr::from_bytes(part), flags, Mode::empty())?;
        }
        Ok(at)
    }
}

/// How a file is opened that is read. Opening what has taken the place of one waits for nobody.
const TO_READ: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// Whether an error says that nothing stands at a path of the tree: a folder on the way is a link, or no folder.
pub(super) fn nothing_stands(errno: Errno) -> bool {
    matches!(errno, Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::XDEV)
}

/// Looks at a name in a folder, which is what stands at `path`.
pub(super) fn look_in(folder: &OwnedFd, name: &OsStr, path: &TreePath) -> Result<Entry, Errno> {
    let stat = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let target = || fs::readlinkat(folder, name, Vec::new());
    Ok(entry_of(path.clone(), kind_of(&stat, target)?, &stat))
}

/// Opens a name in a folder that was looked at and is a regular file, and returns how many bytes it has.
pub(super) fn open_in(folder: &OwnedFd, name: &OsStr) -> Result<(File, u64), ReadFault> {
    fs::openat(folder, name, TO_READ | OFlags::CLOEXEC, Mode::empty()).map_err(fault).and_then(regular)
}

/// Returns an open file and its size, if it is a regular one: what was looked at may have been replaced since.
fn regular(handle: OwnedFd) -> Result<(File, u64), ReadFault> {
    let stat = fs::fstat(&handle).map_err(fault)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok((File::from(handle), u64::try_from(stat.st_size).unwrap_or(0))),
        _ => Err(ReadFault::NotRegular),
    }
}

/// Returns whether a name in a folder may not be changed, or only be added to (`statx(2)`); `None` where its file system does
/// not tell that so.
#[cfg(target_os = "linux")]
pub(super) fn is_locked_in(folder: &OwnedFd, name: &OsStr) -> Option<bool> {
    use rustix::fs::{StatxAttributes, StatxFlags};
    let locks = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
    let stat = fs::statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE).ok()?;
    stat.stx_attributes_mask.contains(locks).then(|| stat.stx_attributes.intersects(locks))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_locked_in(_folder: &OwnedFd, _name: &OsStr) -> Option<bool> {
    None
}

/// Returns whether a regular file that is open may not be changed, or only be added to (`ioctl_iflags(2)`); `None` where its
/// file system does not keep that.
#[cfg(target_os = "linux")]
pub(super) fn is_locked(file: &File) -> Result<Option<bool>, ReadFault> {
    match fs::ioctl_getflags(file) {
        Ok(flags) => Ok(Some(flags.intersects(fs::IFlags::IMMUTABLE | fs::IFlags::APPEND))),
        Err(Errno::NOTTY | Errno::OPNOTSUPP | Errno::INVAL) => Ok(None),
        Err(errno) => Err(fault(errno)),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_locked(_file: &File) -> Result<Option<bool>, ReadFault> {
    Ok(None)
}

fn os(path: &TreePath) -> &OsStr {
    if path.is_root() { OsStr::new(".") } else { OsStr::from_bytes(path.as_bytes()) }
}

/// Returns what something is; `target` is asked for that of a link.
fn kind_of(stat: &Stat, target: impl FnOnce() -> Result<CString, Errno>) -> Result<EntryKind, Errno> {
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Link(target()?.into_bytes().into()),
        FileType::Fifo => EntryKind::Other("a FIFO"),
        FileType::Socket => EntryKind::Other("a socket"),
        FileType::CharacterDevice | FileType::BlockDevice => EntryKind::Other("a device"),
        FileType::Unknown => EntryKind::Other("of an unknown kind"),
    })
}

pub(super) fn entry_of(path: TreePath, kind: EntryKind, stat: &Stat) -> Entry {
    #[expect(clippy::useless_conversion, reason = "the fields' widths differ between platforms")]
    Entry {
        mode: Some(u32::from(stat.st_mode) & 0o7777),
        size: u64::try_from(stat.st_size).ok(),
        owner: Some(Owner { user: stat.st_uid, group: stat.st_gid }),
        identity: Some(FileIdentity { device: u64::try_from(stat.st_dev).unwrap_or(0), inode: u64::from(stat.st_ino) }),
        ..Entry::new(path, kind)
    }
}

pub(super) fn fault(errno: Errno) -> ReadFault {
    match errno {
        Errno::NOENT | Errno::NOTDIR => ReadFault::Absent,
        Errno::ACCESS | Errno::PERM => ReadFault::Denied,
        Errno::LOOP | Errno::XDEV | Errno::NXIO => ReadFault::NotRegular,
        _ => ReadFault::Unreadable,
    }
}

fn io_fault(error: &std::io::Error) -> ReadFault {
    Errno::from_io_error(error).map_or(ReadFault::Unreadable, fault)
}
