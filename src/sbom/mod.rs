//! SBOM documents: every format and version read into one model, judged, scored, converted and written.
//!
//! A format is a way to write the documents of a family (CycloneDX, SPDX 2, SPDX 3). Whatever it is written in, a document
//! is read into one tree in the shape of its family's JSON, with the places of its own text; the family turns that tree
//! into the [`model`] and back. So a document that stays in its family loses nothing, and one that leaves it tells what.

mod cyclonedx;
mod document;
mod family;
mod format;
pub mod model;
pub mod profile;
mod schema;
mod sound;
mod spdx2;
mod spdx3;
mod violation;

pub use document::{Document, Unreadable, decode};
pub use family::{Family, Origin, Written};
pub use format::{Chosen, Claim, Format, Parsed, choose};
pub use violation::{Kind, Violation, pointer};

/// Every format, in the order in which a document is asked what it is.
pub static FORMATS: &[&Format] =
    &[&cyclonedx::JSON, &spdx2::JSON, &spdx2::RDF, &spdx2::TAG, &spdx2::XML, &spdx2::YAML, &spdx3::JSON];
