//! Ed25519 over a message of any size, checked by the digest of it: the message need not be held in memory.
//!
//! Stricter than RFC 8032, section 5.1.7, where verifiers differ: a key or a point of small order, and any number or
//! point that is not written in its one shortest form, is refused.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;

use super::{Function, Hashes, Hashing};

/// The length of a key.
pub(super) const KEY_LENGTH: usize = 32;
/// The length of a signature.
pub(super) const SIGNATURE_LENGTH: usize = 64;

/// A signature: the point R, then the number S.
pub(super) type Signature = [u8; SIGNATURE_LENGTH];
/// A public key.
pub(super) type Key = [u8; KEY_LENGTH];

/// Returns how a message is to be hashed for a signature and a key: R, the key, the message, by SHA-512.
pub(super) fn hashing(key: &Key, signature: &Signature) -> Hashing {
    let (point, _) = halves(signature);
    Hashing { prefix: [point, *key].concat().into(), ..Hashing::plain(Function::Sha512) }
}

/// Whether a signature holds over the message that was hashed so.
pub(super) fn holds(key: &Key, signature: &Signature, hashes: &Hashes) -> bool {
    let digest = hashes.digest(&hashing(key, signature), &[]);
    let Some(digest) = digest.and_then(|digest| <[u8; 64]>::try_from(digest).ok()) else { return false };
    let (Some(key), (point, number)) = (point_of(key), halves(signature)) else { return false };
    let (Some(point), Some(number)) = (point_of(&point), Option::<Scalar>::from(Scalar::from_canonical_bytes(number)))
    else {
        return false;
    };
    let factor = Scalar::from_bytes_mod_order_wide(&digest);
    EdwardsPoint::vartime_double_scalar_mul_basepoint(&factor, &-key, &number) == point
}

/// Whether a signature holds over a message that is at hand, in parts.
pub(super) fn holds_over(key: &Key, signature: &Signature, message: &[&[u8]]) -> bool {
    let mut hashes = Hashes::new([hashing(key, signature)]);
    message.iter().for_each(|part| hashes.update(part));
    holds(key, signature, &hashes)
}

fn point_of(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    let point = CompressedEdwardsY(*bytes).decompress()?;
    (!point.is_small_order() && point.compress().0 == *bytes).then_some(point)
}

fn halves(signature: &Signature) -> ([u8; 32], [u8; 32]) {
    let (mut point, mut number) = ([0; 32], [0; 32]);
    for (to, from) in point.iter_mut().chain(&mut number).zip(signature) {
        *to = *from;
    }
    (point, number)
}

/// Signs for tests, by keys that anybody can make.
#[cfg(test)]
pub(super) mod trial {
    use super::*;

    /// Returns the public key of a small number.
    pub(in super::super) fn key(secret: u64) -> Key {
        EdwardsPoint::mul_base(&Scalar::from(secret)).compress().0
    }

    /// Signs a message, always by the same point.
    pub(in super::super) fn sign(secret: u64, message: &[u8]) -> Signature {
        let once = Scalar::from(987_654_321_u64);
        let mut signature = [0; SIGNATURE_LENGTH];
        signature[..32].copy_from_slice(&EdwardsPoint::mul_base(&once).compress().0);
        let hashing = hashing(&key(secret), &signature);
        let mut hashes = Hashes::new([hashing.clone()]);
        hashes.update(message);
        let digest = hashes.digest(&hashing, &[]).unwrap().try_into().unwrap();
        let number = once + Scalar::from_bytes_mod_order_wide(&digest) * Scalar::from(secret);
        signature[32..].copy_from_slice(&number.to_bytes());
        signature
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{flipped, unhex};
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        unhex(text).try_into().unwrap()
    }

    /// RFC 8032, section 7.1, TEST 3.
    fn vector() -> (Key, Signature, [u8; 2]) {
        (
            bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
            bytes(
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
            [0xaf, 0x82],
        )
    }

    #[test]
    fn the_vector_of_the_standard_holds_and_no_flipped_bit_does() {
        let (key, signature, message) = vector();
        assert!(holds_over(&key, &signature, &[&message]));
        assert!(holds_over(&key, &signature, &[&message[..1], &message[1..]]));
        for (at, other) in flipped(&key) {
            assert!(!holds_over(&other.try_into().unwrap(), &signature, &[&message]), "{at}");
        }
        for (at, other) in flipped(&signature) {
            assert!(!holds_over(&key, &other.try_into().unwrap(), &[&message]), "{at}");
        }
        assert!(!holds_over(&key, &signature, &[&[0xae, 0x82]]));
    }

    #[test]
    fn a_number_that_is_not_reduced_and_a_key_of_small_order_are_refused() {
        let (key, signature, message) = vector();
        // The same number, plus the order of the group: RFC 8032 demands that it be below it.
        let order: [u8; 32] = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut longer = signature;
        let mut carry = 0;
        for (at, byte) in order.iter().enumerate() {
            let sum = u16::from(signature[32 + at]) + u16::from(*byte) + carry;
            longer[32 + at] = u8::try_from(sum & 0xff).unwrap();
            carry = sum >> 8;
        }
        assert_ne!(longer, signature);
        assert!(!holds_over(&key, &longer, &[&message]));

        // With the neutral point as key, and as R, and zero as S, the equation holds for every message.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut zero = [0; 64];
        zero[0] = 1;
        assert!(!holds_over(&neutral, &zero, &[&message]));
    }
}
