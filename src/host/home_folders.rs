//! The home folders of accounts, as the root's own files name them.

use std::collections::BTreeMap;

use super::line::lines;
use super::reading::Reading;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// How many homes are looked at.
const MAX_HOMES: usize = 20_000;

/// A home folder.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// Whose it is.
    pub(super) user: Text,
    /// Where it is.
    pub(super) path: TreePath,
}

/// Returns the home folders that are there, and are no folders of the system.
pub(super) fn homes(reading: &Reading<'_>) -> Vec<Home> {
    let passwd = reading.read("etc/passwd").ok().flatten().map(|file| file.bytes).unwrap_or_default();
    let mut homes: BTreeMap<TreePath, Text> = BTreeMap::new();
    for (user, path) in lines(&passwd).filter_map(|line| home(line.bytes)) {
        if homes.len() < MAX_HOMES {
            homes.entry(path).or_insert(user);
        }
    }
    for entry in reading.list_at("home").unwrap_or_default() {
        if homes.len() < MAX_HOMES && entry.kind == EntryKind::Folder {
            let user = Text::of(entry.path.file_name());
            homes.entry(entry.path).or_insert(user);
        }
    }
    let is_there =
        |path: &TreePath| reading.real(path).ok().flatten().is_some_and(|entry| entry.kind == EntryKind::Folder);
    homes.into_iter().filter(|(path, _)| is_there(path)).map(|(path, user)| Home { user, path }).collect()
}

/// Reads the home of a line of passwd.
fn home(line: &[u8]) -> Option<(Text, TreePath)> {
    let mut fields = line.split(|byte| *byte == b':');
    let user = Text::of(fields.next()?);
    let home = fields.nth(4)?;
    let path = TreePath::root().join(home.strip_prefix(b"/")?)?;
    let system: [&[u8]; 10] = [b"bin", b"boot", b"dev", b"etc", b"lib", b"proc", b"run", b"sbin", b"sys", b"usr"];
    let first = path.parts().next()?;
    let is_system = system.contains(&first);
    (!is_system).then_some((user, path))
}
