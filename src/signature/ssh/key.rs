//! SSH's public keys, and whether one of them made a signature.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, EcdsaVerificationAlgorithm,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::super::{Fault, FaultKind, ed25519};
use super::certificate::Certificate;
use super::wire::{Wire, put_string};
use crate::text;
use crate::text::Text;

/// The shortest RSA key that is not weak, in bits.
const MIN_RSA_BITS: usize = 2048;
/// The shortest and the longest that can be checked here.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The whole key as it is written. Of a certificate, the key that is certified.
    pub(super) blob: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Ed25519(ed25519::Key),
    Ecdsa(Curve, Vec<u8>),
    Rsa { exponent: Vec<u8>, modulus: Vec<u8> },
    Dsa,
    SecurityEd25519 { key: ed25519::Key, application: Vec<u8> },
    SecurityEcdsa { point: Vec<u8>, application: Vec<u8> },
    Unknown(Text),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

/// A key that signs: bare, or with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SigningKey {
    pub(super) key: Key,
    pub(super) certificate: Option<Box<Certificate>>,
}

/// What a signature was found to be.
pub(super) struct Made {
    pub(super) faults: Vec<Fault>,
    /// What a security key says about its user.
    pub(super) user: Option<User>,
}

/// What a security key says about its user (FIDO, "authenticator data").
#[derive(Clone, Copy)]
pub(super) struct User {
    pub(super) touched: bool,
    pub(super) verified: bool,
}

const CERTIFICATE_SUFFIX: &str = "-cert-v01@openssh.com";
const SECURITY_ED25519: &str = "sk-ssh-ed25519@openssh.com";
const SECURITY_ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";

impl SigningKey {
    /// Reads a key or a certificate, `None` where it is malformed.
    pub(super) fn read(blob: &[u8]) -> Option<Self> {
        let mut wire = Wire(blob);
        let name = std::str::from_utf8(wire.string()?).ok()?;
        let certified = match name {
            "sk-ssh-ed25519-cert-v01@openssh.com" => SECURITY_ED25519,
            "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com" => SECURITY_ECDSA,
            name => match name.strip_suffix(CERTIFICATE_SUFFIX) {
                Some(plain) => plain,
                None => return Key::read(blob).map(|key| Self { key, certificate: None }),
            },
        };
        let _nonce = wire.string()?;
        let fields = wire.0;
        let kind = Kind::read(certified, &mut wire)?;
        let fields = fields.strip_suffix(wire.0)?;
        let mut plain = Vec::new();
        put_string(&mut plain, certified.as_bytes());
        plain.extend_from_slice(fields);
        if matches!(kind, Kind::Unknown(_)) {
            // Where its key ends is not known, and so not what follows.
            return Some(Self { key: Key { blob: blob.to_owned(), kind }, certificate: None });
        }
        let certificate = Certificate::read(blob, &mut wire)?;
        Some(Self { key: Key { blob: plain, kind }, certificate: Some(Box::new(certificate)) })
    }
}

impl Key {
    /// Reads a bare key, `None` where it is malformed or no bare key.
    pub(super) fn read(blob: &[u8]) -> Option<Self> {
        let mut wire = Wire(blob);
        let name = std::str::from_utf8(wire.string()?).ok()?;
        if name.is_empty() || name.ends_with(CERTIFICATE_SUFFIX) {
            return None;
        }
        let kind = Kind::read(name, &mut wire)?;
        wire.end()?;
        Some(Self { blob: blob.to_owned(), kind })
    }

    /// Reads `TYPE BASE64 [COMMENT]`, and returns the key with the comment. `None` where this is no key.
    pub(super) fn read_line(line: &[u8]) -> Option<(Self, &[u8])> {
        let (key, comment) = SigningKey::read_line(line)?;
        key.certificate.is_none().then_some((key.key, comment))
    }

    /// Returns the fingerprint as ssh-keygen prints it.
    pub(super) fn fingerprint(&self) -> Text {
        text!("SHA256:{}", STANDARD_NO_PAD.encode(self.sha256()))
    }

    pub(super) fn sha256(&self) -> Vec<u8> {
        digest(&SHA256, &self.blob).as_ref().to_vec()
    }

    /// Returns its length in bits, where keys of its type differ in it.
    pub(super) fn bits(&self) -> Option<usize> {
        match &self.kind {
            Kind::Rsa { modulus, .. } => Some(bits(modulus)),
            Kind::Ed25519(_)
            | Kind::Ecdsa(..)
            | Kind::Dsa
            | Kind::SecurityEd25519 { .. }
            | Kind::SecurityEcdsa { .. }
            | Kind::Unknown(_) => None,
        }
    }

    /// Checks a signature, itself in the wire format, over a message.
    pub(super) fn check(&self, message: &[u8], signature: &[u8]) -> Made {
        let mut user = None;
        let faults = match self.faults(message, signature, &mut user) {
            Some(faults) => faults,
            None => vec![Fault::new(FaultKind::Malformed, Text::trusted("the signature inside is malformed"))],
        };
        Made { faults, user }
    }

    fn faults(&self, message: &[u8], signature: &[u8], user: &mut Option<User>) -> Option<Vec<Fault>> {
        let mut wire = Wire(signature);
        let name = wire.string()?;
        let value = wire.string()?;
        if !matches!(self.kind, Kind::SecurityEd25519 { .. } | Kind::SecurityEcdsa { .. } | Kind::Unknown(_)) {
            wire.end()?;
        }
        let wrong_algorithm = || {
            let message = text!("a signature by `{}` cannot be made by a key of type `{}`", name, self.name());
            Some(vec![Fault::new(FaultKind::Bad, message)])
        };
        let mut faults = Vec::new();
        let holds = match &self.kind {
            Kind::Ed25519(key) => {
                if name != b"ssh-ed25519" {
                    return wrong_algorithm();
                }
                ed25519::holds_over(key, &value.try_into().ok()?, &[message])
            }
            Kind::Ecdsa(curve, point) => {
                if name != curve.key_type().as_bytes() {
                    return wrong_algorithm();
                }
                curve.holds(point, message, value)?
            }
            Kind::Rsa { exponent, modulus } => {
                let algorithm: &RsaParameters = match name {
                    b"rsa-sha2-256" => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                    b"rsa-sha2-512" => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                    b"ssh-rsa" => {
                        let message = Text::trusted("the RSA signature is made with SHA-1");
                        return Some(vec![Fault::new(FaultKind::WeakHash, message)]);
                    }
                    _ => return wrong_algorithm(),
                };
                let bits = bits(modulus);
                if bits < MIN_RSA_BITS {
                    faults.push(Fault::new(FaultKind::WeakKey, text!("the RSA key has only {} bits", bits)));
                }
                if !RSA_BITS.contains(&bits) {
                    let message = text!("RSA keys of {} bits cannot be checked here", bits);
                    faults.push(Fault::undetermined(FaultKind::Unsupported, message));
                    return Some(faults);
                }
                // Some write the number without zeros before it.
                let missing = modulus.len().checked_sub(value.len())?;
                let padded = [&vec![0; missing], value].concat();
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(algorithm, message, &padded).is_ok()
            }
            Kind::SecurityEd25519 { key, application } => {
                if name != SECURITY_ED25519.as_bytes() {
                    return wrong_algorithm();
                }
                let signed = signed_by_security_key(application, message, &mut wire, user)?;
                ed25519::holds_over(key, &value.try_into().ok()?, &[&signed])
            }
            Kind::SecurityEcdsa { point, application } => {
                if name == b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com" {
                    return Some(vec![self.unsupported()]);
                }
                if name != SECURITY_ECDSA.as_bytes() {
                    return wrong_algorithm();
                }
                let signed = signed_by_security_key(application, message, &mut wire, user)?;
                Curve::P256.holds(point, &signed, value)?
            }
            Kind::Dsa => {
                let message = Text::trusted("the key is a DSA key of 1024 bits, whose signatures are over SHA-1");
                return Some(vec![Fault::new(FaultKind::WeakKey, message)]);
            }
            Kind::Unknown(_) => return Some(vec![self.unsupported()]),
        };
        if !holds {
            let message = Text::trusted("the signature is not by this key over these contents");
            faults.insert(0, Fault::new(FaultKind::Bad, message));
        }
        Some(faults)
    }

    fn unsupported(&self) -> Fault {
        let message = text!("signatures by keys of type `{}` cannot be checked here", self.name());
        Fault::undetermined(FaultKind::Unsupported, message)
    }

    /// Returns the name of its type.
    pub(super) fn name(&self) -> Text {
        match &self.kind {
            Kind::Ed25519(_) => Text::trusted("ssh-ed25519"),
            Kind::Ecdsa(curve, _) => Text::trusted(curve.key_type()),
            Kind::Rsa { .. } => Text::trusted("ssh-rsa"),
            Kind::Dsa => Text::trusted("ssh-dss"),
            Kind::SecurityEd25519 { .. } => Text::trusted(SECURITY_ED25519),
            Kind::SecurityEcdsa { .. } => Text::trusted(SECURITY_ECDSA),
            Kind::Unknown(name) => name.clone(),
        }
    }
}

impl SigningKey {
    /// Reads `TYPE BASE64 [COMMENT]`, and returns the key or certificate with the comment. `None` where this is no key.
    pub(super) fn read_line(line: &[u8]) -> Option<(Self, &[u8])> {
        let (name, rest) = word(line.trim_ascii());
        let (encoded, comment) = word(rest);
        let blob = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
        let names_itself = Wire(&blob).string()? == name;
        names_itself.then(|| Self::read(&blob)).flatten().map(|key| (key, comment))
    }
}

/// Splits off the first word.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.trim_ascii())
}

/// Returns what a security key signs: not the message, but its digest beside what the key says about its user.
fn signed_by_security_key(
    application: &[u8],
    message: &[u8],
    wire: &mut Wire<'_>,
    user: &mut Option<User>,
) -> Option<Vec<u8>> {
    let about = wire.0;
    let flags = wire.byte()?;
    let _counter = wire.u32()?;
    wire.end()?;
    *user = Some(User { touched: flags & 1 != 0, verified: flags & 4 != 0 });
    Some([digest(&SHA256, application).as_ref(), about, digest(&SHA256, message).as_ref()].concat())
}

impl Kind {
    fn read(name: &str, wire: &mut Wire<'_>) -> Option<Self> {
        Some(match name {
            "ssh-ed25519" => Self::Ed25519(wire.string()?.try_into().ok()?),
            "ssh-rsa" => {
                let exponent = wire.number()?.to_vec();
                Self::Rsa { exponent, modulus: wire.number()?.to_vec() }
            }
            "ssh-dss" => {
                for _ in 0..4 {
                    wire.number()?;
                }
                Self::Dsa
            }
            SECURITY_ED25519 => {
                let key = wire.string()?.try_into().ok()?;
                Self::SecurityEd25519 { key, application: wire.string()?.to_vec() }
            }
            SECURITY_ECDSA => {
                let point = Curve::P256.point(wire)?;
                Self::SecurityEcdsa { point, application: wire.string()?.to_vec() }
            }
            name => match [Curve::P256, Curve::P384, Curve::P521].into_iter().find(|curve| curve.key_type() == name) {
                Some(curve) => Self::Ecdsa(curve, curve.point(wire)?),
                None => {
                    let rest = wire.0.len();
                    wire.take(rest)?;
                    Self::Unknown(Text::of(name))
                }
            },
        })
    }
}

impl Curve {
    fn key_type(self) -> &'static str {
        match self {
            Self::P256 => "ecdsa-sha2-nistp256",
            Self::P384 => "ecdsa-sha2-nistp384",
            Self::P521 => "ecdsa-sha2-nistp521",
        }
    }

    fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    fn algorithm(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
            Self::P521 => &ECDSA_P521_SHA512_FIXED,
        }
    }

    /// Reads the curve's name and a point in the one form that SSH knows (RFC 5656, section 3.1).
    fn point(self, wire: &mut Wire<'_>) -> Option<Vec<u8>> {
        let name = wire.string()?;
        let point = wire.string()?;
        let is_sound = self.key_type().as_bytes().ends_with(name)
            && name.starts_with(b"nistp")
            && point.len() == 1 + 2 * self.width()
            && point.first() == Some(&4);
        is_sound.then(|| point.to_vec())
    }

    /// Whether two numbers in the wire format are a signature; `None` where they are malformed.
    fn holds(self, point: &[u8], message: &[u8], value: &[u8]) -> Option<bool> {
        let mut wire = Wire(value);
        let mut fixed = Vec::new();
        for _ in 0..2 {
            let number = wire.number()?;
            fixed.resize(fixed.len() + self.width().checked_sub(number.len())?, 0);
            fixed.extend_from_slice(number);
        }
        wire.end()?;
        Some(UnparsedPublicKey::new(self.algorithm(), point).verify(message, &fixed).is_ok())
    }
}

/// Returns the length of a number without zeros before it.
fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros() as usize);
    (8 * number.len()).saturating_sub(unused)
}
