//! One gate for the software supply chain.

pub mod component;
pub mod document;
pub mod ecosystem;
pub mod fact;
pub mod text;
pub mod tree;
