//! Where a path leads inside a root, as for a process whose root it is (`path_resolution(7)`, `chroot(2)`), found out by
//! looking, never by following.

use std::collections::VecDeque;

use super::super::limits::MAX_LINKS;
use super::super::{Entry, EntryKind, ReadFault, TreePath};

/// Why a path leads to nothing that can be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreal {
    /// Nothing stands there.
    Nothing(TreePath),
    /// It leads in a circle, or over too many links.
    Circle(TreePath),
    /// It cannot be looked at.
    Unread(TreePath, ReadFault),
}

impl Unreal {
    /// Returns what cannot be read and why, `None` where there is nothing to read.
    #[must_use]
    pub fn fault(self) -> Option<(TreePath, ReadFault)> {
        match self {
            Self::Nothing(_) => None,
            Self::Circle(path) => Some((path, ReadFault::NotRegular)),
            Self::Unread(path, fault) => Some((path, fault)),
        }
    }
}

/// Follows every link of a path, and returns what stands at its end. A link that begins with a slash begins at the root,
/// and `..` never leads above it.
pub(super) fn real(
    look: &dyn Fn(&TreePath) -> Result<Option<Entry>, ReadFault>,
    path: &TreePath,
) -> Result<Entry, Unreal> {
    let mut ahead: VecDeque<Vec<u8>> = path.parts().map(<[u8]>::to_vec).collect();
    let mut at = Entry::new(TreePath::root(), EntryKind::Folder);
    let mut links = 0;
    while let Some(part) = ahead.pop_front() {
        match part.as_slice() {
            b"" | b"." => continue,
            b".." => {
                at = Entry::new(at.path.parent().unwrap_or_default(), EntryKind::Folder);
                continue;
            }
            _ => {}
        }
        if at.kind != EntryKind::Folder {
            return Err(Unreal::Nothing(path.clone()));
        }
        let next = at.path.child(&part);
        let entry = look(&next).map_err(|fault| Unreal::Unread(next.clone(), fault))?;
        let Some(entry) = entry else { return Err(Unreal::Nothing(next)) };
        let EntryKind::Link(target) = &entry.kind else {
            at = entry;
            continue;
        };
        links += 1;
        if links > MAX_LINKS {
            return Err(Unreal::Circle(path.clone()));
        }
        if target.first() == Some(&b'/') {
            at = Entry::new(TreePath::root(), EntryKind::Folder);
        }
        for part in target.split(|byte| *byte == b'/').rev() {
            ahead.push_front(part.to_vec());
        }
    }
    Ok(at)
}
