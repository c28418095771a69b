//! SPDX 3 as JSON-LD.
//!
//! The context is known here, and no other is looked up: nothing is read from the network.

use super::{FAMILY, VERSIONS, rules};
use crate::document::{Fault, Node, Value, render_json};
use crate::sbom::Names;
use crate::sbom::format::{Claim, Format, Parsed};
use crate::text::Text;

pub(in crate::sbom) static JSON: Format = Format {
    id: "spdx3-json",
    summary: "SPDX 3 as JSON-LD",
    names: Names { certain: &["*.spdx3.json", "*.spdx.json"], possible: &["sbom.json", "*.sbom.json"] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: &["3.0.1"],
    claim,
    read,
    render: |root, _version, _losses| render_json(root),
    keeps_text: false,
    straight: None,
    beyond: None,
    judge: rules::invalid,
};

/// A document of SPDX 3 names one of its contexts. JSON-LD of another kind has a graph too, so that is not enough; a
/// document that forgot its context is still known by the version that its creation information states.
fn claim(parsed: &Parsed<'_>) -> Option<Claim> {
    let Parsed::Json(root) = parsed else { return None };
    let named = contexts(root).find_map(|context| {
        let version = context.strip_prefix("https://spdx.org/rdf/")?.strip_suffix("/spdx-context.jsonld")?;
        Some(version.trim_start_matches('v'))
    });
    let stated = named.or_else(|| specification(root))?;
    let known = VERSIONS.iter().find(|version| **version == stated);
    Some(known.map_or_else(|| Claim::UnknownVersion(Text::of(stated)), |version| Claim::Version(version)))
}

/// Returns the addresses that stand as contexts.
fn contexts<'n>(root: &'n Node<'_>) -> impl Iterator<Item = &'n str> {
    let listed = match root.get("@context").map(|context| &context.value) {
        Some(Value::Sequence(all)) => all.as_slice(),
        Some(_) => root.get("@context").map(std::slice::from_ref).unwrap_or_default(),
        None => &[],
    };
    listed.iter().filter_map(|one| one.string("").ok())
}

/// Returns the version that the creation information states, where it is one of SPDX 3.
fn specification<'n>(root: &'n Node<'_>) -> Option<&'n str> {
    let Some(Value::Sequence(graph)) = root.get("@graph").map(|graph| &graph.value) else { return None };
    graph.iter().find_map(|element| {
        let is_information = element.get("type")?.string("").ok()? == "CreationInfo";
        let version = element.get("specVersion")?.string("").ok()?;
        (is_information && version.starts_with("3.")).then_some(version)
    })
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Json(root) | Parsed::Yaml(root) => Ok(root),
        Parsed::Lines(_) | Parsed::Xml(_) => {
            Err(Fault::new(Default::default(), Text::trusted("JSON"), Text::trusted("text")))
        }
    }
}
