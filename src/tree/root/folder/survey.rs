//! A survey of a directory of the machine: on all processors, one look at each name, relative to its folder.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Mutex;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::super::super::ahead::{Ahead, lock, on_all_threads};
use super::super::super::beneath::{Beneath, fault};
use super::super::super::{FileIdentity, Owner, TreePath};
use super::super::survey::{Attributed, CAPABILITIES, Elsewhere, Met, MetKind, Notice, Survey};
use super::OF_THE_KERNEL;

/// The largest value of `security.capability` that a kernel writes has 24 bytes; a larger one is none.
const MAX_ATTRIBUTE_BYTES: usize = 256;

/// How many bytes of a folder's listing are read at once.
const LISTING_BYTES: usize = 32 << 10;

/// Where a process finds its own handles: through them an attribute is asked for by a name in a folder.
const HANDLES: &str = "/proc/self/fd";

/// Surveys what lies beneath a folder.
pub(super) fn survey<T: Send>(root: &Beneath, notice: Notice<'_, T>) -> Survey<T> {
    let ahead = Ahead::new((TreePath::root(), None));
    let all = Mutex::new(Survey::default());
    let has_handles = fs::access(HANDLES, fs::Access::EXISTS).is_ok();
    let work = || {
        let mut surveyor = Surveyor { root, notice, has_handles, survey: Survey::default(), buffer: Vec::new() };
        while let Some((folder, device)) = ahead.next() {
            ahead.add(surveyor.list(&folder, device));
        }
        lock(&all).add(surveyor.survey);
    };
    on_all_threads(work);
    all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).sorted()
}

/// A folder that is yet to be listed, with the device of the one above it.
type Folder = (TreePath, Option<u64>);

/// One thread's part of a survey.
struct Surveyor<'a, T> {
    root: &'a Beneath,
    notice: Notice<'a, T>,
    has_handles: bool,
    survey: Survey<T>,
    /// Where listings are read into.
    buffer: Vec<MaybeUninit<u8>>,
}

impl<T> Surveyor<'_, T> {
    fn list(&mut self, folder: &TreePath, above: Option<u64>) -> Vec<Folder> {
        match self.try_list(folder, above) {
            Ok(folders) => folders,
            // Gone since it was listed.
            Err(Errno::NOENT) => Vec::new(),
            Err(errno) => {
                self.survey.closed.push((folder.clone(), fault(errno)));
                Vec::new()
            }
        }
    }

    fn try_list(&mut self, folder: &TreePath, above: Option<u64>) -> Result<Vec<Folder>, Errno> {
        let handle = self.root.open_folder(folder)?;
        let stat = fs::fstat(&handle)?;
        #[expect(clippy::useless_conversion, reason = "the field's width differs between platforms")]
        let device = u64::try_from(stat.st_dev).unwrap_or(0);
        if above.is_some_and(|above| above != device)
            && let Some(elsewhere) = elsewhere(&handle)
        {
            self.survey.elsewhere.push((folder.clone(), elsewhere));
            return Ok(Vec::new());
        }
        let mut folders = Vec::new();
        let mut buffer = std::mem::take(&mut self.buffer);
        let listed = each_name(&handle, &mut buffer, |name, kind| {
            if self.name(folder, &handle, name, kind) {
                folders.push((folder.child(name), Some(device)));
            }
        });
        self.buffer = buffer;
        if let Err(errno) = listed {
            // What was listed before counts.
            self.survey.closed.push((folder.clone(), fault(errno)));
        }
        Ok(folders)
    }

    /// Looks at a name of a folder. Answers whether it is a folder that is to be listed.
    fn name(&mut self, folder: &TreePath, handle: &OwnedFd, name: &[u8], kind: FileType) -> bool {
        self.survey.census.files += 1;
        if kind == FileType::Symlink {
            return false;
        }
        if folder.is_root() && OF_THE_KERNEL.contains(&name) {
            self.survey.census.skipped_folders.insert(folder.child(name));
            self.survey.folders += 1;
            return false;
        }
        match fs::statat(handle, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => self.meet(folder, handle, name, &stat),
            // Gone since it was listed.
            Err(Errno::NOENT) => false,
            Err(errno) => {
                self.survey.faults.push((folder.child(name), fault(errno)));
                false
            }
        }
    }

    /// Shows a name. Answers whether it is a folder.
    fn meet(&mut self, folder: &TreePath, handle: &OwnedFd, name: &[u8], stat: &fs::Stat) -> bool {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => MetKind::File,
            FileType::Directory => MetKind::Folder,
            FileType::CharacterDevice => MetKind::CharacterDevice,
            FileType::BlockDevice => MetKind::BlockDevice,
            FileType::Fifo | FileType::Socket => MetKind::Channel,
            FileType::Symlink | FileType::Unknown => return false,
        };
        let capabilities = || self.capabilities(handle, name);
        #[expect(clippy::useless_conversion, reason = "the fields' widths differ between platforms")]
        let met = Met {
            folder,
            name,
            kind,
            mode: u32::from(stat.st_mode) & 0o7777,
            owner: Owner { user: stat.st_uid, group: stat.st_gid },
            device: (fs::major(stat.st_rdev), fs::minor(stat.st_rdev)),
            identity: FileIdentity { device: u64::try_from(stat.st_dev).unwrap_or(0), inode: u64::from(stat.st_ino) },
            names: u64::try_from(stat.st_nlink).unwrap_or(u64::MAX),
            capabilities: &capabilities,
            asked: OnceCell::new(),
        };
        if let Some(noted) = (self.notice)(&met) {
            self.survey.found.push((folder.child(name), noted));
        }
        self.survey.folders += u64::from(kind == MetKind::Folder);
        kind == MetKind::Folder
    }

    /// Asks for the capabilities of a file without opening it, where the system has a way; an unreadable program has them
    /// too.
    fn capabilities(&self, folder: &OwnedFd, name: &[u8]) -> Attributed {
        let mut value = [0_u8; MAX_ATTRIBUTE_BYTES];
        let asked = if self.has_handles {
            let path = [format!("{HANDLES}/{}/", folder.as_raw_fd()).as_bytes(), name].concat();
            fs::lgetxattr(OsStr::from_bytes(&path), CAPABILITIES, &mut value)
        } else {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            fs::openat(folder, OsStr::from_bytes(name), flags, Mode::empty())
                .and_then(|file| fs::fgetxattr(&file, CAPABILITIES, &mut value))
        };
        match asked {
            Ok(length) => Ok(Some(value.get(..length).unwrap_or(&value).into())),
            Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOENT) => Ok(None),
            Err(Errno::RANGE) => Ok(Some(value.as_slice().into())),
            Err(errno) => Err(fault(errno)),
        }
    }
}

/// Calls with each name in a folder but `.` and `..`, and what it is as far as the listing tells.
#[cfg(target_os = "linux")]
fn each_name(
    folder: &OwnedFd,
    buffer: &mut Vec<MaybeUninit<u8>>,
    mut call: impl FnMut(&[u8], FileType),
) -> Result<(), Errno> {
    buffer.resize(LISTING_BYTES, MaybeUninit::uninit());
    // The handle itself is read: another one for the listing would cost as much as the listing.
    let mut names = fs::RawDir::new(folder, buffer);
    while let Some(named) = names.next() {
        let named = named?;
        let name = named.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            call(name, named.file_type());
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn each_name(
    folder: &OwnedFd,
    _buffer: &mut Vec<MaybeUninit<u8>>,
    mut call: impl FnMut(&[u8], FileType),
) -> Result<(), Errno> {
    for named in fs::Dir::read_from(folder)? {
        let named = named?;
        let name = named.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            call(name, named.file_type());
        }
    }
    Ok(())
}

/// Tells whether a file system is one that is not entered: those of the kernel, and those that another machine or program
/// answers for, which may hang.
fn elsewhere(folder: &OwnedFd) -> Option<Elsewhere> {
    // statfs(2), and linux/magic.h.
    #[cfg(target_os = "linux")]
    {
        const KERNEL: [u32; 21] = [
            0x9fa0,      // proc
            0x6265_6572, // sysfs
            0x0027_e0eb, // cgroup
            0x6367_7270, // cgroup2
            0x1cd1,      // devpts
            0x6462_6720, // debugfs
            0x7363_6673, // securityfs
            0x7472_6163, // tracefs
            0xcafe_4a11, // bpf
            0x1980_0202, // mqueue
            0x9584_58f6, // hugetlbfs
            0x6265_6570, // configfs
            0x4249_4e4d, // binfmt_misc
            0x6165_676c, // pstore
            0xde5e_81e4, // efivarfs
            0x6e73_6673, // nsfs
            0x0187,      // autofs
            0x6759_6969, // rpc_pipefs
            0xf97c_ff8c, // selinuxfs
            0x6573_5543, // fusectl
            0x5a3c_69f0, // apparmorfs
        ];
        const REMOTE: [(u32, &str); 12] = [
            (0x6969, "NFS"),
            (0x517b, "SMB"),
            (0xff53_4d42, "CIFS"),
            (0xfe53_4d42, "SMB 2"),
            (0x0102_1997, "9p"),
            (0x00c3_6400, "Ceph"),
            (0x6573_5546, "FUSE"),
            (0x5346_414f, "AFS"),
            (0x6b41_4653, "AFS"),
            (0x0bd0_0bd0, "Lustre"),
            (0x7461_636f, "OCFS2"),
            (0x0116_1970, "GFS2"),
        ];
        let stat = fs::fstatfs(folder).ok()?;
        #[expect(clippy::useless_conversion, reason = "the field's width differs between platforms")]
        let kind = u32::try_from(i64::from(stat.f_type) & 0xffff_ffff).ok()?;
        if KERNEL.contains(&kind) {
            return Some(Elsewhere::Kernel);
        }
        REMOTE.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| Elsewhere::Remote(name))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        None
    }
}
