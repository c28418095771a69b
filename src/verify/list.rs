//! Lists of digests, each read and judged once however many artifacts it names.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Named;
use super::judge::{Reading, signatures_beside};
use super::trusted::{Ask, Trusted};
use crate::gate::GateError;
use crate::signature::checksums::{self, List};
use crate::signature::{Artifact, Claim, Fault, FaultKind, Hashes, Hashing, Material};
use crate::text;
use crate::text::Text;
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

/// A list of digests, with its own signatures.
pub(super) struct SignedList {
    shown: Text,
    list: Result<List, Fault>,
    bytes: Vec<u8>,
    signatures: Vec<Material>,
}

/// The lists that were read so far, by their paths.
#[derive(Default)]
pub(super) struct Lists {
    known: Mutex<BTreeMap<PathBuf, Option<Arc<SignedList>>>>,
}

impl SignedList {
    /// Reads a list; its signatures are those that are given, else those beside it.
    pub(super) fn read(named: &Named, given: &[Material]) -> Result<Self, GateError> {
        let file = named.read()?;
        let signatures = if given.is_empty() { signatures_beside(named)? } else { given.to_vec() };
        Ok(Self { shown: file.name.clone(), list: checksums::parse(&file), bytes: file.bytes, signatures })
    }

    /// Returns how an artifact is to be hashed.
    pub(super) fn hashings(&self, name: &[u8]) -> Vec<Hashing> {
        self.list.as_ref().map(|list| list.hashings_of(name)).unwrap_or_default()
    }

    /// Whether it names an artifact.
    fn names(&self, name: &[u8]) -> bool {
        self.list.as_ref().is_ok_and(|list| list.names().any(|listed| listed == name))
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
        artifact.claims = self.claims(ask);
        if self.signatures.is_empty() {
            let message = text!("`{}` lists `{}`, and nobody has signed the list", self.shown, artifact.name);
            artifact.faults.push(Fault::new(FaultKind::ChecksumUnsigned, message));
        }
        artifact
    }

    fn claims(&self, ask: &Ask) -> Vec<Claim> {
        let reading = Reading::of(ask, &self.signatures, None);
        let mut hashes = Hashes::new(reading.hashings());
        hashes.update(&self.bytes);
        let mut claims = reading.finish(&hashes);
        for claim in &mut claims {
            claim.notes.push(text!("what is signed is the list of digests `{}`", self.shown));
        }
        claims
    }
}

impl Lists {
    /// Returns the list that stands beside an artifact and names it.
    pub(super) fn beside(&self, named: &Named, _: &Trusted) -> Result<Option<Arc<SignedList>>, GateError> {
        let (Some(folder), Some(name)) = (named.path.parent(), named.path.file_name()) else { return Ok(None) };
        for list in NAMES {
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
