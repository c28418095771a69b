//! Rules about SBOMs.

mod complaint;
mod digest_mismatch;
mod incomplete;
mod inconsistent;
mod invalid;
mod profile;
mod profile_bsi;
mod profile_cisa_2026;
mod profile_ntia;
mod reach;
mod stale;

use super::{Answer, Draft, Rule};
use crate::finding::Subject;
use crate::sbom::{Listing, SbomFile};
use crate::text;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[
    &digest_mismatch::RULE,
    &incomplete::RULE,
    &inconsistent::RULE,
    &invalid::RULE,
    &profile_bsi::RULE,
    &profile_cisa_2026::RULE,
    &profile_ntia::RULE,
    &stale::RULE,
];

/// The rules by which a document is judged against the specification of its version.
pub(super) static OF_SPECIFICATION: [&Rule; 2] = [&inconsistent::RULE, &invalid::RULE];

/// The rules that judge by a profile, by the profile's id.
pub(super) static OF_PROFILES: [(&str, &Rule); 3] = [
    (profile_bsi::PROFILE, &profile_bsi::RULE),
    (profile_cisa_2026::PROFILE, &profile_cisa_2026::RULE),
    (profile_ntia::PROFILE, &profile_ntia::RULE),
];

/// Returns an SBOM as a subject.
fn subject(sbom: &SbomFile) -> Subject {
    Subject::new("sbom", text!("{}", sbom.path))
}

/// Returns what an SBOM lists.
///
/// # Errors
/// What there is to say where it cannot be read.
fn listing(sbom: &SbomFile) -> Result<&Listing, Answer> {
    sbom.listing.as_ref().ok_or_else(|| unread(sbom).into())
}

/// Returns what there is to say of an SBOM that cannot be read.
fn unread(sbom: &SbomFile) -> Draft {
    let Some(why) = sbom.violations.told.first() else {
        return Draft::not_determined(subject(sbom), text!("`{}` was not looked into", sbom.path));
    };
    let message = text!("`{}` could not be read: expected {}, found {}", sbom.path, why.expected, why.found);
    Draft::not_determined(subject(sbom), message)
        .at(Some(sbom.at(why.at)))
        .with("expected", why.expected.clone())
        .found(why.found.clone())
        .fact(why.found.as_str())
}
