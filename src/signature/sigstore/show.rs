//! What bundles hold, for whoever wants to see it. Nothing is judged.

use sigstore_verify::crypto::parse_certificate_info;
use sigstore_verify::types::SignatureContent;
use sigstore_verify::types::bundle::VerificationMaterialContent;

use super::container::{self, Found};
use super::{certificate, is_signature};
use crate::signature::attestation::documents;
use crate::signature::{Claim, statement};
use crate::text;
use crate::text::{Text, hex};

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
    let read = match &found.read {
        Ok(read) => read,
        Err(fault) => return vec![fault.message.clone()],
    };
    let material = &read.bundle.verification_material;
    let mut out = vec![text!("Sigstore bundle: {}", read.bundle.media_type.as_str())];
    if let Some(certificate) = read.bundle.signing_certificate() {
        let mut claim = Claim::new(super::ID, Text::default());
        let identity = certificate::identity(certificate.as_bytes());
        match (identity, parse_certificate_info(certificate)) {
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
