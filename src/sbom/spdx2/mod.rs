//! SPDX 2.2 and 2.3 (ISO/IEC 5962:2021 and its successor).
//!
//! The tree of a document has the shape of SPDX 2.3 JSON, whatever it is written in. What the two versions say in different
//! words is in [`revise`]; how the model is said, in one file a notion under [`model`], reading and writing side by side.

mod expression;
mod json;
mod model;
mod rdf;
mod revise;
mod rules;
mod shape;
mod syntax;
mod tag;
mod xml;
mod yaml;

pub(super) use json::JSON;
pub(super) use rdf::RDF;
pub(super) use tag::TAG;
pub(super) use xml::XML;
pub(super) use yaml::YAML;

use super::Family;

/// The family of SPDX 2 documents, in the shape of their JSON.
pub(super) static FAMILY: Family = Family {
    id: "spdx2",
    model: model::read,
    write: model::write,
    revise: revise::to_version,
    inconsistencies: rules::contradictions,
};

/// The versions there are, oldest first.
pub(super) static VERSIONS: &[&str] = &["2.2", "2.3"];

/// The versions that are written, the usual one first.
static WRITTEN: &[&str] = &["2.3", "2.2"];

/// What stands before the version where a document states it.
const VERSION_PREFIX: &str = "SPDX-";

/// The identifier of the document among its elements.
const DOCUMENT_ID: &str = "SPDXRef-DOCUMENT";

/// Says that something is not known.
const NO_ASSERTION: &str = "NOASSERTION";

/// Says that there is none.
const NONE: &str = "NONE";

#[cfg(test)]
mod tests;
