//! What bundles, certificates and trusted roots hold, for whoever wants to see it. Nothing is judged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sigstore_verify::crypto::parse_certificate_info;
use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{DerCertificate, SignatureContent};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::container::{self, Found, Origin};
use super::{certificate, is_signature};
use crate::document::{Node, Value};
use crate::signature::attestation::{Json, documents, items, malformed, string, string_at};
use crate::signature::description::{Described, Description, Part, Parts, damaged};
use crate::signature::{Claim, Fault, Material, public_key, statement};
use crate::text;
use crate::text::{Text, find, hex};

/// What a trusted root says that it is.
const TRUSTED_ROOT: &[u8] = b"application/vnd.dev.sigstore.trustedroot";

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The most certificates of one file.
const MOST_CERTIFICATES: usize = 1024;

/// Says what a file holds.
pub(super) fn describe(file: &Material) -> Described {
    let described = if is_signature(&file.bytes) {
        of_bundles(&file.bytes)
    } else if public_key::starts_object(&file.bytes) && find(&file.bytes, TRUSTED_ROOT).is_some() {
        of_root(&file.bytes)
    } else if file.bytes.trim_ascii_start().starts_with(BEGIN.as_bytes()) {
        of_certificates(file)
    } else {
        return None;
    };
    Some(described.map_err(|fault| Fault { message: text!("{}: {}", file.name, fault.message), ..fault }))
}

fn of_bundles(bytes: &[u8]) -> Result<Description, Fault> {
    let mut found = Vec::new();
    for json in documents(bytes)? {
        found.extend(container::bundles(&json)?);
    }
    // A file of one bundle that cannot be read says nothing.
    if let [Found { read: Err(fault), .. }] = found.as_slice() {
        return Err(fault.clone());
    }
    let mut description = Description::new("sigstore-bundle");
    description.parts.list(&found, of_bundle);
    Ok(description)
}

fn of_bundle(found: &Found) -> Part {
    let read = match &found.read {
        Ok(read) => read,
        Err(fault) => return Part::not_read(fault),
    };
    let material = &read.bundle.verification_material;
    let mut part = match found.origin {
        Origin::Bundle | Origin::Answer => Part::new("bundle", Text::of(read.bundle.media_type.as_str())),
        Origin::Python => Part::new("attestation", Text::trusted("PEP 740, version 1")),
    };
    let parts = &mut part.parts;
    if let Some(certificate) = read.bundle.signing_certificate() {
        parts.push(of_certificate(certificate));
    } else if let VerificationMaterialContent::PublicKey(key) = &material.content {
        parts.add("key-hint", Text::of(&key.hint));
    }
    parts.list(&material.tlog_entries, |entry| {
        let mut part = Part::new("log-entry", text!("{} {}", entry.kind_version.kind(), entry.kind_version.version()));
        part.parts.add("index", text!("{}", entry.log_index.get().to_string()));
        if let Some(at) = entry.integrated_time {
            part.parts.add("integrated", time(at));
        }
        let has = if entry.inclusion_proof.is_some() { "yes" } else { "no" };
        part.parts.add("inclusion-proof", Text::trusted(has));
        part
    });
    let timestamps = material.timestamp_verification_data.rfc3161_timestamps.len();
    if timestamps > 0 {
        parts.add("timestamps", text!("{}", timestamps));
    }
    match &read.bundle.content {
        SignatureContent::MessageSignature(signature) => match &signature.message_digest {
            Some(digest) => {
                let value = hex(digest.digest.as_bytes());
                parts.add("artifact-digest", text!("{} {}", digest.algorithm.as_rekor_str(), value));
            }
            None => parts.add("artifact-digest", Text::trusted("none is stated")),
        },
        SignatureContent::DsseEnvelope(envelope) => parts.push(statement::describe(envelope.payload.as_bytes())),
        _ => {}
    }
    part
}

fn of_certificate(der: &DerCertificate) -> Part {
    let mut part = Part::new("certificate", Text::default());
    let parts = &mut part.parts;
    let (Ok(read), Ok(info)) = (Certificate::from_der(der.as_bytes()), parse_certificate_info(der)) else {
        return Part::not_read(&malformed(Text::trusted("the certificate is no certificate in DER")));
    };
    parts.add_stated("subject", Some(&read.tbs_certificate.subject.to_string()));
    parts.add_stated("issued-by", Some(&read.tbs_certificate.issuer.to_string()));
    parts.add("valid-from", time(info.not_before));
    parts.add("valid-until", time(info.not_after));
    if let Ok(identity) = certificate::identity(der.as_bytes()) {
        let mut claim = Claim::new(super::ID, Text::default());
        certificate::certified(identity, &info, &mut claim);
        for (name, value) in claim.details {
            parts.add(name, value);
        }
    }
    part
}

fn of_certificates(file: &Material) -> Result<Description, Fault> {
    let expected = || damaged(file, "certificates in PEM");
    let text = std::str::from_utf8(&file.bytes).map_err(|_utf8| expected())?;
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (body, after) = after.split_once(END).ok_or_else(expected)?;
        let body: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        all.push(STANDARD.decode(body).map_err(|_base64| expected())?);
        rest = after;
        if all.len() > MOST_CERTIFICATES {
            return Err(malformed(text!("more than {} certificates", MOST_CERTIFICATES)));
        }
    }
    let mut description = Description::new("x509-certificates");
    description.parts.list(all, |der| of_certificate(&DerCertificate::new(der)));
    Ok(description)
}

fn of_root(bytes: &[u8]) -> Result<Description, Fault> {
    let text =
        std::str::from_utf8(bytes).map_err(|_utf8| malformed(Text::trusted("expected UTF-8, found other bytes")))?;
    let json = Json::parse(text)?;
    let root = &json.node;
    let mut description = Description::new("sigstore-trusted-root");
    let parts = &mut description.parts;
    parts.add_stated("media-type", string(root, "mediaType"));
    for (key, name) in [("tlogs", "transparency-log"), ("ctlogs", "certificate-log")] {
        parts.list(items(root, key), |log| of_log(name, log));
    }
    for (key, name) in
        [("certificateAuthorities", "certificate-authority"), ("timestampAuthorities", "timestamp-authority")]
    {
        parts.list(items(root, key), |authority| of_authority(name, authority));
    }
    Ok(description)
}

fn of_log(name: &'static str, log: &Node<'_>) -> Part {
    let mut part = Part::new(name, Text::of(string(log, "baseUrl").unwrap_or_default()));
    part.parts.add_stated("key", string_at(log, &["publicKey", "keyDetails"]));
    part.parts.add_stated("hash", string(log, "hashAlgorithm"));
    let id = string_at(log, &["logId", "keyId"]).and_then(|id| STANDARD.decode(id).ok());
    part.parts.add_stated("id", id.map(|id| hex(&id)).as_deref());
    add_validity(&mut part.parts, log.get("publicKey"));
    part
}

fn of_authority(name: &'static str, authority: &Node<'_>) -> Part {
    let mut part = Part::new(name, Text::of(string(authority, "uri").unwrap_or_default()));
    part.parts.add_stated("organization", string_at(authority, &["subject", "organization"]));
    part.parts.add_stated("common-name", string_at(authority, &["subject", "commonName"]));
    let chain = authority.get("certChain").map(|chain| items(chain, "certificates").len());
    part.parts.add("certificates", text!("{}", chain.unwrap_or_default()));
    add_validity(&mut part.parts, Some(authority));
    part
}

fn add_validity(parts: &mut Parts, node: Option<&Node<'_>>) {
    let Some(period) = node.and_then(|node| node.get("validFor")) else { return };
    for (key, name) in [("start", "valid-from"), ("end", "valid-until")] {
        let Some(Value::String(stated)) = period.get(key).map(|time| &time.value) else { continue };
        // Written as JSON of protobuf, which may have another zone.
        parts.add(name, stated.parse().map_or_else(|_error| Text::of(stated), time));
    }
}

fn time(at: Timestamp) -> Text {
    text!("{}", at.to_string())
}
