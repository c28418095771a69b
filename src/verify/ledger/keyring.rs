//! Which keys are trusted, whether they signed or not.

use std::collections::BTreeSet;

use super::key_of;
use crate::signature::{Expected, Fault, Material, SCHEMES, Trust};
use crate::verify::demanded::is_fingerprint;
use crate::verify::trusted::Ask;

/// The namespace of SSH signatures over tags.
const GIT: &str = "git";

/// Returns the keys that may sign an artifact.
pub(super) fn trusted_by(ask: &Ask, is_tag: bool) -> Result<BTreeSet<String>, Fault> {
    let mut found = BTreeSet::new();
    let mut trust = ask.trust.clone();
    if is_tag {
        trust.expected = Expected { namespace: Some(GIT.to_owned()), ..trust.expected };
    }
    for scheme in SCHEMES.iter().filter(|scheme| ask.scheme.as_deref().is_none_or(|wanted| wanted == scheme.id)) {
        for signer in (scheme.keys)(&trust)? {
            let key = signer.fingerprint.as_str();
            // Whoever vouches for others has no fingerprint that a policy could name.
            let is_named = key.contains(' ')
                || ask.fingerprints.is_empty()
                || ask.fingerprints.iter().any(|known| is_fingerprint(known, key));
            if is_named {
                found.insert(key_of(key).unwrap_or_else(|| key.to_owned()));
            }
        }
    }
    Ok(found)
}

/// Returns the keys that stand in a file.
pub(super) fn keys_in(file: &Material) -> Result<BTreeSet<String>, Fault> {
    let trust = Trust { keys: vec![file.clone()], ..Trust::default() };
    let mut found = BTreeSet::new();
    for scheme in SCHEMES {
        found.extend((scheme.keys)(&trust)?.iter().filter_map(|signer| key_of(signer.fingerprint.as_str())));
    }
    Ok(found)
}
