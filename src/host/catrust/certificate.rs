//! Certificates in files: PEM with any text around, or DER.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate as Parsed;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::Authority;
use crate::host::line::lines;
use crate::text;
use crate::text::{Text, hex};

/// The words with which a certificate begins; the second one has settings of OpenSSL behind the certificate.
const LABELS: [&str; 3] = ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"];

/// How many certificates of a file are read: many times as many as anybody trusts.
const MAX_CERTIFICATES: usize = 10_000;

/// A certificate in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The line it begins on.
    pub line: u32,
    /// The SHA-256 of it, in hexadecimal.
    pub fingerprint: String,
    /// What it says; `None` where that cannot be understood.
    pub authority: Option<Authority>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// The certificates, in their order.
    pub certificates: Vec<Certificate>,
    /// Where something stands that should be a certificate and is none: the line, and why.
    pub faults: Vec<(u32, &'static str)>,
}

/// What is known of certificates, by the SHA-256 of each.
pub(super) type Known = BTreeMap<Box<str>, Authority>;

/// Reads the certificates of a file.
#[must_use]
pub fn read(bytes: &[u8]) -> Certificates {
    read_others(bytes, &Known::new())
}

/// Reads the certificates of a file, of which those that are known need not be understood again.
pub(super) fn read_others(bytes: &[u8], known: &Known) -> Certificates {
    let mut out = Certificates::default();
    // The form of a certificate without text around it.
    if bytes.starts_with(&[0x30, 0x82]) || bytes.starts_with(&[0x30, 0x81]) {
        out.add(1, bytes, known);
        return out;
    }
    let mut open: Option<(u32, String, Vec<u8>)> = None;
    for line in lines(bytes) {
        let text = line.text();
        let text = text.trim();
        if let Some(label) = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) {
            if let Some((start, ..)) = open.take() {
                out.faults.push((start, "a certificate without an end"));
            }
            open = LABELS.contains(&label).then(|| (line.number, label.to_owned(), Vec::new()));
        } else if let Some(label) = text.strip_prefix("-----END ").and_then(|rest| rest.strip_suffix("-----")) {
            let Some((start, begun, body)) = open.take() else { continue };
            match STANDARD.decode(&body) {
                Ok(der) if begun == label => out.add(start, &der, known),
                Ok(_) => out.faults.push((start, "a certificate with the end of something else")),
                Err(_) => out.faults.push((start, "a certificate that is not in base64")),
            }
        } else if let Some((.., body)) = &mut open {
            match text.contains(|character: char| character.is_ascii_whitespace()) {
                true => body.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace())),
                false => body.extend_from_slice(text.as_bytes()),
            }
        }
        if out.certificates.len() >= MAX_CERTIFICATES {
            out.faults.push((line.number, "more certificates than are read"));
            return out;
        }
    }
    if let Some((start, ..)) = open {
        out.faults.push((start, "a certificate without an end"));
    }
    out
}

impl Certificates {
    fn add(&mut self, line: u32, der: &[u8], known: &Known) {
        // What OpenSSL adds stands behind the certificate.
        let Some(der) = SliceReader::new(der).ok().and_then(|mut reader| reader.tlv_bytes().ok()) else {
            self.faults.push((line, "a certificate that is not in DER"));
            return;
        };
        let fingerprint = hex(&Sha256::digest(der));
        let understood = || Parsed::from_der(der).ok().map(|parsed| authority(&parsed));
        let authority = known.get(&*fingerprint).cloned().or_else(understood);
        if authority.is_none() {
            self.faults.push((line, "a certificate that cannot be understood"));
        }
        self.certificates.push(Certificate { line, fingerprint, authority });
    }
}

fn authority(parsed: &Parsed) -> Authority {
    let of = &parsed.tbs_certificate;
    let end = of.validity.not_after.to_date_time();
    let (kind, bits) = key(&of.subject_public_key_info);
    Authority {
        name: name(&of.subject),
        not_after: Text::trusted(format!("{:04}-{:02}-{:02}", end.year(), end.month(), end.day())),
        key: Text::trusted(kind),
        bits,
        signature: Text::trusted(signature(&parsed.signature_algorithm.oid.to_string())),
        is_self_signed: of.subject == of.issuer,
    }
}

/// Returns the common name of a subject, or its unit or organisation where it has none.
fn name(subject: &Name) -> Text {
    let value = |oid: &str| {
        let oid = ObjectIdentifier::new(oid).ok()?;
        let mut all = subject.0.iter().flat_map(|names| names.0.iter());
        all.find(|attribute| attribute.oid == oid)
            .map(|attribute: &AttributeTypeAndValue| Text::of(attribute.value.value()))
    };
    ["2.5.4.3", "2.5.4.11", "2.5.4.10"].into_iter().find_map(value).unwrap_or_else(|| text!("{}", subject.to_string()))
}

/// Returns what kind of key it is, and how many bits it has where that is known.
fn key(spki: &SubjectPublicKeyInfoOwned) -> (&'static str, Option<u32>) {
    let parameters = spki.algorithm.parameters.as_ref().and_then(|any| any.to_der().ok()).unwrap_or_default();
    match spki.algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => ("RSA", rsa_bits(spki.subject_public_key.raw_bytes())),
        "1.2.840.10040.4.1" => ("DSA", None),
        "1.2.840.10045.2.1" => (
            "ECDSA",
            match parameters.as_slice() {
                [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => Some(256),
                [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21] => Some(224),
                [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22] => Some(384),
                [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23] => Some(521),
                [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01] => Some(192),
                _ => None,
            },
        ),
        "1.3.101.112" => ("Ed25519", Some(256)),
        "1.3.101.113" => ("Ed448", Some(456)),
        _ => ("of another kind", None),
    }
}

fn rsa_bits(key: &[u8]) -> Option<u32> {
    let mut reader = SliceReader::new(key).ok()?;
    let modulus = reader.sequence(|inner| {
        let modulus = UintRef::decode(inner)?;
        UintRef::decode(inner)?;
        Ok(modulus)
    });
    let bytes = modulus.ok()?;
    let bytes = bytes.as_bytes();
    let unused = bytes.first().map_or(0, |first| first.leading_zeros());
    u32::try_from(bytes.len()).ok()?.checked_mul(8)?.checked_sub(unused)
}

/// Returns the digest that is signed, as far as it is known to be weak.
fn signature(oid: &str) -> &'static str {
    match oid {
        "1.2.840.113549.1.1.2" => "MD2",
        "1.2.840.113549.1.1.3" => "MD4",
        "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" | "1.3.14.3.2.29" => "SHA-1",
        _ => "of today",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORP: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBujCCAWGgAwIBAgIUfN8E2jB8Y3meBIVSAvHmYpfUZKMwCgYIKoZIzj0EAwIw\n\
        MzEVMBMGA1UECgwMRml4dHVyZSBjb3JwMRowGAYDVQQDDBFGaXh0dXJlIGNvcnAg\n\
        Um9vdDAeFw0yNjExMjUxMzA3MzNaFw00NjExMjAxMzA3MzNaMDMxFTATBgNVBAoM\n\
        DEZpeHR1cmUgY29ycDEaMBgGA1UEAwwRRml4dHVyZSBjb3JwIFJvb3QwWTATBgcq\n\
        hkjOPQIBBggqhkjOPQMBBwNCAAQFr3V+gFsKBWTKt7LzZTHNfyKK0BH2hueyYb6P\n\
        nUdaRPC/PledfnGgkhNmh4esu2qRFO/CWVv8xJXEF8BANfTSo1MwUTAdBgNVHQ4E\n\
        FgQU3Q4+6c6lZmJ18N61rdkcQ5WVzcEwHwYDVR0jBBgwFoAU3Q4+6c6lZmJ18N61\n\
        rdkcQ5WVzcEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAP8E4V\n\
        9+BJMzSPMWedImriG88ZnffL8fWT2bmUVkQA5AIgOKx8Ymh3LHcgmJCBFmc2ogA1\n\
        wA5+JLfUGKHQEdd0zOA=\n-----END CERTIFICATE-----\n";

    const FINGERPRINT: &str = "985ac05b86e1c6512795f532d6d973f1bfc1e48e2570026da0ed582fd5612402";

    #[test]
    fn certificates_are_read_with_text_around() {
        let check = |text: &str, expected: &[u32], faults: &[u32]| {
            let found = read(text.as_bytes());
            let lines: Vec<u32> = found.certificates.iter().map(|one| one.line).collect();
            assert!(found.certificates.iter().all(|one| one.fingerprint == FINGERPRINT), "{text}");
            assert_eq!(lines, expected, "{text}");
            assert_eq!(found.faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(), faults, "{text}");
        };
        check(CORP, &[1], &[]);
        check(&format!("# text\n{CORP}{CORP}more"), &[2, 14], &[]);
        check(&CORP.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), &[1], &[]);
        check(&CORP.replace('\n', "\r\n"), &[1], &[]);
        check(&CORP.replace("CERTIFICATE", "CERTIFICATE REQUEST"), &[], &[]);
        check(&CORP.replace("-----END", "----END"), &[], &[1]);
        check(&CORP.replace("MIIBuj", "!!!!!!"), &[], &[1]);
        check("text", &[], &[]);
    }

    #[test]
    fn a_certificate_says_who_and_until_when() {
        let body: String = CORP.lines().filter(|line| !line.starts_with('-')).collect();
        let found = read(&STANDARD.decode(body).unwrap());
        assert_eq!(found.certificates[0].fingerprint, FINGERPRINT);
        assert_eq!(
            found.certificates[0].authority,
            Some(Authority {
                name: Text::of("Fixture corp Root"),
                not_after: Text::of("2046-11-20"),
                key: Text::of("ECDSA"),
                bits: Some(256),
                signature: Text::of("of today"),
                is_self_signed: true,
            })
        );
    }
}
