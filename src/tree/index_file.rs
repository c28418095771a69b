//! One index file of git, read whole: also where it is split in two (`core.splitIndex`), and where one entry
//! stands for a whole folder (`index.sparse`).

use std::collections::BTreeSet;
use std::path::Path;

use git2::Oid;
use gix_index::entry::Flags;

use super::git_revision::{Budget, Folder, Mode, git_error};
use super::{ReadFault, TreeError, TreePath, limits};
use crate::text::Text;

/// What stands in an index file (`gitformat-index(5)`).
#[derive(Default)]
pub(super) struct IndexFile {
    /// The files of the next commit.
    pub(super) staged: Vec<(TreePath, Mode, Oid)>,
    /// Files that are only announced (`git add --intent-to-add`), and those with a conflict: git knows of them,
    /// and will not commit them so.
    pub(super) known: Vec<TreePath>,
    /// The staged files that a sparse checkout leaves out of the work tree.
    pub(super) left_out: BTreeSet<TreePath>,
    /// Names that are none, and files with a conflict.
    pub(super) faults: Vec<(TreePath, ReadFault)>,
}

/// Why an index file cannot be read.
pub(super) enum IndexFault {
    /// It is no index file, in words.
    Broken(Text),
    /// A folder it names is not in the object database.
    Tree(TreeError),
}

impl IndexFile {
    /// Reads an index file; its checksum, where git wrote one, must be right.
    pub(super) fn read(git: &git2::Repository, file: &Path) -> Result<Self, IndexFault> {
        // One thread: the largest index known takes a fraction of a second, and a run stays the same everywhere.
        let options = gix_index::decode::Options { thread_limit: Some(1), ..Default::default() };
        let index = gix_index::File::at(file, gix_index::hash::Kind::Sha1, false, options)
            .map_err(|error| IndexFault::Broken(Text::of(&error.to_string())))?;
        let (mut out, mut budget) = (Self::default(), Budget::default());
        for entry in index.entries() {
            let path: &[u8] = entry.path(&index);
            let mode = Mode::of(i32::try_from(entry.mode.bits()).unwrap_or(0));
            // A whole folder of a sparse index ends in a slash.
            let path = if mode == Mode::Folder { path.strip_suffix(b"/").unwrap_or(path) } else { path };
            let (Some(path), Ok(id)) = (TreePath::new(path), Oid::from_bytes(entry.id.as_bytes())) else {
                out.faults.push((TreePath::root(), ReadFault::Corrupt));
                continue;
            };
            // git will not commit an entry that is not merged, nor one that is only announced.
            if entry.stage_raw() != 0 {
                out.faults.push((path.clone(), ReadFault::Unmerged));
                out.known.push(path);
            } else if entry.flags.contains(Flags::INTENT_TO_ADD) {
                out.known.push(path);
            } else if mode == Mode::Folder {
                out.folder(git, &path, id, 0, &mut budget)?;
            } else {
                if entry.flags.contains(Flags::SKIP_WORKTREE) {
                    out.left_out.insert(path.clone());
                }
                out.staged.push((path, mode, id));
            }
        }
        out.faults.extend(budget.fault());
        out.faults.sort();
        out.faults.dedup();
        out.known.sort();
        out.known.dedup();
        out.staged.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(out)
    }

    /// Adds all files of a folder that a sparse checkout leaves out.
    fn folder(
        &mut self,
        git: &git2::Repository,
        path: &TreePath,
        id: Oid,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<(), IndexFault> {
        if depth > limits::MAX_FOLDERS {
            self.faults.push((path.clone(), ReadFault::Corrupt));
            return Ok(());
        }
        let folder = Folder::read(git, path, id)
            .map_err(|error| IndexFault::Tree(git_error(git, Text::trusted("staged"), &error)))?;
        self.faults.extend(folder.faults);
        for (path, mode, id) in folder.entries {
            if !budget.meet() {
                return Ok(());
            }
            if mode == Mode::Folder {
                self.folder(git, &path, id, depth + 1, budget)?;
            } else {
                self.left_out.insert(path.clone());
                self.staged.push((path, mode, id));
            }
        }
        Ok(())
    }
}
