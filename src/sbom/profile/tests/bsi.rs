//! What each element of the BSI's makes of small CycloneDX documents.

use super::{UNKNOWN, check, cyclonedx, scored};
use crate::sbom::profile::{State, Told, render};

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const SHORT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A fully described component, with a file of its own.
fn full() -> String {
    format!(
        r#""type":"library","name":"a","bom-ref":"a","version":"1","manufacturer":{{"name":"A","contact":[{{"email":"a@a.example"}}]}},"licenses":[{{"license":{{"id":"MIT","acknowledgement":"concluded"}}}}],"externalReferences":[{{"type":"distribution","url":"https://a.example/a.tgz","hashes":[{{"alg":"SHA-512","content":"{DIGEST}"}}]}}],"properties":[{{"name":"bsi:component:filename","value":"a.tgz"}},{{"name":"bsi:component:executable","value":"non-executable"}},{{"name":"bsi:component:archive","value":"archive"}},{{"name":"bsi:component:structured","value":"structured"}}]"#
    )
}

/// A document with a logical subject that needs one component.
fn document(component: &str) -> String {
    cyclonedx(
        "1.6",
        r#""timestamp":"2026-01-02T03:04:05Z","manufacturer":{"name":"Acme","contact":[{"email":"sbom@acme.example"}]},"component":{"type":"application","name":"app","bom-ref":"app","version":"2","manufacturer":{"name":"Acme","url":["https://acme.example"]},"licenses":[{"license":{"id":"MIT","acknowledgement":"concluded"}}]}"#,
        &format!("{{{component}}}"),
        r#","dependencies":[{"ref":"app","dependsOn":["a"]},{"ref":"a"}],"compositions":[{"aggregate":"complete","dependencies":["app","a"]}]"#,
    )
}

/// Checks an element by the full component with something in place of something else.
#[track_caller]
fn changed(element: &str, from: &str, to: &str, state: State, told: Option<Told>) {
    let component = full();
    assert!(component.contains(from), "{from}");
    check(element, &document(&component.replace(from, to)), state, told);
}

#[test]
fn a_full_description_passes() {
    let score = scored("bsi-tr-03183-2", &document(&full()));
    assert!(score.passes(), "{}", render(&score, 100));
}

#[test]
fn the_format_is_a_new_one_and_holds_no_vulnerabilities() {
    let text = document(&full());
    check("bsi/format", &text, State::Pass, None);
    check(
        "bsi/format",
        &text.replace(r#""specVersion":"1.6""#, r#""specVersion":"1.5""#),
        State::Fail,
        Some(Told::Malformed),
    );
    check("bsi/no-vulnerabilities", &text, State::Pass, None);
    let more = |list: &str| format!(r#"{},"vulnerabilities":[{list}]}}"#, text.strip_suffix('}').unwrap());
    check("bsi/no-vulnerabilities", &more(""), State::Pass, None);
    check("bsi/no-vulnerabilities", &more(r#"{"id":"CVE-1"}"#), State::Fail, Some(Told::Malformed));
}

#[test]
fn creators_can_be_reached() {
    let metadata = |metadata: &str| cyclonedx("1.6", metadata, r#"{"type":"library","name":"a"}"#, "");
    let check_document = |text: &str, state, told| check("bsi/sbom-creator", &metadata(text), state, told);
    check_document(r#""manufacturer":{"contact":[{"email":"a@a.example"}]}"#, State::Pass, None);
    check_document(r#""manufacturer":{"url":["https://a.example"]}"#, State::Pass, None);
    check_document(r#""authors":[{"name":"Jane","email":"jane@a.example"}]"#, State::Pass, None);
    check_document(r#""manufacturer":{"name":"Acme"}"#, State::Fail, Some(Told::Absent));
    check_document(r#""manufacturer":{"contact":[{"email":"nobody"}]}"#, State::Fail, Some(Told::Malformed));
    check_document(r#""manufacturer":{"url":["n/a"]}"#, State::Fail, Some(Told::Placeholder));
    check_document("", State::Fail, Some(Told::Absent));
    let mail = r#""contact":[{"email":"a@a.example"}]"#;
    changed("bsi/comp-creator", mail, r#""url":["https://a.example"]"#, State::Pass, None);
    changed("bsi/comp-creator", mail, r#""url":[]"#, State::Fail, Some(Told::Absent));
    changed("bsi/comp-creator", "a@a.example", "a at a.example", State::Fail, Some(Told::Malformed));
    changed("bsi/comp-creator", r#""manufacturer":"#, r#""supplier":"#, State::Pass, None);
    changed("bsi/comp-creator", r#""manufacturer":"#, r#""unmodelled":"#, State::Fail, Some(Told::Absent));
}

#[test]
fn nothing_may_be_said_to_be_unknown() {
    changed("bsi/comp-version", r#""version":"1""#, r#""version":"unknown""#, State::Fail, Some(Told::Unknown));
    changed("bsi/comp-version", r#""version":"1","#, "", State::Fail, Some(Told::Absent));
    changed("bsi/comp-name", r#""name":"a","bom-ref""#, r#""name":"","bom-ref""#, State::Fail, Some(Told::Absent));
    let property = format!(r#""name":"{UNKNOWN}","value":"Component Version""#);
    let silent = full()
        .replace(r#""version":"1","#, "")
        .replace(r#""name":"bsi:component:filename","value":"a.tgz""#, &property);
    check("bsi/comp-version", &document(&silent), State::Fail, Some(Told::Unknown));
}

#[test]
fn the_file_is_named_and_described() {
    changed("bsi/filename", "a.tgz\"},{", "dir/a.tgz\"},{", State::Fail, Some(Told::Malformed));
    changed("bsi/filename", "a.tgz\"},{", "dir\\\\a.tgz\"},{", State::Fail, Some(Told::Malformed));
    changed(
        "bsi/filename",
        r#"{"name":"bsi:component:filename","value":"a.tgz"},"#,
        "",
        State::Fail,
        Some(Told::Absent),
    );
    changed("bsi/filename", "bsi:component:archive", "bsi:component:filename", State::Fail, Some(Told::Malformed));
    for (element, name, good, bad) in [
        ("bsi/executable", "executable", "non-executable", "yes"),
        ("bsi/archive", "archive", "archive", "true"),
        ("bsi/structured", "structured", "structured", "Structured"),
    ] {
        let stated = format!(r#""name":"bsi:component:{name}","value":"{good}""#);
        let other = |value: &str| format!(r#""name":"bsi:component:{name}","value":"{value}""#);
        changed(element, &stated, &stated, State::Pass, None);
        changed(element, &stated, &other(bad), State::Fail, Some(Told::Malformed));
        changed(element, &format!("bsi:component:{name}"), "acme:other", State::Fail, Some(Told::Absent));
    }
    changed("bsi/archive", r#""value":"archive""#, r#""value":"no archive""#, State::Pass, None);
}

#[test]
fn the_digest_is_a_sha_512_of_what_is_deployed() {
    changed("bsi/deployable-hash", "SHA-512", "SHA-512", State::Pass, None);
    changed("bsi/deployable-hash", DIGEST, SHORT, State::Fail, Some(Told::Malformed));
    let sha_256 = format!(r#""alg":"SHA-512","content":"{DIGEST}""#);
    let other = format!(r#""alg":"SHA-256","content":"{}""#, SHORT);
    changed("bsi/deployable-hash", &sha_256, &other, State::Fail, Some(Told::Absent));
    let own =
        format!(r#""hashes":[{{"alg":"SHA-512","content":"{DIGEST}"}}],"externalReferences":[{{"type":"website""#);
    changed(
        "bsi/deployable-hash",
        r#""externalReferences":[{"type":"distribution""#,
        &own,
        State::Warn,
        Some(Told::Value),
    );
}

#[test]
fn licences_are_identifiers_that_hold_for_who_gets_it() {
    let licence = r#""license":{"id":"MIT","acknowledgement":"concluded"}"#;
    let to = |other: &str, state, told| changed("bsi/distribution-licences", licence, other, state, told);
    to(r#""expression":"MIT OR ISC","acknowledgement":"concluded""#, State::Pass, None);
    to(r#""license":{"name":"LicenseRef-acme-1","acknowledgement":"concluded"}"#, State::Pass, None);
    to(r#""license":{"name":"Acme licence","acknowledgement":"concluded"}"#, State::Fail, Some(Told::Malformed));
    to(r#""license":{"id":"MIT","acknowledgement":"declared"}"#, State::Warn, Some(Told::Value));
    to(r#""license":{"id":"MIT"}"#, State::Warn, Some(Told::Value));
    to(r#""license":{"name":"unknown","acknowledgement":"concluded"}"#, State::Fail, Some(Told::Unknown));
    changed("bsi/distribution-licences", r#""licenses":"#, r#""unmodelled":"#, State::Fail, Some(Told::Absent));
    changed("bsi/original-licences", licence, r#""license":{"id":"MIT"}"#, State::NotDetermined, Some(Told::Absent));
}

#[test]
fn dependencies_say_whether_they_are_all() {
    let text = document(&full());
    let check = |from: &str, to: &str, state, told| {
        assert!(text.contains(from), "{from}");
        check("bsi/dependencies", &text.replace(from, to), state, told);
    };
    check(r#""complete""#, r#""unknown""#, State::Pass, None);
    check(r#""complete""#, r#""incomplete""#, State::Pass, None);
    check(r#""complete""#, r#""not_specified""#, State::Fail, Some(Told::Absent));
    check(r#"["app","a"]"#, r#"["app"]"#, State::Fail, Some(Told::Absent));
    check(r#",{"ref":"a"}"#, "", State::Fail, Some(Told::Absent));
}

#[test]
fn every_component_is_reached_from_the_subject() {
    let text = document(&full());
    check("bsi/depth", &text, State::Pass, None);
    check("bsi/depth", &text.replace(r#""dependsOn":["a"]"#, r#""dependsOn":[]"#), State::Fail, Some(Told::Absent));
    check("bsi/depth", &cyclonedx("1.6", "", r#"{"type":"library","name":"a"}"#, ""), State::Fail, Some(Told::Absent));
}

#[test]
fn what_is_asked_where_it_exists_is_not_determined_where_it_is_absent() {
    changed("bsi/deployable-uri", "https://a.example/a.tgz", "https://a.example/a.tgz", State::Pass, None);
    changed("bsi/deployable-uri", "https://a.example/a.tgz", "a file", State::Fail, Some(Told::Malformed));
    changed("bsi/source-uri", r#""type":"distribution""#, r#""type":"source-distribution""#, State::Pass, None);
    changed("bsi/source-uri", "SHA-512", "SHA-512", State::NotDetermined, Some(Told::Absent));
    changed(
        "bsi/identifiers",
        r#""version":"1","#,
        r#""version":"1","purl":"pkg:npm","#,
        State::Fail,
        Some(Told::Malformed),
    );
    check("bsi/identifiers", &document(&full()), State::NotDetermined, Some(Told::Absent));
    check("bsi/sbom-uri", &document(&full()), State::NotDetermined, Some(Told::Absent));
}

#[test]
fn what_may_be_told_is_read_in_both_spellings() {
    for spelling in ["effectiveLicence", "effectiveLicense"] {
        let added = format!(r#"{{"name":"bsi:component:{spelling}","value":"MIT"}},{{"name":"bsi:component:archive""#);
        changed("bsi/effective-licence", r#"{"name":"bsi:component:archive""#, &added, State::Pass, None);
        changed(
            "bsi/effective-licence",
            r#"{"name":"bsi:component:archive""#,
            &added.replace("MIT", "MIT OR"),
            State::Warn,
            Some(Told::Malformed),
        );
    }
    check("bsi/effective-licence", &document(&full()), State::NotApplicable, None);
    check("bsi/signature", &document(&full()), State::NotApplicable, None);
    check("bsi/security-txt", &document(&full()), State::NotApplicable, None);
}

#[test]
fn less_is_asked_of_what_is_not_delivered() {
    let bare =
        r#""type":"library","name":"a","bom-ref":"a","version":"1","manufacturer":{"url":["https://a.example"]}"#;
    for element in ["bsi/filename", "bsi/deployable-hash", "bsi/executable", "bsi/distribution-licences"] {
        // It needs nothing and names no file, so it may stand outside, and that is said.
        check(element, &document(bare), State::Warn, Some(Told::Absent));
    }
    assert!(scored("bsi-tr-03183-2", &document(bare)).passes());
    let external =
        document(&format!(r#"{bare},"isExternal":true"#)).replace(r#""specVersion":"1.6""#, r#""specVersion":"1.7""#);
    check("bsi/filename", &external, State::NotApplicable, None);
    check("bsi/comp-version", &external.replace(r#""version":"1","manu"#, r#""manu"#), State::Fail, Some(Told::Absent));
    let referenced = format!(r#"{bare},"externalReferences":[{{"type":"bom","url":"https://a.example/bom.json"}}]"#);
    check("bsi/executable", &document(&referenced), State::NotApplicable, None);
    // What names a file is delivered.
    let delivered = format!(r#"{bare},"hashes":[{{"alg":"SHA-512","content":"{DIGEST}"}}]"#);
    check("bsi/filename", &document(&delivered), State::Fail, Some(Told::Absent));
}
