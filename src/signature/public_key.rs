//! Plain public keys, as PEM or as in-toto writes them, and what they verify. A key says what it is; no signature, and
//! no envelope around one, has a say in it.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature as algorithms;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::description::{Described, Description, Part};
use super::{Fault, FaultKind, Material, Signer};
use crate::document;
use crate::text;
use crate::text::{Text, find, hex, unhex};

/// How many keys one file may hold.
const MAX_KEYS: usize = 1024;

/// How many ids a key has by itself.
const OWN_IDS: usize = 2;

/// The fewest bits of an RSA key that is trusted.
const MIN_RSA_BITS: usize = 2048;

/// The most bits of an RSA key that is computed with.
const MAX_RSA_BITS: usize = 8192;

/// A public key that may sign.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    /// The name of the file it stands in.
    pub(super) name: Text,
    /// Its `SubjectPublicKeyInfo` in DER.
    pub(super) spki: Vec<u8>,
    /// The ids by which envelopes hint at it.
    ids: Vec<String>,
    /// The key without what says of which kind it is.
    raw: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    P256,
    P384,
    P521,
    Ed25519,
    Rsa { bits: usize, padding: Padding },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    Any,
    Pss,
    Pkcs1,
}

/// Whether a key made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It did.
    Made,
    /// It did not.
    NotMade,
    /// It is too short to tell anything.
    TooWeak,
}

impl PublicKey {
    /// Returns whose key it is.
    pub(super) fn signer(&self) -> Signer {
        Signer { name: self.name.clone(), fingerprint: Text::trusted(self.fingerprint()) }
    }

    /// Returns the SHA-256 of the key in hexadecimal.
    pub(super) fn fingerprint(&self) -> String {
        hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.spki).as_ref())
    }

    /// Whether a hint names this key. A hint is no proof: it only tells a signature that should be this key's and is not
    /// from one that is somebody else's.
    pub(super) fn is_hinted_by(&self, hint: &str) -> bool {
        !hint.is_empty() && self.ids.iter().any(|id| id == hint)
    }

    /// Tells whether the key made a signature over a message.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Outcome {
        let candidates: &[&'static dyn VerificationAlgorithm] = match self.kind {
            // Both forms of an ECDSA signature occur: DER, and r and s one behind the other. A DER signature is never
            // exactly as long and valid as the other, so nothing is accepted that the key did not make.
            Kind::P256 => &[&algorithms::ECDSA_P256_SHA256_ASN1, &algorithms::ECDSA_P256_SHA256_FIXED],
            Kind::P384 => &[
                &algorithms::ECDSA_P384_SHA384_ASN1,
                &algorithms::ECDSA_P384_SHA384_FIXED,
                &algorithms::ECDSA_P384_SHA256_ASN1,
            ],
            Kind::P521 => &[&algorithms::ECDSA_P521_SHA512_ASN1, &algorithms::ECDSA_P521_SHA512_FIXED],
            Kind::Ed25519 => &[&algorithms::ED25519],
            Kind::Rsa { bits, .. } if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) => return Outcome::TooWeak,
            Kind::Rsa { padding: Padding::Pss, .. } => &[
                &algorithms::RSA_PSS_2048_8192_SHA256,
                &algorithms::RSA_PSS_2048_8192_SHA384,
                &algorithms::RSA_PSS_2048_8192_SHA512,
            ],
            Kind::Rsa { padding: Padding::Pkcs1, .. } => &[
                &algorithms::RSA_PKCS1_2048_8192_SHA256,
                &algorithms::RSA_PKCS1_2048_8192_SHA384,
                &algorithms::RSA_PKCS1_2048_8192_SHA512,
            ],
            Kind::Rsa { padding: Padding::Any, .. } => &[
                &algorithms::RSA_PSS_2048_8192_SHA256,
                &algorithms::RSA_PKCS1_2048_8192_SHA256,
                &algorithms::RSA_PSS_2048_8192_SHA384,
                &algorithms::RSA_PKCS1_2048_8192_SHA384,
                &algorithms::RSA_PSS_2048_8192_SHA512,
                &algorithms::RSA_PKCS1_2048_8192_SHA512,
            ],
        };
        let made = candidates
            .iter()
            .any(|algorithm| UnparsedPublicKey::new(*algorithm, &self.raw).verify(message, signature).is_ok());
        if made { Outcome::Made } else { Outcome::NotMade }
    }

    /// Returns what the key is.
    fn describe(&self) -> Part {
        let kind = match self.kind {
            Kind::P256 => Text::trusted("ECDSA P-256"),
            Kind::P384 => Text::trusted("ECDSA P-384"),
            Kind::P521 => Text::trusted("ECDSA P-521"),
            Kind::Ed25519 => Text::trusted("Ed25519"),
            Kind::Rsa { bits, .. } => text!("RSA with {} bits", bits),
        };
        let mut part = Part::new("key", kind);
        part.parts.add("sha256", Text::trusted(self.fingerprint()));
        part
    }
}

/// Says what a file of such keys holds.
pub(super) fn describe(file: &Material) -> Described {
    let text = std::str::from_utf8(&file.bytes).ok()?;
    if let Some(label) = secret_label(text) {
        return Some(Ok(describe_secret(text, label)));
    }
    let is_object = starts_object(&file.bytes);
    if !holds_keys(&file.bytes) || is_object && document::json(text).is_ok_and(|node| node.get("keyval").is_none()) {
        return None;
    }
    // The name of the file is put before what is said by whoever shows it.
    let nameless = |fault: Fault| {
        let why = fault.message.as_str().strip_prefix(text!("the key {}: ", file.name).as_str()).map(Text::trusted);
        Fault { message: why.unwrap_or_else(|| fault.message.clone()), ..fault }
    };
    Some(read(file).map_err(nameless).map(|keys| {
        let mut description = Description::new("public-keys");
        let is_secret = is_object
            && document::json(text).is_ok_and(|node| {
                let secret = node.get("keyval").and_then(|keyval| keyval.get("private"));
                secret.and_then(|secret| secret.string("private").ok()).is_some_and(|secret| !secret.is_empty())
            });
        if is_secret {
            description.kind = "secret-key";
            description.parts.add("secret-key", Text::trusted("only its public half is shown"));
        }
        description.parts.list(&keys, |key| {
            let mut part = key.describe();
            // What it is said to be called, behind which its own names stand.
            let own = key.ids.len().saturating_sub(OWN_IDS);
            part.parts.list(key.ids.iter().take(own), |id| Part::new("key-id", Text::of(id)));
            part
        });
        description
    }))
}

/// Returns the label of the first secret key in PEM. Those of SSH are another scheme's.
fn secret_label(text: &str) -> Option<&str> {
    let labels = text.split("-----BEGIN ").skip(1).filter_map(|rest| rest.split("-----").next());
    labels.into_iter().find(|label| {
        label.ends_with("PRIVATE KEY") && label.len() < 64 && *label != "OPENSSH PRIVATE KEY" && !label.contains('\n')
    })
}

fn describe_secret(text: &str, label: &str) -> Description {
    let mut description = Description::new("secret-key");
    description.parts.add("secret-key", Text::trusted("only its public half is shown"));
    description.parts.add("label", Text::of(label));
    let is_encrypted = label.starts_with("ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED");
    description.parts.add("encrypted", Text::trusted(if is_encrypted { "yes" } else { "no" }));
    match public_half(text, label).filter(|_| !is_encrypted) {
        Some(key) => description.parts.push(key.describe()),
        None => description.parts.add("key", Text::trusted("its public half is not known without more")),
    }
    description
}

/// Returns the public half of a secret key that is not encrypted.
fn public_half(text: &str, label: &str) -> Option<PublicKey> {
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let secret = STANDARD.decode(body).ok()?;
    let curves = [
        &algorithms::ECDSA_P256_SHA256_ASN1_SIGNING,
        &algorithms::ECDSA_P384_SHA384_ASN1_SIGNING,
        &algorithms::ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let spki: PublicKeyX509Der<'_> = None
        .or_else(|| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&secret).ok()?.public_key().as_der().ok())
        .or_else(|| {
            let pair = curves.iter().find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, &secret).ok())?;
            pair.public_key().as_der().ok()
        })
        .or_else(|| {
            let pair = RsaKeyPair::from_pkcs8(&secret).or_else(|_| RsaKeyPair::from_der(&secret)).ok()?;
            pair.public_key().as_der().ok()
        })?;
    PublicKey::new(Text::default(), spki.as_ref().to_vec(), Padding::Any, Vec::new()).ok()
}

/// Whether a file looks as if it held such keys. Other schemes' keys stand among those that are given.
pub(super) fn holds_keys(bytes: &[u8]) -> bool {
    find(bytes, BEGIN.as_bytes()).is_some() || (starts_object(bytes) && find(bytes, b"\"keyval\"").is_some())
}

/// Reads the keys of a file.
///
/// # Errors
/// A fault where the file looks as if it held keys, but one cannot be read.
pub(super) fn read(material: &Material) -> Result<Vec<PublicKey>, Fault> {
    if !holds_keys(&material.bytes) {
        return Ok(Vec::new());
    }
    let malformed = |why: &str| Fault::new(FaultKind::Malformed, text!("the key {}: {}", material.name, why));
    let text = std::str::from_utf8(&material.bytes).map_err(|_utf8| malformed("not UTF-8"))?;
    if starts_object(&material.bytes) {
        return in_toto(&material.name, text).map(|key| vec![key]).map_err(malformed);
    }
    pem_blocks(text)
        .map_err(malformed)?
        .into_iter()
        .map(|spki| PublicKey::new(material.name.clone(), spki, Padding::Any, Vec::new()).map_err(malformed))
        .collect()
}

/// Reads the keys of every file that holds such keys.
///
/// # Errors
/// As [`read`].
pub(super) fn read_all(materials: &[Material]) -> Result<Vec<PublicKey>, Fault> {
    let mut keys: Vec<PublicKey> = Vec::new();
    for material in materials {
        for key in read(material)? {
            // The same key in two files is one key: thresholds count keys.
            if !keys.iter().any(|other| other.spki == key.spki) {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

fn pem_blocks(text: &str) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (body, after) = after.split_once(END).ok_or("a PEM block without an end")?;
        let body: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        out.push(STANDARD.decode(body).map_err(|_base64| "a PEM block that is no base64")?);
        if out.len() > MAX_KEYS {
            return Err("more keys than are read from one file");
        }
        rest = after;
    }
    if out.is_empty() { Err("no public key") } else { Ok(out) }
}

/// Reads a key as in-toto writes it: `{"keytype", "scheme", "keyval": {"public"}, "keyid"}`.
fn in_toto(name: &Text, text: &str) -> Result<PublicKey, &'static str> {
    let node = document::json(text).map_err(|_fault| "no JSON, or a key twice")?;
    let string = |key: &str| node.get(key).and_then(|value| value.string(key).ok()).unwrap_or_default().to_owned();
    let public = node
        .get("keyval")
        .and_then(|value| value.get("public"))
        .and_then(|value| value.string("public").ok())
        .ok_or("`keyval.public` is no string")?;
    let padding = match string("scheme").as_str() {
        scheme if scheme.starts_with("rsassa-pss-") => Padding::Pss,
        scheme if scheme.starts_with("rsa-pkcs1v15-") => Padding::Pkcs1,
        _ => Padding::Any,
    };
    let ids = Some(string("keyid")).filter(|id| !id.is_empty()).into_iter().collect();
    let spki = if public.contains(BEGIN) {
        pem_blocks(public)?.into_iter().next().ok_or("no public key")?
    } else if string("keytype") == "ed25519" {
        let raw = unhex(public.as_bytes())
            .filter(|raw| raw.len() == 32)
            .ok_or("an Ed25519 key is 32 bytes in hexadecimal")?;
        // The DER around an Ed25519 key is always the same (RFC 8410, section 4).
        let mut spki = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        spki.extend(raw);
        spki
    } else {
        return Err("`keyval.public` is neither PEM nor an Ed25519 key");
    };
    PublicKey::new(name.clone(), spki, padding, ids)
}

impl PublicKey {
    fn new(name: Text, der: Vec<u8>, padding: Padding, mut ids: Vec<String>) -> Result<Self, &'static str> {
        let spki = SubjectPublicKeyInfoOwned::from_der(&der).map_err(|_der| "no public key in DER")?;
        let raw = spki.subject_public_key.as_bytes().ok_or("a key that is no whole number of bytes")?.to_vec();
        let parameters = spki.algorithm.parameters.as_ref().and_then(|any| any.to_der().ok()).unwrap_or_default();
        // One key is written in one way only: its fingerprint is over how it is written, and thresholds count those.
        let is_curve = spki.algorithm.oid.to_string() == "1.2.840.10045.2.1";
        if is_curve && raw.first() != Some(&0x04) {
            return Err("expected the whole point of an ECDSA key, found a compressed one");
        }
        let kind = match (spki.algorithm.oid.to_string().as_str(), parameters.as_slice()) {
            ("1.2.840.10045.2.1", [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]) => Kind::P256,
            ("1.2.840.10045.2.1", [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]) => Kind::P384,
            ("1.2.840.10045.2.1", [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23]) => Kind::P521,
            ("1.3.101.112", []) => Kind::Ed25519,
            // The parameters are NULL (RFC 3279, section 2.3.1).
            ("1.2.840.113549.1.1.1", [0x05, 0x00]) => {
                let modulus = SliceReader::new(&raw).and_then(|mut reader| {
                    let modulus = reader.sequence(|inner| {
                        let modulus = UintRef::decode(inner)?;
                        UintRef::decode(inner)?;
                        Ok(modulus)
                    })?;
                    reader.finish(modulus)
                });
                let modulus = modulus.map_err(|_der| "no RSA key in DER")?;
                let bytes = modulus.as_bytes();
                let unused = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
                Kind::Rsa { bits: (8 * bytes.len()).saturating_sub(unused), padding }
            }
            _ => return Err("a kind of key that is not known here: ECDSA (P-256, P-384, P-521), Ed25519 and RSA are"),
        };
        let mut key = Self { name, spki: der, ids: Vec::new(), raw, kind };
        ids.push(key.fingerprint());
        // npm and Rekor write it so.
        ids.push(format!(
            "SHA256:{}",
            STANDARD.encode(unhex(key.fingerprint().as_bytes()).unwrap_or_default()).trim_end_matches('=')
        ));
        key.ids = ids;
        Ok(key)
    }
}

/// Whether a file begins as a JSON object does.
pub(super) fn starts_object(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_written_otherwise_is_not_another_key() {
        let kind = |der: &[u8]| {
            PublicKey::new(Text::trusted("key"), der.to_vec(), Padding::Any, Vec::new()).map(|key| key.kind)
        };
        let text = include_str!("../../tests/fixtures/signatures/write-code.pub");
        let rsa = pem_blocks(text).unwrap().remove(0);
        assert!(matches!(kind(&rsa), Ok(Kind::Rsa { bits: 3072, .. })));
        let mut other = rsa.clone();
        let null = rsa.windows(2).position(|pair| pair == [0x05, 0x00]).unwrap();
        for tag in [0x01, 0x04, 0x0c, 0x15] {
            other[null] = tag;
            assert!(kind(&other).is_err(), "{tag:#x} in the place of NULL");
        }
        let point = include_str!("../../tests/fixtures/signatures/summary.pub");
        let whole = pem_blocks(point).unwrap().remove(0);
        assert_eq!(kind(&whole), Ok(Kind::P256));
        // The same point, compressed (SEC 1, section 2.3.3).
        let mut short = whole[..whole.len() - 32].to_vec();
        short[1] -= 32;
        let start = short.len() - 34;
        short[start - 1] -= 32;
        short[start + 1] = 2 + (whole.last().unwrap() & 1);
        assert!(SubjectPublicKeyInfoOwned::from_der(&short).is_ok());
        assert!(kind(&short).is_err());
    }
}
