//! What each signature amounts to, once what is signed has been hashed.

use std::collections::BTreeSet;
use std::time::SystemTime;

use jiff::Timestamp;
use sequoia_openpgp::types::SignatureType;

use super::SCHEME;
use super::keyring::{Candidate, Keyring};
use super::packet::malformed;
use super::rsa;
use super::signed::{self, Signed, first_line};
use super::validity::{Judge, Standing, is_too_long, is_weak};
use crate::signature::{
    Claim, Fault, FaultKind, Function, Hashes, Hashing, Lines, Pending, SignedTime, TimeSource, Trust,
};
use crate::text;
use crate::text::{Text, hex};

/// The most ways in which one artifact is hashed. Each salt is one.
pub(super) const MOST_HASHINGS: usize = 32;

/// What is signed, which decides how signatures must be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// A file that stands beside the signature, or data that stands before it.
    OfData,
    /// The text of a clear-signed message.
    OfText,
}

/// The signatures of one file, and who may have made them.
pub(super) struct Verdict {
    file: Text,
    over: Signature,
    entries: Vec<Entry>,
    judge: Judge,
    notes: Vec<Text>,
}

struct Entry {
    signed: Result<Signed, Fault>,
    candidates: Vec<Candidate>,
}

impl Verdict {
    /// Finds the keys that may have made the signatures.
    pub(super) fn new(
        file: &Text,
        over: Signature,
        signatures: Vec<Result<Signed, Fault>>,
        ring: &mut Keyring<'_>,
        trust: &Trust,
    ) -> Result<Self, Fault> {
        let mut entries = Vec::with_capacity(signatures.len());
        for signed in signatures {
            let candidates = match &signed {
                Ok(signed) => ring.candidates(&signed.issuers())?,
                Err(_) => Vec::new(),
            };
            entries.push(Entry { signed, candidates });
        }
        let judge = Judge::new(trust);
        let verdict = Self { file: file.clone(), over, entries, judge, notes: ring.notes() };
        if verdict.wanted().len() > MOST_HASHINGS {
            return Err(malformed("the signatures ask for more than 32 different digests"));
        }
        Ok(verdict)
    }

    /// Returns how what is signed is to be hashed.
    pub(super) fn wanted(&self) -> BTreeSet<Hashing> {
        let mut wanted = BTreeSet::new();
        for entry in self.entries.iter().filter(|entry| !entry.candidates.is_empty()) {
            if let Some(hashing) = entry.signed.as_ref().ok().and_then(|signed| signed.hashing.as_ref()) {
                wanted.insert(Hashing::plain(hashing.function));
                wanted.insert(hashing.clone());
            }
        }
        wanted
    }

    /// Answers for each signature.
    pub(super) fn claims(&self, hashes: &Hashes) -> Vec<Claim> {
        let mut claims: Vec<Claim> = self.entries.iter().map(|entry| self.claim(entry, hashes)).collect();
        if let Some(first) = claims.first_mut() {
            first.notes.extend(self.notes.iter().cloned());
        }
        claims
    }

    fn claim(&self, entry: &Entry, hashes: &Hashes) -> Claim {
        let claim = Claim::new(SCHEME.id, self.file.clone());
        let signed = match &entry.signed {
            Ok(signed) => signed,
            Err(fault) => return claim.against(fault.clone()),
        };
        let Some(hashing) = &signed.hashing else {
            let algorithm = signed.signature.hash_algo().to_string();
            return claim.against(Fault::new(FaultKind::Unsupported, text!("hash function {} is unknown", algorithm)));
        };
        let Some(first) = entry.candidates.first() else {
            return claim.against(Fault::new(FaultKind::UnknownSigner, unknown(signed)));
        };
        let made = match self.made(signed, hashing, hashes, &entry.candidates) {
            Ok(made) => made,
            Err(why) => {
                let signer = Some(first.signer(self.judge.name(&first.certificate)));
                let wrong_type = self.wrong_type(signed).into_iter();
                let mut claim = Claim { signer, ..claim }.against(why);
                claim.faults.extend(wrong_type);
                return claim;
            }
        };
        self.verified(claim, signed, hashing.function, hashes, &made)
    }

    /// Returns the keys that made a signature, of those that may have.
    fn made<'e>(
        &self,
        signed: &Signed,
        hashing: &Hashing,
        hashes: &Hashes,
        candidates: &'e [Candidate],
    ) -> Result<Vec<&'e Candidate>, Fault> {
        let bad = |why| Fault::new(FaultKind::Bad, why);
        if signed.signature.signature_creation_time().is_none() {
            return Err(bad(text!("no time of signing is signed")));
        }
        let digest = match hashes.digest(hashing, &signed.trailer) {
            Some(digest) => digest,
            None if self.over == Signature::OfText && !hashing.prefix.is_empty() => {
                let why = text!("a salted signature over more than 8 MiB of clear-signed text is not read");
                return Err(Fault::undetermined(FaultKind::Unsupported, why));
            }
            None => return Err(bad(text!("it is made by a hash function other than the one that was announced"))),
        };
        let mut fault = bad(text!("no key fits"));
        let mut made = Vec::new();
        for candidate in candidates {
            let Some(key) = candidate.key() else { continue };
            if rsa::holds(&signed.signature, key, &digest) {
                made.push(candidate);
                continue;
            }
            match signed.signature.verify_digest(key, &digest) {
                Ok(()) => made.push(candidate),
                Err(_) if is_too_long(key) => {
                    let why = text!("RSA keys of more than 4096 bits are not read");
                    fault = Fault::undetermined(FaultKind::Unsupported, why);
                }
                Err(error) if signed::fault(&error).kind == FaultKind::Unsupported => {
                    fault = Fault::undetermined(FaultKind::Unsupported, text!("{}", first_line(&error)));
                }
                Err(error) => fault = bad(text!("it does not fit the contents: {}", first_line(&error))),
            }
        }
        if made.is_empty() { Err(fault) } else { Ok(made) }
    }

    /// Says what is to be said of a signature that a known key made over these contents.
    fn verified(
        &self,
        claim: Claim,
        signed: &Signed,
        function: Function,
        hashes: &Hashes,
        made: &[&Candidate],
    ) -> Claim {
        let signature = &signed.signature;
        let created = signature.signature_creation_time().unwrap_or(SystemTime::UNIX_EPOCH);
        // One subkey may stand in several certificates: the one that it may sign for counts.
        let mut best: Option<(&Candidate, Standing)> = None;
        for candidate in made {
            let standing = self.judge.standing(&candidate.certificate, &candidate.key, created);
            if best.as_ref().is_none_or(|(_, known)| standing.faults.len() < known.faults.len()) {
                best = Some((candidate, standing));
            }
        }
        let Some((candidate, standing)) = best else { return claim };
        let mut claim = Claim {
            signer: Some(candidate.signer(self.judge.name(&candidate.certificate))),
            time: Timestamp::try_from(created).ok().map(|at| SignedTime { at, source: TimeSource::Signer }),
            digest: hashes.plain(function).map(|digest| (function.name(), hex(&digest))),
            ..claim
        };
        claim.details.insert("key", Text::trusted(candidate.key.to_hex()));
        claim.details.insert("hash", Text::trusted(function.name()));
        claim.faults.extend(self.wrong_type(signed));
        if is_weak(signature) {
            let message = text!("it is made with {}, whose collisions are known", function.name());
            claim.faults.push(Fault::new(FaultKind::WeakHash, message));
        }
        claim.faults.extend(standing.faults);
        claim.faults.extend(self.judge.policy.understands(signature).err());
        if created > self.judge.at {
            claim.faults.push(Fault::new(FaultKind::Future, text!("it is made after the time of the judgement")));
        } else if signature.signature_expiration_time().is_some_and(|end| end <= self.judge.at) {
            claim.faults.push(Fault::new(FaultKind::Expired, text!("the signature has expired")));
        }
        claim.notes.extend(standing.notes);
        self.judge.except(&candidate.certificate, &mut claim);
        claim.notes.extend(self.line_ends(signed));
        claim
    }

    fn wrong_type(&self, signed: &Signed) -> Option<Fault> {
        let kind = signed.signature.typ();
        let is_right = match self.over {
            Signature::OfData => matches!(kind, SignatureType::Binary | SignatureType::Text),
            Signature::OfText => kind == SignatureType::Text,
        };
        (!is_right).then(|| {
            let kind = u8::from(kind);
            Fault::new(FaultKind::WrongType, text!("signature type {} is none over such contents", kind))
        })
    }

    fn line_ends(&self, signed: &Signed) -> Option<Text> {
        let is_text = signed.hashing.as_ref().is_some_and(|hashing| hashing.lines == Lines::AsCrLf);
        (is_text && self.over == Signature::OfData).then(|| text!("it is over text, whatever its line ends"))
    }
}

impl Pending for Verdict {
    fn hashings(&self) -> Vec<Hashing> {
        self.wanted().into_iter().collect()
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        self.claims(hashes)
    }
}

fn unknown(signed: &Signed) -> Text {
    match signed.issuers().first() {
        Some(issuer) => text!("made by a key that is not trusted; it calls itself {}", issuer.to_hex()),
        None => text!("it does not say which key made it"),
    }
}
