//! Whether the claims over one artifact suffice.

use std::collections::BTreeSet;

use super::{Claim, FaultKind};

/// Whether at least `threshold` trusted keys signed, and none of them made a signature that does not hold. What other
/// keys made counts for nothing and against nothing.
#[must_use]
pub fn accepted(claims: &[Claim], threshold: usize) -> bool {
    let is_broken = |claim: &Claim| {
        let mut kinds = claim.faults.iter().map(|fault| fault.kind);
        claim.signer.is_some() && kinds.any(|kind| matches!(kind, FaultKind::Bad | FaultKind::Malformed))
    };
    if claims.iter().any(is_broken) {
        return false;
    }
    let good = claims.iter().filter(|claim| claim.is_good());
    let signers: BTreeSet<&str> = good.filter_map(|claim| Some(claim.signer.as_ref()?.fingerprint.as_str())).collect();
    signers.len() >= threshold.max(1)
}
