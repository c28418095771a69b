//! What each element of NTIA's makes of small CycloneDX documents.

use super::{UNKNOWN, WITHHELD, check, check_component, check_metadata, cyclonedx, property};
use crate::sbom::profile::{State, Told};

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
    super::check(
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
