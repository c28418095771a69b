//! SPDX 3 (3.0.1, and documents that state 3.0.0).

mod graph;
mod json;
mod read;
mod rules;
#[cfg(test)]
mod tests;
mod vocabulary;
mod write;

pub(super) use json::JSON;

use super::model::Losses;
use super::{Family, Written};
use crate::document::Node;

/// The family of SPDX 3 documents, in the shape of their JSON-LD.
pub(super) static FAMILY: Family =
    Family { id: "spdx3", model: read::model, write: write::document, revise, inconsistencies: rules::inconsistent };

/// The versions there are, newest first.
static VERSIONS: &[&str] = &["3.0.1", "3.0.0"];

/// The address of the context of a version that is written.
const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

/// There is one version to write, so nothing has to be said anew.
fn revise<'n>(root: Node<'n>, _version: &'static str) -> Written<'n> {
    Written { root, losses: Losses::default().into_list() }
}
