//! Signed tags and commits of git: what is signed in an object, and by which signature.
//!
//! The payload is cut out exactly as git does (`parse_signed_commit`, `parse_signature`); what git is lenient about, a
//! second signature or a header that looks like one, is refused. The signature itself is for its scheme to judge.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    Claim, Expected, Fault, FaultKind, Function, Hashes, Hashing, Material, SignedTime, TimeSource, Trust, Unreadable,
    scheme_of,
};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{RawObject, Repository, RepositoryError, short_tag};

/// The namespace of SSH signatures over objects of git.
const NAMESPACE: &str = "git";
/// The schemes that sign objects of git.
const SCHEMES: [&str; 2] = ["openpgp", "ssh"];
/// What a signature by X.509 begins with.
const X509: &[u8] = b"-----BEGIN SIGNED MESSAGE-----";
/// What a signature begins with (git, `gpg-interface.c`).
const BEGINNINGS: [&[u8]; 4] =
    [b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN PGP MESSAGE-----", X509, b"-----BEGIN SSH SIGNATURE-----"];

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

/// How a repository names its objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Sha1,
    Sha256,
}

impl Format {
    fn of(id: &str) -> Option<Self> {
        match id.len() {
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "git-sha1",
            Self::Sha256 => "git-sha256",
        }
    }

    /// Returns the header of a commit that holds its signature.
    fn header(self) -> &'static [u8] {
        match self {
            Self::Sha1 => b"gpgsig",
            Self::Sha256 => b"gpgsig-sha256",
        }
    }

    /// Returns the id that bytes have.
    fn id(self, kind: Kind, bytes: &[u8]) -> Option<String> {
        let function = match self {
            Self::Sha1 => Function::Sha1,
            Self::Sha256 => Function::Sha256,
        };
        let prefix = format!("{} {}\0", kind.word(), bytes.len()).into_bytes().into();
        let hashing = Hashing { prefix, ..Hashing::plain(function) };
        let mut hashes = Hashes::new([hashing.clone()]);
        hashes.update(bytes);
        hashes.digest(&hashing, &[]).map(|digest| hex(&digest))
    }

    fn is_id(self, text: &[u8]) -> bool {
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        Self::of(&String::from_utf8_lossy(text)) == Some(self) && text.iter().all(is_hex)
    }
}

/// A header with the lines that continue it.
struct Header<'a> {
    name: &'a [u8],
    whole: Cow<'a, [u8]>,
}

impl Header<'_> {
    /// Returns the value without the blank before each line.
    fn value(&self) -> Vec<u8> {
        let mut value = Vec::new();
        for (at, line) in self.whole.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let start = if at == 0 { self.name.len() + 1 } else { 1 };
            value.extend_from_slice(line.get(start..).unwrap_or_default());
        }
        value
    }

    /// Returns the value of a header of one line.
    fn line(&self) -> Option<Vec<u8>> {
        let value = self.value();
        value.strip_suffix(b"\n").filter(|line| !line.contains(&b'\n')).map(<[u8]>::to_vec)
    }
}

/// Splits the headers off, and returns the rest with the empty line before it.
fn headers(bytes: &[u8]) -> Option<(Vec<Header<'_>>, &[u8])> {
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && !rest.starts_with(b"\n") {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        let (line, below) = rest.split_at(end);
        rest = below;
        if line.starts_with(b" ") {
            headers.last_mut()?.whole.to_mut().extend_from_slice(line);
            continue;
        }
        let end = line.iter().position(|byte| matches!(byte, b' ' | b'\n')).unwrap_or(line.len());
        let (name, _) = line.split_at(end);
        headers.push(Header { name, whole: Cow::Borrowed(line) });
    }
    Some((headers, rest))
}

/// Returns when a commit was made: what its `committer` says.
fn time_of(commit: &[u8]) -> Option<Timestamp> {
    let (headers, _) = headers(commit)?;
    let line = headers.iter().find(|header| header.name == b"committer")?.line()?;
    let mut words = line.rsplit(|byte| *byte == b' ').skip(1);
    let seconds: i64 = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// The id and the kind of what an object names, and the name that a tag has.
type Head = (String, &'static [u8], Option<Vec<u8>>);

/// Reads what an object is about: the id and kind of its target, and a tag's name.
fn head(kind: Kind, format: Format, headers: &[Header<'_>]) -> Option<Head> {
    let value = |at: usize, name: &[u8]| headers.get(at).filter(|header| header.name == name)?.line();
    let id = |bytes: Vec<u8>| String::from_utf8(bytes).ok().filter(|id| format.is_id(id.as_bytes()));
    match kind {
        Kind::Commit => Some((id(value(0, b"tree")?)?, b"tree", None)),
        Kind::Tag => {
            let target = id(value(0, b"object")?)?;
            let written = value(1, b"type")?;
            let kinds: [&'static [u8]; 4] = [b"commit", b"tree", b"blob", b"tag"];
            let target_kind = kinds.into_iter().find(|kind| *kind == written)?;
            Some((target, target_kind, Some(value(2, b"tag")?)))
        }
    }
}

/// What is signed, and the signature over it.
type Parts = (Vec<u8>, Option<Vec<u8>>);

/// Cuts the signature out of a commit's headers.
fn commit_parts(format: Format, headers: &[Header<'_>], rest: &[u8]) -> Result<Parts, Text> {
    let mut payload = Vec::new();
    let mut signature = None;
    for header in headers {
        if !header.name.starts_with(b"gpgsig") {
            payload.extend_from_slice(&header.whole);
        } else if header.name == format.header() {
            if signature.replace(header.value()).is_some() {
                return Err(Text::trusted("holds several signatures, of which git joins the parts"));
            }
        } else if !is_signature_header(header.name) {
            // git leaves it out of what is signed, whatever it says.
            return Err(text!("the header `{}` is not signed", header.name));
        }
    }
    payload.extend_from_slice(rest);
    match signature.as_deref().map(beginnings) {
        Some(places) if places.len() > 1 => Err(several()),
        _ => Ok((payload, signature)),
    }
}

/// Cuts the signature off a tag's end.
fn tag_parts(bytes: &[u8]) -> Result<Parts, Text> {
    let places = beginnings(bytes);
    if places.len() > 1 {
        return Err(several());
    }
    let Some((payload, signature)) = places.first().map(|place| bytes.split_at(*place)) else {
        return Ok((bytes.to_vec(), None));
    };
    // A header holds the signature over the same tag in a repository of the other format.
    let (headers, rest) = headers(payload).ok_or_else(|| Text::trusted("the headers are damaged"))?;
    let mut signed = Vec::new();
    for header in headers.iter().filter(|header| !is_signature_header(header.name)) {
        signed.extend_from_slice(&header.whole);
    }
    signed.extend_from_slice(rest);
    Ok((signed, Some(signature.to_vec())))
}

fn is_signature_header(name: &[u8]) -> bool {
    [Format::Sha1, Format::Sha256].iter().any(|format| format.header() == name)
}

fn several() -> Text {
    Text::trusted("holds several signatures, of which git looks at the last alone")
}

/// Returns where lines stand that begin a signature.
fn beginnings(bytes: &[u8]) -> Vec<usize> {
    let mut at = 0;
    let mut places = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) {
            places.push(at);
        }
        at += line.len();
    }
    places
}

/// Returns that something stands behind a signature's end, where nothing is signed.
fn trailing(signature: &[u8]) -> Option<Fault> {
    let mut behind = signature.split(|byte| *byte == b'\n').skip_while(|line| !line.starts_with(b"-----END "));
    let _end = behind.next()?;
    let is_blank = behind.all(|line| line.trim_ascii().is_empty());
    (!is_blank).then(|| Fault::new(FaultKind::UnsignedContent, Text::trusted("text stands behind the signature")))
}

#[cfg(test)]
mod tests {
    use git2::{ObjectType, Oid};
    use proptest::prelude::*;

    use super::super::trial::{Verdict, fixture, flipped, trust};
    use super::FaultKind::{Bad, Malformed, SubjectMismatch, UnknownSigner, UnsignedContent, Unsupported, WrongType};
    use super::*;
    use crate::tree::GitEnvironment;

    const KEY: &[u8] = fixture!("ssh/ed25519.pub");
    const COMMIT: &[u8] = fixture!("git/commit");
    const TAG: &[u8] = fixture!("git/tag");
    const UNSIGNED: &[u8] = fixture!("git/tag-unsigned");

    fn id(kind: Kind, bytes: &[u8]) -> String {
        let kind = if kind == Kind::Tag { ObjectType::Tag } else { ObjectType::Commit };
        Oid::hash_object(kind, bytes).unwrap().to_string()
    }

    /// Returns who signed an object, or what speaks against it; nothing where it is not signed.
    fn judged(object: Read, trust: &Trust) -> Verdict {
        let answer = object.map_err(|fault| vec![fault.kind])?.judge(trust);
        match answer.map_err(|unreadable| vec![unreadable.fault.kind])? {
            Answer::Unsigned(_) => Err(Vec::new()),
            Answer::Claims(claims) => match &claims[0].signer {
                Some(signer) if claims[0].is_good() => Ok(signer.name.to_string()),
                _ => Err(claims[0].faults.iter().map(|fault| fault.kind).collect()),
            },
        }
    }

    fn verdict(kind: Kind, bytes: &[u8]) -> Verdict {
        judged(read(kind, &id(kind, bytes), bytes), &trust(&[KEY]))
    }

    fn good() -> Verdict {
        Ok("ed25519@example.org".to_owned())
    }

    fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1).into_bytes()
    }

    #[test]
    fn a_signed_object_names_its_signer_and_an_unsigned_one_none() {
        assert_eq!(verdict(Kind::Commit, COMMIT), good());
        assert_eq!(verdict(Kind::Tag, TAG), good());
        assert_eq!(verdict(Kind::Tag, UNSIGNED), Err(Vec::new()));
        assert_eq!(judged(read(Kind::Tag, &id(Kind::Tag, TAG), TAG), &trust(&[])), Err(vec![UnknownSigner]));
        // Whatever namespace files are signed for, git has its own.
        let mut other = trust(&[KEY]);
        other.expected.namespace = Some("file".to_owned());
        assert_eq!(judged(read(Kind::Tag, &id(Kind::Tag, TAG), TAG), &other), good());
        let signature = std::str::from_utf8(fixture!("ssh/ed25519.sig")).unwrap().trim_end().replace('\n', "\n ");
        let start = COMMIT.windows(7).position(|window| window == b"gpgsig ").unwrap();
        let by_file = [&COMMIT[..start], b"gpgsig ", signature.as_bytes(), b"\n\ntext\n"].concat();
        assert_eq!(verdict(Kind::Commit, &by_file), Err(vec![Bad, WrongType]));
    }

    #[test]
    fn a_claim_says_which_object_it_is_about() {
        let object = read(Kind::Tag, &id(Kind::Tag, TAG), TAG).unwrap();
        let Answer::Claims(claims) = object.judge(&trust(&[KEY])).unwrap() else { panic!("unsigned") };
        assert_eq!(claims[0].digest, Some(("git-sha1", id(Kind::Tag, TAG))));
        assert_eq!(claims[0].details["tag"].as_str(), "v1.4.0");
        assert_eq!(claims[0].details["target"].as_str(), format!("commit {}", id(Kind::Commit, COMMIT)));
    }

    #[test]
    fn no_flipped_bit_is_accepted() {
        for (kind, bytes) in [(Kind::Commit, COMMIT), (Kind::Tag, TAG)] {
            for (at, other) in flipped(bytes) {
                assert_eq!(read(kind, &id(kind, bytes), &other).unwrap_err().kind, Malformed);
                // The line's end behind the signature counts for nothing.
                let is_last = kind == Kind::Tag && at + 1 == bytes.len();
                assert!(is_last || verdict(kind, &other).is_err(), "{kind:?}: byte {at}");
            }
        }
    }

    #[test]
    fn what_git_is_lenient_about_is_refused() {
        let commit = std::str::from_utf8(COMMIT).unwrap();
        let start = commit.find("gpgsig ").unwrap();
        let end = commit.find("\n\n").unwrap();
        let header = commit.get(start..=end).unwrap();
        let signature = &TAG[TAG.windows(10).position(|window| window == b"-----BEGIN").unwrap()..];
        let cases: [(Kind, Vec<u8>, Verdict); 13] = [
            (Kind::Commit, replaced(COMMIT, "\n\n", &format!("\n{header}\n")), Err(vec![Malformed])),
            (Kind::Commit, replaced(COMMIT, "gpgsig ", "gpgsigx text\ngpgsig "), Err(vec![Malformed])),
            (Kind::Commit, replaced(COMMIT, "gpgsig ", "gpgsig\ngpgsig "), Err(vec![Malformed])),
            // The signature over the same commit in a repository of the other format.
            (Kind::Commit, replaced(COMMIT, "gpgsig ", "gpgsig-sha256 text\n more\ngpgsig "), good()),
            (Kind::Tag, replaced(TAG, "tagger ", "gpgsig-sha256 text\n more\ntagger "), good()),
            (Kind::Commit, replaced(COMMIT, "gpgsig ", "encoding x\ngpgsig "), Err(vec![Bad])),
            (Kind::Commit, replaced(COMMIT, "tree ", "odd x\ntree "), Err(vec![Malformed])),
            (Kind::Commit, replaced(COMMIT, "tree ", " tree "), Err(vec![Malformed])),
            (
                Kind::Commit,
                replaced(COMMIT, "-----BEGIN SSH SIGNATURE", "-----BEGIN SIGNED MESSAGE"),
                Err(vec![Unsupported]),
            ),
            (Kind::Tag, [TAG, signature].concat(), Err(vec![Malformed])),
            (Kind::Tag, [TAG, b"text\n"].concat(), Err(vec![Malformed])),
            (Kind::Tag, replaced(TAG, "type commit", "type odd"), Err(vec![Malformed])),
            (Kind::Tag, COMMIT.to_vec(), Err(vec![Malformed])),
        ];
        for (kind, bytes, expected) in cases {
            assert_eq!(verdict(kind, &bytes), expected, "{}", bytes.escape_ascii());
        }
        assert_eq!(trailing(b"-----END X-----\n\n \n"), None);
        assert_eq!(trailing(b"-----END X-----\nmore").unwrap().kind, UnsignedContent);
    }

    #[test]
    fn an_object_of_a_repository_of_the_newer_format_is_read() {
        let bytes = replaced(TAG, &id(Kind::Commit, COMMIT), &"a".repeat(64));
        let id = Format::Sha256.id(Kind::Tag, &bytes).unwrap();
        assert_eq!(judged(read(Kind::Tag, &id, &bytes), &trust(&[KEY])), Err(vec![Bad]));
    }

    /// Makes a repository with a signed commit and tags.
    fn repository() -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        let git = git2::Repository::init_bare(folder.path()).unwrap();
        git.treebuilder(None).unwrap().write().unwrap();
        let objects = git.odb().unwrap();
        let commit = objects.write(ObjectType::Commit, COMMIT).unwrap();
        let tag = objects.write(ObjectType::Tag, TAG).unwrap();
        let unsigned = objects.write(ObjectType::Tag, UNSIGNED).unwrap();
        let lies = objects.write(ObjectType::Tag, &replaced(TAG, "type commit", "type tree")).unwrap();
        let lost = replaced(TAG, &commit.to_string(), &"a".repeat(40));
        let lost = objects.write(ObjectType::Tag, &lost).unwrap();
        let second = format!(
            "tree {}\nparent {commit}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\ntext\n",
            git.find_commit(commit).unwrap().tree_id()
        );
        let second = objects.write(ObjectType::Commit, second.as_bytes()).unwrap();
        let references = [
            ("heads/main", second),
            ("tags/v1.4.0", tag),
            ("tags/v2.0.0", tag),
            ("tags/light", commit),
            ("tags/v1.4.0-unsigned", unsigned),
            ("tags/lies", lies),
            ("tags/lost", lost),
        ];
        for (name, target) in references {
            git.reference(&format!("refs/{name}"), target, true, "").unwrap();
        }
        let repository = Repository::open(folder.path(), Text::trusted("test"), &GitEnvironment::default()).unwrap();
        (folder, repository)
    }

    #[test]
    fn a_tag_counts_under_its_own_name() {
        let (_folder, repository) = repository();
        let found = |name: &str| tag(&repository, name).unwrap().map(|object| judged(object, &trust(&[KEY])));
        assert_eq!(found("v1.4.0"), Some(good()));
        assert_eq!(found("refs/tags/v1.4.0"), Some(good()));
        assert_eq!(found(&id(Kind::Tag, TAG)), Some(good()));
        assert_eq!(found("v2.0.0"), Some(Err(vec![SubjectMismatch])));
        assert_eq!(found("light"), None);
        assert_eq!(found(&id(Kind::Commit, COMMIT)), None);
        assert_eq!(found("v1.4.0-unsigned"), Some(Err(Vec::new())));
        assert_eq!(found("lies"), Some(Err(vec![Bad, SubjectMismatch, SubjectMismatch])));
        // What a tag names may stand in another clone: that is told, and nothing more.
        assert_eq!(found("lost"), Some(Err(vec![Bad, SubjectMismatch])));
        for name in ["v1", "main", "", "../heads/main", &"a".repeat(40)] {
            assert!(tag(&repository, name).is_err(), "{name}");
        }
    }

    #[test]
    fn each_commit_of_a_range_is_judged() {
        let (_folder, repository) = repository();
        let found = |revisions: &str| {
            let commits = commits(&repository, revisions).ok()?;
            Some(commits.map(|(_, object)| judged(object.unwrap(), &trust(&[KEY]))).collect::<Vec<_>>())
        };
        assert_eq!(found("main"), Some(vec![Err(Vec::new())]));
        assert_eq!(found("main~1"), Some(vec![good()]));
        assert_eq!(found("v1.4.0"), Some(vec![good()]));
        assert_eq!(found("v1.4.0..main"), Some(vec![Err(Vec::new())]));
        assert_eq!(found(&id(Kind::Commit, COMMIT)), Some(vec![good()]));
        assert_eq!(found("main..main"), Some(Vec::new()));
        assert_eq!(found("none"), None);
        assert_eq!(found("none..main"), None);
        assert_eq!(found("v1.4.0...main"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                "(gpgsig(-sha256)?|tree a| |\n|-----(BEGIN|END) SSH SIGNATURE-----|[a-z]){0,9}".prop_map(String::into_bytes),
            ],
            at in any::<prop::sample::Index>(),
        ) {
            for (kind, whole) in [(Kind::Commit, COMMIT), (Kind::Tag, TAG)] {
                let at = at.index(whole.len());
                for bytes in [bytes.clone(), [&whole[..at], &bytes, &whole[at..]].concat()] {
                    drop(verdict(kind, &bytes));
                }
            }
        }
    }
}
