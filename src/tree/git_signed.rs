//! Objects of git's database as they are stored, for whoever checks what is signed in them.

use git2::{ErrorCode, ObjectType, Oid};

use super::git_object::git_error;
use super::{Repository, RepositoryError, limits};
use crate::text::Text;

/// An object as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawObject {
    /// Its id, in hexadecimal. The bytes were hashed, and have it.
    pub id: String,
    /// What kind of object it is, in git's word.
    pub kind: &'static str,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

impl Repository {
    /// Returns the object that a tag names: a tag object, or whatever else a lightweight tag names. The tag may also be
    /// given by the whole id of its object.
    ///
    /// # Errors
    /// When there is no such tag, or it cannot be read.
    pub fn tag_object(&self, name: &str) -> Result<RawObject, RepositoryError> {
        let absent = || RepositoryError::NoTag { tag: Text::of(name) };
        if let Some(id) = whole_id(name) {
            return self.raw_object(id);
        }
        let full = format!("refs/tags/{}", short_tag(name));
        let reference = self.git().find_reference(&full).and_then(|reference| reference.resolve());
        let id = reference.ok().and_then(|reference| reference.target()).ok_or_else(absent)?;
        self.raw_object(id)
    }

    /// Returns the ids of the commits that a revision, or a range of revisions `A..B`, names, the newest first.
    ///
    /// # Errors
    /// When it names none, or history cannot be read.
    pub fn commit_ids(&self, revisions: &str) -> Result<Vec<String>, RepositoryError> {
        if !revisions.contains("..") {
            return Ok(vec![self.revision(revisions)?.commit().to_string()]);
        }
        let mut walk = self.git().revwalk().map_err(|error| self.lost(revisions, &error))?;
        walk.push_range(revisions).map_err(|_error| self.no_revision(revisions))?;
        walk.map(|id| id.map(|id| id.to_string()).map_err(|error| self.lost(revisions, &error))).collect()
    }

    /// Returns an object by its whole id.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn object(&self, id: &str) -> Result<RawObject, RepositoryError> {
        let id = whole_id(id).ok_or_else(|| self.no_revision(id))?;
        self.raw_object(id)
    }

    /// Returns what kind of object an id names, `None` where there is none.
    #[must_use]
    pub fn object_kind(&self, id: &str) -> Option<&'static str> {
        let objects = self.git().odb().ok()?;
        let (_, kind) = objects.read_header(whole_id(id)?).ok()?;
        Some(kind.str())
    }

    fn raw_object(&self, id: Oid) -> Result<RawObject, RepositoryError> {
        let name = id.to_string();
        let lost = |error: &git2::Error| match error.code() {
            ErrorCode::NotFound => self.no_revision(&name),
            _ => self.lost(&name, error),
        };
        let objects = self.git().odb().map_err(|error| lost(&error))?;
        let (size, kind) = objects.read_header(id).map_err(|error| lost(&error))?;
        let damaged = |reason: &'static str| RepositoryError::Object { id: Text::of(&name), reason };
        if !matches!(kind, ObjectType::Commit | ObjectType::Tag) {
            return Ok(RawObject { id: name, kind: kind.str(), bytes: Vec::new() });
        }
        if size as u64 > limits::MAX_FILE_BYTES {
            return Err(damaged("one that is larger than any commit or tag"));
        }
        let object = objects.read(id).map_err(|error| lost(&error))?;
        let hashed = Oid::hash_object(kind, object.data()).map_err(|error| lost(&error))?;
        if hashed != id {
            return Err(damaged("one of another id"));
        }
        Ok(RawObject { id: name, kind: kind.str(), bytes: object.data().to_vec() })
    }

    fn lost(&self, name: &str, error: &git2::Error) -> RepositoryError {
        RepositoryError::Tree(git_error(self.git(), Text::of(name), error))
    }
}

/// Returns a tag's name without the folder of all tags.
#[must_use]
pub fn short_tag(name: &str) -> &str {
    name.strip_prefix("refs/tags/").unwrap_or(name)
}

/// Reads a whole id. git takes what looks like one for one before it looks for a name.
fn whole_id(text: &str) -> Option<Oid> {
    let is_whole = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_whole.then(|| Oid::from_str(text).ok()).flatten()
}
