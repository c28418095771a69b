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
use crate::document::{Node, Value};

/// The family of SPDX 3 documents, in the shape of their JSON-LD.
pub(super) static FAMILY: Family =
    Family { id: "spdx3", model: read::model, write: write::document, revise, inconsistencies: rules::inconsistent };

/// The versions there are, newest first.
static VERSIONS: &[&str] = &["3.0.1", "3.0.0"];

/// The address of the context of a version that is written.
const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

/// Returns a tree as the version that is written: it says so, and the rest is the same in both.
fn revise<'n>(mut root: Node<'n>, version: &'static str) -> Written<'n> {
    set(&mut root, "@context", CONTEXT);
    state_version(&mut root, version);
    Written { root, losses: Losses::default().into_list() }
}

/// States the version in whatever creation information stands in a value. The depth is bounded by that of the document.
fn state_version(node: &mut Node<'_>, version: &'static str) {
    let is_information = node.get("type").is_some_and(|class| class.string("") == Ok("CreationInfo"));
    if is_information {
        set(node, "specVersion", version);
    }
    match &mut node.value {
        Value::Mapping(members) => members.iter_mut().for_each(|member| state_version(&mut member.value, version)),
        Value::Sequence(items) => items.iter_mut().for_each(|item| state_version(item, version)),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
    }
}

/// Sets a member that is there.
fn set(node: &mut Node<'_>, key: &str, text: &'static str) {
    let Value::Mapping(members) = &mut node.value else { return };
    if let Some(member) = members.iter_mut().find(|member| member.key == key) {
        member.value = text.into();
    }
}
