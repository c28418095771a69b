//! What was looked at in a root and the folders in which it stands, kept, since most of what is asked for stands in a few
//! folders, and is asked for by several.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, Mutex};

use rustix::fs;
use rustix::io::Errno;

use super::super::super::ahead::lock;
use super::super::super::beneath::{Beneath, fault, is_locked, is_locked_in, look_in, nothing_stands, open_in};
use super::super::super::{Entry, EntryKind, ReadFault, TreePath};

/// How many folders are held open, of the thousand files that a process may have open.
const MAX_HANDLES: usize = 128;

/// How many paths are kept of which somebody asked what stands there, and how many names a folder may have whose list is kept.
const MAX_KNOWN: usize = 1 << 15;
const MAX_LISTED: usize = 1 << 12;

/// How long a link may be that is kept.
const MAX_LINK: usize = 256;

/// A folder of the machine, what was looked at below it, and where.
pub(super) struct Handles {
    root: Beneath,
    folders: Mutex<HashMap<TreePath, Arc<OwnedFd>>>,
    known: Mutex<HashMap<TreePath, Option<Entry>>>,
    listed: Mutex<HashMap<TreePath, Arc<[Entry]>>>,
}

impl Handles {
    pub(super) fn new(root: Beneath) -> Self {
        Self { root, folders: Mutex::default(), known: Mutex::default(), listed: Mutex::default() }
    }

    /// Returns what lies below the folder, as it is now.
    pub(super) fn beneath(&self) -> &Beneath {
        &self.root
    }

    /// Looks at one path, `None` where nothing stands there. What was looked at once is not looked at again.
    pub(super) fn look(&self, path: &TreePath) -> Result<Option<Entry>, ReadFault> {
        if path.is_root() {
            return Ok(Some(Entry::new(path.clone(), EntryKind::Folder)));
        }
        if let Some(known) = lock(&self.known).get(path) {
            return Ok(known.clone());
        }
        let found = match self.place(path).and_then(|(folder, name)| look_in(&folder, name, path)) {
            Ok(entry) => Some(entry),
            Err(errno) if nothing_stands(errno) => None,
            Err(errno) => return Err(fault(errno)),
        };
        let mut known = lock(&self.known);
        // Somebody else may have looked in the meantime: all go by the first.
        match known.get(path) {
            Some(first) => Ok(first.clone()),
            None if known.len() < MAX_KNOWN && found.as_ref().is_none_or(is_small) => {
                known.insert(path.clone(), found.clone());
                Ok(found)
            }
            None => Ok(found),
        }
    }

    /// Lists what stands in a folder, in the order of names. What was listed once is not listed again.
    pub(super) fn list(&self, folder: &TreePath) -> Result<Arc<[Entry]>, ReadFault> {
        if let Some(listed) = lock(&self.listed).get(folder) {
            return Ok(listed.clone());
        }
        let mut entries = self.root.list_entries(folder).map_err(fault)?;
        entries.sort_by(|a: &Entry, b| a.path.cmp(&b.path));
        let mut known = lock(&self.known);
        for entry in &mut entries {
            // What was looked at before is as it was then.
            if let Some(Some(first)) = known.get(&entry.path) {
                *entry = first.clone();
            }
        }
        let mut listed = lock(&self.listed);
        if let Some(first) = listed.get(folder) {
            return Ok(first.clone());
        }
        let entries: Arc<[Entry]> = entries.into();
        let fits = entries.len() <= MAX_LISTED && known.len() + entries.len() <= MAX_KNOWN;
        if fits && listed.len() < MAX_LISTED && entries.iter().all(is_small) {
            // One that could not be looked at is looked at by itself when somebody asks, who is told why not.
            for entry in entries.iter().filter(|entry| entry.mode.is_some()) {
                known.entry(entry.path.clone()).or_insert_with(|| Some(entry.clone()));
            }
            listed.insert(folder.clone(), entries.clone());
        }
        Ok(entries)
    }

    /// Returns whether a regular file may not be changed, or only be added to; `None` where its file system does not keep
    /// that.
    pub(super) fn is_locked(&self, path: &TreePath) -> Result<Option<bool>, ReadFault> {
        let (folder, name) = self.place(path).map_err(fault)?;
        match is_locked_in(&folder, name) {
            Some(is_locked) => Ok(Some(is_locked)),
            None => open_in(&folder, name).and_then(|(file, _)| is_locked(&file)),
        }
    }

    /// Opens what was looked at and is a regular file, and returns how many bytes it has.
    pub(super) fn open_looked_at(&self, path: &TreePath) -> Result<(File, u64), ReadFault> {
        let (folder, name) = self.place(path).map_err(fault)?;
        match open_in(&folder, name) {
            // The folder may be another by now, made anew while the system runs.
            Err(ReadFault::Absent) => self.root.open_looked_at(path),
            other => other,
        }
    }

    /// Returns an extended attribute of what stands at a path, which is not opened; `None` where it has none.
    pub(super) fn attribute(&self, path: &TreePath, name: &[u8]) -> Result<Option<Box<[u8]>>, ReadFault> {
        // Of most files there is none to be told, which takes no room; and the largest that a kernel keeps (`xattr(7)`).
        const ROOM: [usize; 2] = [256, 64 << 10];
        let (folder, file_name) = self.place(path).map_err(fault)?;
        // The kernel follows this name to the folder that is open.
        let at = [format!("/proc/self/fd/{}/", folder.as_raw_fd()).as_bytes(), file_name.as_bytes()].concat();
        for room in ROOM {
            let mut value = vec![0_u8; room];
            return match fs::lgetxattr(at.as_slice(), name, &mut value) {
                Ok(length) => Ok(Some(value.get(..length).unwrap_or_default().into())),
                Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(None),
                Err(Errno::RANGE) => continue,
                Err(errno) => Err(fault(errno)),
            };
        }
        Err(ReadFault::Unreadable)
    }

    /// Returns the folder in which a path ends, held open, and the name in it; of the root itself that of where it is.
    fn place<'a>(&self, path: &'a TreePath) -> Result<(Arc<OwnedFd>, &'a OsStr), Errno> {
        let Some(above) = path.parent() else { return Ok((self.folder(path)?, OsStr::new("."))) };
        match path.file_name() {
            // Nothing stands at a path that is none.
            b"" | b"." | b".." => Err(Errno::NOENT),
            name => Ok((self.folder(&above)?, OsStr::from_bytes(name))),
        }
    }

    /// Returns a folder, held open; no part of its path may be a link.
    fn folder(&self, path: &TreePath) -> Result<Arc<OwnedFd>, Errno> {
        if let Some(known) = lock(&self.folders).get(path) {
            return Ok(known.clone());
        }
        let handle = Arc::new(self.root.hold_folder(path)?);
        let mut folders = lock(&self.folders);
        if folders.len() >= MAX_HANDLES {
            folders.clear();
        }
        folders.insert(path.clone(), handle.clone());
        Ok(handle)
    }
}

/// Whether what was looked at takes little room.
fn is_small(entry: &Entry) -> bool {
    !matches!(&entry.kind, EntryKind::Link(target) if target.len() > MAX_LINK)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests {
    use super::*;
    use std::path::Path;

    fn path(text: &str) -> TreePath {
        TreePath::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        let inside = outside.path().join("root");
        std::fs::create_dir_all(inside.join("etc")).unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(outside.path(), inside.join("out")).unwrap();
        let handles = Handles::new(Beneath::open(Path::new(&inside)).unwrap());
        assert_eq!(handles.look(&TreePath::root().child(b"..")), Ok(None));
        assert_eq!(handles.look(&path("out/secret")), Ok(None));
        assert_eq!(handles.open_looked_at(&TreePath::root().child(b"..")).unwrap_err(), ReadFault::Absent);
        assert_eq!(handles.open_looked_at(&path("out/secret")).unwrap_err(), ReadFault::Absent);
        assert_eq!(handles.attribute(&path("etc"), b"user.none"), Ok(None));
        assert!(matches!(handles.look(&path("out")), Ok(Some(Entry { kind: EntryKind::Link(_), .. }))));
        assert_eq!(handles.look(&path("etc")).unwrap().unwrap().kind, EntryKind::Folder);
    }

    #[test]
    fn what_was_looked_at_stays_and_folders_beyond_those_that_are_held_are_found_again() {
        let root = tempfile::tempdir().unwrap();
        for at in 0..MAX_HANDLES * 2 {
            let folder = root.path().join(format!("{at}"));
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("file"), "text").unwrap();
        }
        let handles = Handles::new(Beneath::open(root.path()).unwrap());
        for at in (0..MAX_HANDLES * 2).chain(0..MAX_HANDLES * 2) {
            let path = path(&format!("{at}/file"));
            assert_eq!(handles.look(&path).unwrap().unwrap().kind, EntryKind::File);
            assert_eq!(handles.open_looked_at(&path).unwrap().1, 4);
        }
        assert!(lock(&handles.folders).len() <= MAX_HANDLES);
        assert_eq!(handles.look(&path("none")), Ok(None));
        std::fs::write(root.path().join("none"), "").unwrap();
        assert_eq!(handles.look(&path("none")), Ok(None));
    }
}
