//! The commit behind a tag, whole: every name in it, and what the commit says of itself.

use git2::Oid;

use super::git_object::{Mode, git_error, read_blob};
use super::git_signed::short_tag;
use super::{ContentId, Entry, EntryKind, GitRevision, ReadFault, Repository, RepositoryError, TreeError, TreePath};
use crate::text::Text;

/// A name in a commit.
#[derive(Clone, Debug)]
pub struct TreeMember {
    /// Where it stands.
    pub path: TreePath,
    /// What it is.
    pub kind: Mode,
    /// The object behind it.
    pub content: ContentId,
}

/// What a commit says of itself.
#[derive(Clone, Debug)]
pub struct CommitDetails {
    /// Its id, in hexadecimal.
    pub id: String,
    /// The id of its tree.
    pub tree: String,
    /// The ids of its parents.
    pub parents: Vec<String>,
    /// Who wrote it.
    pub author: Person,
    /// Who committed it.
    pub committer: Person,
    /// Its message.
    pub message: Vec<u8>,
    /// The encoding of its texts, `None` for UTF-8.
    pub encoding: Option<String>,
}

/// Somebody named by a commit, and when.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name.
    pub name: Vec<u8>,
    /// The address.
    pub email: Vec<u8>,
    /// Seconds since 1970.
    pub seconds: i64,
    /// Minutes by which the clock was ahead of UTC.
    pub offset_minutes: i32,
}

impl Repository {
    /// Returns the commit behind a tag, annotated or not.
    ///
    /// # Errors
    /// When there is no such tag, or it is one of something else.
    pub fn tagged(&self, name: &str) -> Result<GitRevision, RepositoryError> {
        let full = format!("refs/tags/{}", short_tag(name));
        let absent = |_error| RepositoryError::NoTag { tag: Text::of(name) };
        let reference = self.git().find_reference(&full).map_err(absent)?;
        let commit = reference.peel_to_commit().map_err(|_error| RepositoryError::Object {
            id: Text::of(name),
            reason: "a tag of something else, or of a commit that is not there",
        })?;
        self.revision(&commit.id().to_string())
    }
}

impl GitRevision {
    /// Returns what stands directly in a folder, or at the root.
    ///
    /// # Errors
    /// When an object cannot be read, or holds a name that leads elsewhere.
    pub fn members(&self, folder: Option<&TreeMember>) -> Result<Vec<TreeMember>, TreeError> {
        let found = match folder {
            Some(TreeMember { path, content: ContentId(id), .. }) => self.read_folder(path, *id)?,
            None => self.children()?,
        };
        if let Some((path, fault)) = found.faults.into_iter().next() {
            return Err(TreeError::Lost { tree: self.name().clone(), path, fault });
        }
        let member = |(path, mode, id): (TreePath, Mode, Oid)| TreeMember { path, kind: mode, content: ContentId(id) };
        Ok(found.entries.into_iter().map(member).collect())
    }

    /// Returns the contents of a file, or the target of a link.
    ///
    /// # Errors
    /// When there are more than `max_bytes`, or the object database does not hand them out.
    pub fn contents(&self, member: &TreeMember, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        let blob = Entry { content: Some(member.content), ..Entry::new(member.path.clone(), EntryKind::File) };
        read_blob(self.git(), &blob, max_bytes)
    }

    /// Returns what the commit says of itself.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn details(&self) -> Result<CommitDetails, TreeError> {
        let error = |error: git2::Error| git_error(self.git(), self.name().clone(), &error);
        let commit = self.git().find_commit(self.commit()).map_err(error)?;
        let person = |who: &git2::Signature<'_>| Person {
            name: who.name_bytes().to_vec(),
            email: who.email_bytes().to_vec(),
            seconds: who.when().seconds(),
            offset_minutes: who.when().offset_minutes(),
        };
        Ok(CommitDetails {
            id: commit.id().to_string(),
            tree: commit.tree_id().to_string(),
            parents: commit.parent_ids().map(|id| id.to_string()).collect(),
            author: person(&commit.author()),
            committer: person(&commit.committer()),
            message: commit.message_bytes().to_vec(),
            encoding: commit.message_encoding().ok().flatten().map(str::to_owned),
        })
    }
}
