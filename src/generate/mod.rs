//! An SBOM of a tree: what its lock files pin, or what is installed in it, as the model of a document.

mod catalog;
mod filter;
mod installed;
mod model;
mod root;
mod unlocked;

pub use filter::Filter;
pub use model::{Request, with_bom};
pub use root::{Root, RootHint, Subject};
