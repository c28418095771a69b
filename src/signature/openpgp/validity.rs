//! Whether a key may sign: as of the time of the judgement, by a policy that is stricter than sequoia's own.

use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::ValidAmalgamation as _;
use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::cert::prelude::*;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm, RevocationStatus, RevocationType, SignatureType};
use sequoia_openpgp::{Cert, Fingerprint, KeyHandle};

use super::signed::{first_line, function};
use crate::signature::{AcceptsExpired, Claim, Fault, FaultKind, SignedTime, TimeSource, Trust};
use crate::text;
use crate::text::Text;

/// The shortest key by the sizes of numbers, in bits.
const SHORTEST: usize = 2048;

/// The longest RSA key that can be verified, in bits.
const LONGEST: usize = 4096;

/// Sequoia's policy as of the time of the judgement, without its dates for hash functions: a weak one is weak whatever
/// date a signature bears, and a revocation counts whatever hash function made it.
#[derive(Debug)]
pub(super) struct Strict {
    policy: StandardPolicy<'static>,
    /// Whether keys may be bound to their certificates by weak hash functions.
    accepts_weak: bool,
}

impl Strict {
    /// Returns the policy as of `at`.
    pub(super) fn at(at: SystemTime) -> Self {
        let mut policy = StandardPolicy::at(at);
        for algorithm in [HashAlgorithm::MD5, HashAlgorithm::SHA1, HashAlgorithm::RipeMD] {
            policy.accept_hash(algorithm);
        }
        Self { policy, accepts_weak: false }
    }

    /// Whether what a signature says must be understood is understood.
    pub(super) fn understands(&self, signature: &Signature) -> Result<(), Fault> {
        self.policy
            .signature(signature, HashAlgoSecurity::CollisionResistance)
            .map_err(|error| Fault::new(FaultKind::Unsupported, text!("{}", first_line(&error))))
    }
}

impl Policy for Strict {
    fn signature(&self, signature: &Signature, security: HashAlgoSecurity) -> sequoia_openpgp::Result<()> {
        let is_revocation = matches!(
            signature.typ(),
            SignatureType::KeyRevocation | SignatureType::SubkeyRevocation | SignatureType::CertificationRevocation
        );
        if is_revocation || (self.accepts_weak && is_weak(signature)) {
            Ok(())
        } else if is_weak(signature) {
            let why = format!("made with {}", signature.hash_algo());
            Err(sequoia_openpgp::Error::PolicyViolation(why, None).into())
        } else {
            self.policy.signature(signature, security)
        }
    }

    fn key(&self, key: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> sequoia_openpgp::Result<()> {
        self.policy.key(key)
    }
}

/// Whether a signature is made by a hash function that proves nothing.
pub(super) fn is_weak(signature: &Signature) -> bool {
    function(signature.hash_algo()).is_some_and(|function| !function.is_strong())
}

/// Judges whether keys may sign.
pub(super) struct Judge {
    /// The policy.
    pub(super) policy: Strict,
    /// The same, for certificates that may be bound by weak hash functions.
    lax: Strict,
    /// What is accepted of some certificates although it is weak.
    exceptions: Vec<(String, FaultKind)>,
    /// The time of the judgement.
    pub(super) at: SystemTime,
    /// Whether a key that has expired or was given up by then is accepted for what it signed before.
    accepts_expired: AcceptsExpired,
    /// When the signature is known to have been made, by somebody else's word.
    known_time: Option<SignedTime>,
}

/// What is to be said about a key.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) faults: Vec<Fault>,
    pub(super) notes: Vec<Text>,
}

impl Judge {
    pub(super) fn new(trust: &Trust) -> Self {
        let at = SystemTime::from(trust.at);
        Self {
            policy: Strict::at(at),
            lax: Strict { accepts_weak: true, ..Strict::at(at) },
            exceptions: trust.exceptions.clone(),
            at,
            accepts_expired: trust.accepts_expired,
            known_time: trust.known_time,
        }
    }

    /// Whether something is accepted of a certificate although it is weak.
    fn is_excepted(&self, cert: &Cert, kind: FaultKind) -> bool {
        let fingerprint = cert.fingerprint().to_hex();
        self.exceptions.iter().any(|(known, of)| *of == kind && known.eq_ignore_ascii_case(&fingerprint))
    }

    /// Returns the policy by which a certificate is judged.
    fn policy_of(&self, cert: &Cert) -> &Strict {
        if self.is_excepted(cert, FaultKind::WeakBinding) { &self.lax } else { &self.policy }
    }

    /// Takes out of a claim what is accepted of the certificate.
    pub(super) fn except(&self, cert: &Cert, claim: &mut Claim) {
        // What binds a key was judged with the exception already: what is still found is no weak hash function.
        let excepted = |fault: &mut Fault| {
            let is_weak = matches!(fault.kind, FaultKind::WeakHash | FaultKind::WeakKey);
            is_weak && !fault.is_undetermined && self.is_excepted(cert, fault.kind)
        };
        let taken: Vec<Fault> = claim.faults.extract_if(.., excepted).collect();
        claim.notes.extend(taken.into_iter().map(|fault| text!("accepted by an exception: {}", fault.message)));
        if self.is_excepted(cert, FaultKind::WeakBinding) {
            claim.notes.push(text!("the key may be bound to its certificate by a weak hash function, by an exception"));
        }
    }

    /// Says what speaks against a key that made a signature at the time `signed`.
    pub(super) fn standing(&self, cert: &Cert, key: &Fingerprint, signed: SystemTime) -> Standing {
        let Some(key) = cert.keys().find(|one| one.key().fingerprint() == *key) else {
            return Standing::default();
        };
        let mut faults = kind_of_key(cert, &key);
        faults.extend(self.faults(cert, &key, self.at));
        if faults.is_empty() {
            let notes = self.notes(cert, &key, signed);
            return Standing { faults, notes };
        }
        let is_past = faults
            .iter()
            .all(|fault| matches!(fault.kind, FaultKind::Expired | FaultKind::Revoked) && !fault.is_undetermined);
        if !is_past {
            return Standing { faults, notes: Vec::new() };
        }
        match self.was_valid(cert, &key, signed) {
            Ok(note) => Standing { faults: Vec::new(), notes: vec![note] },
            Err(None) => Standing { faults, notes: Vec::new() },
            Err(Some(help)) => {
                let faults = faults.into_iter().map(|fault| fault.help(Text::trusted(help))).collect();
                Standing { faults, notes: Vec::new() }
            }
        }
    }

    /// Says by whose word a key that is not valid any more was so when it signed, if that is accepted; else what would
    /// help.
    fn was_valid(
        &self,
        cert: &Cert,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
        signed: SystemTime,
    ) -> Result<Text, Option<&'static str>> {
        // What has been revoked for good is found revoked at any time.
        let is_valid_at = |at| self.faults(cert, key, at).is_empty();
        let by = match (self.accepts_expired, self.known_time) {
            (AcceptsExpired::Never, _) => return Err(None),
            (AcceptsExpired::IfSignedBefore, None) => {
                let help = "nobody but the signer says when it was signed, and whoever has the old key can write any \
                            date; have it signed anew, or accept the signature's own date: \
                            accept-expired = \"by-signature-time\"";
                return Err(Some(help).filter(|_| is_valid_at(signed)));
            }
            (AcceptsExpired::IfSignedBefore, Some(known)) if is_valid_at(known.at.into()) => known.source.word(),
            (AcceptsExpired::IfSignedBefore, Some(_)) => return Err(None),
            (AcceptsExpired::BySignatureTime, _) => TimeSource::Signer.word(),
        };
        match is_valid_at(signed) {
            true => Ok(text!("the key was valid when it signed, by the word of {}, and is not any more", by)),
            false => Err(None),
        }
    }

    /// Returns the name of the certificate's holder: one that the certificate itself vouches for, or else its
    /// fingerprint. Of a certificate that is not valid, which is refused, any name that it bears.
    pub(super) fn name(&self, cert: &Cert) -> Text {
        let name = match cert.with_policy(self.policy_of(cert), self.at) {
            Ok(valid) => valid.primary_userid().ok().map(|name| name.userid().clone()),
            Err(_) => cert.userids().next().map(|name| name.userid().clone()),
        };
        name.map_or_else(|| Text::trusted(cert.fingerprint().to_hex()), |name| Text::of(name.value())).shortened(200)
    }

    fn faults(&self, cert: &Cert, key: &ErasedKeyAmalgamation<'_, PublicParts>, at: SystemTime) -> Vec<Fault> {
        let policy = self.policy_of(cert);
        let valid = match cert.with_policy(policy, at) {
            Ok(valid) => valid,
            Err(error) => return vec![self.unbound(cert, None, &error, at)],
        };
        let mut faults = Vec::new();
        let revocation = valid.revocation_status();
        faults.extend(self.revoked(cert, &revocation, "certificate"));
        if let Err(error) = valid.alive() {
            faults.push(lifetime(&error, "certificate"));
        }
        let key = match key.with_policy(policy, at) {
            Ok(key) => key,
            Err(error) => {
                faults.push(self.unbound(cert, Some(key), &error, at));
                return faults;
            }
        };
        if !key.primary() {
            faults.extend(self.revoked(cert, &key.revocation_status(), "signing key"));
            if let Err(error) = key.alive() {
                faults.push(lifetime(&error, "signing key"));
            }
        }
        if !key.for_signing() {
            faults.push(Fault::new(FaultKind::NotAllowedSigner, text!("the key is not meant for signing")));
        }
        faults
    }

    /// Says why no signature binds a key to its certificate. Without a key: the primary key to itself.
    fn unbound(
        &self,
        cert: &Cert,
        key: Option<&ErasedKeyAmalgamation<'_, PublicParts>>,
        error: &anyhow::Error,
        at: SystemTime,
    ) -> Fault {
        let created = key.map_or(cert.primary_key().key().creation_time(), |key| key.key().creation_time());
        if created > at {
            return Fault::new(FaultKind::Future, text!("the key is made after the time of the judgement"));
        }
        let bindings: Vec<&Signature> = match key {
            Some(key) => key.self_signatures().collect(),
            None => cert
                .primary_key()
                .self_signatures()
                .chain(cert.userids().flat_map(|name| name.self_signatures()))
                .collect(),
        };
        let is_in_force = |binding: &&Signature| binding.signature_alive(at, std::time::Duration::ZERO).is_ok();
        let strong = bindings.iter().filter(|binding| !is_weak(binding));
        if let Some(weak) = bindings.iter().find(|binding| is_weak(binding) && is_in_force(binding))
            && !strong.clone().any(is_in_force)
        {
            return Fault::new(
                FaultKind::WeakBinding,
                text!("the key is bound to its certificate by {} alone", weak.hash_algo().to_string()),
            );
        }
        let mut ends = strong.clone().map(|binding| binding.signature_expiration_time());
        if strong.clone().count() > 0 && ends.all(|end| end.is_some_and(|end| end <= at)) {
            return Fault::new(FaultKind::Expired, text!("what binds the key to its certificate has expired"));
        }
        let why = first_line(error);
        Fault::new(FaultKind::WeakBinding, text!("the key is not bound to its certificate: {}", why))
    }

    fn revoked(&self, cert: &Cert, status: &RevocationStatus<'_>, what: &'static str) -> Option<Fault> {
        match status {
            RevocationStatus::NotAsFarAsWeKnow => None,
            RevocationStatus::Revoked(revocations) => {
                let is_hard = revocations.iter().any(|revocation| {
                    let reason = revocation.reason_for_revocation();
                    reason.is_none_or(|(reason, _)| reason.revocation_type() == RevocationType::Hard)
                });
                let message = if is_hard {
                    text!("the {} is revoked for all time", what)
                } else {
                    text!("the {} is revoked: superseded or given up", what)
                };
                Some(Fault::new(FaultKind::Revoked, message))
            }
            // Anybody can write a revocation; only those whom the certificate names may make one.
            RevocationStatus::CouldBe(revocations) => {
                let mut revokers =
                    cert.revocation_keys(self.policy_of(cert)).map(|key| KeyHandle::from(key.revoker().1));
                let is_named = revokers.any(|revoker| {
                    let by = |revocation: &&Signature| {
                        revocation.get_issuers().iter().any(|issuer| issuer.aliases(&revoker))
                    };
                    revocations.iter().any(by)
                });
                is_named.then(|| {
                    Fault::undetermined(
                        FaultKind::Revoked,
                        text!("the {} may be revoked by somebody whom it allows to", what),
                    )
                })
            }
        }
    }

    fn notes(&self, cert: &Cert, key: &ErasedKeyAmalgamation<'_, PublicParts>, signed: SystemTime) -> Vec<Text> {
        let policy = self.policy_of(cert);
        let is_bound = cert.with_policy(policy, signed).is_ok() && key.with_policy(policy, signed).is_ok();
        if is_bound {
            return Vec::new();
        }
        vec![text!(
            "what binds the key to its certificate is newer than the signature; it counts from the key's creation"
        )]
    }
}

/// Says what speaks against the kind and the size of a key and of its primary key.
fn kind_of_key(cert: &Cert, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Vec<Fault> {
    let primary = cert.primary_key().key().role_as_unspecified();
    let mut faults: Vec<Fault> = kind_of(key.key(), "signing key").into_iter().collect();
    if !key.primary() {
        faults.extend(kind_of(primary, "primary key"));
    }
    faults
}

/// Says what speaks against the kind and the size of a key.
pub(super) fn kind_of(key: &Key<PublicParts, UnspecifiedRole>, what: &'static str) -> Option<Fault> {
    #[expect(deprecated, reason = "what is refused must be named")]
    match (key.pk_algo(), key.mpis().bits()) {
        (
            PublicKeyAlgorithm::RSAEncryptSign
            | PublicKeyAlgorithm::RSASign
            | PublicKeyAlgorithm::RSAEncrypt
            | PublicKeyAlgorithm::DSA
            | PublicKeyAlgorithm::ElGamalEncrypt
            | PublicKeyAlgorithm::ElGamalEncryptSign,
            Some(bits),
        ) if bits < SHORTEST => {
            Some(Fault::new(FaultKind::WeakKey, text!("the {} has {} bits, fewer than {}", what, bits, SHORTEST)))
        }
        // RFC 9580, section 5.5.5.5: version 6 has identifiers of its own for these curves.
        (PublicKeyAlgorithm::EdDSA, _) if key.version() == 6 => Some(Fault::new(
            FaultKind::Unsupported,
            text!("the {} is of version 6 and of the old kind of Ed25519, which RFC 9580 forbids", what),
        )),
        _ => None,
    }
}

/// Whether a key is longer than the mathematics here take it. Nothing is known of such a key's signatures.
pub(super) fn is_too_long(key: &Key<PublicParts, UnspecifiedRole>) -> bool {
    key.pk_algo() == PublicKeyAlgorithm::RSAEncryptSign && key.mpis().bits().is_some_and(|bits| bits > LONGEST)
}

fn lifetime(error: &anyhow::Error, what: &'static str) -> Fault {
    match error.downcast_ref::<sequoia_openpgp::Error>() {
        Some(sequoia_openpgp::Error::NotYetLive(_)) => {
            Fault::new(FaultKind::Future, text!("the {} is made after the time of the judgement", what))
        }
        _ => Fault::new(FaultKind::Expired, text!("the {} has expired", what)),
    }
}
