//! A document shown to people: what it lists, as a table, a tree, by licence, or the chains that lead to one component.
//!
//! Everything that comes from the document is made inert.

mod graph;
mod licenses;
mod table;
mod tree;
mod why;

pub use licenses::licenses;
pub use table::table;
pub use tree::tree;
pub use why::{Chains, why};

use super::model::Component;
use crate::text::Text;

/// Returns name and version of a component, with its group where that is apart.
fn label(component: &Component<'_>) -> Text {
    let group = component.group.as_deref().map(|group| format!("{group}/")).unwrap_or_default();
    let version = component.version.value().map(|version| format!(" {version}")).unwrap_or_default();
    let name = if component.name.is_empty() { "(without a name)" } else { &component.name };
    Text::of(&format!("{group}{name}{version}"))
}
