//! Configuration of systemd's own programs: a file, and drop-ins beside it that come later (`systemd-system.conf(5)`).

use std::collections::BTreeMap;

use super::HostFile;
use super::line::Place;
use super::reading::Reading;
use super::settings::{Settings, settings};
use crate::text::Text;
use crate::tree::{Entry, EntryKind, TreePath};

/// The folders of configuration, the first of them first.
const FOLDERS: [&str; 4] = ["etc", "run", "usr/local/lib", "usr/lib"];

/// How many links are followed to learn whether they lead to `/dev/null`.
const MAX_LINKS: usize = 16;

/// Returns the assignments of a configuration such as `systemd/journald.conf`, in the order in which they count: those of
/// the first file of that name, then those of the drop-ins by name, of which the first of equal names counts.
pub(super) fn configuration(reading: &Reading<'_>, name: &str) -> Vec<(Settings, Place)> {
    let mut files = Vec::new();
    let named = |folder: &str, ending: &str| TreePath::root().join(format!("{folder}/{name}{ending}").as_bytes());
    files.extend(
        FOLDERS
            .iter()
            .filter_map(|folder| {
                let path = named(folder, "")?;
                matches!(reading.look(&path), Ok(Some(_)) | Err(_)).then_some(path)
            })
            .take(1),
    );
    let mut drop_ins: BTreeMap<Vec<u8>, Entry> = BTreeMap::new();
    for folder in FOLDERS.iter().filter_map(|folder| named(folder, ".d")) {
        for entry in reading.list(&folder).unwrap_or_default() {
            let name = entry.path.file_name().to_owned();
            if name.ends_with(b".conf") && !name.starts_with(b".") && entry.kind != EntryKind::Folder {
                drop_ins.entry(name).or_insert(entry);
            }
        }
    }
    let in_force = drop_ins.into_values().filter(|entry| mask(reading, entry).is_none());
    files.extend(in_force.map(|entry| entry.path));
    let mut out = Vec::new();
    for path in files {
        let Some(file) = open(reading, &path) else { continue };
        out.extend(settings(&file.bytes).into_iter().map(|one| {
            let place = file.at(one.line);
            (one, place)
        }));
    }
    out
}

/// Opens a file; `None` where there is none, where it cannot be read, which is noted as a gap, and for a link to
/// `/dev/null`, which stands for an empty file.
pub(super) fn open(reading: &Reading<'_>, path: &TreePath) -> Option<HostFile> {
    let entry = reading.look(path).ok().flatten()?;
    let is_link = matches!(entry.kind, EntryKind::Link(_));
    if is_link && mask(reading, &entry).is_some() {
        return None;
    }
    reading.read_at(path).ok().flatten()
}

/// Returns what masks there: a link to `/dev/null`, by its words, or an empty file.
pub(super) fn mask(reading: &Reading<'_>, entry: &Entry) -> Option<Text> {
    let null = TreePath::new(b"dev/null")?;
    let mut entry = entry.clone();
    for _ in 0..MAX_LINKS {
        match &entry.kind {
            EntryKind::Link(target) => {
                let folder = entry.path.parent()?;
                let target = match target.strip_prefix(b"/") {
                    Some(absolute) => TreePath::root().join(absolute)?,
                    None => folder.join(target).or_else(|| up(&folder, target))?,
                };
                if target == null {
                    return Some(Text::trusted("a link to /dev/null"));
                }
                entry = reading.look(&target).ok().flatten()?;
            }
            EntryKind::File if entry.size == Some(0) => return Some(Text::trusted("an empty file")),
            _ => return None,
        }
    }
    None
}

/// Follows `..` above the root as a root does: it stays there.
fn up(folder: &TreePath, target: &[u8]) -> Option<TreePath> {
    let mut parts: Vec<&[u8]> = folder.parts().collect();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    TreePath::new(&parts.join(&b'/'))
}
