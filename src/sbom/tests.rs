//! The published documents, read, judged and written again.

#![expect(clippy::disallowed_methods, reason = "cases lie outside any tree")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

use std::fs;
use std::path::{Path, PathBuf};

use super::model::{End, RelationKind, Unread};
use super::{Document, Kind, choose, convert, decode};

/// Returns the folder of wider cases, `None` where only the project was cloned.
fn cases(topic: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases").join(topic);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// The rows of a table of expectations, without its heading.
fn rows(folder: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn verdict(bytes: &[u8]) -> Result<(), String> {
    let text = decode(bytes).map_err(|fault| format!("{fault:?}"))?;
    let document = Document::read(&text).map_err(|why| format!("{why:?}"))?;
    match document.violations().into_iter().find(|violation| violation.kind == Kind::Invalid) {
        None => Ok(()),
        Some(first) => Err(format!("{}: expected {}, found {}", first.pointer, first.expected, first.found)),
    }
}

#[test]
fn published_documents_of_cyclonedx_get_their_verdict() {
    let Some(folder) = cases("cyclonedx") else { return };
    let mut wrong = Vec::new();
    for row in rows(&folder).iter().filter(|row| row[0].ends_with(".json")) {
        let found = verdict(&fs::read(folder.join(&row[0])).unwrap());
        if found.is_ok() != (row[1] != "invalid") {
            wrong.push(format!("{}: expected {}, found {found:?}", row[0], row[1]));
        }
        if let (Err(found), true) = (found, std::env::var_os("PORTCULLIS_SHOW").is_some()) {
            eprintln!("{}\n  peer: {}\n  ours: {found}", row[0], row.get(3).map_or("", |error| error));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn published_documents_are_written_again_without_loss() {
    let Some(folder) = cases("cyclonedx") else { return };
    for row in rows(&folder).iter().filter(|row| row[0].ends_with(".json") && row[1] != "invalid") {
        let bytes = fs::read(folder.join(&row[0])).unwrap();
        let text = decode(&bytes).unwrap();
        let document = Document::read(&text).unwrap_or_else(|why| panic!("{}: {why:?}", row[0]));
        let same =
            choose(&format!("{}@{}", document.format.id, document.version)).unwrap_or_else(|why| panic!("{why}"));
        let again = convert(&document, same);
        assert!(again.losses.is_empty(), "{}: {:?}", row[0], again.losses);
        let [before, now]: [serde_json::Value; 2] =
            [text.as_bytes(), &again.text].map(|text| serde_json::from_slice(text).unwrap());
        assert_eq!(before, now, "{}", row[0]);
    }
}

#[test]
fn every_version_can_be_made_of_every_other() {
    let Some(folder) = cases("cyclonedx") else { return };
    for row in rows(&folder).iter().filter(|row| row[0].ends_with(".json") && row[1] != "invalid") {
        let bytes = fs::read(folder.join(&row[0])).unwrap();
        let text = decode(&bytes).unwrap();
        let document = Document::read(&text).unwrap();
        for version in document.format.writes {
            let made = convert(&document, choose(&format!("cyclonedx-json@{version}")).unwrap());
            let found = verdict(&made.text);
            assert!(found.is_ok(), "{} as {version}: {found:?}", row[0]);
        }
        // Through the model: what is made of it is sound too.
        let unread = Unread::remembered();
        let bom = document.model(&unread);
        for version in document.format.writes {
            let written = (document.format.family.write)(&bom, version, super::Origin::Document);
            let made = crate::document::render_json(&written.root);
            let found = verdict(&made);
            assert!(found.is_ok(), "{} through the model as {version}: {found:?}", row[0]);
        }
    }
}

/// What CycloneDX says by properties, because it has no place for it, is the same again in SPDX.
#[test]
fn what_properties_carry_comes_back() {
    let text = r#"{
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "app",
        "documentNamespace": "https://acme.example/app",
        "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Organization: Acme"]},
        "packages": [
            {"SPDXID": "SPDXRef-app", "name": "app", "downloadLocation": "NOASSERTION", "filesAnalyzed": false},
            {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "downloadLocation": "NOASSERTION",
             "filesAnalyzed": false, "packageFileName": "a-1.tar.gz", "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/a@1"},
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/a@1"}
             ]}
        ],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-a"}
        ]
    }"#;
    let facts = |text: &str| {
        let document = Document::read(text).unwrap();
        let unread = Unread::forgotten();
        let bom = document.model(&unread);
        let holds: Vec<(String, String)> = bom
            .relations
            .iter()
            .filter_map(|relation| match (&relation.from, &relation.kind, &relation.to) {
                (End::Component(from), RelationKind::Contains, End::Component(to)) => {
                    Some((bom.components[*from].name.to_string(), bom.components[*to].name.to_string()))
                }
                _ => None,
            })
            .collect();
        let component = bom.components.iter().find(|component| component.name == "a").unwrap();
        let purls: Vec<String> = component.purls.iter().map(ToString::to_string).collect();
        (holds, purls, component.file_name.as_deref().map(str::to_owned))
    };
    let before = facts(text);
    assert_eq!(before.0, [("app".to_owned(), "a".to_owned())]);
    assert_eq!(before.1.len(), 2);
    let mut text = text.to_owned();
    for format in ["cyclonedx-json", "spdx-json", "cyclonedx-xml", "spdx3-json", "cyclonedx-json", "spdx-json"] {
        let made = convert(&Document::read(&text).unwrap(), choose(format).unwrap());
        text = String::from_utf8(made.text).unwrap();
        assert_eq!(facts(&text), before, "{format}: {text}");
    }
}
