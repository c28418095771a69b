//! Sigstore's bundles, offline, under a given trusted root.
//!
//! The library verifies the chain of certificates, the certificate's and the signature's place in their logs, the
//! timestamps, and that the log's entry is of this signature. What it leaves to its caller is judged here: who may
//! sign, which artifact a statement is about, where it was built, and which forms are too old to prove what they say.

mod bundle;
mod certificate;
mod container;
mod python;
mod verify;

use std::collections::BTreeSet;

use jiff::Timestamp;
use sigstore_verify::VerificationResult;
use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{ArtifactDigest, HashAlgorithm};

use self::bundle::{Content, Read, Stated};
use self::container::{Found, Origin};
use self::verify::Root;
use super::attestation::{documents, malformed};
use super::provenance;
use super::public_key::{self, PublicKey, unhex};
use super::statement::{self, Match};
use super::{
    Claim, Expected, Fault, FaultKind, Function, Hashes, Hashing, Material, Pending, Scheme, SignedTime, Signer,
    TimeSource, Trust, Unreadable,
};
use crate::text;
use crate::text::{Text, hex};

/// Sigstore's bundles.
pub static SCHEME: Scheme =
    Scheme { id: ID, summary: "Sigstore bundles, offline, under a trusted root", is_signature, read, message: None };

const ID: &str = "sigstore";

const MARKS: [&[u8]; 5] = [
    b"application/vnd.dev.sigstore.bundle",
    b"\"verificationMaterial\"",
    b"\"verification_material\"",
    b"\"attestation_bundles\"",
    b"\"base64Signature\"",
];

fn is_signature(bytes: &[u8]) -> bool {
    public_key::starts_object(bytes) && MARKS.iter().any(|mark| public_key::find(bytes, mark).is_some())
}

/// Reads a file of bundles, or one that holds bundles.
fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let mut found = Vec::new();
    for json in documents(&file.bytes)? {
        found.extend(container::bundles(&json)?);
    }
    // A single bundle that cannot be read is a file that says nothing; one among others is answered for.
    if let [Found { read: Err(fault), .. }] = found.as_slice()
        && matches!(fault.kind, FaultKind::Malformed | FaultKind::Unsupported)
    {
        return Err(Unreadable { fault: fault.clone() });
    }
    let roots = verify::roots(&trust.trusted_roots)?;
    let keys = public_key::read_all(&trust.keys)?;
    let judge = Judge {
        file: file.name.clone(),
        roots,
        keys,
        expected: trust.expected.clone(),
        allows_legacy: trust.allows_legacy,
        at: trust.at,
    };
    Ok(Box::new(Bundles { found, judge }))
}

struct Bundles {
    found: Vec<Found>,
    judge: Judge,
}

/// What is trusted and expected.
struct Judge {
    file: Text,
    roots: Vec<Root>,
    keys: Vec<PublicKey>,
    expected: Expected,
    allows_legacy: bool,
    at: Timestamp,
}

impl Pending for Bundles {
    fn hashings(&self) -> Vec<Hashing> {
        if self.judge.expected.attestation_only {
            return Vec::new();
        }
        let mut functions = BTreeSet::new();
        for read in self.found.iter().filter_map(|found| found.read.as_ref().ok()) {
            match &read.content {
                Content::Artifact(_) => {
                    functions.insert(Function::Sha256);
                }
                Content::Statement(stated) => functions.extend(stated.statement.functions()),
            }
        }
        functions.into_iter().map(Hashing::plain).collect()
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        let Self { found, judge } = *self;
        let published = found.iter().find_map(|found| found.stated()?.published.clone());
        let names: Vec<String> = found.iter().filter_map(Found::stated).map(Stated::only_name).collect();
        let mut claims: Vec<Claim> = found.into_iter().map(|found| judge.claim(found, hashes)).collect();
        if let Some(published) = published {
            whole_package(&published, &names, &mut claims);
        }
        claims
    }
}

/// Judges the attestations of an npm package together: what the registry says it published and where it was built are
/// about one package, and if one of them does not hold, the answer is not the registry's.
fn whole_package(published: &str, names: &[String], claims: &mut [Claim]) {
    let other = names.iter().find(|name| name.replace("%40", "@") != published);
    let mut fault = other.map(|name| {
        let name = Text::of(name).shortened(200);
        let message = text!("the registry published `{}`, an attestation is about `{}`", published, name);
        Fault::new(FaultKind::SubjectMismatch, message)
    });
    let is_broken = |fault: &&Fault| {
        let is_kind = matches!(fault.kind, FaultKind::Bad | FaultKind::Malformed | FaultKind::SubjectMismatch);
        is_kind && !fault.is_undetermined
    };
    if let Some(broken) = claims.iter().flat_map(|claim| &claim.faults).find(is_broken) {
        let message = text!("an attestation of the same package does not hold: {}", broken.message);
        fault = fault.or(Some(Fault::new(broken.kind, message)));
    }
    if let Some(fault) = fault {
        for claim in claims.iter_mut().filter(|claim| claim.faults.is_empty()) {
            claim.faults.push(fault.clone());
        }
    }
}

impl Judge {
    fn claim(&self, found: Found, hashes: &Hashes) -> Claim {
        let mut claim = Claim::new(ID, self.file.clone());
        let read = match found.read {
            Ok(read) => read,
            Err(fault) => return claim.against(fault),
        };
        let (mut subject, mut name) = (Vec::new(), None);
        match self.digest(&read.content, hashes, &mut claim, &mut subject, &mut name) {
            Ok(digest) => self.signature(&read, &digest, name.as_deref(), &mut claim),
            Err(fault) => claim.faults.push(fault),
        }
        claim.faults.append(&mut subject);
        if let Content::Statement(stated) = &read.content {
            self.stated(stated, found.origin, &mut claim);
        }
        if !self.allows_legacy {
            let help = || Text::trusted("sign it again with a current tool, or accept old forms with --allow-legacy");
            let faults = read.legacy.into_iter().map(|(kind, why)| Fault::new(kind, why).help(help()));
            claim.faults.extend(faults);
        } else {
            claim.notes.extend(read.legacy.into_iter().map(|(_, why)| why));
        }
        claim
    }

    /// Returns the digest under which the library is to verify: the artifact's, or, since it is matched here, that of
    /// any subject of a statement.
    fn digest(
        &self,
        content: &Content,
        hashes: &Hashes,
        claim: &mut Claim,
        subject: &mut Vec<Fault>,
        name: &mut Option<String>,
    ) -> Result<ArtifactDigest, Fault> {
        match content {
            Content::Artifact(_) if self.expected.attestation_only => {
                let message = "the signature is over the artifact itself: without it there is nothing to judge";
                Err(Fault::new(FaultKind::WrongType, Text::trusted(message)))
            }
            Content::Artifact(algorithm) => {
                if algorithm.is_some_and(|algorithm| algorithm != HashAlgorithm::Sha2256) {
                    let message = Text::trusted("a signature over the artifact by another function than SHA-256");
                    return Err(Fault::undetermined(FaultKind::Unsupported, message));
                }
                let Some(digest) = hashes.plain(Function::Sha256) else {
                    let message = Text::trusted("the artifact's digest is not given by SHA-256");
                    return Err(Fault::undetermined(FaultKind::SubjectMismatch, message));
                };
                claim.digest = Some((Function::Sha256.name(), hex(&digest)));
                artifact_digest(HashAlgorithm::Sha2256, digest)
            }
            Content::Statement(stated) => {
                if !self.expected.attestation_only {
                    match stated.statement.matching(hashes) {
                        Match::Subject(matched, digest) => {
                            claim.digest = Some(digest);
                            *name = Some(matched.name.clone());
                        }
                        Match::Nothing(fault) => subject.push(fault),
                    }
                }
                let Some((function, value)) = stated.statement.any_digest() else {
                    let message = Text::trusted("no subject of the statement has a SHA-256 or SHA-512 digest");
                    return Err(Fault::undetermined(FaultKind::Unsupported, message));
                };
                let algorithm =
                    if function == Function::Sha512 { HashAlgorithm::Sha2512 } else { HashAlgorithm::Sha2256 };
                artifact_digest(algorithm, unhex(value).unwrap_or_default())
            }
        }
    }

    /// Verifies the signature, and judges who made it and when.
    fn signature(&self, read: &Read, digest: &ArtifactDigest, subject: Option<&str>, claim: &mut Claim) {
        let stated = match &read.content {
            Content::Artifact(_) => None,
            Content::Statement(stated) => Some(stated),
        };
        let provenance = stated.and_then(|stated| stated.provenance.as_ref());
        if let VerificationMaterialContent::PublicKey(key) = &read.bundle.verification_material.content {
            match verify::by_key(&read.bundle, &key.hint, digest, &self.roots, &self.keys) {
                Ok((result, signer)) => {
                    self.time(&result, claim);
                    if let Some(wanted) = self.expected.key_id.as_ref().filter(|wanted| **wanted != key.hint) {
                        let message = text!("signed under the key id `{}`, expected `{}`", key.hint, wanted);
                        claim.faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
                    }
                    claim.faults.extend(provenance::judge(&self.expected, None, provenance));
                    claim.signer = Some(signer);
                }
                Err((fault, signer)) => {
                    claim.faults.push(fault);
                    claim.signer = signer;
                    return;
                }
            }
        } else {
            match verify::by_certificate(&read.bundle, digest, &self.roots) {
                Ok(result) => {
                    self.time(&result, claim);
                    self.certificate(read, &result, claim);
                }
                Err(fault) => {
                    claim.faults.push(fault);
                    return;
                }
            }
        }
        if let Some(stated) = stated {
            claim.details.extend(stated.read.details.clone());
            provenance::add(&mut claim.details, "subject", subject);
        }
    }

    fn certificate(&self, read: &Read, result: &VerificationResult, claim: &mut Claim) {
        let leaf = read.bundle.signing_certificate().map(|der| der.as_bytes()).unwrap_or_default();
        let Some(info) = result.certificate() else {
            claim.faults.push(malformed(Text::trusted("the bundle has no certificate")));
            return;
        };
        let identity = match certificate::identity(leaf) {
            Ok(identity) => identity,
            Err(fault) if fault.kind == FaultKind::IdentityMismatch && self.expected.any_identity => String::new(),
            Err(fault) => {
                claim.faults.push(fault);
                return;
            }
        };
        let certified = certificate::certified(identity, info, claim);
        let provenance = match &read.content {
            Content::Artifact(_) => None,
            Content::Statement(stated) => stated.provenance.as_ref(),
        };
        let faults = provenance::judge(&self.expected, Some(&certified), provenance);
        let is_other = |fault: &Fault| matches!(fault.kind, FaultKind::IdentityMismatch | FaultKind::IssuerMismatch);
        if !faults.iter().any(is_other) {
            let spki = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, info.public_key.as_bytes());
            let name = Text::of(&certified.identity);
            claim.signer = Some(Signer { name, fingerprint: Text::trusted(hex(spki.as_ref())) });
        }
        if let Some(wanted) = &self.expected.key_id {
            let message = text!("signed by the key of a certificate, expected the key id `{}`", wanted);
            claim.faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
        }
        claim.faults.extend(faults);
    }

    fn time(&self, result: &VerificationResult, claim: &mut Claim) {
        let source = |at, source| SignedTime { at, source };
        claim.time = result
            .integrated_time()
            .map(|at| source(at, TimeSource::TransparencyLog))
            .or_else(|| result.verified_timestamps().first().map(|at| source(*at, TimeSource::TimestampAuthority)));
        if let Some(at) = result.verified_timestamps().iter().find(|at| **at > self.at) {
            let message =
                text!("signed at {}, after {}, as of which it is judged", at.to_string(), self.at.to_string());
            claim.faults.push(Fault::new(FaultKind::Future, message));
        }
    }

    /// Judges what a statement says, by what it stands in.
    fn stated(&self, stated: &Stated, origin: Origin, claim: &mut Claim) {
        claim.faults.extend(stated.read.faults.iter().cloned());
        let statement = &stated.statement;
        match origin {
            Origin::Bundle => {}
            Origin::Answer => {
                if stated.provenance.is_some() && statement.subjects.len() != 1 {
                    let message = Text::trusted("a package's provenance is about one file, this is about several");
                    claim.faults.push(Fault::new(FaultKind::SubjectMismatch, message));
                }
            }
            Origin::Python => self.python(statement, claim),
        }
    }

    fn python(&self, statement: &statement::Statement, claim: &mut Claim) {
        // The index's own host stands before the path.
        let is_publish = |kind: &str| kind.starts_with("https://docs.") && kind.ends_with("/attestations/publish/v1");
        let kind = statement.predicate_type.as_str();
        if !is_publish(kind) && kind != "https://slsa.dev/provenance/v1" {
            let message = text!("a Python package's attestation says `{}`", Text::of(kind).shortened(200));
            claim.faults.push(Fault::new(FaultKind::Unsupported, message));
        }
        let [subject] = statement.subjects.as_slice() else {
            let message = Text::trusted("a Python package's attestation is about one file, this is not");
            claim.faults.push(Fault::new(FaultKind::SubjectMismatch, message));
            return;
        };
        if let Some(name) = &self.expected.artifact_name {
            let name = String::from_utf8_lossy(name);
            if !self.expected.attestation_only && !python::same_file(&subject.name, &name) {
                let message = text!("the attestation is about {}, not about `{}`", statement.shown_subjects(), name);
                claim.faults.push(Fault::new(FaultKind::SubjectMismatch, message));
            }
        }
    }
}

fn artifact_digest(algorithm: HashAlgorithm, digest: Vec<u8>) -> Result<ArtifactDigest, Fault> {
    ArtifactDigest::new(algorithm, digest)
        .map_err(|_length| malformed(Text::trusted("a digest of the statement is not as long as its function's are")))
}

/// Returns what a file of bundles holds, a line each, `None` where it holds none. Nothing is judged.
#[must_use]
pub fn describe(bytes: &[u8]) -> Option<Vec<Text>> {
    if !is_signature(bytes) {
        return None;
    }
    let found = documents(bytes).and_then(|documents| {
        let mut found = Vec::new();
        for json in &documents {
            found.extend(container::bundles(json)?);
        }
        Ok(found)
    });
    Some(match found {
        Ok(found) => found.iter().flat_map(describe_bundle).collect(),
        Err(fault) => vec![fault.message],
    })
}

fn describe_bundle(found: &Found) -> Vec<Text> {
    use sigstore_verify::types::SignatureContent;

    let read = match &found.read {
        Ok(read) => read,
        Err(fault) => return vec![fault.message.clone()],
    };
    let material = &read.bundle.verification_material;
    let mut out = vec![text!("Sigstore bundle: {}", read.bundle.media_type.as_str())];
    if let Some(certificate) = read.bundle.signing_certificate() {
        let mut claim = Claim::new(ID, Text::default());
        let identity = certificate::identity(certificate.as_bytes());
        match (identity, sigstore_verify::crypto::parse_certificate_info(certificate)) {
            (Ok(identity), Ok(info)) => {
                certificate::certified(identity, &info, &mut claim);
                out.push(text!("certificate: valid {} to {}", info.not_before.to_string(), info.not_after.to_string()));
                out.extend(
                    claim.details.iter().map(|(name, value)| text!("{}: {}", *name, value.clone().shortened(300))),
                );
            }
            _ => out.push(Text::trusted("certificate: cannot be read")),
        }
    } else if let VerificationMaterialContent::PublicKey(key) = &material.content {
        out.push(text!("public key: hint `{}`", Text::of(&key.hint).shortened(200)));
    }
    for entry in &material.tlog_entries {
        let time = entry.integrated_time.map(|at| at.to_string()).unwrap_or_default();
        let proof = if entry.inclusion_proof.is_some() { "with inclusion proof" } else { "without inclusion proof" };
        let (kind, version) = (entry.kind_version.kind(), entry.kind_version.version());
        out.push(text!("log entry: {} {}, index {}, {} {}", kind, version, entry.log_index.get(), proof, time));
    }
    let timestamps = material.timestamp_verification_data.rfc3161_timestamps.len();
    if timestamps > 0 {
        out.push(text!("timestamps: {}", timestamps));
    }
    match &read.bundle.content {
        SignatureContent::MessageSignature(signature) => match &signature.message_digest {
            Some(digest) => {
                let value = hex(digest.digest.as_bytes());
                out.push(text!("over an artifact with the digest {} {}", digest.algorithm.as_rekor_str(), value));
            }
            None => out.push(Text::trusted("over an artifact")),
        },
        SignatureContent::DsseEnvelope(envelope) => out.extend(statement::describe(envelope.payload.as_bytes())),
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests;
