//! The verdicts on published documents.

use super::published;
use crate::sbom::{Document, decode};

/// Documents on which we disagree with the table, with the section of the specification; `docs/sbom.md` says why.
static DISAGREEMENTS: &[(&str, bool)] = &[
    // The time of creation is mandatory and may not be empty (section 6.9).
    ("ntia-conformance-checker/tests/data/missing_timestamp/SPDXJSONExample-v2.3.spdx.json", false),
    // A namespace has no fragment (6.5); files need a digest by SHA1 (8.4).
    ("ntia-conformance-checker/tests/data/real_world_sboms/spdx_sample_12.json", false),
    // Files need a digest by SHA1 (8.4); of several packages the document says which it is about (11.1).
    ("ntia-conformance-checker/tests/data/real_world_sboms/spdx_sample_13.json", false),
    // Its version is `spdxVersion` (6.1).
    ("tools-python/tests/spdx/writer/tagvalue/expected_results/expected_tag_value.spdx", false),
];

/// Returns whether the table calls a document valid; `None` where it leaves that to the specification.
fn expected(row: &[&str]) -> Option<bool> {
    let (peer, schema) = (row.get(2)?, row.get(3)?);
    match (peer.starts_with("valid"), peer.starts_with("invalid") || peer.starts_with("not an SPDX")) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => match *schema {
            "valid" => Some(true),
            "invalid" => Some(false),
            _ => None,
        },
    }
}

#[test]
fn every_published_document_gets_its_verdict() {
    let Some(root) = published() else { return };
    let table = std::fs::read_to_string(root.join("EXPECTED.tsv")).unwrap();
    let mut wrong = Vec::new();
    for row in table.lines().skip(1) {
        let row: Vec<&str> = row.split('\t').collect();
        let (path, format) = (row[0], row[1]);
        if format.starts_with("3.0") {
            continue;
        }
        let bytes = std::fs::read(root.join(path)).unwrap();
        let verdict = match decode(&bytes).map_err(|fault| format!("{fault:?}")).as_deref().map(Document::read) {
            Ok(Ok(document)) => {
                let found = document.violations();
                for one in document.inconsistencies().iter().take(4) {
                    eprintln!("    ~ {} {} {} {:?}", one.pointer, one.expected, one.found, one.source);
                }
                match found.first() {
                    None => Ok(()),
                    Some(one) => Err(format!(
                        "{} {} {} {:?} (of {})",
                        one.pointer,
                        one.expected,
                        one.found,
                        one.source,
                        found.len()
                    )),
                }
            }
            Ok(Err(unreadable)) => Err(format!("{unreadable:?}")),
            Err(fault) => Err(fault.to_owned()),
        };
        let wanted = DISAGREEMENTS.iter().find(|(known, _)| *known == path).map(|(_, valid)| *valid).or(expected(&row));
        eprintln!("{:?} {path}: {verdict:?}", wanted);
        if wanted.is_some_and(|valid| valid != verdict.is_ok()) {
            wrong.push(format!("{path}: {verdict:?}"));
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}
