//! Signatures of OpenBSD's signify: Ed25519 over a file, or over the text that follows in the same file.
//!
//! The comment is not signed, and no key is chosen by it. Archives signed inside their gzip header (`signify -z`) are
//! recognised and not read.

use std::io::{self, BufRead, Read as _, Write};

use super::commented::{
    Keys, Line, MAX_LINE, PLAIN, PREFIX, PublicKey, all_keys, describe_keys, is_as_long_as_signature, keys, line,
    unsigned_comment,
};
use super::description::{Described, Description, Part, damaged};
use super::{
    Claim, Fault, FaultKind, Hashes, Hashing, Material, MessageScheme, Pending, Scheme, Trust, Unreadable, ed25519,
    minisign,
};
use crate::text;
use crate::text::Text;

pub(super) static SCHEME: Scheme = Scheme {
    id: "signify",
    summary: "OpenBSD's signify",
    is_signature,
    read,
    keys: all_keys,
    message: Some(MessageScheme { is_message, read: read_message }),
    describe,
};

/// How much of a message is read at once.
const CHUNK: usize = 1 << 16;

fn is_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(PREFIX) && !minisign::is_signature(bytes)
}

fn is_message(head: &[u8]) -> bool {
    is_zipped(head) || is_signature(head) && Signature::read(head).is_ok_and(|(_, message)| !message.is_empty())
}

/// Whether a gzip file has a signature as its comment (RFC 1952, section 2.3). signify writes no name before it.
fn is_zipped(head: &[u8]) -> bool {
    let Some((header, rest)) = head.split_first_chunk::<10>() else { return false };
    matches!(header, [0x1f, 0x8b, 8, flags, ..] if flags & 0x1c == 0x10) && rest.starts_with(PREFIX)
}

struct Signature {
    file: Text,
    line: Line,
    keys: Vec<PublicKey>,
    allows_legacy: bool,
}

impl Signature {
    /// Reads the two lines of a signature, and returns what follows them.
    fn read(bytes: &[u8]) -> Result<(Line, &[u8]), Fault> {
        let malformed =
            || Fault::new(FaultKind::Malformed, Text::trusted("expected the two lines of a signify signature"));
        let (comment, rest) = line(bytes).ok_or_else(malformed)?;
        let (encoded, rest) = line(rest).ok_or_else(malformed)?;
        let line = Line::read(encoded).filter(|_| comment.starts_with(PREFIX)).ok_or_else(malformed)?;
        if line.algorithm != PLAIN {
            let message = text!("the algorithm `{}` is not known here", &line.algorithm[..]);
            return Err(Fault::undetermined(FaultKind::Unsupported, message));
        }
        Ok((line, rest))
    }

    fn new(file: &Text, line: Line, trust: &Trust) -> Self {
        Self { file: file.clone(), line, keys: keys(trust, line.key), allows_legacy: trust.allows_legacy }
    }

    fn hashings(&self) -> Vec<Hashing> {
        self.keys.iter().map(|key| ed25519::hashing(&key.key, &self.line.signature)).collect()
    }

    fn judge(&self, hashes: &Hashes) -> Claim {
        let mut claim = Claim::new(SCHEME.id, self.file.clone());
        // Two keys may have one number.
        let found = self.keys.iter().find(|key| ed25519::holds(&key.key, &self.line.signature, hashes));
        let Some(key) = found.or(self.keys.first()) else { return claim.against(minisign::unknown(self.line.key)) };
        claim.signer = Some(key.signer.clone());
        if found.is_none() {
            let message = Text::trusted("the signature is not by this key over these contents");
            claim = claim.against(Fault::new(FaultKind::Bad, message));
        }
        // Cut off behind its second line, a signature in minisign's older form is one of signify's.
        if key.is_minisigns && !self.allows_legacy {
            claim = claim.against(minisign::legacy());
        }
        claim
    }
}

fn describe(file: &Material) -> Described {
    if is_zipped(&file.bytes) {
        let comment = file.bytes.get(10..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
        return Some(Signature::read(comment).map(|(line, rest)| {
            let mut description = signature("signify-archive", line, comment);
            let more = rest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line.contains(&b'='));
            description.parts.list(more, |line| Part::new("header", Text::of(line)));
            description
        }));
    }
    match describe_keys(file) {
        Some(Keys::Public(keys, false)) => {
            let mut description = Description::new("signify-keys");
            description.parts.list(keys, |key| key);
            return Some(Ok(description));
        }
        Some(Keys::Secret(parts, false)) => return Some(Ok(Description { kind: "signify-secret-key", parts })),
        Some(Keys::Public(_, true) | Keys::Secret(_, true)) | None => {}
    }
    if !is_signature(&file.bytes) {
        return None;
    }
    let second = line(&file.bytes).and_then(|(_, rest)| line(rest)).map(|(second, _)| second);
    if second.is_none_or(|second| !is_as_long_as_signature(second)) {
        return Some(Err(damaged(file, "a comment, and below it a key or a signature of signify in base64")));
    }
    Some(Signature::read(&file.bytes).map(|(line, text)| {
        let kind = if text.is_empty() { "signify-signature" } else { "signify-message" };
        let mut description = signature(kind, line, &file.bytes);
        if !text.is_empty() {
            description.parts.add("text", text!("{} bytes", text.len()));
        }
        description
    }))
}

/// Describes a signature of two lines.
fn signature(kind: &'static str, signature: Line, file: &[u8]) -> Description {
    let mut description = Description::new(kind);
    description.parts.add("algorithm", Text::trusted("Ed25519"));
    description.parts.add("key-number", text!("{} (a hint)", signature.key.shown()));
    let comment = line(file).and_then(|(first, _)| first.strip_prefix(PREFIX));
    description.parts.push(unsigned_comment(comment.unwrap_or_default().trim_ascii()));
    description
}

fn named(file: &Text, fault: Fault) -> Unreadable {
    Fault { message: text!("{}: {}", file, fault.message), ..fault }.into()
}

fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let (line, embedded) = Signature::read(&file.bytes).map_err(|fault| named(&file.name, fault))?;
    Ok(Box::new(Waiting { signature: Signature::new(&file.name, line, trust), embedded: embedded.to_vec() }))
}

/// A signature that waits for the artifact.
struct Waiting {
    signature: Signature,
    /// What stands behind the signature: what is signed, or nothing.
    embedded: Vec<u8>,
}

impl Pending for Waiting {
    fn hashings(&self) -> Vec<Hashing> {
        self.signature.hashings()
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        let mut claim = self.signature.judge(hashes);
        if !self.embedded.is_empty() {
            let mut own = Hashes::new(self.signature.hashings());
            own.update(&self.embedded);
            let holds = |key: &PublicKey| ed25519::holds(&key.key, &self.signature.line.signature, &own);
            if !self.signature.keys.iter().any(holds) {
                let message = Text::trusted("what stands behind the signature is not what is signed");
                claim = claim.against(Fault::new(FaultKind::UnsignedContent, message));
            }
        }
        vec![claim]
    }
}

fn read_message(
    file: &Text,
    input: &mut dyn BufRead,
    trust: &Trust,
    output: &mut dyn Write,
) -> Result<Vec<Claim>, Unreadable> {
    let unread = |error: io::Error| {
        let message = text!("cannot be read to its end: {}", error.to_string());
        named(file, Fault::undetermined(FaultKind::Bad, message))
    };
    let mut head = Vec::new();
    for _ in 0..2 {
        // One more than is allowed, so that what is longer is seen to be.
        (&mut *input).take(MAX_LINE as u64 + 2).read_until(b'\n', &mut head).map_err(unread)?;
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        let message = Text::trusted("archives signed inside their gzip header cannot be checked here");
        return Err(named(file, Fault::undetermined(FaultKind::Unsupported, message)));
    }
    let (line, _) = Signature::read(&head).map_err(|fault| named(file, fault))?;
    let signature = Signature::new(file, line, trust);
    let mut hashes = Hashes::new(signature.hashings());
    loop {
        let chunk = input.fill_buf().map_err(unread)?;
        let chunk = chunk.get(..CHUNK).unwrap_or(chunk);
        if chunk.is_empty() {
            break;
        }
        hashes.update(chunk);
        output.write_all(chunk).map_err(unread)?;
        let length = chunk.len();
        input.consume(length);
    }
    Ok(vec![signature.judge(&hashes)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scheme_of_message;
    use super::super::trial::{ARTIFACT, claims, fixture, flipped, trust, verdict};
    use super::FaultKind::{Bad, Malformed, UnknownSigner, UnsignedContent, Unsupported};
    use super::*;

    const KEY: &[u8] = fixture!("signify/a.pub");
    const OTHER: &[u8] = fixture!("signify/b.pub");
    const SIGNATURE: &[u8] = fixture!("signify/artifact.sig");
    const MESSAGE: &[u8] = fixture!("signify/SHA256.sig");
    const LIST: &[u8] = fixture!("signify/SHA256");
    const ZIPPED: &[u8] = fixture!("signify/artifact.gz");

    /// Reads a message, and returns who signed it and what, or what speaks against it.
    fn message(bytes: &[u8], trust: &Trust) -> Result<(String, Vec<u8>), Vec<FaultKind>> {
        let Some((_, scheme)) = scheme_of_message(bytes) else { return Err(Vec::new()) };
        let mut out = Vec::new();
        let claims =
            (scheme.read)(&Text::trusted("file"), &mut io::BufReader::with_capacity(3, bytes), trust, &mut out);
        let claim = claims.map_err(|unreadable| vec![unreadable.fault.kind])?.remove(0);
        match &claim.signer {
            Some(signer) if claim.is_good() => Ok((signer.name.to_string(), out)),
            _ => Err(claim.faults.iter().map(|fault| fault.kind).collect()),
        }
    }

    #[test]
    fn a_signature_counts_by_its_key_over_its_contents() {
        assert_eq!(verdict(SIGNATURE, ARTIFACT, &trust(&[OTHER, KEY])), Ok("release a".to_owned()));
        assert_eq!(verdict(SIGNATURE, b"other", &trust(&[KEY])), Err(vec![Bad]));
        assert_eq!(verdict(SIGNATURE, ARTIFACT, &trust(&[OTHER])), Err(vec![UnknownSigner]));
        // A key is named by its own file, and by nothing that the signature says.
        let named = [PREFIX, b" verify with b.pub\n", SIGNATURE.split(|byte| *byte == b'\n').nth(1).unwrap()].concat();
        assert_eq!(verdict(&named, ARTIFACT, &trust(&[KEY])), Ok("release a".to_owned()));
    }

    #[test]
    fn no_flipped_bit_is_accepted_but_in_the_comment() {
        let first_line = SIGNATURE.iter().position(|byte| *byte == b'\n').unwrap();
        for (at, other) in flipped(SIGNATURE.trim_ascii_end()) {
            let is_comment = at >= PREFIX.len() && at < first_line;
            assert_eq!(verdict(&other, ARTIFACT, &trust(&[KEY])).is_ok(), is_comment, "byte {at}");
        }
        for (at, other) in flipped(ARTIFACT) {
            assert_eq!(verdict(SIGNATURE, &other, &trust(&[KEY])), Err(vec![Bad]), "byte {at}");
        }
        let first_line = MESSAGE.iter().position(|byte| *byte == b'\n').unwrap();
        for (at, other) in flipped(MESSAGE) {
            let is_comment = at >= PREFIX.len() && at < first_line;
            assert_eq!(message(&other, &trust(&[KEY])).is_ok(), is_comment, "byte {at}");
        }
    }

    #[test]
    fn a_message_holds_what_is_signed() {
        assert_eq!(message(MESSAGE, &trust(&[KEY])), Ok(("release a".to_owned(), LIST.to_vec())));
        assert_eq!(message(MESSAGE, &trust(&[OTHER])), Err(vec![UnknownSigner]));
        assert_eq!(message(&[MESSAGE, b"\n"].concat(), &trust(&[KEY])), Err(vec![Bad]));
        assert_eq!(message(ZIPPED, &trust(&[KEY])), Err(vec![Unsupported]));
        // A signature alone is no message.
        assert_eq!(message(SIGNATURE, &trust(&[KEY])), Err(Vec::new()));
    }

    #[test]
    fn a_signature_with_its_message_is_also_one_beside_it() {
        assert!(verdict(MESSAGE, LIST, &trust(&[KEY])).is_ok());
        assert_eq!(verdict(MESSAGE, ARTIFACT, &trust(&[KEY])), Err(vec![Bad]));
        assert_eq!(verdict(&[MESSAGE, b"more"].concat(), LIST, &trust(&[KEY])), Err(vec![UnsignedContent]));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        assert_eq!(verdict(KEY, ARTIFACT, &trust(&[KEY])), Err(vec![Malformed]));
        assert_eq!(verdict(PREFIX, ARTIFACT, &trust(&[KEY])), Err(vec![Malformed]));
        let long = [PREFIX, &[b'a'; MAX_LINE], SIGNATURE].concat();
        assert_eq!(verdict(&long, ARTIFACT, &trust(&[KEY])), Err(vec![Malformed]));
        assert_eq!(verdict(&[b" ", SIGNATURE].concat(), ARTIFACT, &trust(&[KEY])), Err(vec![Unsupported]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
            let at = at.index(MESSAGE.len());
            let mixed = [&MESSAGE[..at], &bytes, &MESSAGE[at..]].concat();
            for file in [&bytes, &mixed] {
                drop(claims(file, ARTIFACT, &trust(&[KEY])));
                drop(message(file, &trust(&[KEY])));
            }
        }
    }
}
