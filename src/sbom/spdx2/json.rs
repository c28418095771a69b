//! SPDX 2 as JSON.

use super::{FAMILY, VERSION_PREFIX, VERSIONS, WRITTEN};
use crate::document::{Fault, Node, render_json};
use crate::sbom::format::{Claim, Format, Parsed};
use crate::text::Text;

pub(in crate::sbom) static JSON: Format = Format {
    id: "spdx-json",
    summary: "SPDX 2 as JSON",
    family: &FAMILY,
    reads: VERSIONS,
    writes: WRITTEN,
    claim: |parsed| match parsed {
        Parsed::Json(root) => claim(root),
        _ => None,
    },
    read,
    render: |root, _version| render_json(root),
    again: None,
    judge: super::rules::judge,
};

/// Says whether a tree is one of SPDX 2, and of which version.
pub(super) fn claim(root: &Node<'_>) -> Option<Claim> {
    let stated = root.get("spdxVersion");
    // A document that forgot its version is still known by what only it has, so that it can be told what is missing.
    let is_known = ["documentNamespace", "SPDXID", "dataLicense"].iter().any(|key| root.get(key).is_some());
    match stated {
        None => is_known.then(|| Claim::UnknownVersion(Text::default())),
        Some(stated) => {
            let stated = stated.scalar("").unwrap_or_default();
            Some(version(stated).map_or_else(|| Claim::UnknownVersion(Text::of(stated)), Claim::Version))
        }
    }
}

/// Returns the version that is stated so.
pub(super) fn version(stated: &str) -> Option<&'static str> {
    let stated = stated.strip_prefix(VERSION_PREFIX)?;
    VERSIONS.iter().copied().find(|version| *version == stated)
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Json(root) | Parsed::Yaml(root) => Ok(root),
        Parsed::Lines(_) => Err(Fault::new(Default::default(), Text::trusted("JSON"), Text::trusted("text"))),
    }
}
