//! The entries on which two trees differ.

use std::collections::BTreeMap;

use super::{ContentId, Entry, EntryKind, ReadFault, Scan, Tree, TreeError, TreePath, Wants, limits};

/// A path on which two trees differ, with the entry on each side.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The path.
    pub path: TreePath,
    /// What stood there before.
    pub before: Option<Entry>,
    /// What stands there now.
    pub after: Option<Entry>,
}

/// What differs between two trees, and what was met on the way.
#[derive(Debug, Default)]
pub struct Differences {
    /// The wanted entries that differ, in the order of their paths; and links of wanted names, which may be the same
    /// and yet lead to something else.
    pub entries: Vec<Difference>,
    /// What the pass over the newer tree met; `entries` of it is not filled.
    pub scan: Scan,
    /// Places of the older tree that could not be looked into.
    pub faults_before: Vec<(TreePath, ReadFault)>,
    /// Whether only folders were looked into that differ.
    pub is_partial: bool,
}

/// Compares what is wanted of any two trees. Without a tree before, every entry is new.
///
/// # Errors
/// When a tree as a whole cannot be read.
pub fn compare(before: Option<&dyn Tree>, now: &dyn Tree, wants: &Wants) -> Result<Differences, TreeError> {
    let mut scan = now.scan(wants)?;
    let mut sides: BTreeMap<TreePath, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
    let mut faults_before = Vec::new();
    if let Some(before) = before {
        let scan = before.scan(wants)?;
        faults_before = scan.faults;
        for entry in scan.entries {
            sides.insert(entry.path.clone(), (Some(entry), None));
        }
    }
    for entry in std::mem::take(&mut scan.entries) {
        let side = sides.entry(entry.path.clone()).or_insert((None, None));
        side.1 = Some(entry);
    }
    let entries = sides
        .into_iter()
        .filter(|(_, (before, after))| is_listed(before.as_ref(), after.as_ref(), now, wants))
        .map(|(path, (before, after))| Difference { path, before, after })
        .collect();
    Ok(Differences { entries, scan, faults_before, is_partial: false })
}

/// Whether an entry is a link of a wanted name. It may be the same as before, and yet lead to something else.
pub(super) fn is_wanted_link(entry: &Entry, wants: &Wants) -> bool {
    matches!(entry.kind, EntryKind::Link(_)) && wants.file(&entry.path)
}

/// Whether two sides of a path are to be listed: they differ, or are a link of a wanted name.
pub(super) fn is_listed(before: Option<&Entry>, after: Option<&Entry>, now: &dyn Tree, wants: &Wants) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => is_wanted_link(after, wants) || !same(before, after, now),
        (None, None) => false,
        _ => true,
    }
}

/// Whether two entries are the same thing with the same contents. A file whose contents the newer tree does
/// not know by their id is read for it.
fn same(before: &Entry, after: &Entry, now: &dyn Tree) -> bool {
    if before.kind != after.kind {
        return false;
    }
    match (&after.kind, before.content, after.content) {
        (EntryKind::File, Some(before), Some(after)) => before == after,
        (EntryKind::File, Some(before), None) => content_id(now, after).is_ok_and(|after| before == after),
        (EntryKind::File, None, _) => false,
        _ => true,
    }
}

/// Returns the identity that a file's contents have, or would have, in a git object database.
///
/// # Errors
/// Why the file cannot be read.
pub fn content_id(tree: &dyn Tree, entry: &Entry) -> Result<ContentId, ReadFault> {
    match entry.content {
        Some(content) => Ok(content),
        None => ContentId::of(&tree.read(entry, limits::MAX_FILE_BYTES)?),
    }
}

impl ContentId {
    /// Returns the identity of contents.
    ///
    /// # Errors
    /// Where they are too large to be hashed.
    pub fn of(bytes: &[u8]) -> Result<Self, ReadFault> {
        git2::Oid::hash_object(git2::ObjectType::Blob, bytes).map(Self).map_err(|_error| ReadFault::Unreadable)
    }
}
