//! SBOM documents: every format and version read into one model, judged, scored, converted and written.
//!
//! A format is a way to write the documents of a family (CycloneDX, SPDX 2, SPDX 3). Whatever it is written in, a document
//! is read into one tree in the shape of its family's JSON, with the places of its own text; the family turns that tree
//! into the [`model`] and back. So a document that stays in its family loses nothing, and one that leaves it tells what.

mod convert;
mod cyclonedx;
mod document;
mod family;
mod file;
mod format;
mod merge;
pub mod model;
mod names;
pub mod profile;
mod schema;
pub mod show;
mod sound;

pub(crate) use sound::is_cpe;
mod spdx2;
mod spdx3;
mod violation;

pub use convert::{Converted, convert};
pub use document::{Document, Unreadable, decode};
pub use family::{Family, Origin, Written};
pub use file::{
    Asked, Complaint, Complaints, Judged, Lack, Lacking, ListedPackage, Listing, Offender, Package, SbomFile,
    Shortfall, Stated, package_of, read,
};
pub use format::{Chosen, Claim, Format, Parsed, Straight, Syntax, choose};
pub use merge::merge;
pub use names::{Name, Names, name_of, names};
pub use violation::{Kind, Violation, pointer};

/// Every format, in the order in which a document is asked what it is.
pub static FORMATS: &[&Format] = &[
    &cyclonedx::JSON,
    &cyclonedx::XML,
    &spdx2::JSON,
    &spdx2::RDF,
    &spdx2::TAG,
    &spdx2::XML,
    &spdx2::YAML,
    &spdx3::JSON,
];

/// Returns the version of the SPDX licence list by which licences are judged.
#[must_use]
pub fn license_list_version() -> &'static str {
    spdx::license_version()
}

#[cfg(test)]
mod tests;
