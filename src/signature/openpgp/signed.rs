//! One signature as it stands in a file: how what is signed is to be hashed, and which keys may have made it.

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use sequoia_openpgp::{Error, KeyHandle};

use super::packet::{MARK, Packet, Packets, be32, malformed, tag};
use super::{MOST_BYTES, MOST_SIGNATURES, armor};
use crate::signature::{Fault, FaultKind, Function, Hashing, Lines};
use crate::text;

/// The longest signature that is read, in bytes: the longest of RFC 9980 has 50,000.
pub(super) const LONGEST: usize = 1 << 20;

/// One signature.
pub(super) struct Signed {
    /// What it says.
    pub(super) signature: Signature,
    /// How what is signed is hashed, where the function is known.
    pub(super) hashing: Option<Hashing>,
    /// What is hashed behind it: of the signature, what is signed itself.
    pub(super) trailer: Vec<u8>,
}

impl Signed {
    /// Reads the contents of a signature packet. A fault is one of this signature alone.
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        match body.first() {
            Some(4 | 6) => {}
            Some(version) => {
                let message = text!("signatures of version {} are not accepted", *version);
                return Err(Fault::new(FaultKind::Unsupported, message));
            }
            None => return Err(malformed("a signature is empty")),
        }
        if body.len() > LONGEST {
            return Err(malformed("a signature is longer than 1 MiB"));
        }
        let signature = Signature::from_bytes(body).map_err(|error| fault(&error))?;
        let parts = Parts::of(body).ok_or_else(|| malformed("a signature is cut off"))?;
        let hashing = function(signature.hash_algo()).map(|function| Hashing {
            function,
            prefix: parts.salt.into(),
            lines: lines(signature.typ()),
        });
        Ok(Self { hashing, trailer: parts.trailer, signature })
    }

    /// Returns the keys that it says made it. This is no more than a hint.
    pub(super) fn issuers(&self) -> Vec<KeyHandle> {
        self.signature.get_issuers()
    }
}

/// What becomes of line ends under a signature of this type.
pub(super) fn lines(kind: SignatureType) -> Lines {
    if kind == SignatureType::Text { Lines::AsCrLf } else { Lines::AsTheyAre }
}

/// Returns the hash function of this identifier, if it is known.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not named here is unknown")]
pub(super) fn function(algorithm: HashAlgorithm) -> Option<Function> {
    Some(match algorithm {
        HashAlgorithm::MD5 => Function::Md5,
        HashAlgorithm::SHA1 => Function::Sha1,
        HashAlgorithm::RipeMD => Function::Ripemd160,
        HashAlgorithm::SHA224 => Function::Sha224,
        HashAlgorithm::SHA256 => Function::Sha256,
        HashAlgorithm::SHA384 => Function::Sha384,
        HashAlgorithm::SHA512 => Function::Sha512,
        HashAlgorithm::SHA3_256 => Function::Sha3_256,
        HashAlgorithm::SHA3_512 => Function::Sha3_512,
        _ => return None,
    })
}

/// Reads the signatures of a file that holds nothing else, armored or not, in the order in which they stand there.
pub(super) fn in_file(bytes: &[u8]) -> Result<Vec<Result<Signed, Fault>>, Fault> {
    if bytes.len() > MOST_BYTES {
        return Err(malformed("a file of signatures is longer than 64 MiB"));
    }
    if !armor::is_armored(bytes) {
        return in_packets(Packets::of(bytes));
    }
    let armored = armor::read(bytes)?;
    if armored.has_signed_text {
        return Err(malformed("a clear-signed message stands where a signature is expected"));
    }
    in_packets(armored.blocks.iter().flat_map(|(_, data)| Packets::of(data)))
}

fn in_packets<'a>(
    packets: impl Iterator<Item = Result<Packet<'a>, Fault>>,
) -> Result<Vec<Result<Signed, Fault>>, Fault> {
    let mut bodies = Vec::new();
    for packet in packets {
        let packet = packet?;
        match packet.tag {
            tag::SIGNATURE if bodies.len() == MOST_SIGNATURES => return Err(too_many()),
            tag::SIGNATURE => bodies.push(packet.body),
            tag::MARKER if packet.body == MARK => {}
            tag::PADDING => {}
            _ => return Err(malformed("beside signatures stands something else")),
        }
    }
    if bodies.is_empty() {
        return Err(malformed("the file holds no signature"));
    }
    Ok(bodies.into_iter().map(Signed::read).collect())
}

/// Returns the fault of too many signatures.
pub(super) fn too_many() -> Fault {
    Fault::new(FaultKind::Malformed, text!("more than {} signatures", MOST_SIGNATURES))
}

/// The parts of a signature that are hashed (RFC 9580, sections 5.2.3 and 5.2.4).
struct Parts<'a> {
    salt: &'a [u8],
    trailer: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn of(body: &'a [u8]) -> Option<Self> {
        let version = *body.first()?;
        let (hashed, salt) = match version {
            4 => {
                let length = usize::from(u16::from_be_bytes(*body.get(4..)?.first_chunk::<2>()?));
                (body.get(..length.checked_add(6)?)?, [].as_slice())
            }
            6 => {
                let (hashed, rest) = body.split_at_checked(be32(body.get(4..)?)?.checked_add(8)?)?;
                let rest = rest.get(be32(rest)?.checked_add(6)?..)?;
                let (length, rest) = rest.split_first()?;
                (hashed, rest.get(..usize::from(*length))?)
            }
            _ => return None,
        };
        let mut trailer = hashed.to_vec();
        trailer.extend([version, 0xff]);
        trailer.extend(u32::try_from(hashed.len()).ok()?.to_be_bytes());
        Some(Self { salt, trailer })
    }
}

/// Returns the fault of a packet that sequoia cannot read.
pub(super) fn fault(error: &anyhow::Error) -> Fault {
    let kind = match error.downcast_ref::<Error>() {
        Some(
            Error::UnsupportedSignatureType(_)
            | Error::UnsupportedHashAlgorithm(_)
            | Error::UnsupportedPublicKeyAlgorithm(_)
            | Error::UnsupportedEllipticCurve(_)
            | Error::UnsupportedCert(..),
        ) => FaultKind::Unsupported,
        _ => FaultKind::Malformed,
    };
    Fault::new(kind, text!("{}", first_line(error)))
}

/// Returns the reason that sequoia gives, in one line.
pub(super) fn first_line(error: &anyhow::Error) -> String {
    let whole = format!("{error:#}");
    whole.lines().next().unwrap_or_default().to_owned()
}
