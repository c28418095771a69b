//! CycloneDX in XML, read into the shape of CycloneDX in JSON and written from it.
//!
//! What is asked of the JSON shape can so be asked of XML, with the places of the XML text. The schema of the version
//! says which element is a list, which a record and which a text; what the two forms name or arrange differently is in
//! `shape`. What one form cannot hold is counted and told, never dropped in silence.
//!
//! Some things are the same to both forms and differ after a way there and back:
//! - an empty list that has no element of its own (`dependsOn`, `url` of a supplier) is absent; it is counted.
//! - a `value` that is empty is absent; it is counted.
//! - one `identity` of evidence is a list of one from 1.6 on, which JSON may also write without the list.
//! - white space in values is what the schema's type makes of it, and numbers are written as JSON has them.
//! - dependencies nested below others are put beside them, and what one provides stands behind what it depends on.
//! - an `expression-detailed` without details is an `expression`, a `dataflow` of nothing but a class a `classification`,
//!   and several `energyConsumptions` are one.

mod format;
mod read;
mod shape;
mod value;
mod write;

pub(in crate::sbom) use format::XML;

use crate::document::xml::Element;
use crate::document::{Fault, Node};
use crate::sbom::model::Loss;

/// A document in the shape of JSON.
#[derive(Clone, Debug)]
pub(in crate::sbom) struct Read<'e> {
    /// The document; the places are those of the XML text.
    pub node: Node<'e>,
    /// What JSON cannot hold, in the order of kinds.
    pub lost: Vec<Loss>,
}

/// A document in XML.
#[derive(Clone, Debug)]
pub(in crate::sbom) struct Written {
    /// The document.
    pub xml: Vec<u8>,
    /// What XML cannot hold, in the order of kinds.
    pub lost: Vec<Loss>,
}

/// Reads a document into the shape of JSON. It need not be valid: what has no place in the schema is counted as lost.
///
/// # Errors
/// A fault at the root where it is not that of a known version.
pub(in crate::sbom) fn read<'e>(root: &'e Element<'_>) -> Result<Read<'e>, Fault> {
    read::read(root)
}

/// Writes a document that has the shape of JSON as XML of a version. It need not be valid.
///
/// # Errors
/// A fault where the version is not known in XML, or the document is no mapping.
pub(in crate::sbom) fn write(node: &Node<'_>, version: &str) -> Result<Written, Fault> {
    write::write(node, version)
}

#[cfg(test)]
mod tests;
