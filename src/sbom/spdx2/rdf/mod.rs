//! SPDX 2 as RDF/XML: statements of the vocabulary of `spdx.org/rdf/terms`.

mod graph;
mod license;
mod table;
mod tree;

use super::json::version;
use super::{FAMILY, VERSIONS, rules};
use crate::document::xml::Element;
use crate::document::{Fault, Node, render_json};
use crate::sbom::Names;
use crate::sbom::format::{Claim, Format, Parsed};
use crate::text::Text;

pub(in crate::sbom) static RDF: Format = Format {
    id: "spdx-rdf",
    summary: "SPDX 2 as RDF/XML",
    names: Names { certain: &["*.spdx.rdf", "*.spdx.rdf.xml"], possible: &[] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: &[],
    claim,
    read,
    render: |root, _version, _losses| render_json(root),
    keeps_text: true,
    straight: None,
    beyond: None,
    judge: rules::judge,
};

/// The vocabulary of SPDX.
const TERMS: &str = "http://spdx.org/rdf/terms#";

/// The vocabulary of RDF itself.
const SYNTAX: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// The vocabulary of ontologies: what describes the vocabulary is no document of it.
const ONTOLOGY: &str = "http://www.w3.org/2002/07/owl#";

fn claim(parsed: &Parsed<'_>) -> Option<Claim> {
    let Parsed::Xml(root) = parsed else { return None };
    if !root.is(SYNTAX, "RDF") || root.elements().any(|one| one.is(ONTOLOGY, "Ontology")) {
        return None;
    }
    let mut is_spdx = false;
    let mut open = vec![root];
    while let Some(element) = open.pop() {
        is_spdx |= element.namespace() == Some(TERMS);
        if element.is(TERMS, "specVersion") {
            let stated = element.text();
            let stated = stated.trim();
            return Some(version(stated).map_or_else(|| Claim::UnknownVersion(Text::of(stated)), Claim::Version));
        }
        let inner: Vec<&Element<'_>> = element.elements().collect();
        open.extend(inner.into_iter().rev());
    }
    is_spdx.then(|| Claim::UnknownVersion(Text::default()))
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Xml(root) => tree::document(&graph::Graph::of(&root), root.span()),
        _ => Err(Fault::new(Default::default(), Text::trusted("XML"), Text::trusted("another syntax"))),
    }
}
