//! Which package a name means: the nearest `node_modules` upwards that holds it (Node.js, "Modules", section
//! "Loading from node_modules folders").

use std::collections::HashMap;

/// The open `node_modules` folders, innermost last.
///
/// Whoever walks the tree opens and closes them on the way, so that looking up a name costs the same however
/// deep the tree is.
#[derive(Default)]
pub(super) struct Scopes<'a> {
    visible: HashMap<&'a str, Option<u32>>,
    /// What each folder hides of those further out.
    hidden: Vec<Vec<(&'a str, Option<u32>)>>,
}

impl<'a> Scopes<'a> {
    /// Opens a folder inside the last one.
    pub(super) fn open(&mut self) {
        self.hidden.push(Vec::new());
    }

    /// Closes the innermost folder.
    pub(super) fn close(&mut self) {
        for (name, outer) in self.hidden.pop().into_iter().flatten().rev() {
            self.visible.insert(name, outer);
        }
    }

    /// Puts a package into the innermost folder; one that could not be read hides those further out as well.
    pub(super) fn declare(&mut self, name: &'a str, handle: Option<u32>) {
        let outer = self.visible.insert(name, handle).flatten();
        if let Some(folder) = self.hidden.last_mut() {
            folder.push((name, outer));
        }
    }

    /// Returns what a name means here.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.visible.get(name).copied().flatten()
    }
}
