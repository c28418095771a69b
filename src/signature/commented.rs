//! Files that begin with an untrusted comment, as signify and minisign share them: a comment, then a line of base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::description::{Part, Parts, lines};
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

/// The length of a signature in base64, decoded.
const SIGNATURE_LENGTH: usize = 2 + ID_LENGTH + ed25519::SIGNATURE_LENGTH;
/// The length of a secret key of signify: three algorithms, rounds, salt, checksum, number, key.
const SIGNIFY_SECRET_LENGTH: usize = 2 + 2 + 4 + 16 + 8 + ID_LENGTH + SECRET_LENGTH;
/// The length of a secret key of minisign: three algorithms, salt, two limits, number, key, checksum.
const MINISIGN_SECRET_LENGTH: usize = 2 + 2 + 2 + 32 + 8 + 8 + ID_LENGTH + SECRET_LENGTH + 32;
/// The length of the secret and the public half of a key.
const SECRET_LENGTH: usize = 2 * ed25519::KEY_LENGTH;

/// What a file of either program holds beside signatures.
pub(super) enum Keys {
    /// Public keys, and whether a file says that they are minisign's.
    Public(Vec<Part>, bool),
    /// A secret key, of which this may be shown, and whether it is minisign's.
    Secret(Parts, bool),
}

/// Reads a file of keys; `None` where it holds anything else.
pub(super) fn describe_keys(file: &Material) -> Option<Keys> {
    if file.bytes.len() > MAX_LINE {
        return None;
    }
    let (first, rest) = line(&file.bytes)?;
    let comment = first.strip_prefix(PREFIX).map(<[u8]>::trim_ascii);
    if let Some(comment) = comment
        && let Some((second, rest)) = line(rest)
        && let Some(secret) = STANDARD.decode(second.trim_ascii()).ok().filter(|_| rest.trim_ascii().is_empty())
        && let Some((parts, is_minisigns)) = describe_secret(&secret, comment)
    {
        return Some(Keys::Secret(parts, is_minisigns));
    }
    let keys = keys_and_comments(file);
    let said = lines(&file.bytes).filter(|(_, line)| !line.starts_with(PREFIX)).count();
    if keys.is_empty() || said != keys.len() {
        return None;
    }
    // A key without a comment is pasted from minisign's own output.
    let is_minisigns = comment.is_none() || keys.iter().any(|(key, _)| key.is_minisigns);
    let keys = keys.iter().map(|(key, comment)| {
        let mut part = Part::new("key", key.signer.fingerprint.clone());
        part.parts.add("algorithm", Text::trusted("Ed25519"));
        part.parts.add("number", Text::trusted(key.id.shown()));
        part.parts.push(unsigned_comment(comment));
        part
    });
    Some(Keys::Public(keys.collect(), is_minisigns))
}

/// Returns a comment that nobody signed.
pub(super) fn unsigned_comment(comment: &[u8]) -> Part {
    Part::new("untrusted-comment", Text::of(comment))
}

/// Says of a secret key what is not secret. Where the key is not encrypted its second half is the public key.
fn describe_secret(secret: &[u8], comment: &[u8]) -> Option<(Parts, bool)> {
    let at = |start: usize, length: usize| secret.get(start..)?.get(..length);
    let is_minisigns = match secret.len() {
        SIGNIFY_SECRET_LENGTH if at(2, 2)? == b"BK" => false,
        MINISIGN_SECRET_LENGTH if at(4, 2)? == b"B2" => true,
        _ => return None,
    };
    secret.strip_prefix(PLAIN)?;
    let (is_encrypted, number) = match is_minisigns {
        true => (at(2, 2)? != [0, 0], 54),
        false => (at(4, 4)? != [0; 4], 32),
    };
    let id: [u8; ID_LENGTH] = at(number, ID_LENGTH)?.try_into().ok()?;
    let mut parts = Parts::default();
    parts.add("secret-key", Text::trusted("only its public half is shown"));
    parts.add("encrypted", Text::trusted(if is_encrypted { "yes" } else { "no" }));
    // minisign encrypts the number too.
    if !(is_minisigns && is_encrypted) {
        parts.add("number", Text::trusted(KeyId(id).shown()));
    }
    if !is_encrypted {
        let public = at(number + ID_LENGTH + ed25519::KEY_LENGTH, ed25519::KEY_LENGTH)?;
        parts.add("key", Text::trusted(STANDARD.encode([PLAIN, &id, public].concat())));
    }
    parts.push(unsigned_comment(comment));
    Some((parts, is_minisigns))
}

/// Whether a line of base64 is as long as a signature.
pub(super) fn is_as_long_as_signature(line: &[u8]) -> bool {
    line.len() == SIGNATURE_LENGTH.div_ceil(3) * 4
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
    let all: Vec<PublicKey> = trust.keys.iter().flat_map(keys_of).collect();
    // The number is not signed: one key under two numbers is one signer.
    let first = |key: &PublicKey| all.iter().find(|other| other.key == key.key).map(|first| first.signer.clone());
    let of_number = all.iter().filter(|key| key.id == id);
    of_number.map(|key| PublicKey { signer: first(key).unwrap_or_else(|| key.signer.clone()), ..key.clone() }).collect()
}

/// Returns all trusted keys.
///
/// # Errors
/// None: a file that holds none is another scheme's.
#[expect(clippy::unnecessary_wraps, reason = "other schemes' keys may be unreadable")]
pub(super) fn all_keys(trust: &Trust) -> Result<Vec<Signer>, Fault> {
    Ok(trust.keys.iter().flat_map(keys_of).map(|key| key.signer).collect())
}

fn keys_of(file: &Material) -> Vec<PublicKey> {
    keys_and_comments(file).into_iter().map(|(key, _)| key).collect()
}

/// Reads the keys of a file: each in a line, with or without a comment above it.
fn keys_and_comments(file: &Material) -> Vec<(PublicKey, &[u8])> {
    let mut comment: &[u8] = b"";
    let mut keys = Vec::new();
    for line in file.bytes.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if let Some(text) = line.strip_prefix(PREFIX) {
            comment = text.trim_ascii();
            continue;
        }
        keys.extend(read_key(line, comment, file).map(|key| (key, comment)));
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
