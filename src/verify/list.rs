//! Lists of digests, each read and judged once however many artifacts it names.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Named;
use super::demanded::{allowed, demanded};
use super::judge::{HEAD, Reading, message_at, nearest, signatures_beside};
use super::trusted::{Ask, Trusted};
use crate::gate::GateError;
use crate::signature::checksums::{self, List};
use crate::signature::{
    Artifact, Claim, Fault, FaultKind, Function, Hashes, Hashing, Material, MessageScheme, Scheme, Trust,
    scheme_of_message,
};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{NamedFile, ReadFault};

/// The names that lists of digests bear.
const NAMES: [&str; 12] = [
    "B2SUMS",
    "SHA256SUMS",
    "SHA256SUMS.txt",
    "SHA384SUMS",
    "SHA512SUMS",
    "SHA512SUMS.txt",
    "b2sums.txt",
    "checksums.txt",
    "sha256sum.txt",
    "sha256sums.txt",
    "sha512sum.txt",
    "sha512sums.txt",
];

/// The names of lists that are messages with their own signatures; a detached signature has the same name.
const MESSAGES: [&str; 5] =
    ["SHA256SUMS.asc", "SHA512SUMS.asc", "checksums.txt.asc", "sha256sums.asc", "sha512sums.asc"];

/// A list of digests, with its own signatures.
pub(super) struct SignedList {
    shown: Text,
    list: Result<List, Fault>,
    bytes: Vec<u8>,
    /// How it is read where it holds its own signatures.
    message: Option<(&'static Scheme, &'static MessageScheme)>,
    signatures: Vec<Material>,
    /// What its signatures say, by the number of whoever was asked: the same for every artifact that it names.
    claims: Mutex<BTreeMap<usize, Vec<Claim>>>,
}

/// The lists that were read so far, by their paths.
#[derive(Default)]
pub(super) struct Lists {
    known: Mutex<BTreeMap<PathBuf, Option<Arc<SignedList>>>>,
}

impl SignedList {
    /// Reads a list, which may be the text of a message that holds its own signatures. The signatures of any other are
    /// those that are given, else those beside it.
    pub(super) fn read(named: &Named, given: &[Material]) -> Result<Self, GateError> {
        let file = named.read()?;
        let message = scheme_of_message(file.bytes.get(..HEAD).unwrap_or(&file.bytes));
        if let Some((scheme, message)) = message.filter(|_| given.is_empty()) {
            let mut text = Vec::new();
            // Who signed it is asked anew for each signer; the text is the same.
            let read = (message.read)(&file.name, &mut file.bytes.as_slice(), &Trust::default(), &mut text);
            let list = match read {
                Ok(_) => checksums::parse(&Material { name: file.name.clone(), bytes: text }),
                Err(unreadable) => Err(unreadable.fault),
            };
            return Ok(Self::new(file, list, Some((scheme, message)), Vec::new()));
        }
        let signatures = if given.is_empty() { signatures_beside(named)? } else { given.to_vec() };
        let list = checksums::parse(&file);
        Ok(Self::new(file, list, None, signatures))
    }

    fn new(
        file: Material,
        list: Result<List, Fault>,
        message: Option<(&'static Scheme, &'static MessageScheme)>,
        signatures: Vec<Material>,
    ) -> Self {
        Self { shown: file.name, list, bytes: file.bytes, message, signatures, claims: Mutex::default() }
    }

    /// Judges whatever has a digest by whether the list has it.
    pub(super) fn of_digest(&self, function: Function, value: &[u8], trusted: &Trusted) -> Result<Artifact, GateError> {
        let shown = text!("{}:{}", function.name(), hex(value));
        let mut artifact = Artifact::new("artifact", shown.clone());
        artifact.digest = Some((function.name(), hex(value)));
        match &self.list {
            Ok(list) if list.has(function, value) => {}
            Ok(_) => {
                let message = text!("{} does not list `{}`", self.shown, shown);
                artifact.faults.push(Fault::new(FaultKind::ChecksumMissing, message));
            }
            Err(fault) => artifact.faults.push(fault.clone()),
        }
        let asks = trusted.of(Path::new(shown.as_str()))?;
        let judged = asks.iter().map(|ask| demanded(self.signed(artifact.clone(), ask), ask));
        Ok(nearest(judged).unwrap_or(artifact))
    }

    /// Returns how an artifact is to be hashed.
    pub(super) fn hashings(&self, name: &[u8]) -> Vec<Hashing> {
        self.list.as_ref().map(|list| list.hashings_of(name)).unwrap_or_default()
    }

    /// Whether it names an artifact.
    fn names(&self, name: &[u8]) -> bool {
        self.list.as_ref().is_ok_and(|list| list.lists(name))
    }

    /// Lays over an artifact what the list says of it, and who signed the list.
    pub(super) fn judge(&self, artifact: Artifact, name: &[u8], hashes: &Hashes, ask: &Ask) -> Artifact {
        let mut artifact = artifact;
        match &self.list {
            Ok(list) => match list.judge(name, hashes) {
                Ok((function, value)) => artifact.digest = Some((function, value)),
                Err(faults) => artifact.faults.extend(faults),
            },
            Err(fault) => artifact.faults.push(fault.clone()),
        }
        self.signed(artifact, ask)
    }

    /// Lays over an artifact who signed the list.
    fn signed(&self, mut artifact: Artifact, ask: &Ask) -> Artifact {
        artifact.claims = self.claims(ask);
        if artifact.claims.is_empty() {
            let message = text!("`{}` lists `{}`, and nobody has signed the list", self.shown, artifact.name);
            artifact.faults.push(Fault::new(FaultKind::ChecksumUnsigned, message));
        }
        artifact
    }

    fn claims(&self, ask: &Ask) -> Vec<Claim> {
        let mut known = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(ask.number).or_insert_with(|| self.judged(ask)).clone()
    }

    fn judged(&self, ask: &Ask) -> Vec<Claim> {
        let mut claims = match self.message {
            Some((scheme, message)) => {
                let read = (message.read)(&self.shown, &mut self.bytes.as_slice(), &ask.trust, &mut std::io::sink());
                let unreadable = |fault| vec![Claim::new(scheme.id, self.shown.clone()).against(fault)];
                let claims = read.unwrap_or_else(|unread| unreadable(unread.fault));
                claims.into_iter().map(|claim| allowed(claim, ask)).collect()
            }
            None => {
                let reading = Reading::of(ask, &self.signatures, None);
                let mut hashes = Hashes::new(reading.hashings());
                hashes.update(&self.bytes);
                reading.finish(&hashes)
            }
        };
        for claim in &mut claims {
            claim.notes.push(text!("what is signed is the list of digests `{}`", self.shown));
        }
        claims
    }
}

impl Lists {
    /// Returns the list that stands beside an artifact and names it.
    pub(super) fn beside(&self, named: &Named) -> Result<Option<Arc<SignedList>>, GateError> {
        let (Some(folder), Some(name)) = (named.path.parent(), named.path.file_name()) else { return Ok(None) };
        for list in MESSAGES.into_iter().chain(NAMES) {
            let path = folder.join(list);
            if path == named.path {
                continue;
            }
            if let Some(list) = self.read(&path, list, named)?.filter(|list| list.names(name.as_bytes())) {
                return Ok(Some(list));
            }
        }
        Ok(None)
    }

    fn read(&self, path: &Path, name: &str, beside: &Named) -> Result<Option<Arc<SignedList>>, GateError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path) {
            return Ok(known.clone());
        }
        let list = match NamedFile::open(path) {
            Err(ReadFault::Absent) => None,
            Ok(_) if MESSAGES.contains(&name) && !matches!(message_at(path), Ok(Some(_))) => None,
            Ok(_) | Err(_) => {
                let shown = match beside.shown.as_str().rsplit_once('/') {
                    Some((folder, _)) => text!("{}/{}", Text::trusted(folder), name),
                    None => Text::of(name),
                };
                let named = Named { path: path.to_owned(), shown };
                Some(Arc::new(SignedList::read(&named, &[])?))
            }
        };
        lock().insert(path.to_owned(), list.clone());
        Ok(list)
    }
}
