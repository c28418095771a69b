//! SPDX 2 as tags and values, one a line.

mod element;
mod lines;
mod read;
mod table;
mod values;
mod write;

use super::json::version;
use super::{FAMILY, VERSIONS, WRITTEN};
use crate::document::{Fault, Node, Span};
use crate::sbom::format::{Claim, Format, Parsed};
use crate::sbom::{Document, Names, Violation};
use crate::text::Text;

pub(in crate::sbom) static TAG: Format = Format {
    id: "spdx-tag",
    summary: "SPDX 2 as tags and values",
    names: Names { certain: &["*.spdx"], possible: &[] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: WRITTEN,
    claim,
    read,
    render: |root, _version, losses| write::render(root, losses),
    // Comments stand in no tree.
    keeps_text: true,
    straight: None,
    beyond: None,
    judge,
};

/// Returns the tag that stands at a place, or last before it.
pub(super) fn name_at(text: &str, span: Span) -> Option<Text> {
    let start = text.get(..span.start)?.rsplit_once('\n').map_or(0, |(before, _)| before.len() + 1);
    let begins = |line: &str| {
        let tag = line.split_once(':')?.0.trim();
        let is_tag = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_tag.then(|| Text::of(tag))
    };
    let own = text.get(start..)?.lines().next().and_then(begins);
    // A value of several lines began some lines before.
    own.or_else(|| text.get(..start)?.lines().rev().find_map(begins))
}

fn claim(parsed: &Parsed<'_>) -> Option<Claim> {
    let Parsed::Lines(text) = parsed else { return None };
    // A text that cannot be parted into lines is one of tags still; reading it tells why.
    let stated = text.lines().find_map(|line| line.strip_prefix("SPDXVersion:")).map(str::trim)?;
    Some(version(stated).map_or_else(|| Claim::UnknownVersion(Text::of(stated)), Claim::Version))
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Lines(text) => Ok(read::document(text)?.0),
        _ => Err(Fault::new(Default::default(), Text::trusted("tags and values"), Text::trusted("none"))),
    }
}

fn judge(document: &Document<'_>) -> Vec<Violation> {
    let mut found = super::rules::judge(document);
    // Read again for what the tree does not tell: which tags stood where they say nothing.
    if let Ok((_, strays)) = read::document(document.text) {
        found.retain(|one| !strays.iter().any(|stray| stray.span == one.span));
        found.extend(strays);
    }
    found.sort_by_key(|one| one.span.start);
    found
}
