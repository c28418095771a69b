//! What files of OpenPGP hold: certificates, signatures, messages. Nothing is judged, and of secret keys only the public
//! halves are read.

use std::time::SystemTime;

use sequoia_openpgp::Cert;
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::{KeyParts, KeyRole};
use sequoia_openpgp::packet::signature::subpacket::{SubpacketArea, SubpacketValue};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::types::{KeyFlags, RevocationType};

use super::keyring::{Lazy, Listing};
use super::packet::{malformed, tag};
use super::signed::{self, Signed};
use super::{armor, begins_with_signature, inline, keybox, message};
use crate::signature::description::{Described, Description, Part, Parts};
use crate::signature::{Fault, Material};
use crate::text;
use crate::text::{Text, hex};

/// What kind of file it is.
enum Kind {
    Certificates,
    Signatures,
    Message,
}

/// Says what a file holds.
pub(super) fn describe(file: &Material) -> Described {
    let bytes = &file.bytes;
    let kind = match kind(bytes)? {
        Ok(kind) => kind,
        Err(fault) => return Some(Err(named(file, fault))),
    };
    let described = match kind {
        Kind::Certificates => of_certificates(bytes),
        Kind::Message => of_message(bytes),
        // Signatures may also stand before what they are over.
        Kind::Signatures => signed::in_file(bytes)
            .map(|signatures| of_signatures("openpgp-signatures", &signatures))
            .or_else(|fault| if armor::is_armored(bytes) { Err(fault) } else { of_message(bytes).or(Err(fault)) }),
    };
    Some(described.map_err(|fault| named(file, fault)))
}

fn named(file: &Material, fault: Fault) -> Fault {
    Fault { message: text!("{}: {}", file.name, fault.message), ..fault }
}

fn kind(bytes: &[u8]) -> Option<Result<Kind, Fault>> {
    if keybox::is_keybox(bytes) {
        return Some(Ok(Kind::Certificates));
    }
    let mut labels = armor::labels(bytes);
    let Some(label) = labels.next() else { return of_packets(bytes).map(Ok) };
    if label == armor::SIGNED_MESSAGE || label == inline::LABEL {
        return Some(Ok(Kind::Message));
    }
    let armored = match armor::read(bytes) {
        Ok(armored) => armored,
        Err(fault) => return Some(Err(fault)),
    };
    let first = armored.blocks.first().and_then(|(_, block)| of_packets(block));
    Some(first.ok_or_else(|| malformed("expected keys, signatures or a message in the armor, found something else")))
}

fn of_packets(bytes: &[u8]) -> Option<Kind> {
    match message::first_packet(bytes)? {
        (tag::PUBLIC_KEY | tag::SECRET_KEY, 2..=6) => Some(Kind::Certificates),
        _ if !message::is_message(bytes) => None,
        _ if begins_with_signature(bytes) => Some(Kind::Signatures),
        _ => Some(Kind::Message),
    }
}

fn of_certificates(bytes: &[u8]) -> Result<Description, Fault> {
    let listing = Listing::of(bytes)?;
    let mut description = Description::new("openpgp-certificates");
    description.parts.list(listing.certificates(), |certificate| of_certificate(&certificate));
    description.parts.list(&listing.skipped, |why| Part::new("not-read", why.clone()));
    Ok(description)
}

fn of_certificate(certificate: &Lazy<'_>) -> Part {
    let listed = certificate.read();
    let certificate = match &listed.read {
        Ok(certificate) => certificate,
        Err(fault) => return Part::not_read(fault),
    };
    let primary = certificate.primary_key();
    let mut part = of_key("certificate", primary.key());
    let parts = &mut part.parts;
    if listed.has_secret {
        parts.add("secret-key", Text::trusted("only its public half is shown"));
    }
    let newest = newest_self_signature(certificate);
    parts.add_time("expires", newest.and_then(|signature| signature.key_expiration_time(primary.key())));
    add_flags(parts, newest.and_then(|signature| signature.key_flags()));
    parts.list(primary.self_revocations(), of_revocation);
    parts.list(primary.other_revocations(), of_other_revocation);
    parts.list(certificate.userids(), |name| {
        let mut part = Part::new("user-id", Text::of(name.userid().value()));
        let parts = &mut part.parts;
        parts.add_time(
            "since",
            name.self_signatures().filter_map(|signature| signature.signature_creation_time()).min(),
        );
        parts.list(name.self_revocations(), of_revocation);
        parts.list(name.other_revocations(), of_other_revocation);
        let others = name.certifications().count();
        if others > 0 {
            parts.add("signatures-by-others", text!("{}", others));
        }
        part
    });
    let pictures = certificate.user_attributes().count();
    if pictures > 0 {
        parts.add("user-attributes", text!("{}", pictures));
    }
    parts.list(certificate.keys().subkeys(), |subkey| {
        let mut part = of_key("subkey", subkey.key());
        let parts = &mut part.parts;
        let newest = subkey.self_signatures().max_by_key(|signature| signature.signature_creation_time());
        parts.add_time("expires", newest.and_then(|signature| signature.key_expiration_time(subkey.key())));
        add_flags(parts, newest.and_then(|signature| signature.key_flags()));
        parts.list(subkey.self_revocations(), of_revocation);
        parts.list(subkey.other_revocations(), of_other_revocation);
        part
    });
    let unfit = certificate.bad_signatures().count();
    if unfit > 0 {
        parts.add("signatures-that-do-not-fit", text!("{}", unfit));
    }
    part
}

/// Returns the newest of the signatures that say when the certificate expires.
fn newest_self_signature(certificate: &Cert) -> Option<&Signature> {
    let by_time = |signature: &&Signature| signature.signature_creation_time().unwrap_or(SystemTime::UNIX_EPOCH);
    let names = certificate.userids().flat_map(|name| name.self_signatures().collect::<Vec<_>>()).max_by_key(by_time);
    let direct = certificate.primary_key().self_signatures().max_by_key(by_time);
    let says_when = |signature: &&Signature| signature.key_validity_period().is_some();
    // A signature over the key itself goes before one over a name, where it says when (RFC 9580, section 10.1.1).
    direct.filter(says_when).or(names).or(direct)
}

fn of_key<P: KeyParts, R: KeyRole>(name: &'static str, key: &Key<P, R>) -> Part {
    let mut part = Part::new(name, Text::trusted(key.fingerprint().to_hex()));
    let parts = &mut part.parts;
    parts.add("version", text!("{}", key.version()));
    parts.add("key-id", Text::trusted(key.keyid().to_hex()));
    parts.add("algorithm", algorithm(&key.pk_algo().to_string(), key.mpis()));
    if let Some(bits) = key.mpis().bits() {
        parts.add("bits", text!("{}", bits));
    }
    parts.add_time("created", Some(key.creation_time()));
    part
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others have no curve to name")]
fn algorithm(name: &str, numbers: &PublicKey) -> Text {
    match numbers {
        PublicKey::EdDSA { curve, .. } | PublicKey::ECDSA { curve, .. } | PublicKey::ECDH { curve, .. } => {
            text!("{} over {}", name, curve.to_string())
        }
        _ => text!("{}", name),
    }
}

fn add_flags(parts: &mut Parts, flags: Option<KeyFlags>) {
    let Some(flags) = flags else { return };
    let all = [
        (flags.for_certification(), "certify"),
        (flags.for_signing(), "sign"),
        (flags.for_authentication(), "authenticate"),
        (flags.for_transport_encryption() || flags.for_storage_encryption(), "encrypt"),
    ];
    let named: Vec<&str> = all.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
    parts.add("may", Text::trusted(if named.is_empty() { "nothing".to_owned() } else { named.join(", ") }));
}

fn of_revocation(revocation: &Signature) -> Part {
    let mut part = Part::new("revoked", reason(revocation));
    part.parts.add_time("on", revocation.signature_creation_time());
    part
}

/// Anybody can write a revocation, and nobody looked at who wrote this one.
fn of_other_revocation(revocation: &Signature) -> Part {
    let mut part = Part::new("revoked-by-another", reason(revocation));
    part.parts.add_time("on", revocation.signature_creation_time());
    let issuer = revocation.get_issuers().first().map(|issuer| Text::trusted(issuer.to_hex()));
    part.parts.add("by", issuer.unwrap_or_else(|| Text::trusted("nobody it names")));
    part
}

fn reason(revocation: &Signature) -> Text {
    let Some((code, words)) = revocation.reason_for_revocation() else {
        return Text::trusted("for all time: no reason is given");
    };
    let lasts = match code.revocation_type() {
        RevocationType::Hard => "for all time",
        RevocationType::Soft => "from then on",
    };
    match words {
        [] => text!("{}: {}", lasts, code.to_string()),
        words => text!("{}: {} (`{}`)", lasts, code.to_string(), words),
    }
}

fn of_message(bytes: &[u8]) -> Result<Description, Fault> {
    let contents = message::contents(bytes)?;
    let kind = if contents.is_cleartext { "openpgp-clear-signed" } else { "openpgp-message" };
    let mut description = of_signatures(kind, &contents.signatures);
    description.parts.add("text", text!("{} bytes", contents.length));
    Ok(description)
}

fn of_signatures(kind: &'static str, signatures: &[Result<Signed, Fault>]) -> Description {
    let mut description = Description::new(kind);
    description.parts.add("signatures", text!("{}", signatures.len()));
    description.parts.list(signatures, |signed| match signed {
        Ok(signed) => of_signature(&signed.signature),
        Err(fault) => Part::not_read(fault),
    });
    description
}

fn of_signature(signature: &Signature) -> Part {
    let kind = signature.typ();
    let mut part = Part::new("signature", text!("{} (type {})", kind.to_string(), u8::from(kind)));
    let parts = &mut part.parts;
    parts.add("version", text!("{}", signature.version()));
    parts.add("algorithm", Text::of(&signature.pk_algo().to_string()));
    parts.add("hash", Text::of(&signature.hash_algo().to_string()));
    parts.add_time("created", signature.signature_creation_time());
    parts.add_time("expires", signature.signature_expiration_time());
    if signature.reason_for_revocation().is_some() {
        parts.add("reason", reason(signature));
    }
    add_stated(parts, signature.hashed_area(), "");
    add_stated(parts, signature.unhashed_area(), " (a hint: not signed)");
    part
}

/// Adds what a signature says of who made it.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not named here is not shown")]
fn add_stated(parts: &mut Parts, area: &SubpacketArea, remark: &'static str) {
    parts.list(
        area.iter().filter_map(|subpacket| {
            let (name, value) = match subpacket.value() {
                SubpacketValue::Issuer(id) => ("issuer-key-id", Text::trusted(id.to_hex())),
                SubpacketValue::IssuerFingerprint(print) => ("issuer-fingerprint", Text::trusted(print.to_hex())),
                SubpacketValue::SignersUserID(name) => ("signer-user-id", Text::of(name.as_slice())),
                SubpacketValue::PolicyURI(uri) => ("policy-uri", Text::of(uri.as_slice())),
                SubpacketValue::NotationData(data) if data.flags().human_readable() => {
                    ("notation", text!("{}={}", data.name(), data.value()))
                }
                SubpacketValue::NotationData(data) => ("notation", text!("{}={}", data.name(), hex(data.value()))),
                _ => return None,
            };
            Some((name, value))
        }),
        |(name, value)| Part::new(name, text!("{}{}", value, remark)),
    );
}
