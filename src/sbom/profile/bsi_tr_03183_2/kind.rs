//! The kinds of components the guideline tells apart, by how much is asked of them.

use crate::sbom::model::Component;
use crate::sbom::profile::facts::Facts;

/// The property that names the file of a component (BSI's taxonomy of properties).
pub(super) const FILE_NAME: &str = "bsi:component:filename";

/// How much is asked of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Another document describes it.
    Referenced,
    /// It stands outside of what is delivered, and says so.
    Identified,
    /// It needs nothing and names no file, so it is taken to stand outside of what is delivered.
    Taken,
    /// It is no file of its own, but what its parts make.
    Logical,
    /// Everything is asked.
    Described,
}

/// Returns the kind of a component. The guideline defines no marker, so this is how it is told here.
pub(super) fn kind(facts: &Facts<'_>, at: usize, component: &Component<'_>) -> Kind {
    let links = facts.links(at);
    let is_root = facts.is_root(at);
    let has_file = has_file(facts, at, component);
    let is_package = !facts.is_cyclonedx() || LOGICAL.contains(&&*component.kind);
    if !is_root && component.references.iter().any(|reference| reference.kind == "bom") {
        Kind::Referenced
    } else if component.is_external {
        Kind::Identified
    } else if !is_root && !links.leads_on() && !has_file {
        Kind::Taken
    } else if links.leads_on() && !has_file && is_package {
        Kind::Logical
    } else {
        Kind::Described
    }
}

/// The kinds of CycloneDX that may be no file of their own.
const LOGICAL: &[&str] = &["application", "framework", "operating-system", "platform"];

/// Whether a component is, or names, a file of its own.
fn has_file(facts: &Facts<'_>, at: usize, component: &Component<'_>) -> bool {
    component.kind == "file"
        || component.file_name.is_some()
        || !component.hashes.is_empty()
        || component.properties.iter().any(|(key, _)| key == FILE_NAME)
        || component.references.iter().any(|reference| reference.kind == "distribution")
        || facts.artifacts(at).next().is_some()
}
