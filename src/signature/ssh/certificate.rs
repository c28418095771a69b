//! Certificates of SSH keys (OpenSSH, `PROTOCOL.certkeys`): an authority says whose a key is.

use jiff::Timestamp;

use super::super::{Fault, FaultKind};
use super::key::{Key, User};
use super::wire::Wire;
use crate::text;
use crate::text::{Inspected, Text};

/// The most principals that one certificate may name (OpenSSH, `SSHKEY_CERT_MAX_PRINCIPALS`).
const MAX_PRINCIPALS: usize = 256;

/// A certificate. Nothing in it counts before [`Certificate::authority_faults`] is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) serial: u64,
    pub(super) key_id: Vec<u8>,
    pub(super) principals: Vec<Vec<u8>>,
    /// The key of whoever issued it.
    pub(super) authority: Key,
    pub(super) is_for_users: bool,
    valid_after: u64,
    valid_before: u64,
    pub(super) critical: Vec<Vec<u8>>,
    pub(super) extensions: Vec<Vec<u8>>,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads what follows the certified key.
    pub(super) fn read(whole: &[u8], wire: &mut Wire<'_>) -> Option<Self> {
        let serial = wire.u64()?;
        let kind = wire.u32()?;
        let key_id = wire.string()?.to_vec();
        let mut names = Wire(wire.string()?);
        let mut principals = Vec::new();
        while !names.is_empty() {
            principals.push(names.string()?.to_vec());
            if principals.len() > MAX_PRINCIPALS {
                return None;
            }
        }
        let valid_after = wire.u64()?;
        let valid_before = wire.u64()?;
        let critical = options(wire.string()?)?;
        let extensions = options(wire.string()?)?;
        let _reserved = wire.string()?;
        // The issuer has a bare key: there are no chains.
        let authority = Key::read(wire.string()?)?;
        let signed = whole.strip_suffix(wire.0)?.to_vec();
        let signature = wire.string()?.to_vec();
        wire.end()?;
        let is_for_users = match kind {
            1 => true,
            2 => false,
            _ => return None,
        };
        Some(Self {
            serial,
            key_id,
            principals,
            authority,
            is_for_users,
            valid_after,
            valid_before,
            critical,
            extensions,
            signed,
            signature,
        })
    }

    /// Returns from when on and until when it says that it is valid.
    pub(super) fn validity(&self) -> (Text, Text) {
        (time_of(self.valid_after), time_of(self.valid_before))
    }

    /// Returns what speaks against its authority having issued it.
    pub(super) fn authority_faults(&self) -> Vec<Fault> {
        let worded = |fault: Fault| Fault { message: text!("the certificate: {}", fault.message), ..fault };
        self.authority.check(&self.signed, &self.signature).faults.into_iter().map(worded).collect()
    }

    /// Returns what speaks against using it at a time.
    pub(super) fn faults(&self, at: Timestamp, user: Option<User>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !self.is_for_users {
            let message = Text::trusted("the certificate is for a host, which signs no files");
            faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
        }
        let now = u64::try_from(at.as_second()).unwrap_or(0);
        if now < self.valid_after {
            let message = text!("the certificate is valid only from {}", time(self.valid_after));
            faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
        }
        if now >= self.valid_before {
            let message = text!("the certificate was valid until {}", time(self.valid_before));
            faults.push(Fault::new(FaultKind::Expired, message));
        }
        for option in &self.critical {
            match option.as_slice() {
                // They bound what a login may do, not what may be signed.
                b"force-command" | b"source-address" => {}
                b"verify-required" if user.is_none_or(|user| user.verified) => {}
                b"verify-required" => {
                    let message = Text::trusted("the certificate demands that the security key verify its user");
                    faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
                }
                other => {
                    let message = text!("the certificate has a critical option not known here: `{}`", other);
                    faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
                }
            }
        }
        faults
    }

    /// Whether it lets a security key sign without being touched.
    pub(super) fn needs_no_touch(&self) -> bool {
        self.extensions.iter().any(|extension| extension == b"no-touch-required")
    }
}

/// Reads the names of options; what they are set to does not matter here.
fn options(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut wire = Wire(bytes);
    let mut names = Vec::new();
    while !wire.is_empty() {
        names.push(wire.string()?.to_vec());
        let _value = wire.string()?;
    }
    Some(names)
}

/// Returns a time as it is shown.
pub(super) fn time_of(seconds: u64) -> Text {
    Text::of(&time(seconds))
}

fn time(seconds: u64) -> impl Inspected {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "the end of time".to_owned(), |time| time.to_string())
}
