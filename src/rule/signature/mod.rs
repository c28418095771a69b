//! Rules about who signed an artifact.

mod bad;
mod expired_key;
mod future;
mod identity_mismatch;
mod issuer_mismatch;
mod log_proof;
mod missing;
mod not_allowed_signer;
mod revoked_key;
mod subject_mismatch;
mod threshold;
mod unknown_signer;
mod unsigned_content;
mod weak_binding;
mod weak_hash;
mod weak_key;
mod wrong_type;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[
    &bad::RULE,
    &expired_key::RULE,
    &future::RULE,
    &identity_mismatch::RULE,
    &issuer_mismatch::RULE,
    &log_proof::RULE,
    &missing::RULE,
    &not_allowed_signer::RULE,
    &revoked_key::RULE,
    &subject_mismatch::RULE,
    &threshold::RULE,
    &unknown_signer::RULE,
    &unsigned_content::RULE,
    &weak_binding::RULE,
    &weak_hash::RULE,
    &weak_key::RULE,
    &wrong_type::RULE,
];
