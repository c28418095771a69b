//! Files that begin with an untrusted comment, as signify and minisign share them: a comment, then a line of base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Fault, Material, Signer, Trust, ed25519};
use crate::text;
use crate::text::Text;

/// What such a file begins with.
pub(super) const PREFIX: &[u8] = b"untrusted comment:";
/// The algorithm of keys, and of signatures over the file itself.
pub(super) const PLAIN: &[u8] = b"Ed";
/// The longest comment (signify, `COMMENTMAXLEN`), generously.
pub(super) const MAX_LINE: usize = 8192;

const KEY_LENGTH: usize = 2 + ID_LENGTH + ed25519::KEY_LENGTH;
const ID_LENGTH: usize = 8;

/// The number that pairs a signature with a key. It is random, and proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId([u8; ID_LENGTH]);

impl KeyId {
    /// Returns it as minisign shows it.
    pub(super) fn shown(self) -> String {
        format!("{:016X}", u64::from_le_bytes(self.0))
    }
}

/// What the line below the comment of a signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) algorithm: [u8; 2],
    pub(super) key: KeyId,
    pub(super) signature: ed25519::Signature,
}

impl Line {
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let blob = STANDARD.decode(line).ok()?;
        let (algorithm, rest) = blob.split_first_chunk()?;
        let (id, signature) = rest.split_first_chunk()?;
        Some(Self { algorithm: *algorithm, key: KeyId(*id), signature: signature.try_into().ok()? })
    }
}

/// Splits off a line without its end.
pub(super) fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => {
            let (line, rest) = bytes.split_at(end);
            (line, rest.strip_prefix(b"\n").unwrap_or_default())
        }
        None => (bytes, &[][..]),
    };
    (line.len() <= MAX_LINE).then(|| (line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// A public key that is trusted.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    pub(super) id: KeyId,
    pub(super) key: ed25519::Key,
    pub(super) signer: Signer,
    /// Whether its file says that it is minisign's.
    pub(super) is_minisigns: bool,
}

/// Returns the trusted keys that a signature may be by.
pub(super) fn keys(trust: &Trust, id: KeyId) -> Vec<PublicKey> {
    trust.keys.iter().flat_map(keys_of).filter(|key| key.id == id).collect()
}

/// Returns all trusted keys.
///
/// # Errors
/// None: a file that holds none is another scheme's.
#[expect(clippy::unnecessary_wraps, reason = "other schemes' keys may be unreadable")]
pub(super) fn all_keys(trust: &Trust) -> Result<Vec<Signer>, Fault> {
    Ok(trust.keys.iter().flat_map(keys_of).map(|key| key.signer).collect())
}

/// Reads the keys of a file: each in a line, with or without a comment above it.
fn keys_of(file: &Material) -> Vec<PublicKey> {
    let mut comment: &[u8] = b"";
    let mut keys = Vec::new();
    for line in file.bytes.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if let Some(text) = line.strip_prefix(PREFIX) {
            comment = text.trim_ascii();
            continue;
        }
        keys.extend(read_key(line, comment, file));
        comment = b"";
    }
    keys
}

fn read_key(line: &[u8], comment: &[u8], file: &Material) -> Option<PublicKey> {
    // Shorter than any line of base64 that is decoded for nothing.
    if line.len() != KEY_LENGTH.div_ceil(3) * 4 {
        return None;
    }
    let blob = STANDARD.decode(line).ok()?;
    let (id, key) = blob.strip_prefix(PLAIN)?.split_first_chunk()?;
    let is_minisigns = comment.starts_with(b"minisign ");
    // signify puts its own words behind whatever the owner says.
    let own = comment.strip_suffix(b" public key").filter(|own| !own.is_empty() && *own != b"signify");
    let name = own.filter(|_| !is_minisigns).map_or_else(|| file.name.clone(), Text::of);
    let signer = Signer { name, fingerprint: text!("{}", line) };
    Some(PublicKey { id: KeyId(*id), key: key.try_into().ok()?, signer, is_minisigns })
}
