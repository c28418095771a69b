//! OpenPGP (RFC 9580): detached, clear-signed and inline signatures of versions 4 and 6.
//!
//! Sequoia reads keys and signatures and does the mathematics. Hashing is ours, so that an artifact is hashed once for
//! all its signatures, and so is the judgement of keys: sequoia judges a key as of the signature's own date, which proves
//! nothing.

mod armor;
mod cleartext;
mod describe;
mod inline;
mod keybox;
mod keyring;
mod message;
mod packet;
mod rsa;
mod signed;
mod validity;
mod verdict;

#[cfg(test)]
mod tests;

use self::keyring::Keyring;
use self::packet::{MARK, Packets, tag};
use self::verdict::{Signature, Verdict};
use super::{Fault, Material, MessageScheme, Pending, Scheme, Signer, Trust, Unreadable};

/// The scheme.
pub(super) static SCHEME: Scheme = Scheme {
    id: "openpgp",
    summary: "OpenPGP signatures: detached, clear-signed or inline",
    is_signature,
    read,
    keys,
    message: Some(MessageScheme { is_message: message::is_message, read: message::read }),
    describe: describe::describe,
};

/// The longest keyring or file of signatures that is read.
const MOST_BYTES: usize = 64 << 20;

/// The most signatures that are read in one file.
const MOST_SIGNATURES: usize = 1_000;

fn is_signature(bytes: &[u8]) -> bool {
    let mut labels = armor::labels(bytes);
    match labels.next() {
        None => begins_with_signature(bytes),
        Some(armor::SIGNED_MESSAGE) => false,
        Some(b"SIGNATURE") => true,
        // Some write another label over signatures.
        Some(_) => armor::read(bytes).is_ok_and(|armored| {
            !armored.has_signed_text && armored.blocks.first().is_some_and(|(_, block)| begins_with_signature(block))
        }),
    }
}

fn begins_with_signature(bytes: &[u8]) -> bool {
    for packet in Packets::of(bytes) {
        match packet {
            Ok(packet) if packet.tag == tag::MARKER && packet.body == MARK => {}
            Ok(packet) if packet.tag == tag::PADDING => {}
            Ok(packet) => return packet.tag == tag::SIGNATURE,
            // What is cut off is no other scheme's: it is reported as what it would be.
            Err(_) => {
                return bytes
                    .first()
                    .copied()
                    .and_then(packet::Head::of)
                    .is_some_and(|head| head.tag() == tag::SIGNATURE);
            }
        }
    }
    false
}

fn keys(trust: &Trust) -> Result<Vec<Signer>, Fault> {
    Ok(Keyring::read(trust)?.signers())
}

fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let signatures = signed::in_file(&file.bytes)?;
    let mut ring = Keyring::read(trust)?;
    let verdict = Verdict::new(&file.name, Signature::OfData, signatures, &mut ring, trust)?;
    Ok(Box::new(verdict))
}
