//! A directory of the machine.
//!
//! Inside a git work tree it is what git would see: tracked files, and untracked ones that are not ignored.
//! Elsewhere it is every file. Paths are opened below the root's own descriptor, without following any link.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};
use rustix::fs::{self, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::compare::{Difference, Differences};
use super::git_index::{Staged, Stat as Noted};
use super::git_revision::Mode as GitMode;
use super::{
    Census, Entry, EntryKind, FileIdentity, GitIndex, GitRevision, Input, Owner, ReadFault, Scan, Tree, TreeError,
    TreePath, Wants,
};
use crate::text::Text;

/// A directory of the machine.
pub struct Directory {
    root: OwnedFd,
    path: PathBuf,
    name: Text,
    /// What git tracks below the root, where it lies in a work tree.
    index: Option<GitIndex>,
}

impl Directory {
    /// Opens a directory in which every file counts.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, TreeError> {
        let name = Text::of(path.as_os_str().as_bytes());
        let root = fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| TreeError::Directory { path: name.clone(), reason: reason(errno) })?;
        Ok(Self { root, path: path.to_owned(), name, index: None })
    }

    /// Opens a directory inside a git work tree, given what the index tracks below it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_in_work_tree(path: &Path, index: GitIndex) -> Result<Self, TreeError> {
        Ok(Self { index: Some(index), ..Self::open(path)? })
    }

    /// Gives the tree the name the user gave it.
    #[must_use]
    pub fn named(self, name: Text) -> Self {
        Self { name, ..self }
    }

    /// Lists the names git would see: a walk on all cores, and what is tracked though ignored.
    fn scan_work_tree(&self, wants: &Wants, index: &GitIndex) -> Scan {
        let root = self.path.as_path();
        let found = Mutex::new(Found::default());
        let mut walk = WalkBuilder::new(&self.path);
        walk.hidden(false).ignore(false).follow_links(false).same_file_system(false);
        walk.build_parallel().run(|| {
            let mut mine = Mine { found: &found, batch: Found::default() };
            Box::new(move |entry| mine.batch.visit(root, wants, entry))
        });
        let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        for staged in index.wanted(wants) {
            found.add_tracked(self, wants, staged);
        }
        found.into_scan(self)
    }

    fn scan_all(&self, wants: &Wants) -> Scan {
        let mut found = Found::default();
        let walk = WalkDir::new(&self.path).follow_links(false).into_iter();
        let mut skipped = Vec::new();
        let entries = walk.filter_entry(|entry| {
            let over =
                entry.depth() > 0 && entry.file_type().is_dir() && Wants::skipped_folder(entry.file_name().as_bytes());
            if over {
                skipped.extend(relative(&self.path, entry.path()));
            }
            !over
        });
        for entry in entries {
            match entry {
                Ok(entry) if entry.depth() == 0 => {}
                Ok(entry) => found.meet(&self.path, entry.path(), Some(entry.file_type()), wants),
                Err(error) => found.fault(&self.path, error.path(), error.io_error()),
            }
        }
        found.census.skipped_folders.extend(skipped);
        found.into_scan(self)
    }

    /// Lists the wanted entries on which this directory, which lies in a work tree, and a revision differ. Files that
    /// git knows to be untouched are compared by their object ids.
    ///
    /// # Errors
    /// When the object database or the directory cannot be read.
    pub fn differences(&self, base: &GitRevision, wants: &Wants) -> Result<Differences, TreeError> {
        let Some(index) = &self.index else { return super::compare(Some(base), self, wants) };
        let mut scan = self.scan(wants)?;
        // Staged or committed since: whatever the work tree holds, it is compared with the revision.
        let mut candidates = index.differing(base, wants)?;
        let mut now: BTreeMap<TreePath, Entry> = BTreeMap::new();
        for entry in std::mem::take(&mut scan.entries) {
            if !candidates.contains(&entry.path) && !self.is_untouched(index, &entry) {
                candidates.insert(entry.path.clone());
            }
            now.insert(entry.path.clone(), entry);
        }
        // Tracked, and gone from the work tree.
        candidates.extend(index.wanted(wants).map(|staged| staged.path).filter(|path| !now.contains_key(path)));
        let mut entries = Vec::new();
        for path in candidates {
            if wants.excluded(&path) || Wants::in_skipped_folder(&path) {
                continue;
            }
            let before = base.entry(&path)?.filter(|entry| wants.entry(&path, &entry.kind));
            let after = now.remove(&path);
            if super::compare::differ(before.as_ref(), after.as_ref(), self) {
                entries.push(Difference { path, before, after });
            }
        }
        Ok(Differences { entries, scan })
    }

    /// Whether an entry is what the index says, without reading it.
    fn is_untouched(&self, index: &GitIndex, entry: &Entry) -> bool {
        match &entry.kind {
            EntryKind::File => self.noted(&entry.path).is_some_and(|stat| index.untouched(&entry.path, stat).is_some()),
            EntryKind::Submodule(_) => true,
            EntryKind::Link(target) => index.entry(&entry.path).is_ok_and(
                |staged| matches!(staged, Some(Entry { kind: EntryKind::Link(staged), .. }) if staged == *target),
            ),
            EntryKind::Folder | EntryKind::Other(_) => false,
        }
    }

    /// Returns what git would note of a file.
    fn noted(&self, path: &TreePath) -> Option<Noted> {
        let handle = self.open_beneath(path, OFlags::PATH | OFlags::NOFOLLOW).ok()?;
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

    /// Looks at one path without following a link, not even in the folders above it.
    fn look(&self, path: &TreePath) -> Result<Option<Entry>, Errno> {
        let handle = match self.open_beneath(path, OFlags::PATH | OFlags::NOFOLLOW) {
            Ok(handle) => handle,
            // A folder on the way is a link, or no folder: nothing stands at this path of the tree.
            Err(Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::XDEV) => return Ok(None),
            Err(errno) => return Err(errno),
        };
        let stat = fs::fstat(&handle)?;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            FileType::Symlink => {
                let target = fs::readlinkat(&handle, c"", Vec::new())?;
                EntryKind::Link(target.into_bytes().into())
            }
            FileType::Fifo => EntryKind::Other("a FIFO"),
            FileType::Socket => EntryKind::Other("a socket"),
            FileType::CharacterDevice | FileType::BlockDevice => EntryKind::Other("a device"),
            FileType::Unknown => EntryKind::Other("of an unknown kind"),
        };
        Ok(Some(entry_of(path.clone(), kind, &stat)))
    }

    #[cfg(target_os = "linux")]
    fn open_beneath(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match fs::openat2(&self.root, os(path), flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => self.open_by_parts(path, flags),
            other => other,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_beneath(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        self.open_by_parts(path, flags)
    }

    /// Opens folder by folder, none of which may be a link.
    fn open_by_parts(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        let folder_flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = fs::openat(&self.root, c".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return fs::openat(
                    at.as_fd(),
                    OsStr::from_bytes(part),
                    flags | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                    Mode::empty(),
                );
            }
            at = fs::openat(at.as_fd(), OsStr::from_bytes(part), folder_flags, Mode::empty())?;
        }
        Ok(at)
    }
}

impl Tree for Directory {
    fn input(&self) -> Input {
        Input { kind: "directory", name: self.name.clone(), digest: None }
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        Ok(match &self.index {
            Some(index) => self.scan_work_tree(wants, index),
            None => self.scan_all(wants),
        })
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        if path.is_root() {
            return Ok(Some(Entry::new(path.clone(), EntryKind::Folder)));
        }
        match self.look(path) {
            Ok(entry) => Ok(entry),
            // It is there; what it is will be told when it is read.
            Err(_) => Ok(Some(Entry::new(path.clone(), EntryKind::Other("unreadable")))),
        }
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let Ok(handle) = self.open_beneath(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW) else {
            return Ok(Vec::new());
        };
        let Ok(names) = fs::Dir::read_from(&handle) else { return Ok(Vec::new()) };
        let mut entries = BTreeMap::new();
        for name in names.flatten() {
            let name = name.file_name().to_bytes();
            if name != b"." && name != b".." {
                let path = folder.child(name);
                if let Some(entry) = self.entry(&path)? {
                    entries.insert(path, entry);
                }
            }
        }
        Ok(entries.into_values().collect())
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        // Looked at first, so that nothing but a regular file is ever opened; looked at again once it is
        // open, since it may have been replaced in between.
        match self.look(&entry.path).map_err(fault)? {
            None => return Err(ReadFault::Absent),
            Some(Entry { kind: EntryKind::File, .. }) => {}
            Some(_) => return Err(ReadFault::NotRegular),
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let handle = self.open_beneath(&entry.path, flags).map_err(fault)?;
        let stat = fs::fstat(&handle).map_err(fault)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ReadFault::NotRegular);
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        if size > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        File::from(handle)
            .take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| io_fault(&error))?;
        if bytes.len() as u64 > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        Ok(bytes)
    }
}

/// What a walk has met so far.
#[derive(Default)]
struct Found {
    paths: BTreeMap<TreePath, Option<std::fs::FileType>>,
    census: Census,
    faults: Vec<(TreePath, ReadFault)>,
    /// Folders that hold a `.git` of their own: git does not look into them.
    repositories: Vec<TreePath>,
    submodules: BTreeMap<TreePath, Entry>,
}

/// A walking thread's part, handed over when the thread is done.
struct Mine<'a> {
    found: &'a Mutex<Found>,
    batch: Found,
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        let mut found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let batch = std::mem::take(&mut self.batch);
        found.paths.extend(batch.paths);
        found.census.add(batch.census);
        found.faults.extend(batch.faults);
        found.repositories.extend(batch.repositories);
    }
}

impl Found {
    fn visit(&mut self, root: &Path, wants: &Wants, entry: Result<ignore::DirEntry, ignore::Error>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.fault(root, walk_error_path(&error).as_deref(), error.io_error());
                return WalkState::Continue;
            }
        };
        if entry.depth() == 0 {
            return WalkState::Continue;
        }
        if entry.file_name() == ".git" {
            if entry.depth() > 1 {
                self.repositories.extend(entry.path().parent().and_then(|folder| relative(root, folder)));
            }
            return WalkState::Skip;
        }
        if entry.file_type().is_some_and(|kind| kind.is_dir()) && Wants::skipped_folder(entry.file_name().as_bytes()) {
            self.census.skipped_folders.extend(relative(root, entry.path()));
            return WalkState::Skip;
        }
        self.meet(root, entry.path(), entry.file_type(), wants);
        WalkState::Continue
    }

    fn meet(&mut self, root: &Path, path: &Path, kind: Option<std::fs::FileType>, wants: &Wants) {
        let is_folder = kind.is_some_and(|kind| kind.is_dir());
        if !is_folder {
            self.census.files += 1;
        }
        let name = path.file_name().unwrap_or_default().as_bytes();
        if !wants.name(name) && !kind.is_some_and(|kind| kind.is_symlink()) {
            return;
        }
        let Some(path) = relative(root, path) else { return };
        if wants.excluded(&path) {
            self.census.excluded_files.insert(path);
        } else {
            self.paths.insert(path, kind);
        }
    }

    fn add_tracked(&mut self, tree: &Directory, wants: &Wants, staged: Staged) {
        let path = staged.path;
        if staged.mode == GitMode::Submodule {
            let entry = Entry::new(path.clone(), EntryKind::Submodule(staged.id.to_string().into()));
            self.submodules.insert(path, entry);
            return;
        }
        if self.paths.contains_key(&path) || Wants::in_skipped_folder(&path) {
            return;
        }
        if wants.excluded(&path) {
            self.census.excluded_files.insert(path);
        } else if let Ok(Some(_)) = tree.look(&path) {
            // Tracked although a rule ignores it.
            self.census.files += 1;
            self.paths.insert(path, None);
        }
    }

    fn fault(&mut self, root: &Path, path: Option<&Path>, error: Option<&std::io::Error>) {
        let path = path.and_then(|path| relative(root, path)).unwrap_or_default();
        self.faults.push((path, error.map_or(ReadFault::Unreadable, io_fault)));
    }

    fn into_scan(mut self, tree: &Directory) -> Scan {
        self.repositories.retain(|folder| !self.submodules.contains_key(folder));
        self.census.skipped_folders.extend(self.repositories.iter().cloned());
        let inside = |path: &TreePath| {
            path.parent().is_some_and(|folder| {
                folder
                    .ancestors()
                    .any(|above| self.submodules.contains_key(&above) || self.repositories.contains(&above))
            })
        };
        let mut entries = self.submodules.clone();
        for (path, kind) in &self.paths {
            if self.submodules.contains_key(path)
                || (!(self.submodules.is_empty() && self.repositories.is_empty()) && inside(path))
            {
                continue;
            }
            // Regular files are looked at when they are read; links need their target now.
            let entry = match kind {
                Some(kind) if kind.is_file() => Ok(Some(Entry::new(path.clone(), EntryKind::File))),
                _ => tree.look(path),
            };
            match entry {
                Ok(Some(entry)) => drop(entries.insert(path.clone(), entry)),
                Ok(None) => {}
                Err(errno) => self.faults.push((path.clone(), fault(errno))),
            }
        }
        self.faults.sort();
        Scan { entries: entries.into_values().collect(), census: self.census, faults: self.faults }
    }
}

fn walk_error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => walk_error_path(err),
        _ => None,
    }
}

fn relative(root: &Path, path: &Path) -> Option<TreePath> {
    path.strip_prefix(root).ok().and_then(|path| TreePath::new(path.as_os_str().as_bytes()))
}

fn os(path: &TreePath) -> &OsStr {
    if path.is_root() { OsStr::new(".") } else { OsStr::from_bytes(path.as_bytes()) }
}

fn entry_of(path: TreePath, kind: EntryKind, stat: &Stat) -> Entry {
    #[expect(clippy::useless_conversion, reason = "the fields' widths differ between platforms")]
    Entry {
        mode: Some(u32::from(stat.st_mode) & 0o7777),
        size: u64::try_from(stat.st_size).ok(),
        owner: Some(Owner { user: stat.st_uid, group: stat.st_gid }),
        identity: Some(FileIdentity { device: u64::try_from(stat.st_dev).unwrap_or(0), inode: u64::from(stat.st_ino) }),
        ..Entry::new(path, kind)
    }
}

fn fault(errno: Errno) -> ReadFault {
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

fn reason(errno: Errno) -> Text {
    Text::trusted(match errno {
        Errno::NOENT => "expected a directory, found nothing",
        Errno::NOTDIR => "expected a directory, found something else",
        Errno::ACCESS | Errno::PERM => "expected a readable directory, found no permission",
        _ => "expected a readable directory, found an input error",
    })
}
