//! One artifact: its signatures found, its bytes hashed once, and what each signature says.

use std::borrow::Cow;
use std::io::{BufReader, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::demanded::{allowed, demanded};
use super::list::{Lists, SignedList};
use super::output::{self, Output};
use super::trusted::{Ask, Trusted};
use super::watch::Watch;
use super::{Asked, Named, beside};
use crate::gate::GateError;
use crate::signature::{
    Artifact, Claim, Fault, FaultKind, Function, Hashes, Hashing, Material, MessageScheme, Pending, Scheme, Trust,
    Unreadable, scheme_of, scheme_of_message,
};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{NamedFile, PartsFault, ReadFault};

/// How many bytes tell what a message is.
pub(super) const HEAD: usize = 4096;

/// What every artifact is judged by.
pub(super) struct Sources<'a> {
    /// The signatures that are named.
    pub(super) signatures: Vec<Material>,
    /// The list of digests that is named.
    pub(super) list: Option<SignedList>,
    /// The lists beside artifacts.
    pub(super) lists: Lists,
    pub(super) trusted: Trusted,
    /// Where the text of a message goes, if it is asked for.
    pub(super) output: Option<Output<'a>>,
    /// Whether a ledger of signers asks for the SHA-256 of each file.
    pub(super) wants_sha256: bool,
    pub(super) watch: &'a Watch,
}

/// Judges one artifact.
pub(super) fn artifact(asked: &Asked, sources: &Sources<'_>) -> Result<Artifact, GateError> {
    let (signatures, trusted) = (&sources.signatures, &sources.trusted);
    match asked {
        Asked::Path(named) => match &sources.list {
            Some(list) => listed(named, list, sources),
            None => of_file(named, sources),
        },
        Asked::Digest(function, value) => match &sources.list {
            Some(list) => list.of_digest(*function, value, trusted),
            None => of_digest(*function, value, signatures, trusted),
        },
        Asked::Nothing | Asked::Tag(_) | Asked::Commits(_) => of_nothing(signatures, trusted),
    }
}

/// Judges an artifact by a list of digests.
fn listed(named: &Named, list: &SignedList, sources: &Sources<'_>) -> Result<Artifact, GateError> {
    let name = named.path.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let artifact = Artifact::new("artifact", named.shown.clone());
    let (artifact, hashes) = match hashed(named, artifact, list.hashings(&name), sources)? {
        Ok(known) => known,
        Err(changed) => return Ok(changed),
    };
    let asks = sources.trusted.of(&named.path)?;
    let judged = asks.iter().map(|ask| demanded(list.judge(artifact.clone(), &name, &hashes, ask), ask));
    Ok(nearest(judged).unwrap_or(artifact))
}

/// Hashes a file; the artifact alone where it was changed meanwhile.
fn hashed(
    named: &Named,
    artifact: Artifact,
    wanted: impl IntoIterator<Item = Hashing>,
    sources: &Sources<'_>,
) -> Result<Result<(Artifact, Hashes), Artifact>, GateError> {
    let error = |fault: ReadFault| GateError::File { file: named.shown.clone(), found: Text::of(&fault) };
    let mut artifact = artifact;
    let mut file = NamedFile::open(&named.path).map_err(error)?;
    // Nothing but what is needed: hashing is what takes the time.
    let mut wanted: Vec<Hashing> = wanted.into_iter().collect();
    if !wanted.iter().any(|hashing| shown_as_digest(hashing).is_some()) {
        wanted.push(Hashing::plain(Function::Sha256));
    }
    let shown = wanted.iter().find_map(shown_as_digest);
    wanted.extend(sources.wants_sha256.then(|| Hashing::plain(Function::Sha256)));
    let mut hashes = Hashes::new(wanted);
    let watched = sources.watch.begin(&named.shown, file.size());
    let take = |part: &[u8]| {
        hashes.update(part);
        watched.add(part.len());
    };
    match file.for_each_part(take) {
        Ok(()) => {
            let digest = |function: Function| Some((function.name(), hex(&hashes.plain(function)?)));
            artifact.digest = shown.and_then(digest);
            artifact.sha256 = digest(Function::Sha256).filter(|_| sources.wants_sha256).map(|(_, value)| value);
            Ok(Ok((artifact, hashes)))
        }
        Err(PartsFault::Unreadable) => Err(error(ReadFault::Unreadable)),
        Err(PartsFault::Changed) => {
            let message = text!("`{}` was changed while it was read", named.shown);
            artifact.faults.push(Fault::undetermined(FaultKind::Bad, message));
            Ok(Err(artifact))
        }
    }
}

/// Returns the function of a hash that is also the artifact's digest.
fn shown_as_digest(hashing: &Hashing) -> Option<Function> {
    (*hashing == Hashing::plain(hashing.function) && hashing.function.is_strong()).then_some(hashing.function)
}

fn of_file(named: &Named, sources: &Sources<'_>) -> Result<Artifact, GateError> {
    let (given, trusted) = (&sources.signatures, &sources.trusted);
    let found = if given.is_empty() { Cow::Owned(signatures_beside(named)?) } else { Cow::Borrowed(given.as_slice()) };
    let asks = trusted.of(&named.path)?;
    if let (Some(_), Some(signature)) = (&sources.output, found.first()) {
        return Err(GateError::NoMessage {
            found: text!("`{}` with its signature in `{}`", named.shown, signature.name),
        });
    }
    if found.is_empty() {
        if let Some(artifact) = of_message(named, &asks, sources)? {
            return Ok(artifact);
        }
        if sources.output.is_some() {
            return Err(GateError::NoMessage { found: text!("`{}`, which is none", named.shown) });
        }
        if let Some(list) = sources.lists.beside(named)? {
            return listed(named, &list, sources);
        }
    }
    let name = named.path.file_name().map(|name| name.as_bytes().to_vec());
    let readings: Vec<Reading<'_>> = asks.iter().map(|ask| Reading::of(ask, &found, name.as_deref())).collect();
    let artifact = Artifact::new("artifact", named.shown.clone());
    let hashings = readings.iter().flat_map(Reading::hashings);
    let (artifact, hashes) = match hashed(named, artifact, hashings, sources)? {
        Ok(known) => known,
        Err(changed) => return Ok(changed),
    };
    let answers = readings.into_iter().map(|reading| reading.finish(&hashes));
    Ok(best(artifact, asks.iter().copied().zip(answers)))
}

fn of_digest(
    function: Function,
    value: &[u8],
    signatures: &[Material],
    trusted: &Trusted,
) -> Result<Artifact, GateError> {
    let shown = text!("{}:{}", function.name(), hex(value));
    let asks = trusted.of(Path::new(shown.as_str()))?;
    let hashes = Hashes::of_digests([(function, value.to_vec())]);
    let mut artifact = Artifact::new("artifact", shown);
    artifact.digest = Some((function.name(), hex(value)));
    artifact.sha256 = (function == Function::Sha256).then(|| hex(value));
    Ok(best(artifact, asks.iter().map(|ask| (*ask, Reading::of(ask, signatures, None).finish(&hashes)))))
}

fn of_nothing(signatures: &[Material], trusted: &Trusted) -> Result<Artifact, GateError> {
    let names: Vec<&str> = signatures.iter().map(|signature| signature.name.as_str()).collect();
    let shown = Text::trusted(names.join(", "));
    let asks = trusted.of(Path::new(shown.as_str()))?;
    let hashes = Hashes::default();
    let answers = asks.iter().map(|ask| (*ask, Reading::of(ask, signatures, None).finish(&hashes)));
    Ok(best(Artifact::new("attestation", shown), answers))
}

/// Reads the artifact itself as a message that holds its signatures, if it is one.
fn of_message(named: &Named, asks: &[&Ask], sources: &Sources<'_>) -> Result<Option<Artifact>, GateError> {
    let output = sources.output.as_ref();
    let error = |fault: ReadFault| GateError::File { file: named.shown.clone(), found: Text::of(&fault) };
    let Some((scheme, message)) = message_at(&named.path).map_err(error)? else { return Ok(None) };
    let mut answers = Vec::new();
    let mut first: Option<Option<Vec<u8>>> = None;
    for (number, ask) in asks.iter().enumerate() {
        let file = NamedFile::open(&named.path).map_err(error)?;
        let watched = sources.watch.begin(&named.shown, file.size());
        let mut reader = BufReader::with_capacity(64 << 10, watched.over(file));
        let mut text = output::Reading::begin(output, number, asks.len());
        let mut claims = match (message.read)(&named.shown, &mut reader, &ask.trust, &mut text) {
            Ok(claims) => claims,
            Err(unreadable) => vec![Claim::new(scheme.id, named.shown.clone()).against(unreadable.fault)],
        };
        // What was given on is the text of the first reading.
        let digest = text.digest();
        if first.get_or_insert_with(|| digest.clone()) != &digest {
            let message = text!("`{}` was changed while it was read", named.shown);
            let fault = Fault::undetermined(FaultKind::Bad, message);
            claims.iter_mut().for_each(|claim| claim.faults.push(fault.clone()));
        }
        answers.push(claims.into_iter().map(|claim| allowed(claim, ask)).collect());
    }
    let mut artifact = Artifact::new("artifact", named.shown.clone());
    if sources.wants_sha256 {
        artifact = match hashed(named, artifact, [], sources)? {
            Ok((known, _)) => Artifact { digest: None, ..known },
            Err(changed) => return Ok(Some(changed)),
        };
    }
    Ok(Some(best(artifact, asks.iter().copied().zip(answers))))
}

/// Returns how a file is read as a message that holds its own signatures, if it is one.
pub(super) fn message_at(path: &Path) -> Result<Option<(&'static Scheme, &'static MessageScheme)>, ReadFault> {
    let mut head = Vec::new();
    let read = NamedFile::open(path)?.take(HEAD as u64).read_to_end(&mut head);
    read.map_err(|_error| ReadFault::Unreadable)?;
    Ok(scheme_of_message(&head))
}

/// Reads the signatures that stand beside a file.
pub(super) fn signatures_beside(named: &Named) -> Result<Vec<Material>, GateError> {
    let mut found = Vec::new();
    for path in beside::signatures_of(&named.path) {
        if matches!(NamedFile::open(&path), Err(ReadFault::Absent)) {
            continue;
        }
        let suffix = path.as_os_str().as_bytes().get(named.path.as_os_str().len()..).unwrap_or_default();
        let shown = text!("{}{}", named.shown, Text::of(suffix));
        found.push(Named { path, shown }.read()?);
    }
    Ok(found)
}

/// The signatures of an artifact, read for one of those who may sign it.
pub(super) struct Reading<'a> {
    ask: &'a Ask,
    files: Vec<Result<Box<dyn Pending>, Box<Claim>>>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(ask: &'a Ask, signatures: &[Material], name: Option<&[u8]>) -> Self {
        let mut trust: Trust = ask.trust.clone();
        trust.expected.artifact_name = name.map(<[u8]>::to_vec);
        let read = |signature: &Material| {
            let Some(scheme) = scheme_of(&signature.bytes) else {
                let message = text!("`{}` is no signature of a scheme that is known here", signature.name);
                let claim = Claim::new("unknown", signature.name.clone());
                return Err(Box::new(claim.against(Fault::new(FaultKind::Malformed, message).finally())));
            };
            (scheme.read)(signature, &trust).map_err(|Unreadable { fault }| {
                // What is damaged is not outvoted; what is only not known here says nothing.
                let fault = if fault.kind == FaultKind::Malformed { fault.finally() } else { fault };
                Box::new(Claim::new(scheme.id, signature.name.clone()).against(fault))
            })
        };
        Self { ask, files: signatures.iter().map(read).collect() }
    }

    pub(super) fn hashings(&self) -> Vec<Hashing> {
        self.files.iter().flatten().flat_map(|pending| pending.hashings()).collect()
    }

    pub(super) fn finish(self, hashes: &Hashes) -> Vec<Claim> {
        let ask = self.ask;
        let claims = self.files.into_iter().flat_map(|file| match file {
            Ok(pending) => pending.finish(hashes),
            Err(claim) => vec![*claim],
        });
        claims.map(|claim| allowed(claim, ask)).collect()
    }
}

/// Returns the artifact with the claims of whoever comes nearest to accepting it.
pub(super) fn best<'a>(artifact: Artifact, answers: impl Iterator<Item = (&'a Ask, Vec<Claim>)>) -> Artifact {
    let judged = answers.map(|(ask, claims)| demanded(Artifact { claims, ..artifact.clone() }, ask));
    nearest(judged).unwrap_or(artifact)
}

/// Returns the one that comes nearest to being accepted.
pub(super) fn nearest(judged: impl Iterator<Item = Artifact>) -> Option<Artifact> {
    let rank = |one: &Artifact| {
        (!one.is_accepted(), one.good_claims().count() == 0, !one.claims.iter().any(|claim| claim.signer.is_some()))
    };
    let mut all: Vec<Artifact> = judged.collect();
    all.sort_by_key(rank);
    all.into_iter().next()
}
