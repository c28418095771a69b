//! An SBOM of a tree: what its lock files pin, as the model of a document.

mod catalog;
mod model;
mod root;
mod unlocked;

pub use model::with_bom;
pub use root::{Root, RootHint};
