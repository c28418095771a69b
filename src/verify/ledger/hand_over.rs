//! Whether keys were handed over as the ledger says.

use std::collections::{BTreeMap, BTreeSet};

use super::keyring::keys_in;
use super::{HandOver, Ledger, Way, key_of};
use crate::policy::MAX_POLICY_BYTES;
use crate::signature::{AcceptsExpired, Expected, Hashes, Material, Trust, scheme_of};
use crate::text;
use crate::text::Text;
use crate::verify::trusted::{Ask, PolicyFolder};

/// The hand-overs of a ledger, as far as they hold.
#[derive(Default)]
pub(super) struct HandOvers {
    to: BTreeMap<String, Vec<String>>,
    /// What is wrong with those that count for nothing, by the keys they are from.
    faults: Vec<(String, Text)>,
}

impl HandOvers {
    /// Judges every hand-over.
    pub(super) fn of<'a>(ledger: &Ledger, folder: &PolicyFolder, asks: impl Iterator<Item = &'a Ask>) -> Self {
        let asks: Vec<&Ask> = asks.collect();
        let mut found = Self::default();
        for hand_over in &ledger.hand_overs {
            match hand_over.judge(folder, &asks) {
                Ok(()) => found.to.entry(hand_over.from.clone()).or_default().push(hand_over.to.clone()),
                Err(why) => {
                    let message =
                        text!("the hand-over from {} to {} counts for nothing: {}", hand_over.from, hand_over.to, why);
                    found.faults.push((hand_over.from.clone(), message));
                }
            }
        }
        found
    }

    /// Returns a message, with what is wrong with the hand-overs that would have led on from some keys.
    pub(super) fn with_faults(&self, message: Text, keys: &BTreeSet<String>) -> Text {
        let faults = self.faults.iter().filter(|(from, _)| keys.contains(from));
        faults.fold(message, |message, (_, fault)| text!("{}; {}", message, *fault))
    }

    /// Returns some keys, and all to whom hand-overs lead from one of them.
    pub(super) fn reached<'a>(&self, keys: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<&String> = keys.into_iter().collect();
        while let Some(key) = open.pop() {
            // What was met before leads no further.
            if found.insert(key.clone()) {
                open.extend(self.to.get(key).into_iter().flatten());
            }
        }
        found
    }
}

impl HandOver {
    fn judge(&self, folder: &PolicyFolder, asks: &[&Ask]) -> Result<(), Text> {
        let Way::Signed { signature, certificate, old_certificate } = &self.way else { return Ok(()) };
        let certificate = read(folder, certificate)?;
        let held = keys_in(&certificate).map_err(|fault| fault.message)?;
        if !held.contains(&self.to) || held.len() != 1 {
            return Err(text!("`{}` holds {} keys, where {} alone is expected", certificate.name, held.len(), self.to));
        }
        let signature = read(folder, signature)?;
        let scheme = scheme_of(&signature.bytes)
            .ok_or_else(|| text!("`{}` is no signature of a scheme that is known here", signature.name))?;
        let mut trusts: Vec<Trust> = asks.iter().map(|ask| trust_of(ask)).collect();
        if let Some(old) = old_certificate {
            let old = read(folder, old)?;
            let revoked = trusts.iter().flat_map(|trust| trust.revoked.clone()).collect();
            let at = trusts.iter().map(|trust| trust.at).max().unwrap_or_default();
            trusts.push(Trust { keys: vec![old], revoked, at, ..Trust::default() });
        }
        let mut why = text!("`{}` is not signed by that key in `{}`", certificate.name, signature.name);
        for trust in &trusts {
            let Ok(pending) = (scheme.read)(&signature, trust) else { continue };
            let mut hashes = Hashes::new(pending.hashings());
            hashes.update(&certificate.bytes);
            for claim in pending.finish(&hashes) {
                let is_by_old = claim.stable_key().and_then(|key| key_of(key.as_str())).as_ref() == Some(&self.from);
                match claim.faults.first().filter(|_| is_by_old) {
                    None if is_by_old && claim.is_good() => return Ok(()),
                    Some(fault) => why = fault.message.clone(),
                    None => {}
                }
            }
        }
        Err(why)
    }
}

/// Returns what a hand-over is judged by: the keys that may sign releases, and nothing that is said only of releases.
fn trust_of(ask: &Ask) -> Trust {
    let namespace = ask.trust.expected.namespace.clone();
    Trust {
        expected: Expected { namespace, any_identity: true, ..Expected::default() },
        accepts_expired: AcceptsExpired::Never,
        ..ask.trust.clone()
    }
}

/// Reads a file that the ledger names: one of the policy's folder, through no link.
fn read(folder: &PolicyFolder, name: &str) -> Result<Material, Text> {
    match folder.file(name, MAX_POLICY_BYTES) {
        Ok(Some(bytes)) => Ok(Material { name: Text::of(name), bytes }),
        Ok(None) => Err(text!("expected a readable file `{}`, found none", name)),
        Err(not_read) => Err(text!("expected a readable file `{}`, found {}", name, not_read.found)),
    }
}
