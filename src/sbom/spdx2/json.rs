//! SPDX 2 as JSON.

use super::{FAMILY, VERSION_PREFIX, VERSIONS, WRITTEN, rules};
use crate::document::{Fault, Node, Value, render_json};
use crate::sbom::Names;
use crate::sbom::format::{Claim, Format, Parsed};
use crate::text::Text;

pub(in crate::sbom) static JSON: Format = Format {
    id: "spdx-json",
    summary: "SPDX 2 as JSON",
    names: Names { certain: &["*.spdx.json"], possible: &["sbom.json", "*.sbom.json"] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: WRITTEN,
    claim: |parsed| match parsed {
        Parsed::Json(root) => claim(root),
        _ => None,
    },
    read,
    render: |root, _version, _losses| render_json(root),
    keeps_text: false,
    straight: None,
    beyond: None,
    judge: rules::judge,
};

/// The member that the first documents of 2.2, and those before, stand in.
const WRAPPER: &str = "Document";

/// Says whether a tree is one of SPDX 2, and of which version.
pub(super) fn claim(root: &Node<'_>) -> Option<Claim> {
    let root = root.get(WRAPPER).filter(|inner| matches!(inner.value, Value::Mapping(_))).unwrap_or(root);
    // A document that forgot its version is still known by what only it has, so that it can be told what is missing.
    let is_known =
        ["documentNamespace", "SPDXID", "dataLicense", "documentDescribes"].iter().any(|key| root.get(key).is_some());
    match root.get("spdxVersion").or_else(|| root.get("specVersion").filter(|_| is_known)) {
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

/// Returns the document without what it may stand in.
pub(super) fn unwrapped(mut root: Node<'_>) -> Node<'_> {
    if let Value::Mapping(members) = &mut root.value
        && let [member] = members.as_mut_slice()
        && member.key == WRAPPER
        && matches!(member.value.value, Value::Mapping(_))
    {
        let null = Node { span: member.value.span, value: Value::Null };
        return std::mem::replace(&mut member.value, null);
    }
    root
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Json(root) => Ok(unwrapped(root)),
        _ => Err(Fault::new(Default::default(), Text::trusted("JSON"), Text::trusted("another syntax"))),
    }
}
