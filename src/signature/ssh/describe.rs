//! What files of SSH hold: signatures, keys, lists of signers, revoked keys. Nothing is judged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::allowed::Line;
use super::certificate::Certificate;
use super::key::{Key, SigningKey};
use super::revoked::{self, Revoked};
use super::wire::Wire;
use super::{Signature, is_signature, unarmoured};
use crate::signature::description::{Described, Description, Part, damaged, lines};
use crate::signature::{Fault, FaultKind, Material};
use crate::text;
use crate::text::{Text, hex};

const SECRET_BEGIN: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----";
const SECRET_END: &[u8] = b"-----END OPENSSH PRIVATE KEY-----";
const SECRET_MAGIC: &[u8] = b"openssh-key-v1\0";

/// Says what a file holds.
pub(super) fn describe(file: &Material) -> Described {
    if is_signature(&file.bytes) {
        let signature = unarmoured(&file.bytes).and_then(|blob| Signature::read(&blob));
        return Some(signature.as_ref().map(of_signature).ok_or_else(|| damaged(file, "an SSH signature")));
    }
    if revoked::is_krl(&file.bytes) {
        return Some(of_krl(file).ok_or_else(|| damaged(file, "a list of revoked keys (KRL)")));
    }
    if file.bytes.trim_ascii_start().starts_with(SECRET_BEGIN) {
        return Some(of_secret_key(&file.bytes).ok_or_else(|| damaged(file, "a secret key of SSH")));
    }
    let (_, first) = lines(&file.bytes).next()?;
    if SigningKey::read_line(first).is_some() {
        return Some(Ok(of_keys(file)));
    }
    Line::read(first, &file.name).ok()?;
    Some(Ok(of_allowed(file)))
}

fn of_signature(signature: &Signature) -> Description {
    let mut description = Description::new("ssh-signature");
    let parts = &mut description.parts;
    parts.add("namespace", Text::of(signature.namespace.as_slice()));
    parts.add("hash", Text::of(signature.function.as_slice()));
    let algorithm = Wire(&signature.value).string().unwrap_or_default();
    parts.add("algorithm", Text::of(algorithm));
    parts.push(of_key(&signature.signer, b""));
    description
}

fn of_key(signer: &SigningKey, comment: &[u8]) -> Part {
    let mut part = Part::new("key", signer.key.fingerprint());
    part.parts.add("type", signer.key.name());
    if let Some(bits) = signer.key.bits() {
        part.parts.add("bits", text!("{}", bits));
    }
    if !comment.is_empty() {
        part.parts.add("comment", Text::of(comment));
    }
    if let Some(certificate) = &signer.certificate {
        part.parts.push(of_certificate(certificate));
    }
    part
}

fn of_certificate(certificate: &Certificate) -> Part {
    let mut part = Part::new("certificate", Text::of(certificate.key_id.as_slice()));
    let parts = &mut part.parts;
    parts.add("serial", text!("{}", certificate.serial));
    parts.add("of", Text::trusted(if certificate.is_for_users { "a user" } else { "a host" }));
    parts.list(&certificate.principals, |name| Part::new("principal", Text::of(name.as_slice())));
    let (from, until) = certificate.validity();
    parts.add("valid-from", from);
    parts.add("valid-until", until);
    parts.list(&certificate.critical, |name| Part::new("critical-option", Text::of(name.as_slice())));
    parts.list(&certificate.extensions, |name| Part::new("extension", Text::of(name.as_slice())));
    parts.add("authority", certificate.authority.fingerprint());
    parts.add("authority-type", certificate.authority.name());
    part
}

fn of_keys(file: &Material) -> Description {
    let mut description = Description::new("ssh-keys");
    description.parts.list(lines(&file.bytes), |(number, line)| match SigningKey::read_line(line) {
        Some((key, comment)) => of_key(&key, comment),
        None => unread(file, number, &Text::trusted("expected a type, a key in base64, and a comment")),
    });
    description
}

fn of_allowed(file: &Material) -> Description {
    let mut description = Description::new("ssh-allowed-signers");
    description.parts.list(lines(&file.bytes), |(number, line)| {
        let line = match Line::read(line, &file.name) {
            Ok(line) => line,
            Err(why) => return unread(file, number, &why),
        };
        let mut part = Part::new("signer", Text::of(line.principals.as_slice()));
        if line.is_authority {
            part.parts.add("cert-authority", Text::trusted("yes"));
        }
        if let Some(namespaces) = &line.namespaces {
            part.parts.add("namespaces", Text::of(namespaces.as_slice()));
        }
        for (name, time) in [("valid-after", line.valid_after), ("valid-before", line.valid_before)] {
            if let Some(time) = time {
                part.parts.add(name, text!("{}", time.to_string()));
            }
        }
        if line.has_local_time {
            part.parts.add("zone", Text::trusted("a time without one is read as UTC"));
        }
        if line.needs_no_touch {
            part.parts.add("no-touch-required", Text::trusted("yes"));
        }
        part.parts.push(of_key(&line.signer, b""));
        part
    });
    description
}

fn unread(file: &Material, number: usize, why: &Text) -> Part {
    Part::not_read(&Fault::new(FaultKind::Malformed, text!("{}:{}: {}", file.name, number, *why)))
}

fn of_krl(file: &Material) -> Option<Description> {
    let mut description = Description::new("ssh-revoked-keys");
    let parts = &mut description.parts;
    let head = revoked::Head::read(&file.bytes)?;
    parts.add("version", text!("{}", head.version));
    parts.add("created", super::certificate::time_of(head.created));
    if !head.comment.is_empty() {
        parts.add("comment", Text::of(head.comment));
    }
    let revoked = Revoked::of(&file.bytes)?;
    let fingerprint = |blob: &Vec<u8>| match Key::read(blob) {
        Some(key) => key.fingerprint(),
        None => Text::trusted("of a type that is not known here"),
    };
    parts.list(&revoked.keys, |blob| Part::new("key", fingerprint(blob)));
    parts.list(&revoked.sha256, |digest| Part::new("key-sha256", Text::trusted(hex(digest))));
    parts.list(&revoked.sha1, |digest| Part::new("key-sha1", Text::trusted(hex(digest))));
    parts.list(&revoked.certificates, |certificates| {
        let authority = certificates.authority.as_ref().map_or_else(|| Text::trusted("any"), fingerprint);
        let mut part = Part::new("certificates-of", authority);
        part.parts.list(&certificates.serials, |(first, last)| {
            let shown = if first == last { text!("{}", *first) } else { text!("{} to {}", *first, *last) };
            Part::new("serial", shown)
        });
        part.parts.list(&certificates.bitmaps, |(offset, bits)| {
            let count: u64 = bits.iter().map(|byte| u64::from(byte.count_ones())).sum();
            Part::new("serials", text!("{} from {} on", count, *offset))
        });
        part.parts.list(&certificates.key_ids, |id| Part::new("key-id", Text::of(id.as_slice())));
        part
    });
    Some(description)
}

/// Reads of a secret key what stands before the secret part.
fn of_secret_key(bytes: &[u8]) -> Option<Description> {
    let body = bytes.trim_ascii().strip_prefix(SECRET_BEGIN)?.strip_suffix(SECRET_END)?;
    let encoded: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let blob = STANDARD.decode(encoded).ok()?;
    let mut wire = Wire(blob.strip_prefix(SECRET_MAGIC)?);
    let cipher = wire.string()?;
    let (_derivation, _options) = (wire.string()?, wire.string()?);
    let count = wire.u32()?;
    let mut description = Description::new("ssh-secret-key");
    let parts = &mut description.parts;
    parts.add("secret-key", Text::trusted("only its public half is shown"));
    parts.add("encrypted", if cipher == b"none" { Text::trusted("no") } else { text!("yes, by {}", cipher) });
    for _ in 0..count.min(16) {
        parts.push(of_key(&SigningKey::read(wire.string()?)?, b""));
    }
    Some(description)
}
