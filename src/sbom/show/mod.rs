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
    let version = component.version.value().map(|version| format!(" {version}")).unwrap_or_default();
    let mut name = component.full_name();
    if component.name.is_empty() {
        name.push_str("(without a name)");
    }
    Text::of(&format!("{name}{version}"))
}
