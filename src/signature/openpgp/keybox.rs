//! GnuPG's keybox (`pubring.kbx`): the certificates in it.

use super::packet::{be32, malformed};
use crate::signature::Fault;

/// What stands in the first blob.
const MAGIC: &[u8] = b"KBXf";

/// Where the magic stands.
const MAGIC_AT: usize = 8;

/// The kind of blob that holds an OpenPGP certificate.
const OPENPGP: u8 = 2;

/// Returns whether a file is a keybox.
pub(super) fn is_keybox(bytes: &[u8]) -> bool {
    bytes.get(MAGIC_AT..).is_some_and(|rest| rest.starts_with(MAGIC))
}

/// Returns the OpenPGP certificates of a keybox. X.509 certificates beside them are passed over.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<&[u8]>, Fault> {
    let mut certificates = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let cut = || malformed("a keybox is cut off");
        let length = be32(rest).filter(|length| *length > 4).ok_or_else(cut)?;
        let (blob, next) = rest.split_at_checked(length).ok_or_else(cut)?;
        rest = next;
        if blob.get(4) != Some(&OPENPGP) {
            continue;
        }
        // Length, kind, version, two octets of flags; then where the certificate stands, and how long it is.
        let place = |at| blob.get(at..).and_then(be32);
        let certificate = place(8).zip(place(12)).and_then(|(at, length)| blob.get(at..)?.get(..length));
        certificates.push(certificate.ok_or_else(cut)?);
    }
    Ok(certificates)
}
