//! Changes listed for people and programs: what a change of a tree does to dependencies, and what differs between two SBOM
//! documents. Judges nothing.

mod documents;
pub mod hosts;
mod tree;

pub use documents::{DocumentListing, Documents, Side};
pub use tree::{ComponentListing, GapListing, Listed, Listing, Place, SourceListing, changes};
