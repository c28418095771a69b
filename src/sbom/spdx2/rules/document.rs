//! The document and what connects its elements (SPDX 2.3, sections 6, 10, 11 and 13).

use std::collections::{HashMap, HashSet};

use super::element::{self, annotations, checksum, formed, required};
use super::license::Known;
use super::place::Place;
use super::report::Report;
use super::{items, package, syntax, text};
use crate::document::Node;
use crate::sbom::spdx2::model::license::is_own;
use crate::sbom::spdx2::model::relation;
use crate::sbom::spdx2::{DOCUMENT_ID, NO_ASSERTION, NONE};
use crate::sbom::violation::Kind;

/// Judges a document.
pub(super) fn judge(root: &Node<'_>, version: &str, report: &mut Report) {
    let known = Known {
        licenses: items(root, "hasExtractedLicensingInfos").iter().filter_map(|one| text(one, "licenseId")).collect(),
        documents: items(root, "externalDocumentRefs")
            .iter()
            .filter_map(|one| text(one, "externalDocumentId"))
            .collect(),
    };
    head(root, report);
    Place::each(None, root, "externalDocumentRefs", |one, place| other_document(one, &place, version, report));
    Place::each(None, root, "packages", |one, place| package::judge(one, &place, version, &known, report));
    Place::each(None, root, "files", |one, place| element::file(one, &place, version, &known, report));
    Place::each(None, root, "snippets", |one, place| element::snippet(one, &place, version, &known, report));
    licenses(root, report);
    annotations(root, None, report);
    Place::each(None, root, "revieweds", |one, place| {
        formed(
            one,
            &place,
            "reviewer",
            syntax::is_creator,
            "`Person: …`, `Organization: …` or `Tool: …`",
            "SPDX 2.3, 13.1",
            report,
        );
        required(one, &place, &["reviewDate"], "SPDX 2.3, 13.2", report);
        formed(one, &place, "reviewDate", syntax::is_time, "a time, YYYY-MM-DDThh:mm:ssZ", "SPDX 2.3, 13.2", report);
    });
    let ids = identifiers(root, report);
    relationships(root, &ids, &known, report);
}

/// The document itself and how it was made.
fn head(root: &Node<'_>, report: &mut Report) {
    for (key, source) in [
        ("dataLicense", "SPDX 2.3, 6.2"),
        ("SPDXID", "SPDX 2.3, 6.3"),
        ("name", "SPDX 2.3, 6.4"),
        ("documentNamespace", "SPDX 2.3, 6.5"),
        ("creationInfo", "SPDX 2.3, 6.8 and 6.9"),
    ] {
        if root.get(key).is_none() {
            report.missing(root, None, key, source);
        }
    }
    let mut formed = |key: &'static str, is_sound: &dyn Fn(&str) -> bool, expected: &str, source: &'static str| {
        if let Some(value) = root.get(key)
            && value.string("").is_ok_and(|text| !is_sound(text))
        {
            report.invalid(value, &Place::member(key), expected, source);
        }
    };
    formed("dataLicense", &|text| text == "CC0-1.0", "`CC0-1.0`", "SPDX 2.3, 6.2");
    formed("SPDXID", &|text| text == DOCUMENT_ID, "`SPDXRef-DOCUMENT`", "SPDX 2.3, 6.3");
    formed("name", &|text| !text.is_empty(), "a name", "SPDX 2.3, 6.4");
    let is_namespace = |text: &str| syntax::is_uri(text) && !text.contains('#');
    formed("documentNamespace", &is_namespace, "a URI without `#`", "SPDX 2.3, 6.5");
    let Some(creation) = root.get("creationInfo") else { return };
    let place = Place::member("creationInfo");
    required(creation, &place, &["creators"], "SPDX 2.3, 6.8", report);
    required(creation, &place, &["created"], "SPDX 2.3, 6.9", report);
    element::formed(
        creation,
        &place,
        "created",
        syntax::is_time,
        "a time, YYYY-MM-DDThh:mm:ssZ",
        "SPDX 2.3, 6.9",
        report,
    );
    let is_version = |text: &str| text.is_empty() || syntax::is_list_version(text);
    element::formed(creation, &place, "licenseListVersion", is_version, "two numbers, `3.20`", "SPDX 2.3, 6.7", report);
    Place::each(Some(&place), creation, "creators", |one, place| {
        if one.string("").is_ok_and(|text| !syntax::is_creator(text)) {
            report.invalid(one, &place, "`Person: …`, `Organization: …` or `Tool: …`", "SPDX 2.3, 6.8");
        }
    });
}

fn other_document(one: &Node<'_>, place: &Place<'_>, version: &str, report: &mut Report) {
    const SOURCE: &str = "SPDX 2.3, 6.6";
    required(one, place, &["externalDocumentId", "spdxDocument", "checksum"], SOURCE, report);
    let expected = "`DocumentRef-` and letters, digits, `.`, `-` or `+`";
    formed(one, place, "externalDocumentId", syntax::is_document, expected, SOURCE, report);
    let is_namespace = |text: &str| syntax::is_uri(text) && !text.contains('#');
    formed(one, place, "spdxDocument", is_namespace, "a URI without `#`", SOURCE, report);
    if let Some(digest) = one.get("checksum") {
        checksum(digest, &place.key("checksum"), version, SOURCE, report);
    }
}

/// Licences that the document explains.
fn licenses(root: &Node<'_>, report: &mut Report) {
    let mut seen: HashSet<&str> = HashSet::new();
    Place::each(None, root, "hasExtractedLicensingInfos", |one, place| {
        required(one, &place, &["licenseId"], "SPDX 2.3, 10.1", report);
        required(one, &place, &["extractedText"], "SPDX 2.3, 10.2", report);
        let expected = "`LicenseRef-` and letters, digits, `.` or `-`";
        formed(one, &place, "licenseId", is_own, expected, "SPDX 2.3, 10.1", report);
        if let (Some(id), Some(node)) = (text(one, "licenseId"), one.get("licenseId"))
            && !seen.insert(id)
        {
            report.invalid(node, &place.key("licenseId"), "each identifier once", "SPDX 2.3, 10.1");
        }
    });
}

/// What an identifier is one of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Document,
    Package,
    File,
    Snippet,
}

/// Judges the identifiers of the elements, and returns them.
fn identifiers<'n>(root: &'n Node<'_>, report: &mut Report) -> HashMap<&'n str, Element> {
    let mut seen = HashMap::from([(DOCUMENT_ID, Element::Document)]);
    for (list, element) in [("packages", Element::Package), ("files", Element::File), ("snippets", Element::Snippet)] {
        Place::each(None, root, list, |one, place| {
            required(one, &place, &["SPDXID"], "SPDX 2.3, 7.2, 8.2 and 9.1", report);
            let expected = "`SPDXRef-` and letters, digits, `.` or `-`";
            formed(one, &place, "SPDXID", syntax::is_element, expected, "SPDX 2.3, 7.2, 8.2 and 9.1", report);
            if let (Some(id), Some(node)) = (text(one, "SPDXID"), one.get("SPDXID"))
                && seen.insert(id, element).is_some()
            {
                report.invalid(node, &place.key("SPDXID"), "each identifier once", "SPDX 2.3, 7.2, 8.2 and 9.1");
            }
        });
    }
    seen
}

/// How the elements relate.
fn relationships(root: &Node<'_>, ids: &HashMap<&str, Element>, known: &Known<'_>, report: &mut Report) {
    const SOURCE: &str = "SPDX 2.3, 11.1";
    let is_there = |id: &str| match id.split_once(':') {
        Some((document, _)) => known.documents.contains(document),
        None => ids.contains_key(id),
    };
    let is_reference = |id: &str| match id.split_once(':') {
        Some((document, element)) => syntax::is_document(document) && syntax::is_element(element),
        None => syntax::is_element(id),
    };
    let mut describes = !items(root, "documentDescribes").is_empty();
    let mut contained: Vec<(&str, &Node<'_>, usize)> = Vec::new();
    Place::each(None, root, "relationships", |one, place| {
        required(one, &place, &["spdxElementId", "relationshipType", "relatedSpdxElement"], SOURCE, report);
        let kind = text(one, "relationshipType").unwrap_or_default();
        if let Some(node) = one.get("relationshipType").filter(|_| !relation::is_type(kind)) {
            report.invalid(node, &place.key("relationshipType"), "a type of relationship", SOURCE);
        }
        let (from, to) = (text(one, "spdxElementId"), text(one, "relatedSpdxElement"));
        describes |= kind == "DESCRIBES" && from == Some(DOCUMENT_ID);
        describes |= kind == "DESCRIBED_BY" && to == Some(DOCUMENT_ID);
        for (key, is_open) in [("spdxElementId", false), ("relatedSpdxElement", true)] {
            let Some(node) = one.get(key) else { continue };
            let Some(id) = text(one, key).filter(|id| !(is_open && (*id == NONE || *id == NO_ASSERTION))) else {
                continue;
            };
            if !is_reference(id) {
                report.invalid(node, &place.key(key), "the identifier of an element", SOURCE);
            } else if !is_there(id) {
                report.inconsistent(node, &place.key(key), "an element of the document", SOURCE);
            }
        }
        let ends = match kind {
            "CONTAINS" => from.zip(to),
            "CONTAINED_BY" => to.zip(from),
            _ => None,
        };
        if let Some((package, _)) = ends.filter(|(_, file)| ids.get(file) == Some(&Element::File)) {
            contained.push((package, one, place.index()));
        }
    });
    for (list, element) in [("packages", "hasFiles"), ("files", "fileDependencies")] {
        Place::each(None, root, list, |one, place| {
            lists(one, Some(&place), element, &is_there, report);
        });
    }
    lists(root, None, "documentDescribes", &is_there, report);
    Place::each(None, root, "snippets", |one, place| {
        let file = text(one, "snippetFromFile").unwrap_or_default();
        let is_file = ids.get(file) == Some(&Element::File) || (file.contains(':') && is_there(file));
        if let Some(node) = one.get("snippetFromFile").filter(|_| !is_file) {
            report.inconsistent(node, &place.key("snippetFromFile"), "a file of the document", "SPDX 2.3, 9.2");
        }
    });
    unseen_files(root, &contained, report);
    if !describes
        && items(root, "packages").len() > 1
        && let Some(packages) = root.get("packages")
    {
        let expected = "a relationship DESCRIBES from the document, which has more than one package";
        report.invalid(packages, &Place::member("packages"), expected, SOURCE);
    }
}

/// A list of references to elements.
fn lists(node: &Node<'_>, place: Option<&Place<'_>>, key: &str, is_there: &impl Fn(&str) -> bool, report: &mut Report) {
    Place::each(place, node, key, |one, place| {
        if one.string("").is_ok_and(|id| !is_there(id)) {
            report.inconsistent(one, &place, "an element of the document", "SPDX 2.3, 11.1");
        }
    });
}

/// A package whose files nobody looked at holds none.
fn unseen_files(root: &Node<'_>, contained: &[(&str, &Node<'_>, usize)], report: &mut Report) {
    if !report.wants(Kind::Inconsistent) {
        return;
    }
    let is_unseen = |one: &&Node<'_>| one.get("filesAnalyzed").and_then(|node| node.boolean("").ok()) == Some(false);
    let unseen: HashSet<&str> =
        items(root, "packages").iter().filter(is_unseen).filter_map(|one| text(one, "SPDXID")).collect();
    let list = Place::member("relationships");
    for (package, node, at) in contained {
        if unseen.contains(package) {
            let expected = "no file in a package whose `filesAnalyzed` is false";
            report.inconsistent(node, &list.item(*at), expected, "SPDX 2.3, 7.8");
        }
    }
}
