//! Who else than root may write files.

use std::collections::HashMap;

use super::Writable;
use crate::host::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, TreePath};

/// Finds out who else than root may write files.
pub(super) struct Writers<'a, 'b> {
    reading: &'a Reading<'b>,
    /// What of folders is known already.
    folders: HashMap<TreePath, Option<Writable>>,
}

impl<'a, 'b> Writers<'a, 'b> {
    pub(super) fn new(reading: &'a Reading<'b>) -> Self {
        Self { reading, folders: HashMap::new() }
    }

    pub(super) fn of(&mut self, entry: &Entry) -> Option<Writable> {
        own_writers(self.reading, entry, false).or_else(|| self.of_folder(&entry.path.parent()?))
    }

    /// Who may put another file in the place of one in a folder: whoever writes the folder, unless it is sticky, and
    /// whoever may do so with the folder itself.
    fn of_folder(&mut self, folder: &TreePath) -> Option<Writable> {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let own = match self.reading.look(folder) {
            Ok(Some(entry)) => own_writers(self.reading, &entry, entry.mode.unwrap_or(0) & 0o1000 != 0),
            Ok(None) | Err(_) => None,
        };
        let found = own.or_else(|| self.of_folder(&folder.parent()?));
        self.folders.insert(folder.clone(), found.clone());
        found
    }
}

/// Who else than root may write what stands at a path; of a sticky folder only its owner.
fn own_writers(reading: &Reading<'_>, entry: &Entry, is_sticky: bool) -> Option<Writable> {
    let mode = entry.mode?;
    let owner = entry.owner?;
    let by = if mode & 0o002 != 0 && !is_sticky {
        Text::trusted("everyone")
    } else if mode & 0o020 != 0 && owner.group != 0 && !is_sticky {
        text!("the group {}", reading.names().group(owner.group))
    } else if owner.user != 0 {
        text!("the user {}", reading.names().user(owner.user))
    } else {
        return None;
    };
    Some(Writable { path: entry.path.clone(), mode, by })
}
