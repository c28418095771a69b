//! Signatures of minisign: Ed25519 over the BLAKE2b digest of a file, with a trusted comment that is signed beside it.
//!
//! The older form, over the file itself, is read where it is asked for. Its algorithm is not signed: what was signed in
//! the newer form is, in the older, a signature over 64 bytes that are the digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::commented::{
    KeyId, Keys, Line, PLAIN, PREFIX, PublicKey, all_keys, describe_keys, keys, line, unsigned_comment,
};
use super::description::{Described, Description, damaged};
use super::{
    Claim, Fault, FaultKind, Function, Hashes, Hashing, Material, Pending, Scheme, SignedTime, TimeSource, Trust,
    Unreadable, ed25519,
};
use crate::text;
use crate::text::{Text, hex};

pub(super) static SCHEME: Scheme = Scheme {
    id: "minisign",
    summary: "minisign, with its trusted comment",
    is_signature,
    read,
    keys: all_keys,
    message: None,
    describe,
};

const PREHASHED: &[u8] = b"ED";
const TRUSTED: &[u8] = b"trusted comment: ";

/// Whether a file is minisign's rather than signify's: by its algorithm, or by a trusted comment.
pub(super) fn is_signature(bytes: &[u8]) -> bool {
    let Some((first, rest)) = line(bytes) else { return false };
    let Some((second, rest)) = line(rest).filter(|_| first.starts_with(PREFIX)) else { return false };
    let is_prehashed = Line::read(second).is_some_and(|line| line.algorithm == PREHASHED);
    is_prehashed || rest.starts_with(TRUSTED)
}

fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let signature = Signature::read(&file.bytes).ok_or_else(|| {
        let message = text!("{}: expected the four lines of a minisign signature", file.name);
        Fault::new(FaultKind::Malformed, message)
    })?;
    if signature.line.algorithm != PREHASHED && signature.line.algorithm != PLAIN {
        let message = text!("{}: the algorithm `{}` is not known here", file.name, &signature.line.algorithm[..]);
        return Err(Fault::undetermined(FaultKind::Unsupported, message).into());
    }
    let keys = keys(trust, signature.line.key);
    let Trust { allows_legacy, at, expected, .. } = trust;
    let artifact_name = expected.artifact_name.clone();
    Ok(Box::new(Waiting {
        file: file.name.clone(),
        signature,
        keys,
        allows_legacy: *allows_legacy,
        at: *at,
        artifact_name,
    }))
}

struct Signature {
    line: Line,
    trusted_comment: Vec<u8>,
    global: ed25519::Signature,
}

impl Signature {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (untrusted, rest) = line(bytes)?;
        let (signature, rest) = line(rest)?;
        let (comment, rest) = line(rest)?;
        let (global, rest) = line(rest)?;
        let comment = comment.strip_prefix(TRUSTED)?;
        let is_sound = untrusted.starts_with(PREFIX) && rest.trim_ascii().is_empty();
        let is_printable = !comment.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t');
        (is_sound && is_printable).then_some(())?;
        let global = STANDARD.decode(global).ok()?.try_into().ok()?;
        Some(Self { line: Line::read(signature)?, trusted_comment: comment.to_vec(), global })
    }

    fn describe(&self, file: &[u8]) -> Description {
        let algorithm = match self.line.algorithm.as_slice() {
            PREHASHED => Text::trusted("Ed25519 over the BLAKE2b-512 digest"),
            PLAIN => Text::trusted("Ed25519 over the file itself (the older form)"),
            other => text!("`{}`, which is not known here", other),
        };
        let mut description = Description::new("minisign-signature");
        let parts = &mut description.parts;
        parts.add("algorithm", algorithm);
        parts.add("key-number", text!("{} (a hint)", self.line.key.shown()));
        parts.add("trusted-comment", Text::of(self.trusted_comment.as_slice()));
        let untrusted = line(file).and_then(|(first, _)| first.strip_prefix(PREFIX));
        parts.push(unsigned_comment(untrusted.unwrap_or_default().trim_ascii()));
        description
    }

    /// Returns the value of a field of the trusted comment, as minisign writes them by itself.
    fn field(&self, name: &[u8]) -> Option<&[u8]> {
        let mut fields = self.trusted_comment.split(|byte| *byte == b'\t');
        fields.find_map(|field| field.strip_prefix(name)?.strip_prefix(b":"))
    }
}

fn describe(file: &Material) -> Described {
    if is_signature(&file.bytes) {
        let signature = Signature::read(&file.bytes);
        return Some(
            signature
                .map(|signature| signature.describe(&file.bytes))
                .ok_or_else(|| damaged(file, "the four lines of a minisign signature")),
        );
    }
    match describe_keys(file)? {
        Keys::Public(keys, true) => {
            let mut description = Description::new("minisign-keys");
            description.parts.list(keys, |key| key);
            Some(Ok(description))
        }
        Keys::Secret(parts, true) => Some(Ok(Description { kind: "minisign-secret-key", parts })),
        Keys::Public(_, false) | Keys::Secret(_, false) => None,
    }
}

struct Waiting {
    file: Text,
    signature: Signature,
    keys: Vec<PublicKey>,
    allows_legacy: bool,
    at: Timestamp,
    artifact_name: Option<Vec<u8>>,
}

impl Pending for Waiting {
    fn hashings(&self) -> Vec<Hashing> {
        if self.is_prehashed() {
            return vec![Hashing::plain(Function::Blake2b512)];
        }
        self.keys.iter().map(|key| ed25519::hashing(&key.key, &self.signature.line.signature)).collect()
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        let mut claim = Claim::new(SCHEME.id, self.file.clone());
        let digest = hashes.plain(Function::Blake2b512).filter(|_| self.is_prehashed());
        claim.digest = digest.as_deref().map(|digest| (Function::Blake2b512.name(), hex(digest)));
        let holds = |key: &&PublicKey| match &digest {
            Some(digest) => ed25519::holds_over(&key.key, &self.signature.line.signature, &[digest]),
            None => !self.is_prehashed() && ed25519::holds(&key.key, &self.signature.line.signature, hashes),
        };
        // Two keys may have one number.
        let found = self.keys.iter().find(holds);
        let Some(key) = found.or(self.keys.first()) else {
            return vec![claim.against(unknown(self.signature.line.key))];
        };
        claim.signer = Some(key.signer.clone());
        if found.is_none() {
            let message = Text::trusted("the signature is not by this key over these contents");
            claim = claim.against(Fault::new(FaultKind::Bad, message));
        }
        let signed: [&[u8]; 2] = [&self.signature.line.signature, &self.signature.trusted_comment];
        if !ed25519::holds_over(&key.key, &self.signature.global, &signed) {
            let message = Text::trusted("the trusted comment is not the one that was signed");
            claim = claim.against(Fault::new(FaultKind::Bad, message));
        }
        if !self.is_prehashed() && !self.allows_legacy {
            claim = claim.against(legacy());
        }
        // What a comment says counts only where the whole holds.
        if claim.faults.iter().all(|fault| fault.kind != FaultKind::Bad) {
            self.add_comment(&mut claim);
        }
        vec![claim]
    }
}

impl Waiting {
    fn is_prehashed(&self) -> bool {
        self.signature.line.algorithm == PREHASHED
    }

    fn add_comment(&self, claim: &mut Claim) {
        claim.details.insert("trusted-comment", Text::of(self.signature.trusted_comment.as_slice()));
        let seconds =
            self.signature.field(b"timestamp").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        if let Some(at) = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()) {
            claim.time = Some(SignedTime { at, source: TimeSource::Signer });
            if at > self.at {
                let message = text!("the signature says that it was made at {}, after the judgement", at.to_string());
                claim.faults.push(Fault::new(FaultKind::Future, message));
            }
        }
        if let (Some(stated), Some(name)) = (self.signature.field(b"file"), &self.artifact_name)
            && stated != name
        {
            claim.notes.push(text!("the trusted comment names the file `{}`", stated));
        }
    }
}

/// Returns the fault of a signature by a key that is not trusted.
pub(super) fn unknown(id: KeyId) -> Fault {
    let message = text!("no trusted key has the number {} that the signature names", id.shown());
    Fault::new(FaultKind::UnknownSigner, message)
}

/// Returns the fault of a signature over the file itself by a key of minisign.
pub(super) fn legacy() -> Fault {
    let message = Text::trusted("the signature is in minisign's older form, over the file itself");
    let help = Text::trusted("ask for a new signature, or accept the older form with `--allow-legacy`");
    Fault::new(FaultKind::Unsupported, message).help(help)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::trial::{ARTIFACT, Verdict, claims, fixture, flipped, trust, unhex, verdict};
    use super::FaultKind::{Bad, Future, Malformed, UnknownSigner, Unsupported};
    use super::*;

    const KEY: &[u8] = fixture!("minisign/a.pub");
    const OTHER: &[u8] = fixture!("minisign/b.pub");
    const SIGNATURE: &[u8] = fixture!("minisign/prehashed.minisig");
    const OLDER: &[u8] = fixture!("minisign/legacy.minisig");

    /// The key's file names nobody but itself.
    fn good() -> Verdict {
        Ok("file".to_owned())
    }

    #[test]
    fn one_key_under_two_numbers_is_one_signer() {
        let renumbered = |file: &[u8]| {
            let text = std::str::from_utf8(file).unwrap();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let mut bytes = STANDARD.decode(&lines[1]).unwrap();
            bytes[2] ^= 1;
            lines[1] = STANDARD.encode(bytes);
            lines.join("\n").into_bytes()
        };
        let (key, signature) = (renumbered(KEY), renumbered(SIGNATURE));
        let trust = trust(&[KEY, &key]);
        let signer = |file: &[u8]| claims(file, ARTIFACT, &trust).unwrap().remove(0).signer.unwrap();
        assert_eq!(signer(&signature), signer(SIGNATURE));
    }

    fn older(keys: &[&[u8]]) -> Trust {
        Trust { allows_legacy: true, ..trust(keys) }
    }

    #[test]
    fn a_signature_counts_by_its_key_over_its_contents() {
        let cases: [(&[u8], &[u8], Trust, Verdict); 8] = [
            (SIGNATURE, ARTIFACT, trust(&[KEY]), good()),
            (SIGNATURE, ARTIFACT, trust(&[OTHER, KEY]), good()),
            (SIGNATURE, b"other", trust(&[KEY]), Err(vec![Bad])),
            (SIGNATURE, ARTIFACT, trust(&[OTHER]), Err(vec![UnknownSigner])),
            (OLDER, ARTIFACT, trust(&[KEY]), Err(vec![Unsupported])),
            (OLDER, ARTIFACT, older(&[KEY]), good()),
            (OLDER, b"other", older(&[KEY]), Err(vec![Bad])),
            (OLDER, ARTIFACT, older(&[OTHER]), Err(vec![UnknownSigner])),
        ];
        for (file, artifact, trust, expected) in cases {
            assert_eq!(verdict(file, artifact, &trust), expected);
        }
        // Without its comment, as one gives it on a command line.
        let bare = KEY.split(|byte| *byte == b'\n').nth(1).unwrap();
        assert!(verdict(SIGNATURE, ARTIFACT, &trust(&[bare])).is_ok());
    }

    #[test]
    fn the_trusted_comment_is_shown_once_it_is_verified() {
        let claim = claims(SIGNATURE, ARTIFACT, &trust(&[KEY])).unwrap().remove(0);
        let shown = claim.details["trusted-comment"].as_str();
        assert_eq!(shown, "timestamp:1748736000\\tfile:artifact\\thashed");
        assert_eq!(claim.time.unwrap().at.to_string(), "2025-06-01T00:00:00Z");
        assert_eq!(claim.digest.unwrap().0, "blake2b-512");
        for refused in [claims(SIGNATURE, b"other", &trust(&[KEY])), claims(SIGNATURE, ARTIFACT, &trust(&[OTHER]))] {
            let claim = refused.unwrap().remove(0);
            assert!(claim.details.is_empty() && claim.time.is_none());
        }
        let before = Trust { at: "2025-05-31T23:59:59Z".parse().unwrap(), ..trust(&[KEY]) };
        assert_eq!(verdict(SIGNATURE, ARTIFACT, &before), Err(vec![Future]));
    }

    #[test]
    fn another_file_name_is_said() {
        let named = |name: &str| {
            let mut trust = trust(&[KEY]);
            trust.expected.artifact_name = Some(name.as_bytes().to_vec());
            claims(SIGNATURE, ARTIFACT, &trust).unwrap().remove(0)
        };
        assert_eq!(named("artifact").notes.len(), 0);
        assert!(named("other").notes.len() == 1 && named("other").is_good());
    }

    #[test]
    fn no_flipped_bit_is_accepted_but_in_the_untrusted_comment() {
        for (file, trust) in [(SIGNATURE, trust(&[KEY])), (OLDER, older(&[KEY]))] {
            let first_line = file.iter().position(|byte| *byte == b'\n').unwrap();
            for (at, other) in flipped(file.trim_ascii_end()) {
                let is_comment = at >= PREFIX.len() && at < first_line;
                assert_eq!(verdict(&other, ARTIFACT, &trust).is_ok(), is_comment, "byte {at}");
            }
        }
        for (at, other) in flipped(ARTIFACT) {
            assert_eq!(verdict(SIGNATURE, &other, &trust(&[KEY])), Err(vec![Bad]), "byte {at}");
        }
    }

    #[test]
    fn what_is_not_four_lines_of_their_lengths_is_refused() {
        let text = std::str::from_utf8(SIGNATURE).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let cases = [
            (text.replace('\n', "\r\n"), Ok("file".to_owned())),
            (format!("{text}\n"), Ok("file".to_owned())),
            (format!("{text}more"), Err(vec![Malformed])),
            (lines[..2].join("\n"), Err(vec![Malformed])),
            (lines[..3].join("\n"), Err(vec![Malformed])),
            (text.replace(lines[1], &format!("{}AAAA", lines[1])), Err(vec![Malformed])),
            (text.replace(lines[3], &lines[3].replace('=', "")), Err(vec![Malformed])),
            (text.replace("\thashed", "\u{1}hashed"), Err(vec![Malformed])),
            (text.replace("hashed", "h\u{e4}shed"), Err(vec![Bad])),
        ];
        for (text, expected) in cases {
            assert_eq!(verdict(text.as_bytes(), ARTIFACT, &trust(&[KEY])), expected, "{text}");
        }
    }

    #[test]
    fn the_newer_form_read_as_the_older_is_over_the_digest_alone() {
        let digest = claims(SIGNATURE, ARTIFACT, &trust(&[KEY])).unwrap().remove(0).digest.unwrap().1;
        let digest = unhex(&digest);
        let text = std::str::from_utf8(SIGNATURE).unwrap().replace("\nRU", "\nRW");
        // It holds, which is why the older form is not accepted unless asked for; the comment is over the same bytes.
        assert_eq!(verdict(text.as_bytes(), &digest, &trust(&[KEY])), Err(vec![Unsupported]));
        let cut: Vec<&str> = text.lines().take(2).collect();
        assert_eq!(verdict(cut.join("\n").as_bytes(), &digest, &trust(&[KEY])), Err(vec![Unsupported]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), line in 0..5_usize) {
            let lines: Vec<&[u8]> = SIGNATURE.split(|byte| *byte == b'\n').collect();
            let mixed = [&lines[..line.min(lines.len())], &[bytes.as_slice()]].concat().join(&b'\n');
            for file in [bytes.as_slice(), &mixed, &[PREFIX, &bytes].concat()] {
                drop(claims(file, ARTIFACT, &trust(&[KEY, &bytes])));
            }
        }
    }
}
