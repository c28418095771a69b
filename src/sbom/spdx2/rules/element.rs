//! What packages, files, snippets and the document have in common; and files and snippets.

use super::license::{self, Known};
use super::place::Place;
use super::report::Report;
use super::{syntax, text};
use crate::document::{Node, Value};
use crate::sbom::model::HashAlgorithm;

/// Judges the annotations of an element.
pub(super) fn annotations(node: &Node<'_>, place: Option<&Place<'_>>, report: &mut Report) {
    Place::each(place, node, "annotations", |one, place| {
        required(one, &place, &["annotator", "annotationDate", "annotationType", "comment"], "SPDX 2.3, 12", report);
        formed(
            one,
            &place,
            "annotator",
            syntax::is_creator,
            "`Person: …`, `Organization: …` or `Tool: …`",
            "SPDX 2.3, 12.1",
            report,
        );
        formed(
            one,
            &place,
            "annotationDate",
            syntax::is_time,
            "a time, YYYY-MM-DDThh:mm:ssZ",
            "SPDX 2.3, 12.2",
            report,
        );
        let kind = |text: &str| matches!(text, "OTHER" | "REVIEW");
        formed(one, &place, "annotationType", kind, "`OTHER` or `REVIEW`", "SPDX 2.3, 12.3", report);
    });
}

/// Tells which members are missing.
pub(super) fn required(node: &Node<'_>, place: &Place<'_>, keys: &[&str], source: &'static str, report: &mut Report) {
    for key in keys {
        match node.get(key) {
            None | Some(Node { value: Value::Null, .. }) => report.missing(node, Some(place), key, source),
            Some(Node { value: Value::Sequence(items), .. }) if items.is_empty() => {
                report.missing(node, Some(place), key, source);
            }
            Some(_) => {}
        }
    }
}

/// Tells where a text is not of the form that it must have.
pub(super) fn formed(
    node: &Node<'_>,
    place: &Place<'_>,
    key: &str,
    is_sound: impl Fn(&str) -> bool,
    expected: &str,
    source: &'static str,
    report: &mut Report,
) {
    if let Some(value) = node.get(key)
        && value.string("").is_ok_and(|text| !is_sound(text))
    {
        report.invalid(value, &place.key(key), expected, source);
    }
}

/// Judges the digests of an element.
pub(super) fn checksums(node: &Node<'_>, place: &Place<'_>, version: &str, source: &'static str, report: &mut Report) {
    Place::each(Some(place), node, "checksums", |one, place| checksum(one, &place, version, source, report));
}

/// Judges a digest.
pub(super) fn checksum(one: &Node<'_>, place: &Place<'_>, version: &str, source: &'static str, report: &mut Report) {
    required(one, place, &["algorithm", "checksumValue"], source, report);
    let Some(name) = text(one, "algorithm") else { return };
    let algorithm = HashAlgorithm::named(name.into());
    let known = algorithm.spelling().filter(|known| known.spdx2 == Some(name));
    let is_new = version == "2.2" && crate::sbom::spdx2::revise::NEW_ALGORITHMS.contains(&name);
    match known.filter(|_| !is_new) {
        None => {
            if let Some(value) = one.get("algorithm") {
                report.invalid(value, &place.key("algorithm"), "an algorithm that the version knows", source);
            }
        }
        Some(known) => {
            let is_sound = |text: &str| syntax::is_hexadecimal(text, known.digits);
            let expected = match known.digits {
                Some(digits) => format!("{digits} hexadecimal digits in small letters"),
                None => "hexadecimal digits in small letters".to_owned(),
            };
            formed(one, place, "checksumValue", is_sound, &expected, source, report);
        }
    }
}

/// Judges a file.
pub(super) fn file(node: &Node<'_>, place: &Place<'_>, version: &str, known: &Known<'_>, report: &mut Report) {
    required(node, place, &["fileName", "checksums"], "SPDX 2.3, 8", report);
    if version == "2.2" {
        let keys = ["licenseConcluded", "licenseInfoInFiles", "copyrightText"];
        required(node, place, &keys, "SPDX 2.2, 4.5 to 4.8", report);
    }
    checksums(node, place, version, "SPDX 2.3, 8.4", report);
    let list = super::items(node, "checksums");
    if !list.is_empty()
        && !list.iter().any(|one| text(one, "algorithm") == Some("SHA1"))
        && let Some(value) = node.get("checksums")
    {
        report.invalid(value, &place.key("checksums"), "a digest by SHA1 among them", "SPDX 2.3, 8.4");
    }
    license::members(
        node,
        place,
        &[("licenseConcluded", "SPDX 2.3, 8.5"), ("licenseInfoInFiles", "SPDX 2.3, 8.6")],
        known,
        report,
    );
    annotations(node, Some(place), report);
}

/// Judges a snippet.
pub(super) fn snippet(node: &Node<'_>, place: &Place<'_>, version: &str, known: &Known<'_>, report: &mut Report) {
    required(node, place, &["snippetFromFile", "ranges"], "SPDX 2.3, 9", report);
    if version == "2.2" {
        required(node, place, &["licenseConcluded", "copyrightText"], "SPDX 2.2, 5.5 and 5.8", report);
    }
    let mut is_in_bytes = false;
    Place::each(Some(place), node, "ranges", |range, place| {
        for unit in ["offset", "lineNumber"] {
            let number = |key: &str| -> Option<u64> {
                let pointer = range.get(key)?.get(unit)?;
                pointer.scalar("").ok()?.parse().ok()
            };
            let (Some(first), Some(last)) = (number("startPointer"), number("endPointer")) else { continue };
            is_in_bytes |= unit == "offset";
            if first == 0 || first > last {
                report.invalid(range, &place, "a first and a last, counted from one", "SPDX 2.3, 9.3 and 9.4");
            }
        }
    });
    if let Some(ranges) = node.get("ranges").filter(|_| !is_in_bytes) {
        report.invalid(ranges, &place.key("ranges"), "a range in bytes among them", "SPDX 2.3, 9.3");
    }
    license::members(
        node,
        place,
        &[("licenseConcluded", "SPDX 2.3, 9.5"), ("licenseInfoInSnippets", "SPDX 2.3, 9.6")],
        known,
        report,
    );
    annotations(node, Some(place), report);
}
