//! Where a symbolic link leads, found out by looking, never by following.

use std::collections::VecDeque;

use super::{Entry, EntryKind, Tree, TreeError, TreePath, limits};

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To an entry of the tree that is no link.
    Inside(Entry),
    /// To a place inside the tree where nothing stands.
    Dangling(TreePath),
    /// Out of the tree.
    Outside,
    /// Into git's own folder.
    GitFolder,
    /// In a circle, or over too many links.
    Loop,
}

/// Finds out where the link at `path` with the given `target` leads.
///
/// Every link on the way is looked up in the tree and taken apart in the same manner; `..` is applied where
/// the links have led, as a kernel does (`path_resolution(7)`).
///
/// # Errors
/// When the tree as a whole cannot be read.
pub fn resolve(tree: &dyn Tree, path: &TreePath, target: &[u8]) -> Result<Destination, TreeError> {
    if target.first() == Some(&b'/') {
        return Ok(Destination::Outside);
    }
    let mut at = path.parent().unwrap_or_default();
    let mut ahead: VecDeque<Vec<u8>> = parts(target);
    let mut links = 0;
    let mut last = None;
    while let Some(part) = ahead.pop_front() {
        match part.as_slice() {
            b"" | b"." => continue,
            b".." => {
                let Some(parent) = at.parent() else { return Ok(Destination::Outside) };
                at = parent;
                last = None;
                continue;
            }
            name if name.eq_ignore_ascii_case(b".git") => return Ok(Destination::GitFolder),
            name => at = at.child(name),
        }
        last = tree.entry(&at)?;
        if let Some(Entry { kind: EntryKind::Link(next), .. }) = &last {
            links += 1;
            if links > limits::MAX_LINKS {
                return Ok(Destination::Loop);
            }
            if next.first() == Some(&b'/') {
                return Ok(Destination::Outside);
            }
            let mut further = parts(next);
            further.append(&mut ahead);
            ahead = further;
            at = at.parent().unwrap_or_default();
            last = None;
        }
    }
    if let Some(entry) = last {
        return Ok(Destination::Inside(entry));
    }
    if at.is_root() {
        return Ok(Destination::Inside(Entry::new(at, EntryKind::Folder)));
    }
    Ok(match tree.entry(&at)? {
        Some(entry) => Destination::Inside(entry),
        None => Destination::Dangling(at),
    })
}

fn parts(target: &[u8]) -> VecDeque<Vec<u8>> {
    target.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect()
}
