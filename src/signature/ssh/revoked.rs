//! Revoked keys: a list of keys, or a KRL (OpenSSH, `PROTOCOL.krl`).

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::super::{Fault, FaultKind, Material};
use super::certificate::Certificate;
use super::key::{Key, SigningKey};
use super::wire::Wire;
use crate::text;
use crate::text::Text;

/// What a KRL begins with.
const MAGIC: &[u8] = b"SSHKRL\n\0";

/// Keys and certificates that are revoked.
#[derive(Default)]
pub(super) struct Revoked {
    pub(super) keys: BTreeSet<Vec<u8>>,
    pub(super) sha1: BTreeSet<Vec<u8>>,
    pub(super) sha256: BTreeSet<Vec<u8>>,
    pub(super) certificates: Vec<Certificates>,
    /// The lists that cannot be read: what they revoke is not known.
    unreadable: Vec<Text>,
}

/// Revoked certificates of one authority, or of all.
pub(super) struct Certificates {
    pub(super) authority: Option<Vec<u8>>,
    /// From the one to the other, both revoked.
    pub(super) serials: Vec<(u64, u64)>,
    pub(super) bitmaps: Vec<(u64, Vec<u8>)>,
    pub(super) key_ids: BTreeSet<Vec<u8>>,
}

/// Whether a file is a KRL.
pub(super) fn is_krl(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// What a KRL says of itself.
pub(super) struct Head<'a> {
    pub(super) version: u64,
    pub(super) created: u64,
    pub(super) comment: &'a [u8],
}

impl<'a> Head<'a> {
    pub(super) fn read(krl: &'a [u8]) -> Option<Self> {
        Self::read_wire(&mut Wire(krl.strip_prefix(MAGIC)?))
    }

    fn read_wire(wire: &mut Wire<'a>) -> Option<Self> {
        if wire.u32()? != 1 {
            return None;
        }
        let (version, created, _flags) = (wire.u64()?, wire.u64()?, wire.u64()?);
        let (_reserved, comment) = (wire.string()?, wire.string()?);
        Some(Self { version, created, comment })
    }
}

impl Revoked {
    pub(super) fn read(lists: &[Material]) -> Self {
        let mut revoked = Self::default();
        for list in lists {
            let read = match list.bytes.strip_prefix(MAGIC) {
                Some(rest) => revoked.read_krl(rest),
                None => revoked.read_keys(&list.bytes),
            };
            if read.is_none() {
                revoked.unreadable.push(list.name.clone());
            }
        }
        revoked
    }

    fn read_keys(&mut self, bytes: &[u8]) -> Option<()> {
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            if !line.is_empty() && !line.starts_with(b"#") {
                let (key, _comment) = SigningKey::read_line(line)?;
                self.keys.insert(key.key.blob);
            }
        }
        Some(())
    }

    /// Reads one KRL; `None` where it is none, or damaged.
    pub(super) fn of(krl: &[u8]) -> Option<Self> {
        let mut revoked = Self::default();
        revoked.read_krl(krl.strip_prefix(MAGIC)?)?;
        Some(revoked)
    }

    fn read_krl(&mut self, bytes: &[u8]) -> Option<()> {
        let mut wire = Wire(bytes);
        Head::read_wire(&mut wire)?;
        while !wire.is_empty() {
            let kind = wire.byte()?;
            let mut section = Wire(wire.string()?);
            match kind {
                1 => self.certificates.push(Certificates::read(&mut section)?),
                2 => read_all(&mut section, &mut self.keys)?,
                3 => read_all(&mut section, &mut self.sha1)?,
                5 => read_all(&mut section, &mut self.sha256)?,
                255 => read_extension(&mut section)?,
                // 4 is a signature, which OpenSSH refuses since 9.4.
                _ => return None,
            }
        }
        Some(())
    }

    /// Returns what speaks against a key: that it, its certificate or the certificate's authority is revoked.
    pub(super) fn faults(&self, signer: &SigningKey) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.holds(&signer.key) {
            faults.push(Fault::new(FaultKind::Revoked, Text::trusted("the key is revoked")));
        }
        if let Some(certificate) = &signer.certificate {
            if self.holds(&certificate.authority) {
                let message = Text::trusted("the key of the certificate's authority is revoked");
                faults.push(Fault::new(FaultKind::Revoked, message));
            }
            if self.certificates.iter().any(|revoked| revoked.hold(certificate)) {
                faults.push(Fault::new(FaultKind::Revoked, Text::trusted("the certificate is revoked")));
            }
        }
        for name in &self.unreadable {
            let message = text!("{} is no list of revoked keys: whether the key is revoked is not known", name);
            faults.push(Fault::undetermined(FaultKind::Revoked, message));
        }
        faults
    }

    fn holds(&self, key: &Key) -> bool {
        self.keys.contains(&key.blob)
            || self.sha256.contains(&key.sha256())
            || self.sha1.contains(digest(&SHA1_FOR_LEGACY_USE_ONLY, &key.blob).as_ref())
    }
}

impl Certificates {
    fn read(wire: &mut Wire<'_>) -> Option<Self> {
        let authority = Some(wire.string()?).filter(|key| !key.is_empty()).map(<[u8]>::to_vec);
        let _reserved = wire.string()?;
        let mut all = Self { authority, serials: Vec::new(), bitmaps: Vec::new(), key_ids: BTreeSet::new() };
        while !wire.is_empty() {
            let kind = wire.byte()?;
            let mut section = Wire(wire.string()?);
            match kind {
                0x20 => {
                    while !section.is_empty() {
                        let serial = section.u64()?;
                        all.serials.push((serial, serial));
                    }
                }
                0x21 => {
                    all.serials.push((section.u64()?, section.u64()?));
                    section.end()?;
                }
                0x22 => {
                    let offset = section.u64()?;
                    all.bitmaps.push((offset, section.number()?.to_vec()));
                    section.end()?;
                }
                0x23 => read_all(&mut section, &mut all.key_ids)?,
                0x39 => read_extension(&mut section)?,
                _ => return None,
            }
        }
        Some(all)
    }

    fn hold(&self, certificate: &Certificate) -> bool {
        if self.authority.as_ref().is_some_and(|authority| *authority != certificate.authority.blob) {
            return false;
        }
        if self.key_ids.contains(&certificate.key_id) {
            return true;
        }
        // A certificate without a serial number has this one, and is none of those meant.
        let serial = certificate.serial;
        serial != 0
            && (self.serials.iter().any(|(first, last)| (*first..=*last).contains(&serial))
                || self.bitmaps.iter().any(|(offset, bits)| has_bit(bits, serial, *offset)))
    }
}

/// Whether the bit that stands for a serial number is set.
fn has_bit(bits: &[u8], serial: u64, offset: u64) -> bool {
    let Some(bit) = serial.checked_sub(offset) else { return false };
    let byte = usize::try_from(bit / 8).ok().and_then(|from_end| bits.iter().rev().nth(from_end));
    byte.is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}

fn read_all(wire: &mut Wire<'_>, out: &mut BTreeSet<Vec<u8>>) -> Option<()> {
    while !wire.is_empty() {
        out.insert(wire.string()?.to_vec());
    }
    Some(())
}

/// Reads an extension, none of which is known: `None` where one may not be skipped.
fn read_extension(wire: &mut Wire<'_>) -> Option<()> {
    let _name = wire.string()?;
    let is_critical = wire.byte()? != 0;
    let _contents = wire.string()?;
    wire.end()?;
    (!is_critical).then_some(())
}
