//! CycloneDX as JSON.

use super::edges::{Edges, dependency, dependents};
use super::revise::{component as revise_component, revise};
use super::{FAMILY, VERSIONS, component, write};
use crate::document::{Fault, Node, render_json, render_list};
use crate::sbom::format::{Claim, Format, Parsed};
use crate::sbom::model::{Bom, Losses};
use crate::sbom::{Document, Names, Origin, Violation, schema};
use crate::text::{Text, find};

pub(in crate::sbom) static JSON: Format = Format {
    id: "cyclonedx-json",
    summary: "CycloneDX as JSON",
    names: Names { certain: &["*.cdx.json"], possible: &["bom.json", "sbom.json", "*.sbom.json"] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: &["1.6", "1.7", "1.5", "1.4", "1.3", "1.2"],
    claim,
    read,
    render: |root, _version, _losses| render_json(root),
    keeps_text: false,
    straight: Some(straight),
    beyond: None,
    judge,
};

/// Writes the versions that hold all that a tree's model says. Components and what they need are written side by side.
fn straight(bom: &Bom<'_>, version: &'static str) -> Option<Vec<Vec<u8>>> {
    if !matches!(version, "1.6" | "1.7") {
        return None;
    }
    let edges = Edges::of(bom, &mut Losses::default());
    let mut frame = write::frame(bom, &edges, &mut Losses::default());
    revise(&mut frame, version, Origin::Tree, &mut Losses::default());
    let frame = render_json(&frame);
    let (top, rest) = split_in(&frame, "components")?;
    let (middle, bottom) = split_in(rest, "dependencies")?;
    let components: Vec<usize> = edges.top_level().collect();
    let mut parts = vec![top.to_vec()];
    parts.extend(render_list(&components, |at| {
        let mut node = component::node(bom, *at, &edges, &mut Losses::default());
        revise_component(&mut node, version, &mut Losses::default());
        Some(node)
    }));
    parts.push(middle.to_vec());
    parts.extend(render_list(&dependents(&edges), |at| dependency(bom, &edges, *at)));
    parts.push(bottom.to_vec());
    Some(parts)
}

/// Splits a document inside the empty list that is its member of this name.
fn split_in<'a>(frame: &'a [u8], member: &str) -> Option<(&'a [u8], &'a [u8])> {
    // Only members of the document itself stand on a line of this depth; in a string no line ends.
    let opening = format!("\n  \"{member}\": [");
    frame.split_at_checked(find(frame, opening.as_bytes())? + opening.len())
}

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
