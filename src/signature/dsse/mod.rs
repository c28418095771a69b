//! DSSE envelopes and statements of in-toto, signed by keys that whoever asks gave.
//!
//! Every signature of an envelope is answered for: by whom it is, and what the payload says of the artifact. The id of
//! a key in an envelope is a hint and proves nothing, for or against: a key is tried whatever the id says, and an id
//! alone makes nobody a signer.

mod describe;
mod envelope;

use std::collections::BTreeSet;

use self::envelope::{Envelope, Signature};
use super::attestation::{Json, documents, malformed};
use super::provenance::{self, Provenance};
use super::public_key::{self, Outcome, PublicKey};
use super::statement::{self, Match, Statement};
use super::{Claim, Expected, Fault, FaultKind, Hashes, Hashing, Material, Pending, Scheme, Signer, Trust, Unreadable};
use crate::text;
use crate::text::{Text, find};

/// DSSE envelopes by given keys.
pub static SCHEME: Scheme = Scheme {
    id: ID,
    summary: "DSSE envelopes and in-toto statements by given keys",
    is_signature,
    read,
    keys,
    message: None,
    describe: describe::describe,
};

const ID: &str = "dsse";

fn is_signature(bytes: &[u8]) -> bool {
    public_key::starts_object(bytes)
        && [&b"\"payloadType\""[..], b"\"payload\"", b"\"signatures\""].iter().all(|key| find(bytes, key).is_some())
}

fn keys(trust: &Trust) -> Result<Vec<Signer>, Fault> {
    Ok(public_key::read_all(&trust.keys)?.iter().map(PublicKey::signer).collect())
}

/// Reads a file of envelopes: one, or one a line.
fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let keys = public_key::read_all(&trust.keys)?;
    let signed: Vec<Signed> =
        documents(&file.bytes)?.iter().map(|json| Signed::of(file, json, &keys, trust)).collect::<Result<_, _>>()?;
    Ok(Box::new(Envelopes { signed, expected: trust.expected.clone() }))
}

struct Envelopes {
    signed: Vec<Signed>,
    expected: Expected,
}

/// An envelope whose signatures were tried.
struct Signed {
    claims: Vec<Claim>,
    statement: Option<(Statement, Option<Provenance>)>,
}

impl Signed {
    fn of(file: &Material, json: &Json<'_>, keys: &[PublicKey], trust: &Trust) -> Result<Self, Fault> {
        let envelope = Envelope::of(&json.node)?;
        let message = envelope.signed();
        let mut claims: Vec<Claim> = envelope
            .signatures
            .iter()
            .map(|signature| {
                let claim = Claim::new(ID, file.name.clone());
                tried(claim, signature, &message, keys, trust.expected.key_id.as_deref())
            })
            .collect();
        let statement = match Self::payload(&envelope, &mut claims) {
            Ok(statement) => Some(statement),
            Err(fault) => {
                claims.iter_mut().for_each(|claim| claim.faults.push(fault.clone()));
                None
            }
        };
        Ok(Self { claims, statement })
    }

    /// Reads what is signed, for the claims whose signature holds.
    fn payload(envelope: &Envelope, claims: &mut [Claim]) -> Result<(Statement, Option<Provenance>), Fault> {
        if !is_in_toto(&envelope.payload_type) {
            let message = text!("the payload is a `{}`, not `{}`", envelope.payload_type, statement::PAYLOAD_TYPE);
            return Err(Fault::new(FaultKind::Unsupported, message));
        }
        let text = std::str::from_utf8(&envelope.payload)
            .map_err(|_utf8| malformed(Text::trusted("the payload is no UTF-8")))?;
        let json = Json::parse(text)?;
        let statement = Statement::of(&json.node)?;
        let mut read = Claim::new(ID, Text::default());
        let provenance = provenance::read(&statement, &json.node, &mut read);
        provenance::add(&mut read.details, "predicate-type", Some(&statement.predicate_type));
        for claim in claims {
            if claim.signer.is_some() && claim.faults.is_empty() {
                claim.details.extend(read.details.clone());
            }
            claim.faults.extend(read.faults.iter().cloned());
        }
        Ok((statement, provenance))
    }
}

/// Whether a payload is a statement: of any predicate, or of one that the type names.
fn is_in_toto(payload_type: &str) -> bool {
    payload_type == statement::PAYLOAD_TYPE
        || payload_type
            .strip_prefix("application/vnd.in-toto.")
            .and_then(|rest| rest.strip_suffix("+json"))
            .is_some_and(|predicate| !predicate.is_empty())
}

/// Tries every key on a signature.
fn tried(claim: Claim, signature: &Signature, message: &[u8], keys: &[PublicKey], key_id: Option<&str>) -> Claim {
    let mut weak = None;
    let made = keys.iter().find(|key| match key.verify(message, &signature.bytes) {
        Outcome::Made => true,
        Outcome::NotMade => false,
        Outcome::TooWeak => {
            weak = Some(*key);
            false
        }
    });
    if let Some(key) = made {
        let claim = Claim { signer: Some(key.signer()), ..claim };
        return match key_id.filter(|wanted| *wanted != signature.key_id) {
            None => claim,
            Some(wanted) => {
                let message = text!("signed under the key id `{}`, expected `{}`", signature.key_id, wanted);
                claim.against(Fault::new(FaultKind::NotAllowedSigner, message))
            }
        };
    }
    if let Some(key) = keys.iter().find(|key| key.is_hinted_by(&signature.key_id)) {
        // A signature that says it is by a trusted key, and is not, is damage or forgery.
        let fault = Fault::new(FaultKind::Bad, text!("the signature is not by the key {} it names", key.name));
        return Claim { signer: Some(key.signer()), ..claim }.against(fault);
    }
    if let Some(key) = weak {
        return claim
            .against(Fault::new(FaultKind::WeakKey, text!("the key {} is too short to prove anything", key.name)));
    }
    let fault = if signature.has_certificate {
        let message = "signed by the key of a certificate, with nothing that proves the certificate was valid then";
        let help = "ask for a Sigstore bundle, which holds the entry of the transparency log";
        Fault::undetermined(FaultKind::UnknownSigner, Text::trusted(message)).help(Text::trusted(help))
    } else if keys.is_empty() {
        Fault::undetermined(FaultKind::UnknownSigner, Text::trusted("no key is given that could have signed"))
            .help(Text::trusted("give the signer's public key with --key"))
    } else {
        Fault::new(FaultKind::UnknownSigner, Text::trusted("none of the given keys signed this"))
    };
    claim.against(fault)
}

impl Pending for Envelopes {
    fn hashings(&self) -> Vec<Hashing> {
        if self.expected.attestation_only {
            return Vec::new();
        }
        let statements = self.signed.iter().filter_map(|signed| signed.statement.as_ref());
        let functions: BTreeSet<_> = statements.flat_map(|(statement, _)| statement.functions()).collect();
        functions.into_iter().map(Hashing::plain).collect()
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        let expected = &self.expected;
        let answers = self.signed.into_iter().flat_map(|Signed { mut claims, statement }| {
            let Some((statement, stated)) = statement else { return claims };
            let mut faults = Vec::new();
            let (mut digest, mut subject) = (None, None);
            if !expected.attestation_only {
                match statement.matching(hashes) {
                    Match::Subject(matched, value) => {
                        digest = Some(value);
                        subject = Some(matched.name.clone());
                    }
                    Match::Nothing(fault) => faults.push(fault),
                }
            }
            faults.extend(provenance::judge(expected, None, stated.as_ref()));
            for claim in &mut claims {
                claim.digest.clone_from(&digest);
                if claim.signer.is_some() && claim.faults.is_empty() {
                    provenance::add(&mut claim.details, "subject", subject.as_deref());
                }
                claim.faults.extend(faults.iter().cloned());
            }
            claims
        });
        answers.collect()
    }
}

#[cfg(test)]
mod tests;
