//! CycloneDX as JSON.

use super::{FAMILY, VERSIONS};
use crate::document::{Fault, Node, render_json};
use crate::sbom::format::{Claim, Format, Parsed};
use crate::sbom::{Document, Violation, schema};
use crate::text::Text;

pub(in crate::sbom) static JSON: Format = Format {
    id: "cyclonedx-json",
    summary: "CycloneDX as JSON",
    family: &FAMILY,
    reads: VERSIONS,
    writes: &["1.6", "1.7", "1.5", "1.4", "1.3", "1.2"],
    claim,
    read,
    render: |root, _version| render_json(root),
    again: None,
    judge,
};

fn claim(parsed: &Parsed<'_>) -> Option<Claim> {
    let Parsed::Json(root) = parsed else { return None };
    let is_named = root.get("bomFormat").is_some_and(|name| name.string("").is_ok_and(|name| name == "CycloneDX"));
    let stated = root.get("specVersion").and_then(|version| version.string("").ok());
    // A document that forgot its name is still known by its version, so that it can be told what is missing.
    let stated = match (is_named, stated) {
        (false, _) if root.get("components").is_none() || root.get("spdxVersion").is_some() => return None,
        (_, None) => return Some(Claim::UnknownVersion(Text::default())),
        (_, Some(stated)) => stated,
    };
    let known = VERSIONS.iter().find(|version| **version == stated);
    Some(known.map_or_else(|| Claim::UnknownVersion(Text::of(stated)), |version| Claim::Version(version)))
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Json(root) => Ok(root),
        _ => Err(Fault::new(Default::default(), Text::trusted("JSON"), Text::trusted("another syntax"))),
    }
}

fn judge(document: &Document<'_>) -> Vec<Violation> {
    schema::cyclonedx(document.version).map(|schema| schema.judge(&document.root)).unwrap_or_default()
}
