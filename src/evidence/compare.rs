//! Evidence of two trees, as far as it belongs to where they differ.
//!
//! Beside the files that differ these are the lock files that differing manifests belong to, the SBOMs above
//! differing lock files, the lock files below all SBOMs read, and the manifests of the projects of all lock files
//! read. Both sides read the same paths.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

use super::collect::{Cache, Collector};
use super::reading::read_all;
use super::{Evidence, LockFile};
use crate::ecosystem::{self, FORMATS, Format, Role};
use crate::fact::{FactKind, Gap};
use crate::sbom;
use crate::tree::{Difference, Differences, EntryKind, NamePattern, ReadFault, Scan, Tree, TreeError, TreePath, Wants};

/// Evidence of two trees.
#[derive(Debug, Default)]
pub struct Comparison {
    /// What was known before.
    pub before: Evidence,
    /// What is known now.
    pub now: Evidence,
}

/// How many folders the patterns of one workspace may lead to.
const MAX_MEMBER_FOLDERS: usize = 50_000;

/// How many differing files are held in memory, both sides of them, to be read side by side.
const FILES_AT_ONCE: usize = 16;

/// Collects the evidence of two trees that belongs to `differences`.
///
/// # Errors
/// When a tree as a whole cannot be read, or of the one before a file that is compared.
pub fn compare(
    before: Option<&dyn Tree>,
    now: &dyn Tree,
    differences: Differences,
    wants: &Wants,
) -> Result<Comparison, TreeError> {
    let cache = Cache::default();
    let Differences { entries, scan, faults_before, is_partial } = differences;
    let collector = |tree| Collector::new(tree, wants, Some(&cache)).partial(is_partial);
    let (now, before) = (collector(now), before.map(collector));
    let mut sides = Sides { now, before, looked_into: BTreeSet::new() };
    for some in entries.chunks(FILES_AT_ONCE) {
        sides.files(some);
    }
    for difference in &entries {
        if let (Some(side), Some(entry)) = (&mut sides.before, &difference.before) {
            side.entry(entry)?;
        }
        if let Some(entry) = &difference.after {
            sides.now.entry(entry)?;
        }
    }
    for difference in &entries {
        let Some(format) = ecosystem::format_of(&difference.path) else { continue };
        match format.role {
            Role::Lock | Role::Mixed | Role::Workspace => sides.note_lock_files(&difference.path, format.ecosystem)?,
            Role::Digests => {
                sides.note_lock_files(&difference.path, format.ecosystem)?;
                sides.read_beside(&difference.path, format.ecosystem, &[Role::Lock, Role::Workspace])?;
            }
            Role::Manifest => sides.read_lock_above(&difference.path, format.ecosystem)?,
            // It stands alone.
            Role::Workflow => {}
        }
    }
    sides.read_sboms(&entries)?;
    sides.read_locks_of_sboms(wants)?;
    sides.read_digests()?;
    sides.read_project_manifests()?;
    sides.read_workspace_members()?;
    sides.now.faults(scan.faults);
    let mut now = sides.now.evidence;
    now.census = scan.census;
    let before = match sides.before {
        Some(side) => evidence_before(side, faults_before)?,
        None => Evidence::default(),
    };
    Ok(Comparison { before: before.complete(), now: now.complete() })
}

/// Returns what was known before. What is broken in a file that was there before is an old fault, and a change may
/// be what mends it. But where the repository does not hand out the file, there is nothing to compare with, and
/// whatever became of it would pass.
fn evidence_before(mut side: Collector<'_>, faults: Vec<(TreePath, ReadFault)>) -> Result<Evidence, TreeError> {
    let not_there = |(_, fault): &&(TreePath, ReadFault)| matches!(fault, ReadFault::Missing | ReadFault::NotFetched);
    if let Some((path, fault)) = side.lost.take().or_else(|| faults.iter().find(not_there).cloned()) {
        return Err(TreeError::Lost { tree: side.tree.input().name, path, fault });
    }
    side.faults(faults);
    Ok(side.evidence)
}

struct Sides<'a> {
    before: Option<Collector<'a>>,
    now: Collector<'a>,
    /// The folders that were looked into for files that may pin components: once is enough for all that differ in them.
    looked_into: BTreeSet<(TreePath, &'static str)>,
}

impl<'a> Sides<'a> {
    fn each(&mut self) -> impl Iterator<Item = &mut Collector<'a>> {
        self.before.iter_mut().chain([&mut self.now])
    }

    /// Collects the plain files among differing entries, both sides at once.
    fn files(&mut self, differences: &[Difference]) {
        let mut jobs = Vec::new();
        let mut of_now = Vec::new();
        for difference in differences {
            let before = self.before.as_ref().zip(difference.before.as_ref()).and_then(|(side, entry)| side.job(entry));
            let now = difference.after.as_ref().and_then(|entry| self.now.job(entry));
            for (job, is_now) in before.into_iter().map(|job| (job, false)).chain(now.map(|job| (job, true))) {
                jobs.push(job);
                of_now.push(is_now);
            }
        }
        for ((job, is_now), read) in jobs.iter().zip(of_now).zip(read_all(&jobs)) {
            match (is_now, &mut self.before) {
                (true, _) => self.now.take(job, read),
                (false, Some(before)) => before.take(job, read),
                (false, None) => {}
            }
        }
    }

    fn path(&mut self, path: &TreePath) -> Result<(), TreeError> {
        self.each().try_for_each(|side| side.path(path))
    }

    /// Notes which lock files of an ecosystem stand beside or above a path, without reading them: one of
    /// them may have taken the place of another.
    fn note_lock_files(&mut self, path: &TreePath, ecosystem: &'static str) -> Result<(), TreeError> {
        let folders: Vec<TreePath> = path.parent().unwrap_or_default().ancestors().collect();
        for side in self.each() {
            for folder in &folders {
                for role in [Role::Lock, Role::Digests, Role::Workspace] {
                    for at in paths(folder, ecosystem, role) {
                        if side.has(&at)? {
                            side.evidence.lock_files.push(LockFile { path: at, ecosystem: ecosystem.into(), role });
                        }
                    }
                }
            }
        }
        // Of a file that may pin, only what it holds tells whether it does.
        for folder in &folders {
            self.read_mixed(folder, ecosystem)?;
        }
        if let Some(folder) = folders.first() {
            for at in paths(folder, ecosystem, Role::Manifest) {
                self.path(&at)?;
            }
        }
        Ok(())
    }

    /// Reads the files in a folder that may pin components.
    fn read_mixed(&mut self, folder: &TreePath, ecosystem: &'static str) -> Result<(), TreeError> {
        let is_mixed = |format: &&Format| format.role == Role::Mixed && format.ecosystem == ecosystem;
        if !FORMATS.iter().any(is_mixed) || !self.looked_into.insert((folder.clone(), ecosystem)) {
            return Ok(());
        }
        let mut paths = BTreeSet::new();
        for side in self.each() {
            let entries = side.tree.list(folder)?.into_iter().map(|entry| entry.path);
            paths.extend(entries.filter(|path| ecosystem::format_of(path).is_some_and(|it| is_mixed(&it))));
        }
        paths.iter().try_for_each(|path| self.path(path))
    }

    /// Reads the files of an ecosystem that play one of some roles in the folder of a path.
    fn read_beside(&mut self, path: &TreePath, ecosystem: &str, roles: &[Role]) -> Result<(), TreeError> {
        let folder = path.parent().unwrap_or_default();
        roles.iter().flat_map(|role| paths(&folder, ecosystem, *role)).try_for_each(|path| self.path(&path))
    }

    /// Reads the SBOMs in the folders of lock files that differ, and above them: what they list is held against these.
    fn read_sboms(&mut self, differences: &[Difference]) -> Result<(), TreeError> {
        let locks = differences.iter().map(|difference| &difference.path).filter(|path| is_lock(path));
        let folders: BTreeSet<TreePath> =
            locks.flat_map(|path| path.parent().unwrap_or_default().ancestors().collect::<Vec<_>>()).collect();
        let mut found = BTreeSet::new();
        for folder in &folders {
            for side in self.each() {
                let entries = side.tree.list(folder)?.into_iter().map(|entry| entry.path);
                found.extend(entries.filter(|path| sbom::name_of(path).is_some()));
            }
        }
        found.iter().try_for_each(|path| self.path(path))
    }

    /// Reads the lock files in the folders of the SBOMs read so far, and below them.
    fn read_locks_of_sboms(&mut self, wants: &Wants) -> Result<(), TreeError> {
        let folders: BTreeSet<TreePath> = self
            .each()
            .flat_map(|side| side.evidence.sboms.iter())
            .map(|sbom| sbom.path.parent().unwrap_or_default())
            .collect();
        if folders.is_empty() {
            return Ok(());
        }
        let is_below = |path: &TreePath| path.ancestors().any(|folder| folders.contains(&folder));
        for side in self.each() {
            let Scan { entries, faults, .. } = side.tree.scan(wants)?;
            for entry in entries.iter().filter(|entry| is_lock(&entry.path) && is_below(&entry.path)) {
                side.entry(entry)?;
            }
            let unread = faults.into_iter().filter(|(path, _)| is_below(path));
            side.evidence.gaps.extend(unread.map(|(path, fault)| Gap::unread(FactKind::Component, path, fault)));
        }
        Ok(())
    }

    /// Reads the files that hold the digests of what the lock files read so far pin.
    fn read_digests(&mut self) -> Result<(), TreeError> {
        let mut locks = BTreeSet::new();
        for side in self.each() {
            let inventories = side.evidence.inventories.iter();
            locks.extend(inventories.map(|inventory| (inventory.path.clone(), inventory.ecosystem.clone())));
        }
        locks.iter().try_for_each(|(path, ecosystem)| self.read_beside(path, ecosystem, &[Role::Digests]))
    }

    /// Reads the nearest lock file beside or above a manifest.
    fn read_lock_above(&mut self, path: &TreePath, ecosystem: &str) -> Result<(), TreeError> {
        for folder in path.parent().unwrap_or_default().ancestors() {
            let mut found = false;
            for at in paths(&folder, ecosystem, Role::Lock) {
                for side in self.each() {
                    found |= side.has(&at)?;
                }
                self.path(&at)?;
            }
            if found {
                break;
            }
        }
        Ok(())
    }

    /// Reads the manifests of all projects that the lock files read so far name, and those beside them.
    fn read_project_manifests(&mut self) -> Result<(), TreeError> {
        let mut found = BTreeSet::new();
        for side in self.each() {
            for inventory in &side.evidence.inventories {
                let beside = inventory.path.parent().unwrap_or_default();
                let folders = inventory.projects.iter().filter_map(|project| project.folder.clone()).chain([beside]);
                for folder in folders {
                    found.extend(paths(&folder, &inventory.ecosystem, Role::Manifest));
                }
            }
        }
        found.iter().try_for_each(|path| self.path(path))
    }

    /// Reads the manifests of workspace members, for lock files that do not name their projects' folders.
    fn read_workspace_members(&mut self) -> Result<(), TreeError> {
        let mut found = BTreeSet::new();
        for side in self.each() {
            let evidence = &side.evidence;
            let unnamed = |folder: &TreePath| {
                evidence.inventories.iter().any(|inventory| {
                    inventory.path.parent().as_ref() == Some(folder)
                        && (inventory.projects.is_empty()
                            || inventory.projects.iter().any(|project| project.folder.is_none()))
                })
            };
            for manifest in evidence.manifests.iter().filter(|manifest| unnamed(&manifest.folder())) {
                for pattern in manifest.members.iter().filter(|pattern| !pattern.starts_with('!')) {
                    for folder in folders(side.tree, &manifest.folder(), pattern)? {
                        found.extend(paths(&folder, &manifest.ecosystem, Role::Manifest));
                    }
                }
            }
        }
        found.iter().try_for_each(|path| self.path(path))
    }
}

/// Whether the file at a path tells what is pinned.
fn is_lock(path: &TreePath) -> bool {
    ecosystem::format_of(path).is_some_and(|format| format.role.fact() == FactKind::Component)
}

/// Returns where the files of an ecosystem that play a role for a project in a folder stand.
fn paths(folder: &TreePath, ecosystem: &str, role: Role) -> Vec<TreePath> {
    let of = FORMATS.iter().filter(|format| format.ecosystem == ecosystem && format.role == role);
    of.flat_map(|format| format.names).filter_map(|name| NamePattern::new(name).of_project(folder)).collect()
}

/// Returns the folders that a pattern leads to, looking only where it leads.
fn folders(tree: &dyn Tree, from: &TreePath, pattern: &str) -> Result<Vec<TreePath>, TreeError> {
    let mut reached = vec![from.clone()];
    for part in pattern.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let mut further = Vec::new();
        for folder in &reached {
            match part {
                ".." => further.extend(folder.parent()),
                "**" => descend(tree, folder, &mut further)?,
                part if part.contains(['*', '?', '[', '{']) => {
                    let Some(matcher) = matcher(part) else { continue };
                    for entry in tree.list(folder)? {
                        let name = std::str::from_utf8(entry.path.file_name());
                        if entry.kind == EntryKind::Folder && name.is_ok_and(|name| matcher.is_match(name)) {
                            further.push(entry.path);
                        }
                    }
                }
                part => further.push(folder.child(part.as_bytes())),
            }
        }
        further.truncate(MAX_MEMBER_FOLDERS);
        reached = further;
    }
    Ok(reached)
}

/// Adds a folder and all below it.
fn descend(tree: &dyn Tree, folder: &TreePath, out: &mut Vec<TreePath>) -> Result<(), TreeError> {
    let mut ahead = vec![folder.clone()];
    while let Some(folder) = ahead.pop() {
        if out.len() >= MAX_MEMBER_FOLDERS {
            break;
        }
        for entry in tree.list(&folder)? {
            if entry.kind == EntryKind::Folder && !Wants::skipped_folder(entry.path.file_name()) {
                ahead.push(entry.path);
            }
        }
        out.push(folder);
    }
    Ok(())
}

fn matcher(part: &str) -> Option<GlobMatcher> {
    Some(GlobBuilder::new(part).build().ok()?.compile_matcher())
}
