//! What profiles make of documents of SPDX 2 and 3.

use super::{check, scored};
use crate::sbom::profile::{State, Told};

/// A document of SPDX 2.3 of one package, with these members of it and these relations.
fn spdx2(creation: &str, members: &str, relationships: &str) -> String {
    format!(
        r#"{{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"d","documentNamespace":"https://acme.example/d","creationInfo":{{"created":"2026-01-02T03:04:05Z",{creation}}},"documentDescribes":["SPDXRef-a"],"packages":[{{"SPDXID":"SPDXRef-a","name":"a","downloadLocation":"NOASSERTION"{members}}},{{"SPDXID":"SPDXRef-b","name":"b","versionInfo":"1","downloadLocation":"NOASSERTION"{members}}}],"relationships":[{relationships}]}}"#
    )
}

fn relation(from: &str, kind: &str, to: &str) -> String {
    format!(r#"{{"spdxElementId":"{from}","relationshipType":"{kind}","relatedSpdxElement":"{to}"}}"#)
}

const CREATORS: &str = r#""creators":["Person: Jane (jane@acme.example)","Tool: scanner-2.1"]"#;

#[test]
fn spdx_2_packages_tell_of_themselves() {
    let check = |element: &str, members: &str, state, told| check(element, &spdx2(CREATORS, members, ""), state, told);
    check("ntia/supplier", r#","supplier":"Organization: Acme""#, State::Pass, None);
    check("ntia/supplier", r#","originator":"Person: Jane (jane@acme.example)""#, State::Pass, None);
    check("ntia/supplier", r#","supplier":"NOASSERTION""#, State::Fail, Some(Told::Unknown));
    check("ntia/supplier", r#","supplier":"NOASSERTION","originator":"Organization: Acme""#, State::Pass, None);
    check("ntia/supplier", "", State::Fail, Some(Told::Absent));
    check("cisa/producer", r#","originator":"Organization: Acme""#, State::Pass, None);
    check("cisa/producer", r#","originator":"NOASSERTION""#, State::Pass, None);
    check("cisa/producer", "", State::Fail, Some(Told::Absent));
    let purl = r#","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/a@1"}]"#;
    check("ntia/identifier", purl, State::Pass, None);
    check("ntia/identifier", &purl.replace("pkg:npm/a@1", "a-purl-1"), State::Fail, Some(Told::Malformed));
    check("ntia/identifier", "", State::Fail, Some(Told::Absent));
}

#[test]
fn spdx_2_versions_that_are_not_asserted_are_no_versions() {
    let with = |version: &str| spdx2(CREATORS, &format!(r#","comment":"c","versionInfo":"{version}""#), "");
    let only = |version: &str| with(version).replace(r#""name":"b","versionInfo":"1","#, r#""name":"b","#);
    check("ntia/version", &only("1.2"), State::Pass, None);
    check("ntia/version", &only("NOASSERTION"), State::Fail, Some(Told::Unknown));
    check("cisa/version", &only("NOASSERTION"), State::Pass, None);
}

#[test]
fn spdx_2_licences_that_are_not_there_are_implied_unknown() {
    let check = |members: &str, state, told| check("cisa/licence", &spdx2(CREATORS, members, ""), state, told);
    check(r#","licenseDeclared":"MIT""#, State::Pass, None);
    check(r#","licenseConcluded":"MIT","licenseDeclared":"NOASSERTION""#, State::Pass, None);
    check(r#","licenseConcluded":"NOASSERTION","licenseDeclared":"NOASSERTION""#, State::Pass, None);
    check(r#","licenseDeclared":"NONE""#, State::Pass, None);
    check("", State::Warn, Some(Told::Unknown));
}

#[test]
fn spdx_2_describing_something_is_no_dependency() {
    let check = |relations: &str, state, told| check("ntia/dependency", &spdx2(CREATORS, "", relations), state, told);
    let describes = relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-a");
    check(&describes, State::Fail, Some(Told::Absent));
    check(&format!("{describes},{}", relation("SPDXRef-a", "DEPENDS_ON", "SPDXRef-b")), State::Pass, None);
    check(&relation("SPDXRef-b", "DEPENDENCY_OF", "SPDXRef-a"), State::Pass, None);
    check(&relation("SPDXRef-b", "DEPENDS_ON", "SPDXRef-a"), State::Fail, Some(Told::Absent));
    check(&relation("SPDXRef-a", "CONTAINS", "SPDXRef-b"), State::Pass, None);
    check(&relation("SPDXRef-a", "STATIC_LINK", "SPDXRef-b"), State::Pass, None);
    check(&relation("SPDXRef-a", "DEPENDS_ON", "NONE"), State::Pass, None);
    check(&relation("SPDXRef-a", "DEPENDS_ON", "NOASSERTION"), State::Pass, None);
}

#[test]
fn spdx_2_says_what_ends_the_graph() {
    let edge = relation("SPDXRef-a", "DEPENDS_ON", "SPDXRef-b");
    let end = relation("SPDXRef-b", "DEPENDS_ON", "NONE");
    check("cisa/coverage", &spdx2(CREATORS, "", &edge), State::Warn, Some(Told::Absent));
    check("cisa/coverage", &spdx2(CREATORS, "", &format!("{edge},{end}")), State::Pass, None);
    check("ntia/known-unknowns", &spdx2(CREATORS, "", &edge), State::Warn, Some(Told::Absent));
    check("ntia/known-unknowns", &spdx2(CREATORS, "", &format!("{edge},{end}")), State::Pass, None);
    // What is only contained is warned of nowhere, and told.
    let score = scored("cisa-2026", &spdx2(CREATORS, "", &relation("SPDXRef-a", "CONTAINS", "SPDXRef-b")));
    let answer = score.answer("cisa/dependency").unwrap();
    assert_eq!((answer.state, answer.remarks.len()), (State::Pass, 1));
}

#[test]
fn spdx_2_tools_have_their_version_behind_their_name() {
    let check = |element: &str, creators: &str, state, told| {
        check(element, &spdx2(&format!(r#""creators":[{creators}]"#), "", ""), state, told);
    };
    check("cisa/tool-version", r#""Tool: my-scanner-2.1""#, State::Pass, None);
    check("cisa/tool-version", r#""Tool: scancode-toolkit 32.3.0""#, State::Pass, None);
    // The format has no place of its own for it.
    check("cisa/tool-version", r#""Tool: scanner""#, State::Warn, Some(Told::Absent));
    check("cisa/tool-name", r#""Person: Jane ()""#, State::Fail, Some(Told::Absent));
    check("cisa/author", r#""Tool: scanner-1""#, State::Fail, Some(Told::Absent));
    check("cisa/author", r#""Organization: Acme ()""#, State::Pass, None);
    check("cisa/author", r#""Person: anonymous ()""#, State::Warn, Some(Told::Unknown));
}

#[test]
fn spdx_2_is_no_format_of_the_bsi_and_names_the_context_in_a_comment() {
    check("bsi/format", &spdx2(CREATORS, "", ""), State::Fail, Some(Told::Malformed));
    let comment = |comment: &str| spdx2(&format!(r#"{CREATORS},"comment":"{comment}""#), "", "");
    check("cisa/generation-context", &comment("SBOM Type: Build"), State::Pass, None);
    check("cisa/generation-context", &comment("Rebuilt by hand"), State::Warn, Some(Told::Absent));
}

/// A document of SPDX 3 about one package that needs another, with these members of the first and of the relation.
fn spdx3(members: &str, relation: &str) -> String {
    format!(
        r#"{{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
{{"type":"CreationInfo","@id":"_:c","specVersion":"3.0.1","createdBy":["https://acme.example/jane"],"created":"2026-01-02T03:04:05Z"}},
{{"type":"Person","spdxId":"https://acme.example/jane","creationInfo":"_:c","name":"Jane","externalIdentifier":[{{"type":"ExternalIdentifier","externalIdentifierType":"email","identifier":"jane@acme.example"}}]}},
{{"type":"SpdxDocument","spdxId":"https://acme.example/d","creationInfo":"_:c","rootElement":["https://acme.example/sbom"]}},
{{"type":"software_Sbom","spdxId":"https://acme.example/sbom","creationInfo":"_:c","rootElement":["https://acme.example/a"],"software_sbomType":["build"]}},
{{"type":"software_Package","spdxId":"https://acme.example/a","creationInfo":"_:c","name":"a"{members}}},
{{"type":"software_Package","spdxId":"https://acme.example/b","creationInfo":"_:c","name":"b"{members}}},
{{"type":"Relationship","spdxId":"https://acme.example/r","creationInfo":"_:c","from":"https://acme.example/a","to":["https://acme.example/b"]{relation}}}
]}}"#
    )
}

const NEEDS: &str = r#","relationshipType":"dependsOn""#;

#[test]
fn spdx_3_packages_tell_of_themselves() {
    let check = |element: &str, members: &str, state, told| check(element, &spdx3(members, NEEDS), state, told);
    let jane = r#""https://acme.example/jane""#;
    check("ntia/supplier", &format!(r#","suppliedBy":{jane}"#), State::Pass, None);
    check("ntia/supplier", &format!(r#","originatedBy":[{jane}]"#), State::Pass, None);
    check("ntia/supplier", "", State::Fail, Some(Told::Absent));
    check("ntia/version", r#","software_packageVersion":"1""#, State::Pass, None);
    check("ntia/version", r#","software_packageVersion":"n/a""#, State::Fail, Some(Told::Placeholder));
    check("ntia/version", "", State::Fail, Some(Told::Absent));
    check("ntia/identifier", r#","software_packageUrl":"pkg:npm/a@1""#, State::Pass, None);
    let other = |kind: &str| {
        format!(
            r#","externalIdentifier":[{{"type":"ExternalIdentifier","externalIdentifierType":"{kind}","identifier":"x:1"}}]"#
        )
    };
    check("ntia/identifier", &other("swid"), State::Pass, None);
    check("ntia/identifier", &other("email"), State::Fail, Some(Told::Absent));
    check("cisa/producer", &format!(r#","originatedBy":[{jane}]"#), State::Pass, None);
    let hash = r#","verifiedUsing":[{"type":"Hash","algorithm":"sha256","hashValue":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]"#;
    check("cisa/hash-value", hash, State::Pass, None);
    check("cisa/hash-algorithm", hash, State::Pass, None);
    check("cisa/hash-value", "", State::Fail, Some(Told::Absent));
    check("bsi/comp-creator", &format!(r#","originatedBy":[{jane}]"#), State::Pass, None);
}

#[test]
fn spdx_3_documents_tell_of_themselves() {
    let text = spdx3("", NEEDS);
    for element in [
        "ntia/author",
        "ntia/timestamp",
        "ntia/dependency",
        "cisa/author",
        "cisa/generation-context",
        "bsi/format",
        "bsi/sbom-creator",
        "bsi/depth",
    ] {
        check(element, &text, State::Pass, None);
    }
    check("cisa/tool-name", &text, State::Fail, Some(Told::Absent));
    check("cisa/tool-version", &text, State::Warn, Some(Told::Absent));
    check("ntia/timestamp", &text.replace("2026-01-02T03:04:05Z", "2026-01-02"), State::Fail, Some(Told::Malformed));
    check("ntia/dependency", &spdx3("", r#","relationshipType":"copiedTo""#), State::Fail, Some(Told::Absent));
    check(
        "ntia/author",
        &text.replace("\"type\":\"Person\"", "\"type\":\"SoftwareAgent\""),
        State::Warn,
        Some(Told::Absent),
    );
}

#[test]
fn spdx_3_edges_say_whether_they_are_all() {
    let with = |word: &str| spdx3("", &format!(r#"{NEEDS},"completeness":"{word}""#));
    check("cisa/coverage", &with("complete"), State::Pass, None);
    check("cisa/coverage", &with("incomplete"), State::Warn, Some(Told::Absent));
    check("cisa/coverage", &with("noAssertion"), State::Warn, Some(Told::Unknown));
    check("ntia/known-unknowns", &with("complete"), State::Pass, None);
    check("ntia/known-unknowns", &with("noAssertion"), State::Pass, None);
    check("ntia/known-unknowns", &spdx3("", NEEDS), State::Warn, Some(Told::Absent));
}
