//! What is judged, and against what: the trees of a request.

use std::path::{Path, PathBuf};

use super::GateError;
use crate::evidence::{self, Comparison, Evidence, read_snapshot};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{
    self, Differences, Directory, GitEnvironment, GitIndex, GitRevision, Input, Repository, Tree, TreeError, TreePath,
    Wants,
};

/// What is judged, and against what.
#[derive(Clone, Debug)]
pub struct Target {
    /// The directory that is judged, as the user named it.
    pub path: PathBuf,
    /// The same, absolute and without links.
    pub absolute: PathBuf,
    /// The repository, where the user named one instead of a directory: as the user named it, and absolute.
    pub repository: Option<(PathBuf, PathBuf)>,
    /// The revision that is judged instead of the directory.
    pub head: Option<String>,
    /// What it is compared with.
    pub against: Against,
    /// What git's environment variables say.
    pub git: GitEnvironment,
}

/// What a tree is compared with.
#[derive(Clone, Debug)]
pub enum Against {
    /// Nothing: the tree is judged as it is.
    Nothing,
    /// The merge base of a revision and the head.
    Base(String),
    /// A revision itself.
    Revision(String),
    /// What is staged is judged, against the last commit.
    Staged,
    /// A snapshot, by the name of its file, and its text.
    Snapshot {
        /// The file.
        file: Text,
        /// What stands in it.
        text: String,
    },
}

/// The trees of a request.
pub struct Opened {
    /// What is judged.
    pub now: Judged,
    /// What it is compared with.
    pub before: Option<Before>,
    /// Where what is judged lies in its repository, on whose root the patterns of the policy rest.
    pub folder: TreePath,
    /// The root of the work tree, where there is one.
    pub root: Option<PathBuf>,
    /// The commit that the judged tree is, or was last committed as.
    pub commit: Option<String>,
    /// The root of the repository now, from which a policy is read.
    pub policy_now: Option<Judged>,
    /// The root of the repository before, from which the policy is read that judges; outer `None` where there
    /// is nothing before, inner where nothing was committed yet.
    pub policy_before: Option<Option<GitRevision>>,
    /// The root of the repository at the merge base, with which a changed policy is compared.
    pub policy_changed_from: Option<GitRevision>,
}

/// A tree that is judged.
pub enum Judged {
    /// A directory.
    Directory(Directory),
    /// A revision.
    Revision(GitRevision),
    /// What is staged.
    Index(GitIndex),
}

/// What a tree is compared with.
pub enum Before {
    /// A revision, and the name by which it was asked for.
    Revision {
        /// The tree.
        tree: GitRevision,
        /// How it was found: `merge base of main`, or the revision itself.
        name: Text,
    },
    /// Nothing was committed yet: all is new.
    Nothing,
    /// A snapshot.
    Snapshot {
        /// The evidence.
        evidence: Box<Evidence>,
        /// The file.
        input: Input,
    },
}

impl Judged {
    /// Returns the tree.
    #[must_use]
    pub fn as_tree(&self) -> &dyn Tree {
        match self {
            Self::Directory(tree) => tree,
            Self::Revision(tree) => tree,
            Self::Index(tree) => tree,
        }
    }
}

impl Opened {
    /// Returns what the report names as inputs.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        let mut inputs = vec![self.now.as_tree().input()];
        match &self.before {
            Some(Before::Revision { tree, name }) => inputs.push(Input { name: name.clone(), ..tree.input() }),
            Some(Before::Snapshot { input, .. }) => inputs.push(input.clone()),
            Some(Before::Nothing) | None => {}
        }
        inputs
    }

    /// Collects the evidence of what differs.
    ///
    /// # Errors
    /// When a tree cannot be read.
    pub fn compare(&self, before: Option<&GitRevision>, wants: &Wants) -> Result<Comparison, TreeError> {
        let now = self.now.as_tree();
        let before_tree = before.map(|tree| tree as &dyn Tree);
        let differences: Differences = match (&self.now, before) {
            (Judged::Revision(head), Some(base)) => head.differences(base, wants)?,
            (Judged::Index(index), Some(base)) => index.differences(base, wants)?,
            (Judged::Directory(directory), Some(base)) => directory.differences(base, wants)?,
            (_, None) => tree::compare(before_tree, now, wants)?,
        };
        evidence::compare(before_tree, now, differences, wants)
    }
}

/// The name of the last commit.
const HEAD: &str = "HEAD";

/// Opens the trees of a request.
///
/// # Errors
/// When one of them cannot be opened.
pub fn open(target: &Target) -> Result<Opened, GateError> {
    let repository = repository(target)?;
    let needed = |option: &'static str| {
        repository.as_ref().ok_or_else(|| GateError::NoRepository { path: Text::of(path_bytes(&target.path)), option })
    };
    match &target.against {
        Against::Staged => open_staged(needed("--staged")?, target),
        Against::Base(base) => open_compared(needed("--base")?, target, base, MergeBase::Yes),
        Against::Revision(base) => {
            let repository = needed("a revision")?;
            let is_unborn = base == HEAD && target.head.is_none() && repository.head()?.is_none();
            if is_unborn {
                open_first(repository, target)
            } else {
                open_compared(repository, target, base, MergeBase::No)
            }
        }
        Against::Nothing | Against::Snapshot { .. } => {
            let now = judged(repository.as_ref(), target)?;
            let policy_now = policy_root(repository.as_ref(), target)?;
            let before = match &target.against {
                Against::Snapshot { file, text } => Some(snapshot(file, text)?),
                Against::Nothing | Against::Base(_) | Against::Revision(_) | Against::Staged => None,
            };
            let root = work_tree(repository.as_ref());
            let folder = repository.as_ref().map(|repository| folder(repository, target)).unwrap_or_default();
            let commit = commit(repository.as_ref(), target)?;
            Ok(Opened {
                now,
                before,
                folder,
                root,
                commit,
                policy_now: Some(policy_now),
                policy_before: None,
                policy_changed_from: None,
            })
        }
    }
}

/// Returns the commit that is judged, or on which what is judged is based.
fn commit(repository: Option<&Repository>, target: &Target) -> Result<Option<String>, GateError> {
    let Some(repository) = repository else { return Ok(None) };
    let head = match &target.head {
        Some(head) => Some(repository.revision(head)?),
        None => repository.head()?,
    };
    Ok(head.map(|head| head.id()))
}

fn work_tree(repository: Option<&Repository>) -> Option<PathBuf> {
    repository.and_then(Repository::work_tree).map(Path::to_owned)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MergeBase {
    Yes,
    No,
}

fn repository(target: &Target) -> Result<Option<Repository>, GateError> {
    let opened = match &target.repository {
        Some((named, absolute)) => Some(Repository::open(absolute, Text::of(path_bytes(named)), &target.git)?),
        None => Repository::around(&target.absolute, &Text::of(path_bytes(&target.path)), &target.git)?,
    };
    Ok(opened)
}

/// Opens what is judged where nothing is staged: a revision or the directory.
fn judged(repository: Option<&Repository>, target: &Target) -> Result<Judged, GateError> {
    let name = Text::of(path_bytes(&target.path));
    let Some(repository) = repository else {
        return match &target.head {
            Some(_) => Err(GateError::NoRepository { path: name, option: "--head" }),
            None => Ok(Judged::Directory(Directory::open_as(&target.absolute, name)?)),
        };
    };
    match (&target.head, repository.work_tree()) {
        (Some(head), _) => Ok(Judged::Revision(repository.revision(head)?.below(&folder(repository, target))?)),
        (None, None) => Err(GateError::HeadNeeded { path: repository.name().clone() }),
        (None, Some(root)) => {
            let folder = if target.repository.is_some() { root } else { &target.absolute };
            let name = if target.repository.is_some() { repository.name().clone() } else { name };
            Ok(Judged::Directory(repository.directory(folder, name)?))
        }
    }
}

/// Opens the root of the repository, or the directory itself where it lies in none.
fn policy_root(repository: Option<&Repository>, target: &Target) -> Result<Judged, GateError> {
    match (repository, &target.head) {
        (Some(repository), Some(head)) => Ok(Judged::Revision(repository.revision(head)?)),
        (Some(repository), None) => {
            let root = repository.work_tree().unwrap_or(&target.absolute);
            Ok(Judged::Directory(Directory::open_as(root, repository.name().clone())?))
        }
        (None, _) => {
            let name = Text::of(path_bytes(&target.path));
            Ok(Judged::Directory(Directory::open_as(&target.absolute, name)?))
        }
    }
}

fn open_staged(repository: &Repository, target: &Target) -> Result<Opened, GateError> {
    if !repository.has_index() {
        return Err(GateError::WorkTreeNeeded { path: repository.name().clone() });
    }
    let prefix = folder(repository, target);
    let index = repository.index()?;
    let head = repository.head()?;
    let before = match repository.head()? {
        Some(head) => Before::Revision { tree: head.below(&prefix)?, name: Text::trusted(HEAD) },
        None => Before::Nothing,
    };
    Ok(Opened {
        now: Judged::Index(index.clone().below(&prefix)),
        before: Some(before),
        folder: prefix,
        root: work_tree(Some(repository)),
        commit: commit(Some(repository), target)?,
        policy_now: Some(Judged::Index(index)),
        policy_changed_from: repository.head()?,
        policy_before: Some(head),
    })
}

/// Opens the directory before the first commit: all of it is new.
fn open_first(repository: &Repository, target: &Target) -> Result<Opened, GateError> {
    Ok(Opened {
        now: judged(Some(repository), target)?,
        before: Some(Before::Nothing),
        folder: folder(repository, target),
        root: work_tree(Some(repository)),
        commit: None,
        policy_now: Some(policy_root(Some(repository), target)?),
        policy_changed_from: None,
        policy_before: Some(None),
    })
}

fn open_compared(
    repository: &Repository,
    target: &Target,
    base: &str,
    merge_base: MergeBase,
) -> Result<Opened, GateError> {
    let prefix = folder(repository, target);
    let tip = repository.revision(base)?;
    let head = match &target.head {
        Some(head) => Some(repository.revision(head)?),
        None => repository.head()?,
    };
    let ancestor = || -> Result<Option<GitRevision>, GateError> {
        match (&head, merge_base) {
            (Some(head), MergeBase::Yes) => Ok(repository.merge_base(&tip, head)?),
            _ => Ok(None),
        }
    };
    let from = |found: Option<GitRevision>| match found {
        Some(found) => Ok(found),
        None => repository.revision(base),
    };
    let found = ancestor()?;
    let name = match &found {
        Some(found) if found.id() != tip.id() => text!("the merge base of {}", base),
        _ => text!("{}", base),
    };
    let tree = from(found)?.below(&prefix)?;
    Ok(Opened {
        now: judged(Some(repository), target)?,
        before: Some(Before::Revision { tree, name }),
        folder: prefix,
        root: work_tree(Some(repository)),
        commit: commit(Some(repository), target)?,
        policy_now: Some(policy_root(Some(repository), target)?),
        policy_changed_from: Some(from(ancestor()?)?),
        policy_before: Some(Some(tip)),
    })
}

/// Returns the folder of the repository that is judged.
fn folder(repository: &Repository, target: &Target) -> TreePath {
    if target.repository.is_some() { TreePath::root() } else { repository.prefix(&target.absolute) }
}

fn snapshot(file: &Text, text: &str) -> Result<Before, GateError> {
    let evidence = read_snapshot(text).map_err(|source| GateError::Snapshot { file: file.clone(), source })?;
    Ok(Before::Snapshot { evidence: Box::new(evidence), input: snapshot_input(file.clone(), text) })
}

/// Returns what a snapshot is called in a report.
#[must_use]
pub fn snapshot_input(file: Text, text: &str) -> Input {
    use sha2::{Digest as _, Sha256};
    let digest = hex(&Sha256::digest(text.as_bytes()));
    Input { kind: "snapshot", name: file, digest: Some(Text::trusted(format!("sha256:{digest}"))) }
}

fn path_bytes(path: &Path) -> &[u8] {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes()
}
