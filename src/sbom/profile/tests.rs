//! What each element of each profile makes of small documents.

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
fn ntia_asks_each_component_for_its_supplier() {
    let check = |members: &str, state, told| check_component("ntia/supplier", members, state, told);
    check(r#","supplier":{"name":"Acme"}"#, State::Pass, None);
    check(r#","manufacturer":{"name":"Acme"}"#, State::Pass, None);
    check(r#","publisher":"Acme""#, State::Pass, None);
    check("", State::Fail, Some(Told::Absent));
    check(r#","supplier":{"url":["https://acme.example"]}"#, State::Fail, Some(Told::Absent));
    check(r#","supplier":{"name":"n/a"}"#, State::Fail, Some(Told::Placeholder));
    check(r#","supplier":{"name":"NOASSERTION"}"#, State::Fail, Some(Told::Unknown));
    check(&property(UNKNOWN, "Component Supplier"), State::Fail, Some(Told::Unknown));
    check(&property(WITHHELD, "supplier"), State::Fail, Some(Told::Withheld));
    check(r#","supplier":{"name":"n/a"},"publisher":"Acme""#, State::Pass, None);
}

#[test]
fn ntia_asks_for_a_name_and_a_version() {
    check_component("ntia/name", "", State::Pass, None);
    let named =
        |name: &str, more: &str| cyclonedx("1.6", "", &format!(r#"{{"type":"library","name":"{name}"{more}}}"#), "");
    check("ntia/name", &named("", ""), State::Fail, Some(Told::Absent));
    check("ntia/name", &named("n/a", ""), State::Fail, Some(Told::Placeholder));
    check("ntia/name", &named("NOASSERTION", ""), State::Fail, Some(Told::Unknown));
    check("ntia/name", &named("-", r#","purl":"pkg:npm/-@0.0.1""#), State::Pass, None);
    let check = |members: &str, state, told| check_component("ntia/version", members, state, told);
    check(r#","version":"1.0""#, State::Pass, None);
    check("", State::Fail, Some(Told::Absent));
    for placeholder in ["unspecified", "n/a", "TBD", "-", "0.0.0", "managed"] {
        check(&format!(r#","version":"{placeholder}""#), State::Fail, Some(Told::Placeholder));
    }
    for near in ["0.0.1", "0.0.0-1", "managed-2"] {
        check(&format!(r#","version":"{near}""#), State::Pass, None);
    }
    check(r#","version":"NOASSERTION""#, State::Fail, Some(Told::Unknown));
    check(&property(UNKNOWN, "Component Version"), State::Fail, Some(Told::Unknown));
}

#[test]
fn ntia_asks_for_an_identifier_that_can_be_looked_up() {
    let check = |members: &str, state, told| check_component("ntia/identifier", members, state, told);
    check(r#","purl":"pkg:npm/a@1""#, State::Pass, None);
    check(r#","cpe":"cpe:2.3:a:acme:a:1:*:*:*:*:*:*:*""#, State::Pass, None);
    check(r#","cpe":"cpe:/a:acme:a:1""#, State::Pass, None);
    check(r#","swid":{"tagId":"swidgen-1","name":"a"}"#, State::Pass, None);
    check(r#","bom-ref":"a""#, State::Fail, Some(Told::Absent));
    check(r#","purl":"a-purl""#, State::Fail, Some(Told::Malformed));
    check(r#","cpe":"cpe:2.3:a:acme:a:1:*""#, State::Fail, Some(Told::Malformed));
    check(r#","purl":"a-purl","cpe":"cpe:/a:acme:a""#, State::Pass, None);
}

#[test]
fn ntia_warns_where_no_identifier_may_exist_and_asks_files_for_a_name_only() {
    let kind = |kind: &str| cyclonedx("1.6", "", &format!(r#"{{"type":"{kind}","name":"a"}}"#), "");
    check("ntia/identifier", &kind("device"), State::Warn, Some(Told::Absent));
    check("ntia/identifier", &kind("application"), State::Fail, Some(Told::Absent));
    for element in ["ntia/supplier", "ntia/version", "ntia/identifier", "ntia/licence"] {
        check(element, &kind("file"), State::NotApplicable, None);
        check(element, &kind("cryptographic-asset"), State::NotApplicable, None);
    }
    check("ntia/name", &kind("file"), State::Pass, None);
}

#[test]
fn ntia_asks_for_an_edge_from_the_subject() {
    let with = |more: &str| {
        cyclonedx(
            "1.6",
            r#""component":{"type":"application","name":"app","bom-ref":"app"}"#,
            r#"{"type":"library","name":"a","bom-ref":"a"}"#,
            more,
        )
    };
    let check = |more: &str, state, told| check("ntia/dependency", &with(more), state, told);
    check(r#","dependencies":[{"ref":"app","dependsOn":["a"]}]"#, State::Pass, None);
    check(r#","dependencies":[{"ref":"app"}]"#, State::Pass, None);
    check(r#","dependencies":[{"ref":"a","dependsOn":["app"]}]"#, State::Fail, Some(Told::Absent));
    check(r#","dependencies":[{"ref":"app","dependsOn":["app"]}]"#, State::Fail, Some(Told::Absent));
    check("", State::Fail, Some(Told::Absent));
    check(r#","compositions":[{"aggregate":"unknown","dependencies":["app"]}]"#, State::Pass, None);
    check(r#","compositions":[{"aggregate":"not_specified","dependencies":["app"]}]"#, State::Fail, Some(Told::Absent));
    super::tests::check(
        "ntia/dependency",
        &cyclonedx("1.6", "", r#"{"type":"library","name":"a"}"#, ""),
        State::Fail,
        Some(Told::Absent),
    );
}

#[test]
fn ntia_asks_who_made_the_data_and_when() {
    let check = |metadata: &str, state, told| check_metadata("ntia/author", metadata, state, told);
    check(r#""authors":[{"name":"Jane"}]"#, State::Pass, None);
    check(r#""manufacture":{"name":"Acme"}"#, State::Pass, None);
    check(r#""supplier":{"name":"Acme"}"#, State::Pass, None);
    check(r#""tools":[{"name":"scanner"}]"#, State::Warn, Some(Told::Absent));
    check("", State::Fail, Some(Told::Absent));
    check(r#""authors":[{"name":"anonymous"}]"#, State::Fail, Some(Told::Unknown));
    check(r#""authors":[{"name":"n/a"}]"#, State::Fail, Some(Told::Placeholder));
    let check = |metadata: &str, state, told| check_metadata("ntia/timestamp", metadata, state, told);
    for good in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+01:00", "2026-01-02T03:04:05Z[Europe/Berlin]"] {
        check(&format!(r#""timestamp":"{good}""#), State::Pass, None);
    }
    for bad in ["2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05", "yesterday", "2026-01-02T03:04Z"] {
        check(&format!(r#""timestamp":"{bad}""#), State::Fail, Some(Told::Malformed));
    }
    check("", State::Fail, Some(Told::Absent));
}

#[test]
fn what_may_be_left_out_does_not_fail() {
    check_component("ntia/hash", "", State::NotApplicable, None);
    let digest = "0123456789abcdef0123456789abcdef01234567";
    let hash = |content: &str| format!(r#","hashes":[{{"alg":"SHA-1","content":"{content}"}}]"#);
    check_component("ntia/hash", &hash(digest), State::Pass, None);
    check_component("ntia/hash", &hash("0123"), State::Warn, Some(Told::Malformed));
    check_component("ntia/hash", &hash(&"0".repeat(40)), State::Warn, Some(Told::Placeholder));
    check_component("ntia/licence", r#","licenses":[{"license":{"id":"MIT"}}]"#, State::Pass, None);
    check_component("ntia/licence", r#","licenses":[{"expression":"MIT AND"}]"#, State::Warn, Some(Told::Malformed));
    check_metadata("ntia/known-unknowns", "", State::Warn, Some(Told::Absent));
    check_metadata("ntia/lifecycle", "", State::NotApplicable, None);
    check_metadata("ntia/format", "", State::Pass, None);
    check_metadata("ntia/frequency", "", State::NotApplicable, None);
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
