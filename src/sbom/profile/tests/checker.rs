//! The documents of SPDX's own checker of NTIA's elements, each with the verdict of that checker.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test reads the cases where they lie, and tells when they are not there"
)]

use std::path::Path;

use super::score;
use crate::sbom::model::Unread;
use crate::sbom::profile::{State, profile};
use crate::sbom::{Document, decode};

/// Documents the checker judges otherwise, by the end of their path, with the elements that decide it here. The reasons
/// stand in docs/sbom.md.
const DIFFERENT: &[(&str, bool, &[&str])] = &[
    // That the document holds a package is its subject, no dependency of it.
    ("no_elements_missing/", true, &["ntia/dependency"]),
    // Who made a data set is named, though not who supplied it.
    ("spdx3/missing_supplier_name.json", false, &[]),
];

/// The element that the name of a folder or file says is missing.
const MISSING: &[(&str, &str)] = &[
    ("missing_component_name", "ntia/name"),
    ("missing_component_version", "ntia/version"),
    ("missing_supplier_name/", "ntia/supplier"),
    ("missing_timestamp", "ntia/timestamp"),
    ("spdx3/missing_version", "ntia/version"),
];

#[test]
fn the_checkers_verdict_is_ours_or_the_difference_is_listed() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/spdx");
    let Ok(expected) = std::fs::read_to_string(cases.join("EXPECTED.tsv")) else {
        return eprintln!("skipped: {} is not there", cases.display());
    };
    let (mut agreed, mut different, mut unread) = (0, 0, 0);
    for line in expected.lines() {
        let mut cells = line.split('\t');
        let (Some(path), Some(_), Some(verdict)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let is_compliant = match verdict.split_once("NTIA compliant=") {
            Some((_, word)) => word == "True",
            None => continue,
        };
        let bytes = std::fs::read(cases.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let text = decode(&bytes).unwrap_or_else(|fault| panic!("{path}: {fault:?}"));
        let Ok(document) = Document::read(&text) else {
            // Of a format that is not read, or of none: two of these documents state no version.
            assert!(!is_compliant || !path.ends_with(".json"), "{path} is not read");
            unread += 1;
            continue;
        };
        let unread_members = Unread::forgotten();
        let bom = document.model(&unread_members);
        let score = score(profile("ntia").unwrap(), &document, &bom);
        let failed: Vec<&str> =
            score.answers.iter().filter(|answer| answer.state == State::Fail).map(|answer| answer.element.id).collect();
        match DIFFERENT.iter().find(|(part, ..)| path.contains(part)) {
            Some((_, verdict, elements)) => {
                assert_eq!((is_compliant, failed.as_slice()), (*verdict, *elements), "{path}");
                different += 1;
            }
            None => {
                assert_eq!(score.passes(), is_compliant, "{path}: {failed:?}");
                agreed += 1;
            }
        }
        if let Some((_, element)) = MISSING.iter().find(|(part, _)| path.contains(part)) {
            assert!(failed.contains(element), "{path}: {failed:?}");
        }
    }
    assert!(agreed + different > 0, "no document was judged, {unread} were not read");
    eprintln!("{agreed} verdicts agree, {different} differ as listed, {unread} are not read");
}
