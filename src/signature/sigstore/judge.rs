//! One bundle judged: its signature verified, and who made it, over what and when, against what is expected.

use jiff::Timestamp;
use sigstore_verify::VerificationResult;
use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{ArtifactDigest, HashAlgorithm};

use super::bundle::{Content, Read, Stated};
use super::container::{Found, Origin};
use super::verify::{self, Root};
use super::{certificate, python};
use crate::signature::attestation::malformed;
use crate::signature::public_key::PublicKey;
use crate::signature::statement::{Match, Statement};
use crate::signature::{
    Claim, Expected, Fault, FaultKind, Function, Hashes, SignedTime, Signer, TimeSource, provenance,
};
use crate::text;
use crate::text::{Text, hex, unhex};

/// What is trusted and expected.
pub(super) struct Judge {
    pub(super) file: Text,
    pub(super) roots: Vec<Root>,
    pub(super) keys: Vec<PublicKey>,
    pub(super) expected: Expected,
    pub(super) allows_legacy: bool,
    pub(super) at: Timestamp,
}

impl Judge {
    /// Judges a bundle.
    pub(super) fn claim(&self, found: Found, hashes: &Hashes) -> Claim {
        let mut claim = Claim::new(super::ID, self.file.clone());
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
                artifact_digest(algorithm, unhex(value.as_bytes()).unwrap_or_default())
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
            Origin::Python => self.python(statement, claim),
            Origin::Bundle | Origin::Answer => {
                let is_npm = statement.subjects.iter().any(|subject| subject.name.starts_with("pkg:npm/"));
                if is_npm && stated.provenance.is_some() && statement.subjects.len() != 1 {
                    let message = Text::trusted("a package's provenance is about one file, this is about several");
                    claim.faults.push(Fault::new(FaultKind::SubjectMismatch, message));
                }
            }
        }
    }

    fn python(&self, statement: &Statement, claim: &mut Claim) {
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
