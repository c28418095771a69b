//! Folders of settings that lie over each other: `/etc/NAME.d` over `/run/NAME.d` over `/usr/lib/NAME.d`. Of files of one name
//! the one of the first folder counts, and hides the others whole.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{HostFile, Reading, Unread};
use crate::tree::{EntryKind, TreePath};

/// What becomes of files whose name begins with a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hidden {
    /// They count as any other.
    Read,
    /// They count for nothing.
    LeftOut,
}

/// How many files are kept whose names keep them from being read.
const MAX_MISNAMED: usize = 100;

/// The files of such folders.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Those that count, in the order of their names.
    pub files: Vec<Layer>,
    /// Those that another of their name hides.
    pub masked: Vec<Masked>,
    /// Those whose names keep them from being read, as far as they are kept.
    pub misnamed: Vec<TreePath>,
    /// Folders that could not be listed.
    pub unread: Vec<Unread>,
}

/// A file that counts.
#[derive(Debug)]
pub(super) struct Layer {
    /// What it holds.
    pub contents: Contents,
}

/// What a file holds that counts.
#[derive(Debug)]
pub(super) enum Contents {
    /// Nothing: it is a link to `/dev/null`, or to nothing, or a folder.
    Nothing,
    /// Lines.
    File(HostFile),
    /// It cannot be read, which was noted as a gap.
    Unread(Unread),
}

/// A file that another hides.
#[derive(Debug)]
pub(super) struct Masked {
    /// Its path.
    pub path: TreePath,
    /// The one that hides it.
    pub by: TreePath,
    /// Whether that is a link to `/dev/null`.
    pub by_null: bool,
}

impl Layers {
    /// Lists folders, the strongest first. Files count whose name ends so.
    pub(super) fn read(reading: &Reading<'_>, folders: &[&str], ending: &[u8], hidden: Hidden) -> Self {
        let mut out = Self::default();
        let mut named: BTreeMap<Vec<u8>, TreePath> = BTreeMap::new();
        let mut seen: BTreeSet<TreePath> = BTreeSet::new();
        for folder in folders {
            let Some(folder) = TreePath::root().join(folder.as_bytes()) else { continue };
            // A folder that is reached by two names, as /lib on merged systems, hides nothing of itself.
            match reading.real(&folder) {
                Ok(Some(real)) if seen.insert(real.path.clone()) => {}
                Ok(_) => continue,
                Err(unread) => {
                    out.unread.push(unread);
                    continue;
                }
            }
            match reading.list(&folder) {
                Ok(entries) => {
                    for entry in entries {
                        out.take(entry.path, ending, hidden, &mut named);
                    }
                }
                Err(unread) => out.unread.push(unread),
            }
        }
        for masked in &mut out.masked {
            masked.by_null = is_null(reading, &masked.by);
        }
        out.files = named.into_values().map(|path| Layer { contents: contents(reading, &path) }).collect();
        out
    }

    fn take(&mut self, path: TreePath, ending: &[u8], hidden: Hidden, named: &mut BTreeMap<Vec<u8>, TreePath>) {
        let name = path.file_name();
        if !name.ends_with(ending) || (hidden == Hidden::LeftOut && name.first() == Some(&b'.')) {
            if self.misnamed.len() < MAX_MISNAMED {
                self.misnamed.push(path);
            }
            return;
        }
        match named.get(name) {
            Some(by) => self.masked.push(Masked { by: by.clone(), path, by_null: false }),
            None => drop(named.insert(name.to_vec(), path)),
        }
    }
}

/// Reads a file that may be a link to `/dev/null`: the link's text decides, since nothing of the kind is ever opened.
fn contents(reading: &Reading<'_>, path: &TreePath) -> Contents {
    if is_null(reading, path) {
        return Contents::Nothing;
    }
    // A folder is opened as a file is, and gives no line (EISDIR): its name still hides others.
    let is_folder = reading.root().real(path).is_ok_and(|real| real.kind == EntryKind::Folder);
    if is_folder {
        return Contents::Nothing;
    }
    match reading.read_at(path) {
        Ok(Some(file)) => Contents::File(file),
        Ok(None) => Contents::Nothing,
        Err(unread) => Contents::Unread(unread),
    }
}

/// Whether a path is a link that leads to `/dev/null`, whatever stands there.
pub(super) fn is_null(reading: &Reading<'_>, path: &TreePath) -> bool {
    let Ok(Some(entry)) = reading.look(path) else { return false };
    let EntryKind::Link(target) = &entry.kind else { return false };
    if **target == *b"/dev/null" {
        return true;
    }
    reading.root().real(path).is_ok_and(|real| real.path.as_bytes() == b"dev/null")
}

/// Reads a file whose contents count for nothing but to say what they would have done: what cannot be read is no gap.
pub(super) fn read_quietly(reading: &Reading<'_>, path: &TreePath) -> Option<Vec<u8>> {
    let entry = reading.root().real(path).ok().filter(|entry| entry.kind == EntryKind::File)?;
    reading.root().read(&entry, crate::tree::limits::MAX_FILE_BYTES).ok()
}
