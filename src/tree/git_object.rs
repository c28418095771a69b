//! Objects of git's database: folders, the contents of files, and why one is not handed out.

use std::collections::BTreeSet;

use git2::{ObjectType, Oid};

use super::{ContentId, Entry, EntryKind, ReadFault, TreeError, TreePath, limits};
use crate::text::Text;

/// What a mode of git stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A file.
    File,
    /// A file that may be run.
    Program,
    /// A symbolic link, whose target is its contents.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A folder.
    Folder,
    /// Something that git does not write.
    Other,
}

impl Mode {
    /// Reads a mode as it is written: to `libgit2` a link with the bits of a program is a program, to git it is a link.
    pub(super) fn of(mode: i32) -> Self {
        match mode & 0o170_000 {
            0o100_000 if mode & 0o111 == 0 => Self::File,
            0o100_000 => Self::Program,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            0o040_000 => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// What one folder's object holds.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) entries: Vec<(TreePath, Mode, Oid)>,
    pub(super) faults: Vec<(TreePath, ReadFault)>,
}

impl Folder {
    pub(super) fn read(git: &git2::Repository, path: &TreePath, id: Oid) -> Result<Self, git2::Error> {
        let tree = git.find_tree(id)?;
        let mut folder = Self::default();
        let mut names = BTreeSet::new();
        for entry in &tree {
            let name = entry.name_bytes();
            // git itself refuses such names; they exist only in objects made to deceive (`git fsck`).
            let unsound =
                matches!(name, b"" | b"." | b"..") || name.eq_ignore_ascii_case(b".git") || name.contains(&b'/');
            if unsound || !names.insert(name.to_vec()) {
                folder.faults.push((path.clone(), ReadFault::Corrupt));
            } else {
                folder.entries.push((path.child(name), Mode::of(entry.filemode_raw()), entry.id()));
            }
        }
        Ok(folder)
    }
}

pub(super) fn entry_of(git: &git2::Repository, path: TreePath, mode: Mode, id: Oid) -> Result<Entry, ReadFault> {
    let kind = match mode {
        Mode::File | Mode::Program => EntryKind::File,
        Mode::Folder => EntryKind::Folder,
        Mode::Submodule => EntryKind::Submodule(id.to_string().into()),
        Mode::Other => EntryKind::Other("of a mode git does not write"),
        Mode::Link => {
            let blob = Entry { content: Some(ContentId(id)), ..Entry::new(path.clone(), EntryKind::File) };
            EntryKind::Link(read_blob(git, &blob, limits::MAX_LINK_BYTES)?.into())
        }
    };
    let bits = match mode {
        Mode::File => Some(0o644),
        Mode::Program => Some(0o755),
        _ => None,
    };
    Ok(Entry { content: Some(ContentId(id)), mode: bits, ..Entry::new(path, kind) })
}

/// Reads a blob, asking for its size first: what is too large is never loaded.
pub(super) fn read_blob(git: &git2::Repository, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
    let Some(ContentId(id)) = entry.content else { return Err(ReadFault::Absent) };
    if entry.kind != EntryKind::File {
        return Err(ReadFault::NotRegular);
    }
    let objects = git.odb().map_err(|_error| ReadFault::Unreadable)?;
    let (size, kind) = objects.read_header(id).map_err(|error| blob_fault(git, &error))?;
    if kind != ObjectType::Blob {
        return Err(ReadFault::Corrupt);
    }
    if size as u64 > max_bytes {
        return Err(ReadFault::TooLarge { max_bytes });
    }
    let object = objects.read(id).map_err(|error| blob_fault(git, &error))?;
    Ok(object.data().to_vec())
}

fn blob_fault(git: &git2::Repository, error: &git2::Error) -> ReadFault {
    match error.code() {
        git2::ErrorCode::NotFound if is_partial(git) => ReadFault::NotFetched,
        git2::ErrorCode::NotFound => ReadFault::Missing,
        _ if error.message().contains("mismatch") => ReadFault::Corrupt,
        _ => ReadFault::Unreadable,
    }
}

pub(super) fn git_error(git: &git2::Repository, tree: Text, error: &git2::Error) -> TreeError {
    let hint = (error.code() == git2::ErrorCode::NotFound && is_partial(git)).then_some(PARTIAL_HINT);
    TreeError::Git { tree, reason: Text::of(error.message()), hint }
}

/// What to do about an object that a partial clone left out.
pub(super) const PARTIAL_HINT: &str = "the clone is partial: `git fetch --refetch --no-filter` fetches what is missing";

/// Whether a repository is a partial clone: some remote has promised to hand out what is missing (`git-config(1)`,
/// `remote.<name>.promisor`; older ones say `extensions.partialClone`).
fn is_partial(git: &git2::Repository) -> bool {
    let Ok(config) = git.config() else { return false };
    let Ok(mut promises) = config.entries(Some(r"^(remote\..*\.promisor|extensions\.partialclone)$")) else {
        return false;
    };
    promises.next().is_some_and(|promise| promise.is_ok())
}
