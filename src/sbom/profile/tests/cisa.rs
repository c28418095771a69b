//! What each element of CISA's makes of small CycloneDX documents.

use super::{UNKNOWN, WITHHELD, check, check_component, check_metadata, cyclonedx, property, scored};
use crate::sbom::profile::{State, Told};

#[test]
fn the_author_is_whoever_runs_the_tool() {
    let check = |metadata: &str, state, told| check_metadata("cisa/author", metadata, state, told);
    check(r#""authors":[{"name":"Jane"}]"#, State::Pass, None);
    check(r#""manufacturer":{"name":"Acme"}"#, State::Pass, None);
    check(r#""supplier":{"name":"Acme"}"#, State::Fail, Some(Told::Absent));
    check(r#""tools":[{"name":"scanner","version":"1"}]"#, State::Fail, Some(Told::Absent));
    check(r#""authors":[{"email":"jane@acme.example"}]"#, State::Fail, Some(Told::Absent));
    check(r#""authors":[{"name":"anonymous"}]"#, State::Warn, Some(Told::Unknown));
    check(r#""authors":[{"name":"tbd"}]"#, State::Fail, Some(Told::Placeholder));
}

#[test]
fn tools_have_names_and_versions() {
    let check = |element: &str, metadata: &str, state, told| check_metadata(element, metadata, state, told);
    for tools in [
        r#""tools":[{"name":"scanner","version":"2.1"}]"#,
        r#""tools":{"components":[{"type":"application","name":"scanner","version":"2.1"}]}"#,
    ] {
        check("cisa/tool-name", tools, State::Pass, None);
        check("cisa/tool-version", tools, State::Pass, None);
    }
    check("cisa/tool-name", "", State::Fail, Some(Told::Absent));
    check("cisa/tool-version", "", State::Fail, Some(Told::Absent));
    for versioned in ["my-scanner-2.1", "scancode-toolkit 32.3.0", "SCANOSS-PY: 1.18.1"] {
        check("cisa/tool-version", &format!(r#""tools":[{{"name":"{versioned}"}}]"#), State::Pass, None);
    }
    for bare in ["scanner-", "scanner", "my-scanner", "scanner-next"] {
        check("cisa/tool-version", &format!(r#""tools":[{{"name":"{bare}"}}]"#), State::Fail, Some(Told::Absent));
    }
    check("cisa/tool-version", r#""tools":[{"name":"a","version":"n/a"}]"#, State::Fail, Some(Told::Placeholder));
    let one_of_two = r#""tools":[{"name":"a","version":"1"},{"name":"b"}]"#;
    check("cisa/tool-version", one_of_two, State::Fail, Some(Told::Absent));
    let silent = format!(r#""tools":[{{"name":"b"}}]{}"#, property(UNKNOWN, "SBOM Tool Version"));
    check("cisa/tool-version", &silent, State::Pass, None);
}

#[test]
fn the_context_is_a_phase_that_is_known() {
    let check = |metadata: &str, state, told| check_metadata("cisa/generation-context", metadata, state, told);
    for phase in ["build", "pre-build", "Analyzed", "after build", "during_build", "operations"] {
        check(&format!(r#""lifecycles":[{{"phase":"{phase}"}}]"#), State::Pass, None);
    }
    check(r#""lifecycles":[{"name":"banana"}]"#, State::Warn, Some(Told::Placeholder));
    check("", State::Warn, Some(Told::Absent));
    check(property(UNKNOWN, "SBOM Generation Context").trim_start_matches(','), State::Pass, None);
}

#[test]
fn a_signature_a_version_and_a_complete_list_are_only_asked_for() {
    check_metadata("cisa/author-signature", "", State::Warn, Some(Told::Absent));
    let with = |more: &str| cyclonedx("1.6", "", r#"{"type":"library","name":"a"}"#, more);
    check("cisa/author-signature", &with(r#","signature":{"algorithm":"ES256","value":"x"}"#), State::Pass, None);
    let beside = r#","externalReferences":[{"type":"digital-signature","url":"bom.sig"}]"#;
    check("cisa/author-signature", &with(beside), State::Pass, None);
    check(
        "cisa/author-signature",
        &with(&beside.replace("digital-signature", "website")),
        State::Warn,
        Some(Told::Absent),
    );
    let serial = r#","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79""#;
    check("cisa/sbom-version", &with(serial), State::Pass, None);
    check("cisa/sbom-version", &with(""), State::Warn, Some(Told::Absent));
    let zero = with(serial).replace(r#""version":1"#, r#""version":0"#);
    check("cisa/sbom-version", &zero, State::Warn, Some(Told::Malformed));
    let root = |aggregate: &str| {
        let subject = r#""component":{"type":"application","name":"app","bom-ref":"app"}"#;
        let said = format!(r#","compositions":[{{"aggregate":"{aggregate}","dependencies":["app"]}}]"#);
        cyclonedx("1.6", subject, "", &said)
    };
    check("cisa/coverage", &root("complete"), State::Pass, None);
    check("cisa/coverage", &root("incomplete"), State::Warn, Some(Told::Absent));
    check("cisa/coverage", &root("incomplete_first_party_only"), State::Warn, Some(Told::Absent));
    check("cisa/coverage", &root("unknown"), State::Warn, Some(Told::Unknown));
    check("cisa/coverage", &with(""), State::Warn, Some(Told::Absent));
}

#[test]
fn old_versions_of_a_format_are_warned_of() {
    let version = |version: &str| cyclonedx(version, "", r#"{"type":"library","name":"a","version":"1"}"#, "");
    check("cisa/format-version", &version("1.3"), State::Warn, Some(Told::Value));
    check("cisa/format-version", &version("1.4"), State::Pass, None);
    check("cisa/format-name", &version("1.3"), State::Pass, None);
    check("cisa/machine-processable", &version("1.3"), State::Pass, None);
    check("cisa/frequency", &version("1.3"), State::NotApplicable, None);
}

#[test]
fn an_explicit_unknown_passes_and_is_counted() {
    for (element, field) in [
        ("cisa/version", "Component Version"),
        ("cisa/producer", "Component Producer"),
        ("cisa/identifier", "Component Identifiers"),
        ("cisa/hash-value", "Component Hash Value"),
        ("cisa/hash-algorithm", "Component Hash Value"),
        ("cisa/licence", "Component License"),
    ] {
        check_component(element, "", State::Fail, Some(Told::Absent));
        check_component(element, &property(UNKNOWN, field), State::Pass, None);
        check_component(element, &property(WITHHELD, field), State::Pass, None);
        check_component(element, &property(UNKNOWN, "Component Colour"), State::Fail, Some(Told::Absent));
    }
    let text = cyclonedx(
        "1.6",
        "",
        r#"{"type":"library","name":"a","version":"unknown"},{"type":"library","name":"b","version":"1"}"#,
        "",
    );
    let score = scored("cisa-2026", &text);
    let answer = score.answer("cisa/version").unwrap();
    assert_eq!((answer.passed, answer.unknown, answer.of), (2, 1, 2));
    check_component("cisa/version", r#","version":"n/a""#, State::Fail, Some(Told::Placeholder));
}

#[test]
fn the_producer_is_ranked_before_the_supplier() {
    let check = |members: &str, state, told| check_component("cisa/producer", members, state, told);
    check(r#","manufacturer":{"name":"Acme"}"#, State::Pass, None);
    check(r#","authors":[{"name":"Jane"}]"#, State::Pass, None);
    check(r#","author":"Jane""#, State::Pass, None);
    check(r#","publisher":"Acme""#, State::Pass, None);
    check(r#","supplier":{"name":"Acme"}"#, State::Pass, None);
    check(r#","manufacturer":{"name":"unknown"}"#, State::Pass, None);
    check(r#","manufacturer":{"name":"tbd"}"#, State::Fail, Some(Told::Placeholder));
    let remarks = |members: &str| {
        let text = cyclonedx("1.6", "", &format!(r#"{{"type":"library","name":"a"{members}}}"#), "");
        let score = scored("cisa-2026", &text);
        score.answer("cisa/producer").unwrap().remarks.iter().map(|one| one.text.to_string()).collect::<Vec<String>>()
    };
    assert_eq!(remarks(r#","supplier":{"name":"Acme"}"#), ["supplier taken for producer"]);
    assert_eq!(remarks(r#","supplier":{"name":"Acme"},"manufacturer":{"name":"Acme"}"#), [""; 0]);
}

#[test]
fn digests_are_real_and_of_a_sound_algorithm() {
    let hash = |alg: &str, content: &str| format!(r#","hashes":[{{"alg":"{alg}","content":"{content}"}}]"#);
    let md5 = "0123456789abcdef0123456789abcdef";
    let (short, long) = ("0123456789abcdef0123456789abcdef01234567", "0123456789abcdef".repeat(4));
    let value = |members: &str, state, told| check_component("cisa/hash-value", members, state, told);
    value(&hash("SHA-256", &long), State::Pass, None);
    value(&hash("SHA-256", short), State::Fail, Some(Told::Malformed));
    value(&hash("SHA-256", &"0".repeat(64)), State::Fail, Some(Told::Placeholder));
    value(&hash("SHA-256", "unknown"), State::Pass, None);
    let algorithm = |members: &str, state, told| check_component("cisa/hash-algorithm", members, state, told);
    algorithm(&hash("SHA-256", &long), State::Pass, None);
    algorithm(&hash("sha256", &long), State::Pass, None);
    algorithm(&hash("SHA-1", short), State::Warn, Some(Told::Value));
    algorithm(&hash("MD5", md5), State::Warn, Some(Told::Value));
    algorithm(&hash("ROT-13", short), State::Fail, Some(Told::Malformed));
    let both = format!(r#","hashes":[{{"alg":"MD5","content":"{}"}},{{"alg":"SHA-256","content":"{long}"}}]"#, md5);
    algorithm(&both, State::Pass, None);
}

#[test]
fn licences_are_told_or_said_to_be_unknown() {
    let check = |licenses: &str, state, told| {
        check_component("cisa/licence", &format!(r#","licenses":[{licenses}]"#), state, told);
    };
    check(r#"{"license":{"id":"MIT"}}"#, State::Pass, None);
    check(r#"{"expression":"MIT OR ISC"}"#, State::Pass, None);
    check(r#"{"license":{"name":"Acme licence"}}"#, State::Pass, None);
    check(r#"{"license":{"name":"unknown"}}"#, State::Pass, None);
    check(r#"{"license":{"name":"n/a"}}"#, State::Fail, Some(Told::Placeholder));
    check(r#"{"license":{"name":"n/a","url":"https://acme.example/terms"}}"#, State::Pass, None);
    check(r#"{"expression":"MIT OR"}"#, State::Fail, Some(Told::Malformed));
}

#[test]
fn every_component_stands_in_the_graph() {
    let with = |more: &str| {
        cyclonedx(
            "1.6",
            r#""component":{"type":"application","name":"app","bom-ref":"app"}"#,
            r#"{"type":"library","name":"a","bom-ref":"a"},{"type":"library","name":"b","bom-ref":"b"},{"type":"file","name":"f"}"#,
            more,
        )
    };
    let check = |more: &str, state, told| check("cisa/dependency", &with(more), state, told);
    check(r#","dependencies":[{"ref":"app","dependsOn":["a"]},{"ref":"a","dependsOn":["b"]}]"#, State::Pass, None);
    check(r#","dependencies":[{"ref":"app","dependsOn":["a"]},{"ref":"b"}]"#, State::Pass, None);
    check(r#","dependencies":[{"ref":"app","dependsOn":["a"]}]"#, State::Fail, Some(Told::Absent));
    // The subject of several components that needs none of them says nothing.
    check(r#","dependencies":[{"ref":"app"},{"ref":"a","dependsOn":["b"]}]"#, State::Fail, Some(Told::Absent));
    let unknown = r#","compositions":[{"aggregate":"unknown","dependencies":["app","a","b"]}]"#;
    check(unknown, State::Pass, None);
    check("", State::Fail, Some(Told::Absent));
}

#[test]
fn each_gap_is_said_to_be_one() {
    let digest = "0123456789abcdef".repeat(4);
    let full = format!(
        r#","version":"1","manufacturer":{{"name":"A"}},"purl":"pkg:npm/a@1","licenses":[{{"license":{{"id":"MIT"}}}}],"hashes":[{{"alg":"SHA-256","content":"{digest}"}}]"#
    );
    check_component("cisa/unknowns", &full, State::Pass, None);
    let without = full.replace(r#""version":"1","#, "");
    check_component("cisa/unknowns", &without, State::Fail, Some(Told::Absent));
    check_component(
        "cisa/unknowns",
        &format!("{without}{}", property(UNKNOWN, "Component Version")),
        State::Pass,
        None,
    );
    let withheld = format!("{without}{}", property(WITHHELD, "Component Version"));
    check_component("cisa/unknowns", &withheld, State::Fail, Some(Told::Withheld));
    let component = format!(r#"{{"type":"library","name":"a"{withheld}}}"#);
    for name in ["cdx:cisa:withheld-information-inquiry", "cdx:cisa:redacted-information-inquiry"] {
        let inquiry = property(name, "mail security@acme.example");
        check("cisa/unknowns", &cyclonedx("1.6", inquiry.trim_start_matches(','), &component, ""), State::Pass, None);
    }
}
