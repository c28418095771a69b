//! SPDX 2 as YAML: its JSON in other letters.

use super::json::{claim, unwrapped};
use super::{FAMILY, VERSIONS, rules, shape};
use crate::document::{Fault, Node, render_json};
use crate::sbom::Names;
use crate::sbom::format::{Format, Parsed};
use crate::text::Text;

pub(in crate::sbom) static YAML: Format = Format {
    id: "spdx-yaml",
    summary: "SPDX 2 as YAML",
    names: Names { certain: &["*.spdx.yaml", "*.spdx.yml"], possible: &[] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: &[],
    claim: |parsed| match parsed {
        Parsed::Yaml(root) => claim(root),
        _ => None,
    },
    read,
    // YAML holds all of JSON.
    render: |root, _version, _losses| render_json(root),
    keeps_text: true,
    straight: None,
    beyond: None,
    judge: rules::judge,
};

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Yaml(root) => {
            let mut root = unwrapped(root);
            shape::texts(&mut root, "");
            Ok(root)
        }
        _ => Err(Fault::new(Default::default(), Text::trusted("YAML"), Text::trusted("another syntax"))),
    }
}
