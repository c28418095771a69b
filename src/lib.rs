//! One gate for the software supply chain.

pub mod cli;
pub mod component;
pub mod diff;
pub mod document;
pub mod ecosystem;
pub mod evidence;
pub mod fact;
pub mod finding;
pub mod gate;
pub mod list;
pub mod policy;
pub mod report;
pub mod rule;
pub mod sbom;
pub mod text;
pub mod tree;
