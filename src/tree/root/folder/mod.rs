//! A root filesystem in a directory of the machine, walked on all processors.

mod handles;
mod survey;

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};

use super::super::ahead::{Ahead, lock, on_all_threads};
use super::super::beneath::{Beneath, entry_of, fault};
use super::super::{Census, Entry, EntryKind, Input, ReadFault, ReadSeek, TreeError, TreePath};
use super::survey::{Notice, Survey};
use super::window::Window;
use super::{Asked, Contents, EXECUTABLE_HEAD, Pass, RootWants, Visit, begins_executable};
use crate::text::Text;
use handles::Handles;

/// What the kernel shows of itself there belongs to the machine, not to the root; of a root that is not running,
/// whatever lies there is not what it will be.
pub(super) const OF_THE_KERNEL: [&[u8]; 3] = [b"proc", b"sys", b"dev"];

/// A root filesystem in a directory.
pub(super) struct FolderRoot {
    root: Handles,
    name: Text,
}

impl FolderRoot {
    pub(super) fn open(path: &Path, name: Text) -> Result<Self, TreeError> {
        match Beneath::open(path) {
            Ok(root) => Ok(Self { root: Handles::new(root), name }),
            Err(errno) => Err(TreeError::Directory { path: name, reason: super::super::directory::reason(errno) }),
        }
    }

    pub(super) fn input(&self) -> Input {
        Input { kind: "root", name: self.name.clone(), digest: None }
    }

    pub(super) fn look(&self, path: &TreePath) -> Result<Option<Entry>, ReadFault> {
        self.root.look(path)
    }

    pub(super) fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, ReadFault> {
        self.root.list(folder).map(|entries| entries.to_vec())
    }

    pub(super) fn list_some(&self, folder: &TreePath, is_wanted: fn(&[u8]) -> bool) -> Result<Vec<Entry>, ReadFault> {
        let mut out = Vec::new();
        for named in self.root.beneath().list(folder).map_err(fault)? {
            let path = folder.child(&named.name);
            match named.kind {
                FileType::Directory => out.push(Entry::new(path, EntryKind::Folder)),
                FileType::Unknown => out.extend(self.root.look(&path)?),
                _ if is_wanted(&named.name) => out.extend(self.root.look(&path)?),
                _ => {}
            }
        }
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }

    /// Opens a regular file. An entry with a mode was looked at; of any other it is not known what stands there.
    pub(super) fn open_file(&self, entry: &Entry) -> Result<(u64, Box<dyn ReadSeek + '_>), ReadFault> {
        let (file, size) = match entry.mode {
            Some(_) => self.root.open_looked_at(&entry.path)?,
            None => self.root.beneath().open_file(&entry.path)?,
        };
        Ok((size, Box::new(Window::new(Arc::new(file), 0, size))))
    }

    pub(super) fn attribute(&self, path: &TreePath, name: &[u8]) -> Result<Option<Box<[u8]>>, ReadFault> {
        self.root.attribute(path, name)
    }

    pub(super) fn is_locked(&self, path: &TreePath) -> Result<Option<bool>, ReadFault> {
        self.root.is_locked(path)
    }

    pub(super) fn survey<T: Send>(&self, notice: Notice<'_, T>) -> Survey<T> {
        survey::survey(self.root.beneath(), notice)
    }

    /// Makes sure that something stands in it.
    pub(super) fn expect_something(&self) -> Result<(), TreeError> {
        match self.root.beneath().list(&TreePath::root()) {
            Ok(names) if names.is_empty() => Err(self.empty()),
            // What cannot be listed may hold anything.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn empty(&self) -> TreeError {
        TreeError::Directory {
            path: self.name.clone(),
            reason: Text::trusted("expected a root filesystem, found an empty directory"),
        }
    }

    pub(super) fn pass<T: Send>(&self, wants: &RootWants, visit: Visit<'_, T>) -> Result<Pass<T>, TreeError> {
        let ahead = Ahead::new(TreePath::root());
        let all = Mutex::new(Walked::new());
        let work = || {
            let mut walker = Walker { root: self.root.beneath(), wants, visit, walked: Walked::new() };
            while let Some(folder) = ahead.next() {
                ahead.add(walker.list(&folder));
            }
            lock(&all).add(walker.walked);
        };
        on_all_threads(work);
        let walked = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Walked { mut found, mut faults, mut closed, mut odd, census, names } = walked;
        if names == 0 && closed.is_empty() {
            return Err(self.empty());
        }
        found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        faults.sort();
        closed.sort();
        odd.sort();
        let found = found.into_iter().map(|((path, _), one)| (path, one)).collect();
        Ok(Pass { found, faults, closed, odd, damages: Vec::new(), census })
    }
}

/// What was met so far.
struct Walked<T> {
    found: Vec<((TreePath, usize), T)>,
    faults: Vec<(TreePath, ReadFault)>,
    closed: Vec<(TreePath, ReadFault)>,
    odd: Vec<TreePath>,
    census: Census,
    /// How many names were met.
    names: u64,
}

impl<T> Walked<T> {
    fn new() -> Self {
        Self {
            found: Vec::new(),
            faults: Vec::new(),
            closed: Vec::new(),
            odd: Vec::new(),
            census: Census::default(),
            names: 0,
        }
    }

    fn add(&mut self, other: Self) {
        self.found.extend(other.found);
        self.faults.extend(other.faults);
        self.closed.extend(other.closed);
        self.odd.extend(other.odd);
        self.census.add(other.census);
        self.names += other.names;
    }
}

/// One thread's part of a pass.
struct Walker<'a, T> {
    root: &'a Beneath,
    wants: &'a RootWants,
    visit: Visit<'a, T>,
    walked: Walked<T>,
}

impl<T> Walker<'_, T> {
    /// Looks through one folder, and returns those in it.
    fn list(&mut self, folder: &TreePath) -> Vec<TreePath> {
        match self.try_list(folder) {
            Ok(folders) => folders,
            // Gone since it was listed.
            Err(rustix::io::Errno::NOENT) => Vec::new(),
            Err(errno) => {
                self.walked.closed.push((folder.clone(), fault(errno)));
                Vec::new()
            }
        }
    }

    fn try_list(&mut self, folder: &TreePath) -> Result<Vec<TreePath>, rustix::io::Errno> {
        let handle = self.root.open_folder(folder)?;
        let mut folders = Vec::new();
        for named in fs::Dir::read_from(&handle)? {
            let named = match named {
                Ok(named) => named,
                Err(errno) => {
                    // What was listed before counts.
                    self.walked.closed.push((folder.clone(), fault(errno)));
                    break;
                }
            };
            let name = named.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            self.walked.names += 1;
            let mut kind = named.file_type();
            let mut stat = None;
            let mut look = || fs::statat(&handle, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW);
            if kind == FileType::Unknown {
                match look() {
                    Ok(looked) => {
                        kind = FileType::from_raw_mode(looked.st_mode);
                        stat = Some(looked);
                    }
                    Err(rustix::io::Errno::NOENT) => continue,
                    Err(errno) => {
                        self.walked.faults.push((folder.child(name), fault(errno)));
                        continue;
                    }
                }
            }
            if kind == FileType::Directory {
                let path = folder.child(name);
                if folder.is_root() && OF_THE_KERNEL.contains(&name) {
                    self.walked.census.skipped_folders.insert(path);
                } else if !self.wants.excludes(&path) {
                    folders.push(path);
                }
                continue;
            }
            self.walked.census.files += 1;
            let may_mean = self.wants.visited.may_mean(name);
            if kind != FileType::RegularFile {
                let path = if may_mean { folder.child(name) } else { continue };
                if !self.wants.excludes(&path) && self.wants.visited.matching(&path).next().is_some() {
                    self.walked.odd.push(path);
                }
                continue;
            }
            if !(may_mean || self.wants.executables) {
                continue;
            }
            let stat = match stat.map_or_else(&mut look, Ok) {
                Ok(stat) => stat,
                Err(rustix::io::Errno::NOENT) => continue,
                Err(errno) => {
                    self.walked.faults.push((folder.child(name), fault(errno)));
                    continue;
                }
            };
            #[expect(clippy::useless_conversion, reason = "the field's width differs between platforms")]
            let may_execute = stat.st_size > 0 && self.wants.may_execute(name, u32::from(stat.st_mode));
            if !(may_mean || may_execute) {
                continue;
            }
            let path = folder.child(name);
            if self.wants.excludes(&path) {
                self.walked.census.excluded_files.insert(path);
                continue;
            }
            let entry = entry_of(path, EntryKind::File, &stat);
            self.file(&handle, name, &entry, may_execute);
        }
        Ok(folders)
    }

    fn file(&mut self, folder: &std::os::fd::OwnedFd, name: &[u8], entry: &Entry, may_execute: bool) {
        let mut contents = FileContents { folder, name, size: entry.size.unwrap_or(0), opened: None };
        for (order, at) in self.wants.visited.matching(&entry.path).enumerate() {
            let one = (self.visit)(entry, Asked::Pattern(at), &mut contents);
            self.walked.found.extend(one.map(|one| ((entry.path.clone(), order), one)));
        }
        if !may_execute {
            return;
        }
        match contents.begins_executable() {
            Ok(false) | Err(ReadFault::Absent) => {}
            Ok(true) => {
                let one = (self.visit)(entry, Asked::Executable, &mut contents);
                self.walked.found.extend(one.map(|one| ((entry.path.clone(), usize::MAX), one)));
            }
            Err(fault) => self.walked.faults.push((entry.path.clone(), fault)),
        }
    }
}

/// A file of a folder that is being walked.
struct FileContents<'a> {
    folder: &'a std::os::fd::OwnedFd,
    name: &'a [u8],
    size: u64,
    opened: Option<Arc<File>>,
}

impl FileContents<'_> {
    fn file(&mut self) -> Result<Arc<File>, ReadFault> {
        if let Some(file) = &self.opened {
            return Ok(file.clone());
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let handle = fs::openat(self.folder, OsStr::from_bytes(self.name), flags, Mode::empty()).map_err(fault)?;
        // It was a regular file; it may have been replaced since.
        let stat = fs::fstat(&handle).map_err(fault)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ReadFault::NotRegular);
        }
        self.size = u64::try_from(stat.st_size).unwrap_or(0);
        let file = Arc::new(File::from(handle));
        self.opened = Some(file.clone());
        Ok(file)
    }

    fn begins_executable(&mut self) -> Result<bool, ReadFault> {
        let mut head = [0; EXECUTABLE_HEAD];
        let count = self.file()?.read_at(&mut head, 0).map_err(|_error| ReadFault::Unreadable)?;
        Ok(begins_executable(head.get(..count).unwrap_or_default()))
    }
}

impl Contents for FileContents<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn open(&mut self) -> Result<Box<dyn ReadSeek + '_>, ReadFault> {
        let file = self.file()?;
        Ok(Box::new(Window::new(file, 0, self.size)))
    }
}
