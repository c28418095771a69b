//! The git index: the files of the commit that is about to be made.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::git_revision::{Mode, entry_of, read_blob};
use super::{ContentId, Entry, EntryKind, Input, ReadFault, Scan, Tree, TreeError, TreePath, Wants};
use crate::text::Text;

/// The files that are staged.
pub struct GitIndex {
    git: Rc<git2::Repository>,
    entries: Vec<Entry>,
    faults: Vec<(TreePath, ReadFault)>,
}

/// The bit of an extended index entry that stands for `git add --intent-to-add` (`gitformat-index(5)`).
const INTENT_TO_ADD: u16 = 1 << 13;

impl GitIndex {
    pub(super) fn new(git: Rc<git2::Repository>, index: &git2::Index) -> Self {
        let mut entries: Vec<Entry> = Vec::with_capacity(index.len());
        let mut faults = Vec::new();
        for entry in index.iter() {
            // What is only announced is not committed.
            if entry.flags_extended & INTENT_TO_ADD != 0 {
                continue;
            }
            let Some(path) = TreePath::new(&entry.path) else {
                faults.push((TreePath::root(), ReadFault::Corrupt));
                continue;
            };
            // The stage of an entry that is not merged yet (`gitformat-index(5)`): git will not commit it.
            if entry.flags & 0x3000 != 0 {
                faults.push((path, ReadFault::Unreadable));
                continue;
            }
            let mode = Mode::of(i32::try_from(entry.mode).unwrap_or(0));
            entries.push(plain_entry(path, mode, entry.id));
        }
        faults.sort();
        faults.dedup();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Self { git, entries, faults }
    }

    /// Returns what is staged below a folder.
    #[must_use]
    pub fn folder(self, path: &TreePath) -> Self {
        if path.is_root() {
            return self;
        }
        let below = |inside: &TreePath| TreePath::new(inside.below(path)?);
        let faults = self.faults.iter().filter_map(|(inside, fault)| Some((below(inside)?, *fault))).collect();
        Self { entries: self.entries_below(path), faults, git: self.git }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether nothing is staged at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.faults.is_empty()
    }

    /// Reads the target of a link, which an index entry does not hold.
    fn complete(&self, entry: &Entry) -> Result<Entry, ReadFault> {
        match (&entry.kind, entry.content) {
            (EntryKind::Link(_), Some(ContentId(id))) => entry_of(&self.git, entry.path.clone(), Mode::Link, id),
            _ => Ok(entry.clone()),
        }
    }
}

impl Tree for GitIndex {
    fn input(&self) -> Input {
        Input { kind: "git-index", name: Text::trusted("staged"), digest: None }
    }

    fn scan(&self, wants: &Wants) -> Result<Scan, TreeError> {
        let mut scan = Scan {
            faults: self
                .faults
                .iter()
                .filter(|(path, _)| path.is_root() || wants.name(path.file_name()))
                .cloned()
                .collect(),
            ..Scan::default()
        };
        for entry in &self.entries {
            if let Some(folder) = skipped_above(&entry.path) {
                scan.census.skipped_folders.insert(folder);
                continue;
            }
            scan.census.files += 1;
            if !wants.entry(&entry.path, &entry.kind) {
                continue;
            }
            if wants.excluded(&entry.path) {
                scan.census.excluded_files.insert(entry.path.clone());
            } else {
                match self.complete(entry) {
                    Ok(entry) => scan.entries.push(entry),
                    Err(fault) => scan.faults.push((entry.path.clone(), fault)),
                }
            }
        }
        Ok(scan)
    }

    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, TreeError> {
        let at = self.entries.partition_point(|entry| entry.path < *path);
        Ok(match self.entries.get(at) {
            Some(entry) if entry.path == *path => Some(
                self.complete(entry).unwrap_or_else(|_fault| Entry::new(path.clone(), EntryKind::Other("unreadable"))),
            ),
            _ => self.is_folder(path).then(|| Entry::new(path.clone(), EntryKind::Folder)),
        })
    }

    fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, TreeError> {
        let mut entries = BTreeMap::new();
        for entry in self.below(folder) {
            let Some(rest) = entry.path.below(folder) else { continue };
            match rest.iter().position(|byte| *byte == b'/') {
                None => drop(
                    entries.insert(entry.path.clone(), self.complete(entry).unwrap_or_else(|_fault| entry.clone())),
                ),
                Some(end) => {
                    let path = folder.child(rest.get(..end).unwrap_or_default());
                    entries.entry(path.clone()).or_insert_with(|| Entry::new(path, EntryKind::Folder));
                }
            }
        }
        Ok(entries.into_values().collect())
    }

    fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        read_blob(&self.git, entry, max_bytes)
    }
}

impl GitIndex {
    /// Returns the entries below a folder, which stand side by side in the order of paths.
    fn below(&self, folder: &TreePath) -> impl Iterator<Item = &Entry> {
        let prefix = if folder.is_root() { Vec::new() } else { [folder.as_bytes(), b"/"].concat() };
        let at = self.entries.partition_point(|entry| entry.path.as_bytes() < prefix.as_slice());
        self.entries
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(move |entry| entry.path.as_bytes().starts_with(&prefix))
    }

    fn is_folder(&self, path: &TreePath) -> bool {
        path.is_root() || self.below(path).next().is_some()
    }
}

fn plain_entry(path: TreePath, mode: Mode, id: git2::Oid) -> Entry {
    let kind = match mode {
        Mode::Link => EntryKind::Link(Box::default()),
        Mode::Submodule => EntryKind::Submodule(id.to_string().into()),
        Mode::File | Mode::Program => EntryKind::File,
        Mode::Folder | Mode::Other => EntryKind::Other("of a mode git does not write"),
    };
    let bits = match mode {
        Mode::File => Some(0o644),
        Mode::Program => Some(0o755),
        _ => None,
    };
    Entry { content: Some(ContentId(id)), mode: bits, ..Entry::new(path, kind) }
}

fn skipped_above(path: &TreePath) -> Option<TreePath> {
    if !Wants::in_skipped_folder(path) {
        return None;
    }
    let mut above: Vec<TreePath> = path.parent()?.ancestors().collect();
    above.reverse();
    above.into_iter().find(|folder| Wants::skipped_folder(folder.file_name()))
}
