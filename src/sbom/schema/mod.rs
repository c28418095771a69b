//! The official schemas of SBOM documents, and what is judged by them.

pub mod cyclonedx;
pub mod xsd;
