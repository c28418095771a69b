//! One artifact: its signatures found, its bytes hashed once, and what each signature says.

use std::borrow::Cow;
use std::io::BufReader;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::list::{Lists, SignedList};
use super::trusted::{Ask, Trusted};
use super::watch::Watch;
use super::{Asked, Named, beside};
use crate::gate::GateError;
use crate::signature::{
    Artifact, Claim, Fault, FaultKind, Function, Hashes, Hashing, Material, Pending, Trust, scheme_of,
    scheme_of_message,
};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{NamedFile, PartsFault, ReadFault};

/// How many bytes tell what a message is.
const HEAD: usize = 4096;

/// What every artifact is judged by.
pub(super) struct Sources<'a> {
    /// The signatures that are named.
    pub(super) signatures: Vec<Material>,
    /// The list of digests that is named.
    pub(super) list: Option<SignedList>,
    /// The lists beside artifacts.
    pub(super) lists: Lists,
    pub(super) trusted: Trusted,
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
        Asked::Digest(function, value) => Ok(of_digest(*function, value, signatures, trusted)),
        Asked::Nothing | Asked::Tag(_) | Asked::Commits(_) => Ok(of_nothing(signatures, trusted)),
    }
}

/// Judges an artifact by a list of digests.
fn listed(named: &Named, list: &SignedList, sources: &Sources<'_>) -> Result<Artifact, GateError> {
    let name = named.path.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let artifact = Artifact::new("artifact", named.shown.clone());
    let (artifact, hashes) = match hashed(named, artifact, list.hashings(&name), sources.watch)? {
        Ok(known) => known,
        Err(changed) => return Ok(changed),
    };
    let asks = sources.trusted.of(&named.path);
    Ok(nearest(asks.iter().map(|ask| {
        let judged = list.judge(artifact.clone(), &name, &hashes, ask);
        Artifact { threshold: ask.threshold, ..judged }
    }))
    .unwrap_or(artifact))
}

/// Hashes a file; the artifact alone where it was changed meanwhile.
fn hashed(
    named: &Named,
    artifact: Artifact,
    wanted: impl IntoIterator<Item = Hashing>,
    watch: &Watch,
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
    let mut hashes = Hashes::new(wanted);
    let watched = watch.begin(&named.shown, file.size());
    let take = |part: &[u8]| {
        hashes.update(part);
        watched.add(part.len());
    };
    match file.for_each_part(take) {
        Ok(()) => {
            let digest = |function: Function| Some((function.name(), hex(&hashes.plain(function)?)));
            artifact.digest = shown.and_then(digest);
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
    let asks = trusted.of(&named.path);
    if found.is_empty() {
        if let Some(artifact) = of_message(named, &asks, sources.watch)? {
            return Ok(artifact);
        }
        if let Some(list) = sources.lists.beside(named, trusted)? {
            return listed(named, &list, sources);
        }
    }
    let name = named.path.file_name().map(|name| name.as_bytes().to_vec());
    let readings: Vec<Reading<'_>> = asks.iter().map(|ask| Reading::of(ask, &found, name.as_deref())).collect();
    let artifact = Artifact::new("artifact", named.shown.clone());
    let (artifact, hashes) = match hashed(named, artifact, readings.iter().flat_map(Reading::hashings), sources.watch)?
    {
        Ok(known) => known,
        Err(changed) => return Ok(changed),
    };
    let answers = readings.into_iter().map(|reading| reading.finish(&hashes));
    Ok(best(artifact, asks.iter().copied().zip(answers)))
}

fn of_digest(function: Function, value: &[u8], signatures: &[Material], trusted: &Trusted) -> Artifact {
    let shown = text!("{}:{}", function.name(), hex(value));
    let asks = trusted.of(Path::new(shown.as_str()));
    let hashes = Hashes::of_digests([(function, value.to_vec())]);
    let answers = asks.iter().map(|ask| Reading::of(ask, signatures, None).finish(&hashes)).collect::<Vec<_>>();
    let mut artifact = Artifact::new("artifact", shown);
    artifact.digest = Some((function.name(), hex(value)));
    best(artifact, asks.iter().copied().zip(answers))
}

fn of_nothing(signatures: &[Material], trusted: &Trusted) -> Artifact {
    let names: Vec<&str> = signatures.iter().map(|signature| signature.name.as_str()).collect();
    let shown = Text::trusted(names.join(", "));
    let asks = trusted.of(Path::new(shown.as_str()));
    let hashes = Hashes::default();
    let answers = asks.iter().map(|ask| Reading::of(ask, signatures, None).finish(&hashes)).collect::<Vec<_>>();
    best(Artifact::new("attestation", shown), asks.iter().copied().zip(answers))
}

/// Reads the artifact itself as a message that holds its signatures, if it is one.
fn of_message(named: &Named, asks: &[&Ask], watch: &Watch) -> Result<Option<Artifact>, GateError> {
    let error = |fault: ReadFault| GateError::File { file: named.shown.clone(), found: Text::of(&fault) };
    let head = {
        use std::io::Read as _;
        let mut head = Vec::new();
        let file = NamedFile::open(&named.path).map_err(error)?;
        file.take(HEAD as u64).read_to_end(&mut head).map_err(|_error| error(ReadFault::Unreadable))?;
        head
    };
    let Some((scheme, message)) = scheme_of_message(&head) else { return Ok(None) };
    let mut answers = Vec::new();
    for ask in asks {
        let file = NamedFile::open(&named.path).map_err(error)?;
        let watched = watch.begin(&named.shown, file.size());
        let mut reader = BufReader::with_capacity(64 << 10, watched.over(file));
        let claims = match (message.read)(&named.shown, &mut reader, &ask.trust, &mut std::io::sink()) {
            Ok(claims) => claims,
            Err(unreadable) => vec![Claim::new(scheme.id, named.shown.clone()).against(unreadable.fault)],
        };
        answers.push(claims.into_iter().map(|claim| allowed(claim, ask)).collect());
    }
    Ok(Some(best(Artifact::new("artifact", named.shown.clone()), asks.iter().copied().zip(answers))))
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
                return Err(Box::new(claim.against(Fault::new(FaultKind::Malformed, message))));
            };
            (scheme.read)(signature, &trust)
                .map_err(|unreadable| Box::new(Claim::new(scheme.id, signature.name.clone()).against(unreadable.fault)))
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

/// Lays over a signature what the policy says of its signer.
pub(super) fn allowed(mut claim: Claim, ask: &Ask) -> Claim {
    if let Some(scheme) = ask.scheme.as_deref().filter(|scheme| *scheme != claim.scheme) {
        let message = text!("`{}` is signed by {}, where the policy asks for {}", claim.file, claim.scheme, scheme);
        claim.faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
    }
    if let Some(signer) = &claim.signer
        && !ask.fingerprints.is_empty()
        && !ask.fingerprints.iter().any(|known| is_fingerprint(known, signer.fingerprint.as_str()))
    {
        let message = text!(
            "`{}` is signed by {} ({}), which the policy does not name",
            claim.file,
            signer.name,
            signer.fingerprint
        );
        claim.faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
    }
    if let Some(name) = &ask.name {
        claim.details.entry("policy-signer").or_insert_with(|| name.clone());
    }
    claim
}

/// Whether two fingerprints are the same: one in hexadecimal digits in either case, any other to the letter.
fn is_fingerprint(known: &str, found: &str) -> bool {
    match known.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => known.eq_ignore_ascii_case(found),
        false => known == found,
    }
}

/// Returns the artifact with the claims of whoever comes nearest to accepting it.
pub(super) fn best<'a>(artifact: Artifact, answers: impl Iterator<Item = (&'a Ask, Vec<Claim>)>) -> Artifact {
    let judged = answers.map(|(ask, claims)| Artifact { threshold: ask.threshold, claims, ..artifact.clone() });
    nearest(judged).unwrap_or(artifact)
}

/// Returns the one that comes nearest to being accepted.
fn nearest(judged: impl Iterator<Item = Artifact>) -> Option<Artifact> {
    let rank = |one: &Artifact| {
        (!one.is_accepted(), one.good_claims().count() == 0, !one.claims.iter().any(|claim| claim.signer.is_some()))
    };
    let mut all: Vec<Artifact> = judged.collect();
    all.sort_by_key(rank);
    all.into_iter().next()
}
