//! Signed tags and commits of git: what is signed in an object, and by which signature.
//!
//! The payload is cut out exactly as git does (`parse_signed_commit`, `parse_signature`); what git is lenient about, a
//! second signature or a header that looks like one, is refused. The signature itself is for its scheme to judge.

mod parts;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use self::parts::{Format, X509, commit_parts, head, headers, tag_parts, time_of, trailing};
use super::{
    Claim, Expected, Fault, FaultKind, Hashes, Material, SignedTime, TimeSource, Trust, Unreadable, scheme_of,
};
use crate::text;
use crate::text::Text;
use crate::tree::{RawObject, Repository, RepositoryError, short_tag};

/// The namespace of SSH signatures over objects of git.
const NAMESPACE: &str = "git";
/// The schemes that sign objects of git.
const SCHEMES: [&str; 2] = ["openpgp", "ssh"];

/// What kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A tag.
    Tag,
}

impl Kind {
    /// Returns git's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

/// A commit or a tag, with what is signed in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its id, in hexadecimal.
    pub id: String,
    /// What kind of object it is.
    pub kind: Kind,
    /// The name that a tag has in itself.
    pub tag: Option<Vec<u8>>,
    /// The id of what a tag names, or of a commit's tree.
    pub target: String,
    /// What the target is, in git's word.
    pub target_kind: Vec<u8>,
    /// What is signed.
    pub payload: Vec<u8>,
    /// The signature, where it has one.
    pub signature: Option<Vec<u8>>,
    /// What speaks against the object, whoever signed it.
    pub faults: Vec<Fault>,
    /// What a reader should know of it although nothing speaks against it.
    pub notes: Vec<Text>,
    /// When the commit that a tag names was made, by that commit's word.
    pub commit_time: Option<Timestamp>,
}

/// An object, or why it cannot be read as one.
pub type Read = Result<Object, Fault>;

/// The id of a commit, and the commit, or why it cannot be read out of the repository.
pub type Commit = (String, Result<Read, RepositoryError>);

/// What signatures say of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing is signed, and why.
    Unsigned(Text),
    /// What each signature says.
    Claims(Vec<Claim>),
}

/// Returns the tag that a name or a whole object id names. `None` where it is a lightweight one, in which nothing is
/// signed.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn tag(repository: &Repository, name: &str) -> Result<Option<Read>, RepositoryError> {
    let raw = repository.tag_object(name)?;
    if raw.kind != Kind::Tag.word() {
        return Ok(None);
    }
    let judged = |mut object: Object| {
        // An object named by its id is asked for under no name.
        if !raw.id.eq_ignore_ascii_case(name) {
            object.faults.extend(object.name_fault(short_tag(name).as_bytes()));
        }
        match repository.object_kind(&object.target) {
            Some(kind) if kind.as_bytes() == object.target_kind => {}
            Some(kind) => {
                let message = text!("the tag says that it names a {}, found a {}", &*object.target_kind, kind);
                object.faults.push(Fault::new(FaultKind::SubjectMismatch, message));
            }
            None => {
                let message = text!("the tag names {}, which this repository does not have", object.target);
                object.notes.push(message);
            }
        }
        if object.target_kind == Kind::Commit.word().as_bytes() {
            let commit = repository.object(&object.target).ok();
            object.commit_time = commit.and_then(|commit| time_of(&commit.bytes));
        }
        object
    };
    Ok(Some(read(Kind::Tag, &raw.id, &raw.bytes).map(judged)))
}

/// Returns the ids of the commits that a revision, or a range of revisions, names, each with the commit. A range may be
/// empty.
///
/// # Errors
/// When it names none, or history cannot be read.
pub fn commits<'a>(
    repository: &'a Repository,
    revisions: &str,
) -> Result<impl Iterator<Item = Commit> + use<'a>, RepositoryError> {
    let ids = repository.commit_ids(revisions)?;
    Ok(ids.into_iter().map(|id| {
        let read = |raw: RawObject| read(Kind::Commit, &raw.id, &raw.bytes);
        let object = repository.object(&id).map(read);
        (id, object)
    }))
}

/// Reads an object, as it is stored, and finds what is signed in it.
///
/// # Errors
/// When the bytes do not have the id, or are no such object, or hold more than one signature.
pub fn read(kind: Kind, id: &str, bytes: &[u8]) -> Read {
    let malformed = |why: Text| Fault::new(FaultKind::Malformed, text!("{} {}: {}", kind.word(), id, why));
    let format = Format::of(id).filter(|format| format.id(kind, bytes).as_deref() == Some(&*id.to_ascii_lowercase()));
    let format = format.ok_or_else(|| malformed(Text::trusted("the object has another id")))?;
    let (headers, rest) = headers(bytes).ok_or_else(|| malformed(Text::trusted("the headers are damaged")))?;
    let (target, target_kind, tag) = head(kind, format, &headers)
        .ok_or_else(|| malformed(Text::trusted("the headers are not those of such an object")))?;
    let (payload, signature) = match kind {
        Kind::Commit => commit_parts(format, &headers, rest),
        Kind::Tag => tag_parts(bytes),
    }
    .map_err(malformed)?;
    let faults = signature.as_deref().and_then(trailing).into_iter().collect();
    let target_kind = target_kind.to_owned();
    Ok(Object {
        id: id.to_owned(),
        kind,
        tag,
        target,
        target_kind,
        payload,
        signature,
        faults,
        notes: Vec::new(),
        commit_time: None,
    })
}

impl Object {
    /// Returns what its signatures say.
    ///
    /// # Errors
    /// When the signature cannot be read, or is in a scheme that is not known here.
    pub fn judge(&self, trust: &Trust) -> Result<Answer, Unreadable> {
        let Some(signature) = &self.signature else {
            return Ok(Answer::Unsigned(text!("the {} {} is not signed", self.kind.word(), self.id)));
        };
        let scheme = scheme_of(signature).filter(|scheme| SCHEMES.contains(&scheme.id));
        let Some(scheme) = scheme else {
            let what = if signature.starts_with(X509) { "an X.509 signature" } else { "a signature of unknown form" };
            let message = text!("the {} {} has {}, which cannot be checked here", self.kind.word(), self.id, what);
            return Err(Fault::undetermined(FaultKind::Unsupported, message).into());
        };
        let expected =
            Expected { namespace: Some(NAMESPACE.to_owned()), artifact_name: None, ..trust.expected.clone() };
        let known_time = self.commit_time.map(|at| SignedTime { at, source: TimeSource::Commit });
        let trust = Trust { expected, known_time, ..trust.clone() };
        let file = Material { name: text!("{} {}", self.kind.word(), self.id), bytes: signature.clone() };
        let pending = (scheme.read)(&file, &trust)?;
        let mut hashes = Hashes::new(pending.hashings());
        hashes.update(&self.payload);
        let mut claims = pending.finish(&hashes);
        for claim in &mut claims {
            claim.faults.extend(self.faults.iter().cloned());
            claim.notes.extend(self.notes.iter().cloned());
            claim.digest = Format::of(&self.id).map(|format| (format.name(), self.id.clone()));
            claim.details.insert("target", text!("{} {}", &*self.target_kind, self.target));
            claim.details.extend(self.tag.as_deref().map(|tag| ("tag", Text::of(tag))));
        }
        Ok(Answer::Claims(claims))
    }

    /// Returns that a tag has another name in itself than the one it was asked for by. Whoever can write references
    /// could offer an old release as a new one.
    fn name_fault(&self, asked: &[u8]) -> Option<Fault> {
        let own = self.tag.as_deref()?;
        (own != asked).then(|| {
            let message = text!("the tag `{}` is signed as `{}`", asked, own);
            Fault::new(FaultKind::SubjectMismatch, message)
        })
    }
}
