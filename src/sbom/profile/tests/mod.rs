//! What each element of each profile makes of small documents.

mod bsi;
mod checker;
mod cisa;
mod ntia;
mod spdx;

use super::{Score, State, Told, profile, render, score};
use crate::sbom::Document;
use crate::sbom::model::Unread;

/// Scores a document by a profile.
fn scored(id: &str, text: &str) -> Score {
    let document = Document::read(text).unwrap_or_else(|why| panic!("{why:?}: {text}"));
    let unread = Unread::forgotten();
    let bom = document.model(&unread);
    score(profile(id).unwrap(), &document, &bom)
}

/// A CycloneDX document of a version with these members of its metadata and these components.
fn cyclonedx(version: &str, metadata: &str, components: &str, more: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"{version}","version":1,"metadata":{{{metadata}}},"components":[{components}]{more}}}"#
    )
}

/// Checks what an element makes of documents, and what it says of the first subject it does not pass of.
#[track_caller]
fn check(element: &str, text: &str, state: State, told: Option<Told>) {
    let profile = match element.split('/').next() {
        Some("ntia") => "ntia",
        Some("cisa") => "cisa-2026",
        _ => "bsi-tr-03183-2",
    };
    let score = scored(profile, text);
    let answer = score.answer(element).unwrap_or_else(|| panic!("no element {element}"));
    let found = answer.offenders.first().map(|offender| offender.told);
    assert_eq!((answer.state, found), (state, told), "{element}: {answer:#?}\n{text}");
}

/// Checks an element of components by what one component says.
#[track_caller]
fn check_component(element: &str, members: &str, state: State, told: Option<Told>) {
    for version in ["1.4", "1.5", "1.6", "1.7"] {
        let component = format!(r#"{{"type":"library","name":"a"{members}}}"#);
        check(element, &cyclonedx(version, "", &component, ""), state, told);
    }
}

/// Checks an element of the document by what its metadata says.
#[track_caller]
fn check_metadata(element: &str, metadata: &str, state: State, told: Option<Told>) {
    for version in ["1.4", "1.5", "1.6", "1.7"] {
        let component = r#"{"type":"library","name":"a"}"#;
        check(element, &cyclonedx(version, metadata, component, ""), state, told);
    }
}

const UNKNOWN: &str = "cdx:cisa:unknown-information";
const WITHHELD: &str = "cdx:cisa:withheld-information";

fn property(name: &str, value: &str) -> String {
    format!(r#","properties":[{{"name":"{name}","value":"{value}"}}]"#)
}

#[test]
fn a_document_without_components_does_not_pass() {
    let score = scored("ntia", &cyclonedx("1.6", r#""timestamp":"2026-01-02T03:04:05Z""#, "", ""));
    assert!(score.error.is_some());
    assert!(!score.passes());
    assert_eq!(score.answer("ntia/name").unwrap().state, State::Fail);
    assert!(render(&score, 80).contains("lists no component"), "{}", render(&score, 80));
}

/// A document that fulfils NTIA's elements, of two components.
fn sound() -> String {
    cyclonedx(
        "1.6",
        r#""timestamp":"2026-01-02T03:04:05Z","authors":[{"name":"Jane"}],"component":{"type":"application","name":"app","version":"2","bom-ref":"app","supplier":{"name":"Acme"},"purl":"pkg:generic/app@2"}"#,
        r#"{"type":"library","name":"a","version":"1","bom-ref":"a","supplier":{"name":"A"},"purl":"pkg:npm/a@1"}"#,
        r#","dependencies":[{"ref":"app","dependsOn":["a"]}]"#,
    )
}

#[test]
fn what_is_missing_of_one_component_is_named_with_its_place() {
    assert!(scored("ntia", &sound()).passes(), "{}", render(&scored("ntia", &sound()), 100));
    let text =
        sound().replace(r#""name":"a","version":"1","#, "\n\"name\":\"a\",\n\"components\":[{\"name\":\"inner\"}],");
    let score = scored("ntia", &text);
    assert!(!score.passes());
    let answer = score.answer("ntia/version").unwrap();
    assert_eq!((answer.passed, answer.of), (1, 3));
    let places: Vec<String> =
        answer.offenders.iter().map(|one| format!("{}:{} {}", one.at.line, one.at.column, one.label)).collect();
    assert_eq!(places.len(), 2);
    assert!(places[0].starts_with("1:") && places[0].ends_with(" a"), "{places:?}");
    assert_eq!(places[1], "3:15 inner");
    let json = serde_json::to_value(&score).unwrap();
    assert_eq!(json["profile"], "ntia@2021");
    assert_eq!(json["answers"][2]["element"], "ntia/version");
    assert_eq!(json["answers"][2]["offenders"][1]["line"], 3);
}

#[test]
fn a_table_fits_its_width_and_names_ten_offenders() {
    let components: Vec<String> =
        (0..25).map(|at| format!(r#"{{"type":"library","name":"part-{at}\u001b[31m"}}"#)).collect();
    let score = scored("ntia", &cyclonedx("1.6", "", &components.join(","), ""));
    assert_eq!(score.answer("ntia/version").unwrap().offenders.len(), 10);
    for width in [10, 60, 80, 120] {
        let table = render(&score, width);
        let widest = table.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.max(40), "{widest} > {width}:\n{table}");
        assert!(table.contains("and 15 more"), "{table}");
        assert!(!table.contains('\u{1b}'), "{table}");
    }
}
