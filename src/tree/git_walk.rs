//! Walks over the trees of git's object database: one tree, or two at once.

use std::collections::BTreeMap;

use git2::Oid;

use super::compare::{Difference, Differences};
use super::git_object::Mode;
use super::{Entry, GitRevision, ReadFault, Scan, TreeError, TreePath, Wants, limits};

/// Lists what is wanted of a tree.
pub(super) fn scan(tree: &GitRevision, wants: &Wants) -> Result<Scan, TreeError> {
    let mut pass = Pass { tree, wants, scan: Scan::default(), budget: Budget::default() };
    if let Some(id) = tree.tree_id() {
        pass.folder(&TreePath::root(), id, 0)?;
    }
    let mut scan = pass.scan;
    scan.faults.extend(pass.budget.fault());
    scan.entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(scan)
}

/// Lists what is wanted and differs, and links of wanted names in folders that differ.
pub(super) fn compare(head: &GitRevision, base: &GitRevision, wants: &Wants) -> Result<Differences, TreeError> {
    let found = Differences { is_partial: true, ..Differences::default() };
    let mut comparison = Comparison { head, base, wants, found, budget: Budget::default() };
    if head.tree_id() != base.tree_id() {
        comparison.folder(&TreePath::root(), base.tree_id(), head.tree_id())?;
    }
    let mut found = comparison.found;
    found.scan.faults.extend(comparison.budget.fault());
    found.entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// How much of a tree may still be looked at.
#[derive(Default)]
pub(super) struct Budget {
    met: u64,
    wanted: usize,
}

impl Budget {
    /// Takes one entry, and says whether it may be looked at.
    pub(super) fn meet(&mut self) -> bool {
        self.met += 1;
        self.met <= limits::MAX_ENTRIES && self.wanted <= limits::MAX_WANTED
    }

    /// Takes one that is wanted.
    pub(super) fn want(&mut self) {
        self.wanted += 1;
    }

    /// Returns what was left out, if anything was.
    pub(super) fn fault(&self) -> Option<(TreePath, ReadFault)> {
        let max_files = match self {
            Self { met, .. } if *met > limits::MAX_ENTRIES => limits::MAX_ENTRIES,
            Self { wanted, .. } if *wanted > limits::MAX_WANTED => limits::MAX_WANTED as u64,
            _ => return None,
        };
        Some((TreePath::root(), ReadFault::TooMany { max_files }))
    }
}

/// A walk over one tree.
struct Pass<'a> {
    tree: &'a GitRevision,
    wants: &'a Wants,
    scan: Scan,
    budget: Budget,
}

impl Pass<'_> {
    fn folder(&mut self, path: &TreePath, id: Oid, depth: usize) -> Result<(), TreeError> {
        if depth > limits::MAX_FOLDERS {
            self.scan.faults.push((path.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let folder = self.tree.read_folder(path, id)?;
        self.scan.faults.extend(folder.faults);
        for (path, mode, id) in folder.entries {
            if !self.budget.meet() {
                return Ok(());
            }
            if mode != Mode::Folder {
                self.scan.census.files += 1;
            }
            let is_skipped = mode == Mode::Folder && Wants::skipped_folder(path.file_name());
            if matches!(mode, Mode::Link | Mode::Submodule) || self.wants.file(&path) {
                self.wanted(&path, mode, id);
            }
            if is_skipped {
                self.scan.census.skipped_folders.insert(path);
            } else if mode == Mode::Folder {
                self.folder(&path, id, depth + 1)?;
            }
        }
        Ok(())
    }

    fn wanted(&mut self, path: &TreePath, mode: Mode, id: Oid) {
        self.budget.want();
        let entry = self.tree.make_entry(path.clone(), mode, id);
        self.scan.take(path, entry, self.wants);
    }
}

/// A walk over two trees at once.
struct Comparison<'a> {
    head: &'a GitRevision,
    base: &'a GitRevision,
    wants: &'a Wants,
    found: Differences,
    budget: Budget,
}

impl Comparison<'_> {
    fn folder(&mut self, path: &TreePath, before: Option<Oid>, after: Option<Oid>) -> Result<(), TreeError> {
        if path.parts().count() > limits::MAX_FOLDERS {
            self.found.scan.faults.push((path.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let mut sides: BTreeMap<TreePath, [Option<(Mode, Oid)>; 2]> = BTreeMap::new();
        for (index, (tree, id)) in [(self.base, before), (self.head, after)].into_iter().enumerate() {
            let Some(id) = id else { continue };
            let folder = tree.read_folder(path, id)?;
            let faults = if index == 1 { &mut self.found.scan.faults } else { &mut self.found.faults_before };
            faults.extend(folder.faults);
            for (path, mode, id) in folder.entries {
                if let Some(slot) = sides.entry(path).or_default().get_mut(index) {
                    *slot = Some((mode, id));
                }
            }
        }
        for (path, [before, after]) in sides {
            if !self.budget.meet() {
                return Ok(());
            }
            let is_link = matches!(after, Some((Mode::Link, _)));
            if before != after {
                self.differing(&path, before, after)?;
            } else if is_link && self.wants.file(&path) {
                self.list(&path, before, after);
            }
        }
        Ok(())
    }

    fn differing(
        &mut self,
        path: &TreePath,
        before: Option<(Mode, Oid)>,
        after: Option<(Mode, Oid)>,
    ) -> Result<(), TreeError> {
        let folder = |side: Option<(Mode, Oid)>| side.filter(|(mode, _)| *mode == Mode::Folder).map(|(_, id)| id);
        let (folder_before, folder_after) = (folder(before), folder(after));
        if folder_before.is_some() || folder_after.is_some() {
            if Wants::skipped_folder(path.file_name()) {
                self.found.scan.census.skipped_folders.insert(path.clone());
            } else {
                self.folder(path, folder_before, folder_after)?;
            }
        }
        self.found.scan.census.files += u64::from(after.is_some() && folder_after.is_none());
        self.list(path, before, after);
        Ok(())
    }

    fn list(&mut self, path: &TreePath, before: Option<(Mode, Oid)>, after: Option<(Mode, Oid)>) {
        let before = self.wanted(self.base, path, before).unwrap_or_else(|fault| {
            self.found.faults_before.push((path.clone(), fault));
            None
        });
        let after = self.wanted(self.head, path, after).unwrap_or_else(|fault| {
            self.found.scan.faults.push((path.clone(), fault));
            None
        });
        if before.is_some() || after.is_some() {
            self.budget.want();
            self.found.entries.push(Difference { path: path.clone(), before, after });
        }
    }

    fn wanted(
        &mut self,
        tree: &GitRevision,
        path: &TreePath,
        side: Option<(Mode, Oid)>,
    ) -> Result<Option<Entry>, ReadFault> {
        let Some((mode, id)) = side else { return Ok(None) };
        let plain = !matches!(mode, Mode::Link | Mode::Submodule);
        if plain && !self.wants.file(path) {
            return Ok(None);
        }
        if self.wants.excluded(path) {
            if mode != Mode::Folder {
                self.found.scan.census.excluded_files.insert(path.clone());
            }
            return Ok(None);
        }
        tree.make_entry(path.clone(), mode, id).map(Some)
    }
}
