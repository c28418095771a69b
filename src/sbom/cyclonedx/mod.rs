//! CycloneDX, 1.2 to 1.7 (ECMA-424).

mod component;
mod consistency;
mod edges;
mod json;
mod licenses;
mod read;
mod revise;
mod write;
pub(super) mod xml;

pub(super) use json::JSON;
pub(super) use xml::XML;

use super::Family;

/// The family of CycloneDX documents, in the shape of their JSON.
pub(super) static FAMILY: Family = Family {
    id: "cyclonedx",
    model: read::model,
    write: write::document,
    revise: revise::to_version,
    inconsistencies: consistency::inconsistencies,
};

/// The versions there are, oldest first.
pub(super) static VERSIONS: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
