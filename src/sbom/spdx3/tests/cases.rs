//! The published documents, when they are at hand: `PORTCULLIS_SHARED` names the folder that holds `cases/spdx` (by default
//! one beside the project).

use std::path::PathBuf;

use super::shared;
use crate::sbom::model::Unread;
use crate::sbom::spdx3::write;
use crate::sbom::{Document, Origin, decode, schema};

/// A published document and whether it is sound.
struct Case {
    path: PathBuf,
    text: String,
    is_valid: bool,
    by_schema: bool,
}

fn cases() -> Vec<Case> {
    let Some(folder) = shared("spdx") else { return Vec::new() };
    let table = std::fs::read_to_string(folder.join("EXPECTED.tsv")).expect("the table");
    let rows = table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<&str>>());
    rows.filter(|cells| cells[1] == "3.0-jsonld")
        .map(|cells| {
            let path = folder.join(cells[0]);
            let bytes = std::fs::read(&path).expect("a case");
            let by_schema = cells[3] == "valid";
            let is_valid = match cells[2] {
                peer if peer.starts_with("valid") => true,
                peer if peer.starts_with("invalid") => false,
                _ => by_schema,
            };
            Case { path, text: decode(&bytes).expect("text").into_owned(), is_valid, by_schema }
        })
        .collect()
}

#[test]
fn every_published_document_gets_its_verdict() {
    let mut wrong = String::new();
    for case in cases() {
        let document = Document::read(&case.text).unwrap_or_else(|why| panic!("{why:?} in {}", case.path.display()));
        let found = document.violations();
        let by_schema = schema::spdx("3.0.1").expect("the schema").judge(&document.root).is_empty();
        assert_eq!(by_schema, case.by_schema, "{}", case.path.display());
        if found.is_empty() != case.is_valid {
            wrong.push_str(&format!("{} is {}: {found:#?}\n", case.path.display(), case.is_valid));
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn every_published_document_is_written_again_without_loss() {
    for case in cases() {
        let document = Document::read(&case.text).expect("a document");
        let again =
            (document.format.render)(&document.root, document.version, &mut crate::sbom::model::Losses::default());
        let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
        assert_eq!(parse(&again), parse(case.text.as_bytes()), "{}", case.path.display());
    }
}

#[test]
fn every_published_document_is_written_soundly_from_the_model() {
    for case in cases().iter().filter(|case| case.is_valid) {
        let document = Document::read(&case.text).expect("a document");
        let unread = Unread::remembered();
        let bom = document.model(&unread);
        let written = write::document(&bom, "3.0.1", Origin::Document);
        let text = String::from_utf8(crate::document::render_json(&written.root)).expect("text");
        let again = Document::read(&text).expect("a document");
        assert_eq!(again.violations(), [], "{}", case.path.display());
    }
}
