//! CycloneDX as XML, as a format among the others.

use super::{read, write};
use crate::document::{self, Fault, Node, Span, xml::Element};
use crate::sbom::cyclonedx::{FAMILY, VERSIONS};
use crate::sbom::format::{Claim, Format, Parsed};
use crate::sbom::model::{Loss, Losses};
use crate::sbom::schema::cyclonedx::{Version, judge};
use crate::sbom::{Document, Names, Violation};
use crate::text::Text;

pub(in crate::sbom) static XML: Format = Format {
    id: "cyclonedx-xml",
    summary: "CycloneDX as XML",
    names: Names { certain: &["*.cdx.xml"], possible: &["bom.xml", "sbom.xml", "*.sbom.xml"] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: &["1.6", "1.7", "1.5", "1.4", "1.3", "1.2"],
    claim,
    read: tree,
    render,
    // Comments and the elements of others stand in no tree.
    keeps_text: true,
    straight: None,
    beyond: Some(beyond),
    judge: violations,
};

/// What the namespace of every version begins with.
const NAMESPACES: &str = "http://cyclonedx.org/schema/bom/";

fn claim(parsed: &Parsed<'_>) -> Option<Claim> {
    let Parsed::Xml(root) = parsed else { return None };
    if let Some(version) = Version::of(root) {
        let known = VERSIONS.iter().copied().find(|known| *known == version.version)?;
        // Another root than `bom` is for the schema to refuse.
        return Some(Claim::Version(known));
    }
    match root.namespace().and_then(|namespace| namespace.strip_prefix(NAMESPACES)) {
        Some(stated) => Some(Claim::UnknownVersion(Text::of(stated))),
        None => (root.local() == "bom").then(|| Claim::UnknownVersion(Text::default())),
    }
}

fn tree(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match &parsed {
        Parsed::Xml(root) => read(root).map(|read| read.node.into_owned()),
        _ => Err(Fault::new(Span::default(), Text::trusted("XML"), Text::trusted("something else"))),
    }
}

fn render(root: &Node<'_>, version: &str, losses: &mut Losses) -> Vec<u8> {
    match write(root, version) {
        Ok(written) => {
            losses.add(written.lost);
            written.xml
        }
        // Only what is no document at all has no form.
        Err(_) => {
            losses.note("the document");
            Vec::new()
        }
    }
}

/// Returns what of the text the tree does not hold.
fn beyond(document: &Document<'_>) -> Vec<Loss> {
    let lost = document::xml(document.text).and_then(|root| read(&root).map(|read| read.lost));
    lost.unwrap_or_default()
}

fn violations(document: &Document<'_>) -> Vec<Violation> {
    // The text was read before; its elements are not kept, since few documents are judged twice.
    let root: Element<'_> = match document::xml(document.text) {
        Ok(root) => root,
        Err(fault) => return vec![Violation::invalid(fault.span, Text::default(), fault.expected, fault.found)],
    };
    let told = judge(&root).violations.into_iter();
    told.map(|one| Violation::invalid(one.span, one.path, one.expected, one.found)).collect()
}
