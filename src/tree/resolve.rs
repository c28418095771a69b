//! Where a symbolic link leads, found out by looking, never by following.

use std::collections::VecDeque;

use super::{Entry, EntryKind, Tree, TreeError, TreePath, limits};

/// The way of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it ends.
    pub destination: Destination,
    /// Whether all of it lies in the link's own folder and below.
    pub stays_below: bool,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To an entry of the tree that is no link.
    Inside(Entry),
    /// To a place inside the tree where nothing stands.
    Dangling(TreePath),
    /// To another part of the repository of which the tree is a folder.
    Beside,
    /// Out of the tree, and out of its repository.
    Outside,
    /// Into git's own folder.
    GitFolder,
    /// In a circle, or over too many links.
    Loop,
}

/// Finds out where the link at `path` with the given `target` leads.
///
/// Every link on the way is looked up in the tree and taken apart in the same manner; `..` is applied where
/// the links have led, as a kernel does (`path_resolution(7)`). Links of the repository outside of the tree are not
/// looked up.
///
/// # Errors
/// When the tree as a whole cannot be read.
pub fn resolve(tree: &dyn Tree, path: &TreePath, target: &[u8]) -> Result<Route, TreeError> {
    let home = tree.folder().append(&path.parent().unwrap_or_default());
    let mut walk = Walk { tree, root: tree.folder(), at: home.clone(), ahead: VecDeque::new(), links: 1 };
    walk.take(target);
    let mut stays_below = true;
    let stop = loop {
        match walk.step()? {
            Step::On => stays_below &= walk.at.below(&home).is_some(),
            Step::Stop(destination) => break destination,
            Step::End => break walk.end()?,
        }
    };
    Ok(Route { stays_below: stays_below && matches!(stop, Destination::Inside(_)), destination: stop })
}

/// A way half gone. Paths start at the root of the repository.
struct Walk<'a> {
    tree: &'a dyn Tree,
    root: TreePath,
    at: TreePath,
    ahead: VecDeque<Vec<u8>>,
    links: usize,
}

enum Step {
    On,
    End,
    Stop(Destination),
}

impl Walk<'_> {
    /// Puts the parts of a link's target before what is left of the way.
    fn take(&mut self, target: &[u8]) {
        for part in target.split(|byte| *byte == b'/').rev() {
            self.ahead.push_front(part.to_vec());
        }
        if target.first() == Some(&b'/') {
            self.ahead.push_front(b"/".to_vec());
        }
    }

    fn step(&mut self) -> Result<Step, TreeError> {
        let Some(part) = self.ahead.pop_front() else { return Ok(Step::End) };
        match part.as_slice() {
            b"" | b"." => return Ok(Step::On),
            b"/" => return Ok(Step::Stop(Destination::Outside)),
            b".." => {
                let Some(parent) = self.at.parent() else { return Ok(Step::Stop(Destination::Outside)) };
                self.at = parent;
                return Ok(Step::On);
            }
            name if name.eq_ignore_ascii_case(b".git") => return Ok(Step::Stop(Destination::GitFolder)),
            name => self.at = self.at.child(name),
        }
        if let Some(Entry { kind: EntryKind::Link(next), .. }) = self.entry()? {
            self.links += 1;
            if self.links > limits::MAX_LINKS {
                return Ok(Step::Stop(Destination::Loop));
            }
            self.at = self.at.parent().unwrap_or_default();
            self.take(&next);
        }
        Ok(Step::On)
    }

    fn end(&self) -> Result<Destination, TreeError> {
        let Some(inside) = self.inside() else { return Ok(Destination::Beside) };
        Ok(match self.entry()? {
            Some(entry) => Destination::Inside(entry),
            None => Destination::Dangling(inside),
        })
    }

    fn entry(&self) -> Result<Option<Entry>, TreeError> {
        match self.inside() {
            Some(path) if path.is_root() => Ok(Some(Entry::new(path, EntryKind::Folder))),
            Some(path) => self.tree.entry(&path),
            None => Ok(None),
        }
    }

    /// Returns the path in the tree, `None` outside of it.
    fn inside(&self) -> Option<TreePath> {
        TreePath::new(self.at.below(&self.root)?)
    }
}
