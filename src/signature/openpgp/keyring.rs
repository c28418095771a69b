//! The certificates that are trusted: armored, binary, or in a GnuPG keybox.
//!
//! A keyring of thousands is walked through for its keys alone; a certificate is read whole once a signature names one
//! of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedParts, UnspecifiedRole};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::{Cert, Fingerprint, KeyHandle, KeyID, Packet as Whole};

use super::packet::{Packet, Packets, malformed, tag};
use super::{MOST_BYTES, armor, keybox, signed};
use crate::signature::{Cache, Fault, Material, Signer, Trust};
use crate::text;
use crate::text::Text;

/// The most packets of one certificate.
const MOST_PACKETS: usize = 10_000;

/// The most of them that are keys or names. Sequoia tries a signature that stands in the wrong place on each.
const MOST_PARTS: usize = 500;

/// The most keys that are tried for one signature. Only keys whose 64-bit ids collide make more than one or two.
const MOST_CANDIDATES: usize = 16;

/// The most skipped certificates that are named.
const MOST_NAMED: usize = 10;

/// The certificates of all files.
pub(super) struct Keyring<'a> {
    files: Vec<(&'a Text, Cow<'a, [u8]>)>,
    /// By the fingerprint of the primary key: copies are of one certificate.
    certificates: BTreeMap<Fingerprint, Certificate>,
    /// Which certificates hold a key of this id.
    holders: HashMap<KeyID, Vec<Fingerprint>>,
    skipped: Vec<Text>,
    cache: &'a Cache,
}

#[derive(Default)]
struct Certificate {
    copies: Vec<(usize, Range<usize>)>,
    read: Option<Arc<Cert>>,
}

/// A key that may have made a signature.
#[derive(Clone)]
pub(super) struct Candidate {
    /// The certificate.
    pub(super) certificate: Arc<Cert>,
    /// Which key of it.
    pub(super) key: Fingerprint,
}

impl<'a> Keyring<'a> {
    /// Reads the files that hold OpenPGP certificates, and leaves those of other schemes alone.
    pub(super) fn read(trust: &'a Trust) -> Result<Self, Fault> {
        let mut ring = Self {
            files: Vec::new(),
            certificates: BTreeMap::new(),
            holders: HashMap::new(),
            skipped: Vec::new(),
            cache: &trust.cache,
        };
        for file in trust.keys.iter().filter(|file| is_keyring(&file.bytes)) {
            ring.file(file).map_err(|fault| Fault { message: text!("{}: {}", file.name, fault.message), ..fault })?;
        }
        Ok(ring)
    }

    fn file(&mut self, file: &'a Material) -> Result<(), Fault> {
        if file.bytes.len() > MOST_BYTES {
            return Err(malformed("a keyring is longer than 64 MiB"));
        }
        let first = self.files.len();
        self.files.extend(runs(&file.bytes)?.into_iter().map(|run| (&file.name, run)));
        let mut count = 0;
        for at in first..self.files.len() {
            let mut found = Found::default();
            if let Some((_, bytes)) = self.files.get(at) {
                found.read(bytes)?;
            }
            count += found.certificates.len() + found.skipped.len();
            self.skipped.extend(found.skipped);
            for (fingerprint, range, keys) in found.certificates {
                for key in keys {
                    let holders = self.holders.entry(key).or_default();
                    if holders.len() < MOST_CANDIDATES && !holders.contains(&fingerprint) {
                        holders.push(fingerprint.clone());
                    }
                }
                self.certificates.entry(fingerprint).or_default().copies.push((at, range));
            }
        }
        if count == 0 {
            return Err(malformed("a keyring holds no certificate"));
        }
        Ok(())
    }

    /// Returns what a reader should know about the keyring.
    pub(super) fn notes(&self) -> Vec<Text> {
        let mut notes: Vec<Text> = self.skipped.iter().take(MOST_NAMED).cloned().collect();
        if let Some(more) = self.skipped.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            notes.push(text!("{} more certificates were skipped", more));
        }
        notes
    }

    /// Returns whose the certificates are, by the names of their files.
    pub(super) fn signers(&self) -> Vec<Signer> {
        let signer = |(fingerprint, certificate): (&Fingerprint, &Certificate)| {
            let (at, _) = certificate.copies.first()?;
            let (name, _) = self.files.get(*at)?;
            Some(Signer { name: (*name).clone(), fingerprint: Text::trusted(fingerprint.to_hex()) })
        };
        self.certificates.iter().filter_map(signer).collect()
    }

    /// Returns the keys that go by one of these names.
    pub(super) fn candidates(&mut self, issuers: &[KeyHandle]) -> Result<Vec<Candidate>, Fault> {
        let mut candidates: Vec<Candidate> = Vec::new();
        for issuer in issuers {
            let holders = self.holders.get(&KeyID::from(issuer)).cloned().unwrap_or_default();
            for holder in holders {
                let certificate = self.certificate(&holder)?;
                for key in certificate.keys().key_handle(issuer.clone()).map(|key| key.key().fingerprint()) {
                    let is_known = candidates
                        .iter()
                        .any(|known| known.key == key && Arc::ptr_eq(&known.certificate, &certificate));
                    if !is_known && candidates.len() < MOST_CANDIDATES {
                        candidates.push(Candidate { certificate: Arc::clone(&certificate), key });
                    }
                }
            }
        }
        Ok(candidates)
    }

    fn certificate(&mut self, fingerprint: &Fingerprint) -> Result<Arc<Cert>, Fault> {
        let Some(certificate) = self.certificates.get_mut(fingerprint) else {
            return Err(malformed("a certificate is gone"));
        };
        if let Some(read) = &certificate.read {
            return Ok(Arc::clone(read));
        }
        let files = &self.files;
        let copies = certificate.copies.iter().filter_map(|(at, range)| {
            let (name, bytes) = files.get(*at)?;
            Some((*name, bytes.get(range.clone())?))
        });
        let read = || {
            let mut merged: Option<Cert> = None;
            for (name, copy) in copies.clone() {
                let copy = public(copy).and_then(|copy| Cert::from_bytes(&copy).map_err(|error| signed::fault(&error)));
                let copy = copy.and_then(|copy| match merged.take() {
                    None => Ok(copy),
                    Some(merged) => merged.merge_public(copy).map_err(|error| signed::fault(&error)),
                });
                let named = |fault: Fault| Fault {
                    message: text!("{}: certificate {}: {}", name, fingerprint.to_hex(), fault.message),
                    ..fault
                };
                merged = Some(copy.map_err(named)?);
            }
            merged.ok_or_else(|| malformed("a certificate is gone"))
        };
        let whole = copies.clone().flat_map(|(_, copy)| copy).copied().collect();
        let read = self.cache.read(whole, read)?;
        certificate.read = Some(Arc::clone(&read));
        Ok(read)
    }
}

impl Candidate {
    /// Returns the key.
    pub(super) fn key(&self) -> Option<&Key<PublicParts, UnspecifiedRole>> {
        self.certificate.keys().map(|key| key.key()).find(|key| key.fingerprint() == self.key)
    }

    /// Returns whose key it is, by the name that is given.
    pub(super) fn signer(&self, name: Text) -> Signer {
        Signer { name, fingerprint: Text::trusted(self.certificate.fingerprint().to_hex()) }
    }
}

/// Whether a file holds OpenPGP keys, or nothing at all: an empty one is nobody's, so every scheme refuses it.
fn is_keyring(bytes: &[u8]) -> bool {
    bytes.is_empty()
        || keybox::is_keybox(bytes)
        || bytes.first().is_some_and(|octet| octet & 0x80 != 0)
        || armor::is_armored(bytes)
}

/// Returns the runs of packets of a file.
fn runs(bytes: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, Fault> {
    Ok(if keybox::is_keybox(bytes) {
        keybox::certificates(bytes)?.into_iter().map(Cow::Borrowed).collect()
    } else if armor::is_armored(bytes) {
        armor::read(bytes)?.blocks.into_iter().map(|(_, block)| Cow::Owned(block)).collect()
    } else {
        vec![Cow::Borrowed(bytes)]
    })
}

/// A certificate as it stands in a file.
pub(super) struct Listed {
    /// The certificate, its public half alone.
    pub(super) read: Result<Cert, Fault>,
    /// Whether a secret key stands in it.
    pub(super) has_secret: bool,
}

/// The certificates of a file, for whoever wants to see them.
pub(super) struct Listing<'a> {
    runs: Vec<Cow<'a, [u8]>>,
    places: Vec<(usize, Range<usize>)>,
    /// Why others were skipped.
    pub(super) skipped: Vec<Text>,
}

impl<'a> Listing<'a> {
    /// Finds the certificates of a file.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut listing = Self { runs: runs(bytes)?, places: Vec::new(), skipped: Vec::new() };
        for (at, run) in listing.runs.iter().enumerate() {
            let mut found = Found::default();
            found.read(run)?;
            listing.skipped.extend(found.skipped);
            listing.places.extend(found.certificates.into_iter().map(|(_, range, _)| (at, range)));
        }
        match listing.places.is_empty() && listing.skipped.is_empty() {
            true => Err(malformed("a keyring holds no certificate")),
            false => Ok(listing),
        }
    }

    /// Reads the certificates, each when it is asked for.
    pub(super) fn certificates(&self) -> impl Iterator<Item = Lazy<'_>> {
        let all = self.places.iter();
        all.map(|(at, range)| Lazy(self.runs.get(*at).and_then(|run| run.get(range.clone())).unwrap_or_default()))
    }
}

/// A certificate that is not read yet.
pub(super) struct Lazy<'a>(&'a [u8]);

impl Lazy<'_> {
    /// Reads it.
    pub(super) fn read(&self) -> Listed {
        let is_secret = |packet: &Packet<'_>| matches!(packet.tag, tag::SECRET_KEY | tag::SECRET_SUBKEY);
        Listed {
            read: public(self.0).and_then(|one| Cert::from_bytes(&one).map_err(|error| signed::fault(&error))),
            has_secret: Packets::of(self.0).flatten().any(|packet| is_secret(&packet)),
        }
    }
}

/// What one run of packets holds.
#[derive(Default)]
struct Found {
    /// Fingerprint, place, and the ids of all keys.
    certificates: Vec<(Fingerprint, Range<usize>, Vec<KeyID>)>,
    skipped: Vec<Text>,
}

impl Found {
    fn read(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut at = 0;
        let mut packets = 0;
        let mut parts = 0;
        let mut is_skipping = false;
        for packet in Packets::of(bytes) {
            let packet = packet?;
            let start = at;
            at += packet.whole.len();
            packets += 1;
            parts += usize::from(packet.tag != tag::SIGNATURE);
            match packet.tag {
                tag::PUBLIC_KEY | tag::SECRET_KEY => {
                    (packets, parts) = (0, 0);
                    is_skipping = !is_known(&packet);
                    if is_skipping {
                        self.skipped.push(skipped(&packet));
                    } else {
                        let fingerprint = key(&packet)?.fingerprint();
                        let id = KeyID::from(&fingerprint);
                        self.certificates.push((fingerprint, start..at, vec![id]));
                    }
                    continue;
                }
                tag::TRUST | tag::MARKER | tag::PADDING | 40.. => {}
                tag::SIGNATURE | tag::USER_ID | tag::USER_ATTRIBUTE => {}
                tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY => {}
                _ => return Err(malformed("a keyring holds something other than certificates")),
            }
            if is_skipping {
                continue;
            }
            let Some((_, range, keys)) = self.certificates.last_mut() else {
                if matches!(packet.tag, tag::TRUST | tag::MARKER | tag::PADDING | 40..) {
                    continue;
                }
                return Err(malformed("a keyring begins with something other than a certificate"));
            };
            if packets > MOST_PACKETS || parts > MOST_PARTS {
                return Err(malformed("a certificate has more than 10,000 signatures or 500 keys and names"));
            }
            range.end = at;
            if matches!(packet.tag, tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY) && is_known(&packet) {
                keys.push(key(&packet)?.keyid());
            }
        }
        Ok(())
    }
}

/// Whether a key's version is one of those that may sign.
fn is_known(packet: &Packet<'_>) -> bool {
    matches!(packet.body.first(), None | Some(4 | 6))
}

fn skipped(packet: &Packet<'_>) -> Text {
    let version = packet.body.first().copied().unwrap_or_default();
    text!("a certificate of version {} was skipped", version)
}

fn key(packet: &Packet<'_>) -> Result<Key<UnspecifiedParts, UnspecifiedRole>, Fault> {
    Key::from_bytes(packet.body).map_err(|error| signed::fault(&error))
}

/// Returns a certificate without secret keys and without what is no part of it.
fn public(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(bytes.len());
    for packet in Packets::of(bytes) {
        let packet = packet?;
        let public = |key: Key<UnspecifiedParts, UnspecifiedRole>| key.parts_into_public();
        match packet.tag {
            tag::SECRET_KEY => write(&mut out, Whole::PublicKey(public(key(&packet)?).role_into_primary()))?,
            tag::SECRET_SUBKEY => write(&mut out, Whole::PublicSubkey(public(key(&packet)?).role_into_subordinate()))?,
            tag::TRUST | tag::MARKER | tag::PADDING | 40.. => {}
            _ => out.extend_from_slice(packet.whole),
        }
    }
    Ok(out)
}

fn write(out: &mut Vec<u8>, packet: Whole) -> Result<(), Fault> {
    out.extend(packet.to_vec().map_err(|error| signed::fault(&error))?);
    Ok(())
}
