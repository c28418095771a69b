//! Packages (SPDX 2.3, section 7).

use super::element::{annotations, checksums, formed, required};
use super::license::{self, Known};
use super::place::Place;
use super::report::Report;
use super::{reference, syntax};
use crate::document::{Node, Value};
use crate::sbom::spdx2::{NO_ASSERTION, NONE};

/// Judges a package.
pub(super) fn judge(node: &Node<'_>, place: &Place<'_>, version: &str, known: &Known<'_>, report: &mut Report) {
    required(node, place, &["name", "downloadLocation"], "SPDX 2.3, 7", report);
    if version == "2.2" {
        let keys = ["licenseConcluded", "licenseDeclared", "copyrightText"];
        required(node, place, &keys, "SPDX 2.2, 3.13 to 3.17", report);
        for key in ["primaryPackagePurpose", "releaseDate", "builtDate", "validUntilDate"] {
            if let Some(value) = node.get(key) {
                report.invalid(value, &place.key(key), "no member that 2.3 brought", "SPDX 2.3, annex I");
            }
        }
    }
    let is_open = |text: &str| text == NONE || text == NO_ASSERTION;
    let is_someone = |text: &str| text == NO_ASSERTION || syntax::is_party(text);
    let someone = "`Person: …`, `Organization: …` or NOASSERTION";
    formed(node, place, "name", |text| !text.is_empty(), "a name", "SPDX 2.3, 7.1", report);
    formed(node, place, "supplier", is_someone, someone, "SPDX 2.3, 7.5", report);
    formed(node, place, "originator", is_someone, someone, "SPDX 2.3, 7.6", report);
    let is_location = |text: &str| is_open(text) || syntax::is_location(text);
    let location = "an address, a place of a version control system, NONE or NOASSERTION";
    formed(node, place, "downloadLocation", is_location, location, "SPDX 2.3, 7.7", report);
    // A member that says nothing is as good as none.
    let is_home = |text: &str| text.is_empty() || is_open(text) || syntax::is_location(text);
    formed(node, place, "homepage", is_home, "an address, NONE or NOASSERTION", "SPDX 2.3, 7.11", report);
    for (key, source) in
        [("releaseDate", "SPDX 2.3, 7.25"), ("builtDate", "SPDX 2.3, 7.26"), ("validUntilDate", "SPDX 2.3, 7.27")]
    {
        formed(node, place, key, syntax::is_time, "a time, YYYY-MM-DDThh:mm:ssZ", source, report);
    }
    if let Some(code) = node.get("packageVerificationCode") {
        let is_code = |text: &str| syntax::is_hexadecimal(text, Some(40));
        let place = place.key("packageVerificationCode");
        let expected = "40 hexadecimal digits in small letters";
        required(code, &place, &["packageVerificationCodeValue"], "SPDX 2.3, 7.9", report);
        formed(code, &place, "packageVerificationCodeValue", is_code, expected, "SPDX 2.3, 7.9", report);
    }
    files(node, place, report);
    checksums(node, place, version, "SPDX 2.3, 7.10", report);
    license::members(
        node,
        place,
        &[
            ("licenseConcluded", "SPDX 2.3, 7.13"),
            ("licenseInfoFromFiles", "SPDX 2.3, 7.14"),
            ("licenseDeclared", "SPDX 2.3, 7.15"),
        ],
        known,
        report,
    );
    Place::each(Some(place), node, "externalRefs", |one, place| reference::judge(one, &place, version, report));
    annotations(node, Some(place), report);
}

/// What is said of files that nobody looked at.
fn files(node: &Node<'_>, place: &Place<'_>, report: &mut Report) {
    let is_unseen = matches!(node.get("filesAnalyzed"), Some(Node { value: Value::Boolean(false), .. }));
    if !is_unseen {
        return;
    }
    for (key, source) in [("packageVerificationCode", "SPDX 2.3, 7.9"), ("licenseInfoFromFiles", "SPDX 2.3, 7.14")] {
        let is_empty = super::items(node, key).is_empty();
        if let Some(value) = node.get(key).filter(|value| !(is_empty && matches!(value.value, Value::Sequence(_)))) {
            report.inconsistent(value, &place.key(key), "nothing, where `filesAnalyzed` is false", source);
        }
    }
}
