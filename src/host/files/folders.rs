//! Where the folders of listed paths lie, links followed: a list may say `/bin` where that is a link to `/usr/bin`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::compare::parted;
use crate::tree::TreePath;
use crate::tree::root::Root;

/// The folders that were followed.
pub(super) struct Folders<'a> {
    root: &'a Root,
    known: Mutex<HashMap<Box<[u8]>, TreePath>>,
}

impl<'a> Folders<'a> {
    pub(super) fn new(root: &'a Root) -> Self {
        Self { root, known: Mutex::default() }
    }

    /// Returns where the file of a listed path stands: its folder is followed, the file is not.
    pub(super) fn place(&self, path: &[u8]) -> Option<TreePath> {
        let (folder, name) = parted(path);
        if name.is_empty() {
            return None;
        }
        if let Some(known) = self.known().get(folder) {
            return Some(known.child(name));
        }
        let listed = TreePath::new(folder)?;
        // A folder that is not there, or that nobody may enter, is taken by its name.
        let real = self.root.real(&listed).map_or(listed, |entry| entry.path);
        let place = real.child(name);
        self.known().insert(folder.into(), real);
        Some(place)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Box<[u8]>, TreePath>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
