//! Profiles: what an SBOM must tell beyond being valid, and how far a document does.
//!
//! A profile is a list of elements; each asks one question of the document or of every component. What is told of an
//! element takes one of the states of [`Told`], whatever the format; the profile decides which of them pass. A format's
//! own rules are no profile: they are its schema's.

mod about_component;
mod about_document;
mod bsi_tr_03183_2;
mod cisa_2026;
mod element;
mod facts;
mod ntia;
mod score;
mod table;
mod told;

pub use element::{Element, Hint, Level, Profile, Subject};
pub use score::{Answer, Offender, Remark, Score, State, Tally, score};
pub use table::render;
pub use told::Told;

/// Every profile, in the order of their ids.
pub static PROFILES: &[&Profile] = &[&bsi_tr_03183_2::PROFILE, &cisa_2026::PROFILE, &ntia::PROFILE];

/// Returns the profile of an id (`ntia`), with or without its edition (`cisa-2026@2.1`).
#[must_use]
pub fn profile(id: &str) -> Option<&'static Profile> {
    PROFILES.iter().copied().find(|profile| profile.id == id || profile.edition == id)
}

#[cfg(test)]
mod tests;
