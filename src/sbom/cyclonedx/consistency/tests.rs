//! Contradictions, each beside what differs from it by little and contradicts nothing.

use crate::sbom::{Document, Kind};

/// A document of a version with these members beside those of the format.
fn document(version: &str, members: &str) -> String {
    format!(r#"{{"bomFormat":"CycloneDX","specVersion":"{version}"{members}}}"#)
}

/// Returns the pointers and what was found at each.
fn found(text: &str) -> Vec<(String, String)> {
    let document = Document::read(text).unwrap_or_else(|why| panic!("{why:?}: {text}"));
    let all = document.inconsistencies();
    for one in &all {
        assert_eq!(one.kind, Kind::Inconsistent);
        assert_eq!(one.pointer, crate::sbom::pointer(&document.root, one.span), "{one:?}");
    }
    all.into_iter().map(|one| (one.pointer.to_string(), one.found.to_string())).collect()
}

/// Checks that something is found at a pointer, and nothing of what differs by little.
#[track_caller]
fn check(pointer: &str, wrong: &str, sound: &str) {
    check_of(&["1.4", "1.5", "1.6", "1.7"], pointer, wrong, sound);
}

#[track_caller]
fn check_of(versions: &[&str], pointer: &str, wrong: &str, sound: &str) {
    for version in versions {
        let pointers: Vec<String> = found(&document(version, wrong)).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, [pointer], "{version}: {wrong}");
        assert_eq!(found(&document(version, sound)), [], "{version}: {sound}");
    }
}

#[test]
fn a_bom_ref_stands_once() {
    let two = |second: &str| {
        format!(
            r#","components":[{{"type":"library","name":"a","bom-ref":"x","components":[{{"type":"library","name":"b","bom-ref":"{second}"}}]}}]"#
        )
    };
    check("/components/0/components/0/bom-ref", &two("x"), &two("y"));
    let service = |id: &str| {
        format!(
            r#","metadata":{{"component":{{"type":"library","name":"a","bom-ref":"x"}}}},"services":[{{"name":"s","bom-ref":"{id}"}}]"#
        )
    };
    check("/services/0/bom-ref", &service("x"), &service("y"));
    let vulnerability = |id: &str| {
        format!(
            r#","components":[{{"type":"library","name":"a","bom-ref":"x"}}],"vulnerabilities":[{{"bom-ref":"{id}"}}]"#
        )
    };
    check("/vulnerabilities/0/bom-ref", &vulnerability("x"), &vulnerability("y"));
}

#[test]
fn a_second_bom_ref_tells_where_the_first_stands() {
    let text = document("1.6", ",\n\"components\":[\n{\"bom-ref\":\"x\"},\n{\"bom-ref\":\"x\"}]");
    assert_eq!(found(&text), [("/components/1/bom-ref".to_owned(), "`x` again, which stands at 3:12".to_owned())]);
}

#[test]
fn references_lead_somewhere() {
    let components =
        r#","components":[{"type":"library","name":"a","bom-ref":"a"},{"type":"library","name":"b","bom-ref":"b"}]"#;
    let with = |members: &str| format!("{components},{members}");
    for (pointer, wrong) in [
        ("/dependencies/0/ref", r#""dependencies":[{"ref":"?"}]"#),
        ("/dependencies/0/dependsOn/1", r#""dependencies":[{"ref":"a","dependsOn":["b","?"]}]"#),
        ("/dependencies/0/provides/0", r#""dependencies":[{"ref":"a","provides":["?"]}]"#),
        ("/compositions/0/assemblies/0", r#""compositions":[{"aggregate":"complete","assemblies":["?"]}]"#),
        ("/compositions/0/dependencies/0", r#""compositions":[{"aggregate":"complete","dependencies":["?"]}]"#),
        ("/compositions/0/vulnerabilities/0", r#""compositions":[{"aggregate":"complete","vulnerabilities":["?"]}]"#),
        ("/annotations/0/subjects/0", r#""annotations":[{"subjects":["?"],"text":"t"}]"#),
        ("/vulnerabilities/0/affects/0/ref", r#""vulnerabilities":[{"affects":[{"ref":"?"}]}]"#),
        ("/declarations/claims/0/target", r#""declarations":{"claims":[{"target":"?"}]}"#),
        (
            "/definitions/standards/0/levels/0/requirements/0",
            r#""definitions":{"standards":[{"levels":[{"requirements":["?"]}]}]}"#,
        ),
        (
            "/formulation/0/workflows/0/resourceReferences/0/ref",
            r#""formulation":[{"workflows":[{"resourceReferences":[{"ref":"?"}]}]}]"#,
        ),
    ] {
        check(pointer, &with(wrong), &with(&wrong.replace('?', "b")));
        let link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#b";
        check(pointer, &with(&wrong.replace('?', "urn:cdx:3e671687/1")), &with(&wrong.replace('?', link)));
    }
    let identity = |tool: &str| {
        format!(
            r#","components":[{{"type":"library","name":"a","bom-ref":"a","evidence":{{"identity":[{{"field":"purl","tools":["{tool}"]}}]}}}}]"#
        )
    };
    check("/components/0/evidence/identity/0/tools/0", &identity("t"), &identity("a"));
    // A composition of the whole document names its serial number.
    let whole = r#","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","compositions":[{"aggregate":"complete","assemblies":["urn:uuid:3e671687-395b-41f5-a30f-a58921a69b7?"]}]"#;
    check("/compositions/0/assemblies/0", &whole.replace('?', "8"), &whole.replace('?', "9"));
}

#[test]
fn what_a_thing_needs_is_told_once_and_is_not_itself() {
    let components =
        r#","components":[{"type":"library","name":"a","bom-ref":"a"},{"type":"library","name":"b","bom-ref":"b"}]"#;
    let twice =
        |second: &str| format!(r#"{components},"dependencies":[{{"ref":"a","dependsOn":["b"]}},{{"ref":"{second}"}}]"#);
    check("/dependencies/1/ref", &twice("a"), &twice("b"));
    let itself = |other: &str| format!(r#"{components},"dependencies":[{{"ref":"a","dependsOn":["{other}"]}}]"#);
    check("/dependencies/0/dependsOn/0", &itself("a"), &itself("b"));
    // Circles of more than one are allowed.
    let circle =
        format!(r#"{components},"dependencies":[{{"ref":"a","dependsOn":["b"]}},{{"ref":"b","dependsOn":["a"]}}]"#);
    assert_eq!(found(&document("1.6", &circle)), []);
}

#[test]
fn digests_are_as_long_as_their_algorithm_makes_them() {
    let hash = |alg: &str, digits: usize| {
        format!(
            r#","components":[{{"type":"library","name":"a","hashes":[{{"alg":"{alg}","content":"{}"}}]}}]"#,
            "a".repeat(digits)
        )
    };
    for (alg, digits, wrong) in
        [("MD5", 32, 40), ("SHA-1", 40, 32), ("SHA-256", 64, 40), ("SHA-512", 128, 64), ("BLAKE2b-384", 96, 64)]
    {
        check("/components/0/hashes/0/content", &hash(alg, wrong), &hash(alg, digits));
    }
    // The output of BLAKE3 is as long as one likes.
    assert_eq!(found(&document("1.6", &hash("BLAKE3", 64))), []);
}

#[test]
fn identifiers_and_expressions_are_sound() {
    let component = |members: &str| format!(r#","components":[{{"type":"library","name":"a",{members}}}]"#);
    let check = |pointer: &str, wrong: &str, sound: &str| {
        check(&format!("/components/0/{pointer}"), &component(wrong), &component(sound));
    };
    check("purl", r#""purl":"pkg:npm""#, r#""purl":"pkg:npm/a@1""#);
    check("purl", r#""purl":"pkg:npm/a\u0007@1""#, r#""purl":"pkg:npm/a%40@1""#);
    check("cpe", r#""cpe":"cpe:2.3:a:acme:a:1""#, r#""cpe":"cpe:2.3:a:acme:a:1:*:*:*:*:*:*:*""#);
    check(
        "licenses/0/expression",
        r#""licenses":[{"expression":"MIT AND OR ISC"}]"#,
        r#""licenses":[{"expression":"MIT OR ISC"}]"#,
    );
    let text = document("1.6", &component(r#""licenses":[{"expression":"Nonsense-1.0"}]"#));
    let read = Document::read(&text).unwrap();
    let violation = read.inconsistencies().remove(0);
    assert!(violation.expected.as_str().contains(spdx::identifiers::VERSION), "{violation:?}");
    // Properties are whatever their names say.
    assert_eq!(found(&document("1.6", &component(r#""properties":[{"name":"purl","value":"x","bom-ref":"a"}]"#))), []);
}

#[test]
fn an_edition_is_a_number_from_one() {
    check_of(&["1.2", "1.3", "1.4"], "/version", r#","version":0"#, r#","version":1"#);
    check_of(&["1.2", "1.3", "1.4"], "/version", r#","version":-1"#, r#","version":12"#);
}

#[test]
fn what_schemas_say_is_left_to_them() {
    for members in [
        r#","version":1,"serialNumber":"urn:uuid:3E671687""#,
        r#","version":1,"metadata":{"timestamp":"yesterday"}"#,
        r#","version":1,"components":[{"type":"library","name":"a","version":"1","licenses":[{"license":{"id":"Nonsense"}}]}]"#,
    ] {
        for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
            let text = document(version, members);
            let read = Document::read(&text).unwrap();
            assert!(!read.violations().is_empty(), "{text}");
            assert_eq!(read.inconsistencies(), [], "{text}");
        }
    }
}

#[test]
fn contradictions_are_bounded_and_in_order() {
    let refs: Vec<String> = (0..100_000).map(|at| format!(r#"{{"ref":"{at}"}}"#)).collect();
    let text = document("1.6", &format!(r#","dependencies":[{}]"#, refs.join(",")));
    let all = found_spans(&text);
    assert_eq!(all.len(), super::MAX_VIOLATIONS);
    assert!(all.is_sorted());
}

fn found_spans(text: &str) -> Vec<usize> {
    Document::read(text).unwrap().inconsistencies().into_iter().map(|one| one.span.start).collect()
}
