//! Signatures as `ssh-keygen -Y sign` makes them (OpenSSH, `PROTOCOL.sshsig`).
//!
//! The key in a signature is a claim until it stands among the keys that are trusted. A signature says for what it was
//! made, its *namespace*, and counts for nothing else. It does not say when.

mod allowed;
mod certificate;
mod describe;
mod key;
mod pattern;
mod revoked;
mod wire;

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::allowed::{AllowedSigners, Line, shown};
use self::key::{Key, SigningKey, User};
use self::revoked::Revoked;
use self::wire::{Wire, put_string};
use super::{
    Claim, Fault, FaultKind, Function, Hashes, Hashing, Material, Pending, Scheme, Signer, Trust, Unreadable, vouched,
};
use crate::text;
use crate::text::{Text, hex};

pub(super) static SCHEME: Scheme = Scheme {
    id: "ssh",
    summary: "SSH, as `ssh-keygen -Y sign` makes them",
    is_signature,
    read,
    keys,
    message: None,
    describe: describe::describe,
};

const BEGIN: &[u8] = b"-----BEGIN SSH SIGNATURE-----";
const END: &[u8] = b"-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";

/// What is signed where nobody says for what.
const NAMESPACE: &str = "file";

fn is_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGIN)
}

#[expect(clippy::unnecessary_wraps, reason = "other schemes' keys may be unreadable")]
fn keys(trust: &Trust) -> Result<Vec<Signer>, Fault> {
    if trust.allowed_signers.is_empty() {
        let lines = trust.keys.iter().flat_map(|file| file.bytes.split(|byte| *byte == b'\n'));
        let signer = |(key, comment): (Key, &[u8])| Signer { name: Text::of(comment), fingerprint: key.fingerprint() };
        return Ok(lines.filter_map(Key::read_line).map(signer).collect());
    }
    let namespace = trust.expected.namespace.as_deref().unwrap_or(NAMESPACE);
    let identity = trust.expected.identity.as_deref();
    let lines = AllowedSigners::read(&trust.allowed_signers).lines.into_iter();
    let is_for = |line: &Line| {
        line.allows_namespace(namespace.as_bytes()) && identity.is_none_or(|identity| line.names(identity.as_bytes()))
    };
    let signer = |line: Line| {
        let (name, key) = (Text::of(line.principals.as_slice()), line.signer.key.fingerprint());
        let fingerprint = if line.is_authority { vouched(key.as_str(), name.as_str()) } else { key };
        Signer { name, fingerprint }
    };
    Ok(lines.filter(is_for).map(signer).collect())
}

fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let blob = unarmoured(&file.bytes).ok_or_else(|| {
        Fault::new(FaultKind::Malformed, text!("{}: the armour around the signature is damaged", file.name))
    })?;
    let version = blob.strip_prefix(MAGIC).and_then(|rest| Wire(rest).u32());
    if let Some(version) = version.filter(|version| *version != 1) {
        let message = text!("{}: SSH signatures of version {} cannot be checked here", file.name, version);
        return Err(Fault::undetermined(FaultKind::Unsupported, message).into());
    }
    let signature = Signature::read(&blob).ok_or_else(|| {
        Fault::new(FaultKind::Malformed, text!("{}: the signature inside the armour is damaged", file.name))
    })?;
    let function = match signature.function.as_slice() {
        b"sha256" => Function::Sha256,
        b"sha512" => Function::Sha512,
        other => {
            let message = text!("{}: signatures over `{}` digests cannot be checked here", file.name, other);
            return Err(Fault::undetermined(FaultKind::Unsupported, message).into());
        }
    };
    Ok(Box::new(Waiting { file: file.name.clone(), trust: trust.clone(), signature, function }))
}

/// Takes the armour off: it begins with the file, and nothing stands behind it.
fn unarmoured(bytes: &[u8]) -> Option<Vec<u8>> {
    let body = bytes.trim_ascii_end().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let encoded: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(encoded).ok()
}

struct Signature {
    signer: SigningKey,
    namespace: Vec<u8>,
    function: Vec<u8>,
    value: Vec<u8>,
}

impl Signature {
    fn read(blob: &[u8]) -> Option<Self> {
        let mut wire = Wire(blob.strip_prefix(MAGIC)?);
        let _version = wire.u32()?;
        let signer = SigningKey::read(wire.string()?)?;
        let namespace = wire.string()?.to_vec();
        let reserved = wire.string()?;
        let function = wire.string()?.to_vec();
        let value = wire.string()?.to_vec();
        wire.end()?;
        // What is reserved is signed as empty.
        (!namespace.is_empty() && reserved.is_empty()).then_some(Self { signer, namespace, function, value })
    }

    /// Returns what is signed.
    fn signed(&self, digest: &[u8]) -> Vec<u8> {
        let mut signed = MAGIC.to_vec();
        for part in [&self.namespace, &[][..], &self.function, digest] {
            put_string(&mut signed, part);
        }
        signed
    }
}

/// A signature that waits for the artifact.
struct Waiting {
    file: Text,
    trust: Trust,
    signature: Signature,
    function: Function,
}

impl Pending for Waiting {
    fn hashings(&self) -> Vec<Hashing> {
        vec![Hashing::plain(self.function)]
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        let mut claim = Claim::new(SCHEME.id, self.file.clone());
        let Some(digest) = hashes.plain(self.function) else {
            let message = Text::trusted("the artifact was not hashed");
            return vec![claim.against(Fault::undetermined(FaultKind::Bad, message))];
        };
        let Signature { signer, namespace, value, .. } = &self.signature;
        let made = signer.key.check(&self.signature.signed(&digest), value);
        claim.digest = Some((self.function.name(), hex(&digest)));
        claim.details.insert("namespace", Text::of(namespace.as_slice()));
        claim.details.insert("hash", Text::trusted(self.function.name()));
        claim.details.insert("key-type", signer.key.name());
        claim.faults = made.faults;
        let expected = self.trust.expected.namespace.as_deref().unwrap_or(NAMESPACE);
        if namespace != expected.as_bytes() {
            let message = text!("made for the namespace `{}`, not for `{}`", namespace.as_slice(), expected);
            claim.faults.push(Fault::new(FaultKind::WrongType, message));
        }
        let asked = Asked { signer, namespace, user: made.user, trust: &self.trust };
        let known = asked.known(&mut claim.notes);
        claim.signer = known.name.map(|name| Signer { name, fingerprint: signer.key.fingerprint() });
        claim.faults.extend(known.faults);
        claim.faults.extend(Revoked::read(&self.trust.revoked).faults(signer));
        if let (Some(certificate), Some(_)) = (&signer.certificate, &claim.signer) {
            claim.details.insert("certificate", Text::of(certificate.key_id.as_slice()));
            claim.details.insert("certificate-authority", certificate.authority.fingerprint());
        }
        vec![claim]
    }
}

/// What is known about the key that signed.
struct Known {
    /// Whose it is, where it is trusted for anything.
    name: Option<Text>,
    faults: Vec<Fault>,
}

impl Known {
    fn good(name: Text) -> Self {
        Self { name: Some(name), faults: Vec::new() }
    }

    fn but(name: Text, fault: Fault) -> Self {
        Self { name: Some(name), faults: vec![fault] }
    }
}

/// Who is asked about.
struct Asked<'a> {
    signer: &'a SigningKey,
    namespace: &'a [u8],
    user: Option<User>,
    trust: &'a Trust,
}

impl Asked<'_> {
    fn known(&self, notes: &mut Vec<Text>) -> Known {
        if self.trust.allowed_signers.is_empty() {
            return self.among_keys();
        }
        let all = AllowedSigners::read(&self.trust.allowed_signers);
        notes.extend(all.unreadable);
        // A key may stand in several lines, of which one that allows it will do.
        let mut refused: Option<Known> = None;
        for line in &all.lines {
            let Some(known) = self.by_line(line) else { continue };
            if known.faults.is_empty() {
                if line.has_local_time {
                    notes.push(text!("{}: a time without a zone is read as UTC", line.place));
                }
                return known;
            }
            // A line that allows the key to whoever is asked for tells more than one that gives it to another.
            let is_other = |known: &Known| known.faults.iter().any(|fault| fault.kind == FaultKind::IdentityMismatch);
            if refused.as_ref().is_none_or(|refused| is_other(refused) && !is_other(&known)) {
                refused = Some(known);
            }
        }
        refused.unwrap_or_else(|| self.unknown())
    }

    /// Asks one line of a list, which is silent about other keys.
    fn by_line(&self, line: &Line) -> Option<Known> {
        let name = Text::of(line.principals.as_slice());
        let identity = self.trust.expected.identity.as_deref();
        let other = |name: Text| {
            let message = text!("the key belongs to `{}`, not to `{}`", name, identity.unwrap_or_default());
            Known::but(name, Fault::new(FaultKind::IdentityMismatch, message))
        };
        let mut known = match (&self.signer.certificate, line.is_authority) {
            (None, false) if line.signer == *self.signer => match identity {
                Some(identity) if !line.names(identity.as_bytes()) => return Some(other(name)),
                Some(identity) => Known::good(Text::of(identity)),
                None => Known::good(name),
            },
            (Some(certificate), true)
                if line.signer.certificate.is_none() && certificate.authority == line.signer.key =>
            {
                let forged = certificate.authority_faults();
                if !forged.is_empty() {
                    return Some(Known { name: None, faults: forged });
                }
                let mut principals = certificate.principals.iter().filter(|principal| line.names(principal));
                let principal = match identity {
                    Some(identity) => principals.find(|principal| *principal == identity.as_bytes()),
                    None => principals.next(),
                };
                match principal {
                    Some(principal) => {
                        let faults = certificate.faults(self.trust.at, self.user);
                        Known { name: Some(Text::of(principal.as_slice())), faults }
                    }
                    None if identity.is_some() => {
                        return Some(other(Text::of(certificate.principals.join(&b","[..]).as_slice())));
                    }
                    None => {
                        let message = text!("the certificate names nobody whom {} allows", line.place);
                        return Some(Known::but(name, Fault::new(FaultKind::NotAllowedSigner, message)));
                    }
                }
            }
            _ => return None,
        };
        known.faults.extend(self.bounds(line));
        Some(known)
    }

    /// Returns what of a line's bounds is not kept.
    fn bounds(&self, line: &Line) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !line.allows_namespace(self.namespace) {
            let message = text!("{} does not allow the key for the namespace `{}`", line.place, self.namespace);
            faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
        }
        if let Some(after) = line.valid_after.filter(|after| self.trust.at < *after) {
            let message = text!("{} allows the key only from {}", line.place, shown(after));
            faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
        }
        if let Some(before) = line.valid_before.filter(|before| self.trust.at > *before) {
            let message = text!("{} allowed the key until {}", line.place, shown(before));
            faults.push(Fault::new(FaultKind::Expired, message));
        }
        let waives = self.signer.certificate.as_ref().is_some_and(|certificate| certificate.needs_no_touch());
        faults.extend(self.touch(line.needs_no_touch || waives));
        faults
    }

    /// Asks the keys that are trusted without more. They name nobody but by their comment.
    fn among_keys(&self) -> Known {
        let lines = self.trust.keys.iter().flat_map(|file| file.bytes.split(|byte| *byte == b'\n'));
        let mut found = lines.filter_map(Key::read_line).filter(|(key, _)| *key == self.signer.key);
        let Some((key, comment)) = found.next().filter(|_| self.signer.certificate.is_none()) else {
            return self.unknown();
        };
        let name = if comment.is_empty() { key.fingerprint() } else { Text::of(comment) };
        let identity = self.trust.expected.identity.as_deref();
        if let Some(identity) = identity.filter(|identity| identity.as_bytes() != comment) {
            let message = text!("the key belongs to `{}`, not to `{}`", name, identity);
            let help = Text::trusted("say with `--allowed-signers` whose the keys are");
            return Known::but(name, Fault::new(FaultKind::IdentityMismatch, message).help(help));
        }
        Known { name: Some(name), faults: self.touch(false).into_iter().collect() }
    }

    /// Returns that a security key signed without its user's touch, where that is not waived.
    fn touch(&self, is_waived: bool) -> Option<Fault> {
        let untouched = !is_waived && self.user.is_some_and(|user| !user.touched);
        untouched.then(|| {
            let message = Text::trusted("the security key signed without being touched by its user");
            Fault::new(FaultKind::NotAllowedSigner, message)
        })
    }

    fn unknown(&self) -> Known {
        let fingerprint = self.signer.key.fingerprint();
        let message = match &self.signer.certificate {
            None => text!("the key {} is none of those that may sign", fingerprint),
            Some(_) => text!("the key {} has a certificate of an authority that is not trusted", fingerprint),
        };
        Known { name: None, faults: vec![Fault::new(FaultKind::UnknownSigner, message)] }
    }
}
