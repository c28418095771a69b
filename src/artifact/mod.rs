//! An artifact with everything that its signatures say, whatever their scheme.
//!
//! Nothing here reads a signature.
#![warn(clippy::wildcard_enum_match_arm)]

mod against_tag;
mod claim;
mod terms;

use std::collections::BTreeSet;

pub use against_tag::{AgainstTag, Difference, DifferenceKind};
pub use claim::{Claim, Fault, FaultKind, SignedTime, Signer, TimeSource, vouched};
pub use terms::{AcceptsExpired, SCHEMES, STRONG_HASHES};

use crate::text::Text;

/// An artifact, and what is known of who signed it.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// What it is: `artifact`, `tag`, `commit` or `attestation`.
    pub kind: &'static str,
    /// Its name, as it was given.
    pub name: Text,
    /// Its digest: the function's name and the value in hexadecimal.
    pub digest: Option<(&'static str, String)>,
    /// How many signers must have signed it.
    pub threshold: u32,
    /// Its signatures.
    pub claims: Vec<Claim>,
    /// What speaks against it as a whole, whoever signed.
    pub faults: Vec<Fault>,
    /// What it is beside the tag of which it is said to be made, where that was asked.
    pub against_tag: Option<AgainstTag>,
    /// Whether anybody must have signed it.
    pub signatures: Signatures,
    /// The SHA-256 of a file, where a ledger of signers asks for it.
    pub sha256: Option<String>,
    /// What speaks against it by the ledger of signers, `None` where there is no ledger.
    pub ledger: Option<Vec<Fault>>,
}

/// Whether signatures are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// Somebody must have signed.
    #[default]
    Wanted,
    /// Something else is asked, and there is none.
    NotAsked,
}

/// Something that speaks against an artifact in the end.
#[derive(Clone, Debug)]
pub struct Objection<'a> {
    /// What.
    pub fault: Fault,
    /// The signature it is about.
    pub claim: Option<&'a Claim>,
}

impl Artifact {
    /// Returns an artifact of which nothing is known yet.
    #[must_use]
    pub fn new(kind: &'static str, name: Text) -> Self {
        Self {
            kind,
            name,
            digest: None,
            threshold: 1,
            claims: Vec::new(),
            faults: Vec::new(),
            against_tag: None,
            signatures: Signatures::Wanted,
            sha256: None,
            ledger: None,
        }
    }

    /// Returns the signers whose signatures are good, each once.
    #[must_use]
    pub fn signers(&self) -> BTreeSet<&Signer> {
        self.good_claims().filter_map(|claim| claim.signer.as_ref()).collect()
    }

    /// Returns the signatures that are good.
    pub fn good_claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.is_good())
    }

    /// Returns what speaks against it in the end; nothing where it is accepted.
    ///
    /// A bad signature by a trusted key refuses the artifact whoever else signed it: somebody changed what was signed. So
    /// does what a trusted key says of the artifact, and what is not as expected.
    /// Other faults count only where too few signatures are without one. What the ledger says is told beside either.
    #[must_use]
    pub fn objections(&self) -> Vec<Objection<'_>> {
        let mut found = self.own_objections();
        let of_ledger = self.ledger.iter().flatten();
        found.extend(of_ledger.map(|fault| Objection { fault: fault.clone(), claim: None }));
        found
    }

    fn own_objections(&self) -> Vec<Objection<'_>> {
        let of = |claim, fault: &Fault| Objection { fault: fault.clone(), claim };
        let mut found: Vec<Objection<'_>> = self.faults.iter().map(|fault| of(None, fault)).collect();
        let is_fatal = |fault: &Fault| matches!(fault.kind, FaultKind::Bad | FaultKind::Malformed);
        for claim in self.claims.iter().filter(|claim| claim.signer.is_some()) {
            // What is about another artifact says nothing of this one.
            let is_of_other =
                claim.faults.iter().any(|fault| fault.kind == FaultKind::SubjectMismatch && !fault.is_final);
            let is_fatal = |fault: &&Fault| is_fatal(fault) || (fault.is_final && !is_of_other);
            found.extend(claim.faults.iter().find(is_fatal).map(|fault| of(Some(claim), fault)));
        }
        let unread = self.claims.iter().filter(|claim| claim.signer.is_none());
        let is_damaged = |fault: &&Fault| fault.kind == FaultKind::Malformed && fault.is_final;
        found.extend(unread.filter_map(|claim| Some(of(Some(claim), claim.faults.iter().find(is_damaged)?))));
        let signers = self.distinct_signers();
        if !found.is_empty() || signers >= self.threshold.max(1) || self.signatures == Signatures::NotAsked {
            return found;
        }
        let first = |claim: &'_ Claim| claim.faults.first().cloned();
        let of_known = self.claims.iter().filter(|claim| claim.signer.is_some());
        found.extend(of_known.filter_map(|claim| Some(Objection { fault: first(claim)?, claim: Some(claim) })));
        if signers == 0 && found.is_empty() {
            found.extend(
                self.claims.iter().filter_map(|claim| Some(Objection { fault: first(claim)?, claim: Some(claim) })),
            );
        }
        if self.claims.is_empty() {
            let message = crate::text!("`{}` has no signature", self.name);
            found.push(Objection { fault: Fault::new(FaultKind::Missing, message), claim: None });
        } else if signers > 0 || found.is_empty() {
            let message = crate::text!(
                "`{}` is signed by {} of the {} trusted keys that must sign it",
                self.name,
                signers,
                self.threshold.max(1)
            );
            found.push(Objection { fault: Fault::new(FaultKind::Threshold, message), claim: None });
        }
        found
    }

    /// Whether nothing speaks against it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.objections().is_empty()
    }

    fn distinct_signers(&self) -> u32 {
        let keys: BTreeSet<&Text> = self.signers().into_iter().map(|signer| &signer.fingerprint).collect();
        u32::try_from(keys.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(key: Option<&'static str>, faults: &[FaultKind]) -> Claim {
        let signer = key.map(|key| Signer { name: Text::trusted("a"), fingerprint: Text::trusted(key) });
        let faults = faults.iter().map(|kind| Fault::new(*kind, Text::trusted("wrong"))).collect();
        Claim { signer, faults, ..Claim::new("test", Text::trusted("a.sig")) }
    }

    fn kinds(threshold: u32, claims: Vec<Claim>) -> Vec<FaultKind> {
        let artifact = Artifact { threshold, claims, ..Artifact::new("artifact", Text::trusted("a")) };
        artifact.objections().into_iter().map(|objection| objection.fault.kind).collect()
    }

    #[test]
    fn thresholds_count_keys() {
        let (a, b) = (claim(Some("A"), &[]), claim(Some("B"), &[]));
        assert_eq!(kinds(1, vec![a.clone()]), []);
        assert_eq!(kinds(2, vec![a.clone(), a.clone()]), [FaultKind::Threshold]);
        assert_eq!(kinds(2, vec![a, b]), []);
    }

    #[test]
    fn a_bad_signature_by_a_trusted_key_is_never_outvoted() {
        let good = claim(Some("A"), &[]);
        assert_eq!(kinds(1, vec![good.clone(), claim(Some("B"), &[FaultKind::Bad])]), [FaultKind::Bad]);
        assert_eq!(kinds(1, vec![good.clone(), claim(None, &[FaultKind::UnknownSigner])]), []);
        assert_eq!(kinds(1, vec![good, claim(Some("B"), &[FaultKind::WeakHash])]), []);
    }

    #[test]
    fn one_reason_is_told_where_nobody_trusted_signed() {
        assert_eq!(kinds(1, vec![]), [FaultKind::Missing]);
        assert_eq!(kinds(1, vec![claim(None, &[FaultKind::UnknownSigner])]), [FaultKind::UnknownSigner]);
        assert_eq!(
            kinds(
                1,
                vec![
                    claim(None, &[FaultKind::UnknownSigner]),
                    claim(Some("A"), &[FaultKind::Expired, FaultKind::WeakHash])
                ]
            ),
            [FaultKind::Expired]
        );
        // A signature without a fault is none without a signer.
        assert_eq!(kinds(1, vec![claim(None, &[])]), [FaultKind::Threshold]);
    }
}
