//! A tarball beside the tag of which it is said to be made.

use std::io::{self, Read};

use super::trusted::Trusted;
use super::{Asked, Named, Request, TrustedFiles};
use crate::artifact::{AgainstTag, Artifact, Fault, FaultKind, Signatures};
use crate::gate::GateError;
use crate::release;
use crate::signature::{Expected, Function, Hashes, Hashing, git};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{NamedFile, ReadFault, Repository, Stands, stands_at};

/// Refuses what is no single file.
pub(super) fn check(request: &Request) -> Result<(), GateError> {
    if request.against_tag.is_none() {
        return Ok(());
    }
    match tarball(request) {
        Ok(named) if stands_at(&named.path) == Stands::Folder => {
            Err(GateError::OneTarball { found: text!("the folder `{}`", named.shown) })
        }
        Ok(_) => Ok(()),
        Err(found) => Err(GateError::OneTarball { found }),
    }
}

/// Returns the one file that is asked for, or else what is.
fn tarball(request: &Request) -> Result<&Named, Text> {
    let is_artifact = |asked: &&Asked| match asked {
        Asked::Path(_) | Asked::Digest(..) | Asked::Nothing => true,
        Asked::Tag(_) | Asked::Commits(_) => false,
    };
    let artifacts: Vec<&Asked> = request.artifacts.iter().filter(is_artifact).collect();
    match artifacts.as_slice() {
        [Asked::Path(named)] => Ok(named),
        [Asked::Digest(..)] => Err(Text::trusted("a digest")),
        [] | [_] => Err(Text::trusted("none")),
        all => Err(text!("{} artifacts", all.len())),
    }
}

/// Lays over the one artifact what it is beside the tag.
pub(super) fn add(request: &Request, trusted: &Trusted, artifacts: &mut [Artifact]) -> Result<(), GateError> {
    let (Some(tag), Some((folder, environment))) = (&request.against_tag, &request.repository) else { return Ok(()) };
    let named = tarball(request).map_err(|found| GateError::OneTarball { found })?;
    let Some(artifact) = artifacts.first_mut() else { return Err(GateError::NothingJudged) };
    let repository = Repository::open(&folder.path, folder.shown.clone(), environment)?;
    let commit = repository.tagged(tag)?;
    // Whoever can write references could offer an old tag as a new one.
    if let Some(Ok(object)) = git::tag(&repository, tag)? {
        let is_renamed = |fault: &Fault| fault.kind == FaultKind::SubjectMismatch;
        artifact.faults.extend(object.faults.into_iter().filter(is_renamed));
    }
    let wanted = artifact.digest.as_ref().and_then(|(name, value)| Some((Function::named(name)?, value.clone())));
    let error = |fault: ReadFault| GateError::File { file: named.shown.clone(), found: Text::of(&fault) };
    let file = NamedFile::open(&named.path).map_err(error)?;
    let size = file.size();
    let function = wanted.as_ref().map_or(Function::Sha256, |(function, _)| *function);
    let mut reader = Hashed { file, left: size, hashes: Hashes::new([Hashing::plain(function)]) };
    let read = release::read(&mut reader, size);
    // Of what cannot be read as a tarball nothing more is said.
    let digest = match read.is_ok() {
        true => reader.hashes.plain(function).map(|value| (function.name(), hex(&value))),
        false => None,
    };
    let again = || NamedFile::open(&named.path).ok().map(|file| file.take(size));
    let found: AgainstTag = release::compare(read, tag, &commit, size, again)?;
    if asks_nothing_else(request, trusted, named) && artifact.claims.is_empty() && artifact.faults.is_empty() {
        artifact.signatures = Signatures::NotAsked;
    }
    if let (Some((_, signed)), Some((_, compared))) = (&wanted, &digest)
        && signed != compared
    {
        let message = text!("`{}` was changed while it was read", named.shown);
        artifact.faults.push(Fault::undetermined(FaultKind::Bad, message));
    }
    artifact.digest = artifact.digest.take().or(digest);
    artifact.against_tag = Some(found);
    Ok(())
}

/// Returns what a reader should know of the comparison.
pub(super) fn notes(artifact: &Artifact) -> Vec<Text> {
    let Some(found) = &artifact.against_tag else { return Vec::new() };
    let mut notes = Vec::new();
    if found.unreadable.is_none() {
        notes.push(text!("files that are as in the tag `{}` ({}): {}", found.tag, found.commit, found.same));
    }
    notes.extend(found.notes.iter().cloned());
    if artifact.signatures == Signatures::NotAsked {
        notes.push(Text::trusted("nobody's signature was judged: none was named, and none stands beside it"));
    }
    notes
}

/// Whether the comparison alone is asked for: nothing that is trusted or expected is named, and the policy knows no signer.
fn asks_nothing_else(request: &Request, trusted: &Trusted, named: &Named) -> bool {
    let TrustedFiles { keys, allowed_signers, revoked, trusted_roots } = &request.trusted;
    let files = keys.len() + allowed_signers.len() + revoked.len() + trusted_roots.len() + request.signatures.len();
    let names_nothing = files == 0 && request.checksums.is_none() && request.expected == Expected::default();
    names_nothing && request.threshold == 1 && !trusted.is_of_policy(&named.path)
}

/// A file that is hashed as it is read.
struct Hashed {
    file: NamedFile,
    left: u64,
    hashes: Hashes,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = Read::read(&mut self.file, buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            // It would go on for as long as somebody writes to it.
            io::Error::other("it was changed while it was read")
        })?;
        self.hashes.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}
