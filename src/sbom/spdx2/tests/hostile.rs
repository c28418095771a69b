//! What is wrong is told at its place, and what would explode is refused.

use super::text;
use crate::sbom::model::{Losses, Unread};
use crate::sbom::spdx2::{FAMILY, JSON, TAG, VERSIONS};
use crate::sbom::{Document, Origin, Unreadable};

const HEAD: &str = "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: a\n\
    DocumentNamespace: https://example.com/a\nCreator: Tool: t-1\nCreated: 2024-01-02T03:04:05Z\n";

/// Returns the pointers of the violations and contradictions of tags that stand behind a sound head, with what they quote.
fn told(rest: &str) -> Vec<String> {
    let whole = format!("{HEAD}{rest}");
    let document = Document::read(&whole).unwrap();
    let all = document.violations().into_iter().chain(document.inconsistencies());
    all.map(|one| format!("{} {}", one.pointer, whole.get(one.span.start..one.span.end).unwrap())).collect()
}

#[test]
fn tags_are_told_by_their_names() {
    for (rest, expected) in [
        ("", vec![]),
        ("PackageName: a\nSPDXID: SPDXRef-a\nPackageDownloadLocation: NONE\n", vec![]),
        ("PackageName: a\nSPDXID: a\nPackageDownloadLocation: NONE\n", vec!["SPDXID a"]),
        ("PackageName: a\nSPDXID: SPDXRef-a\n", vec!["PackageName P"]),
        ("PackageVersion: 1\n", vec!["PackageVersion PackageVersion"]),
        ("Colour: red\n", vec!["Colour Colour"]),
        ("DocumentName: b\n", vec!["DocumentName DocumentName"]),
        ("Relationship: SPDXRef-DOCUMENT DESCRIBES\n", vec!["Relationship Relationship"]),
        ("Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-x\n", vec!["Relationship SPDXRef-x"]),
        ("Relationship: SPDXRef-DOCUMENT DESCRIBES NONE\n", vec![]),
        ("# a comment\nDocumentComment: <text>\nColour: red\n</text>\n", vec![]),
    ] {
        assert_eq!(told(rest), expected, "{rest}");
    }
}

#[test]
fn what_are_no_tags_is_a_fault_at_its_place() {
    for (rest, expected) in [
        ("DocumentComment: <text>a", "a text that ends with `</text>`"),
        ("DocumentComment: <text>a</text> b\n", "the end of the line behind `</text>`"),
        ("no tag\n", "a tag, `:` and a value"),
        ("a b: c\n", "a tag, `:` and a value"),
    ] {
        let whole = format!("{HEAD}{rest}");
        let Err(Unreadable::Fault(fault)) = Document::read(&whole) else { panic!("{rest}") };
        assert_eq!(fault.expected.as_str(), expected);
        assert!(fault.span.start >= HEAD.len(), "{rest}");
    }
}

fn rdf(licenses: &str) -> String {
    format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://spdx.org/rdf/terms#\">\
         <SpdxDocument rdf:about=\"https://example.com/a#SPDXRef-DOCUMENT\"><specVersion>SPDX-2.3</specVersion>\
         </SpdxDocument><Package rdf:about=\"https://example.com/a#SPDXRef-a\">\
         <licenseConcluded rdf:nodeID=\"s0\"/></Package>{licenses}</rdf:RDF>"
    )
}

#[test]
fn licences_are_expressions() {
    let set = "<DisjunctiveLicenseSet rdf:nodeID=\"s0\"><member rdf:resource=\"http://spdx.org/licenses/MIT\"/>\
        <member><WithExceptionOperator><member rdf:resource=\"http://spdx.org/licenses/GPL-2.0-only\"/>\
        <licenseException rdf:resource=\"http://spdx.org/licenses/Classpath-exception-2.0\"/></WithExceptionOperator></member>\
        <member><ConjunctiveLicenseSet><member><OrLaterOperator><member rdf:resource=\"http://spdx.org/licenses/LGPL-2.1\"/>\
        </OrLaterOperator></member><member rdf:resource=\"https://example.com/a#LicenseRef-1\"/></ConjunctiveLicenseSet>\
        </member></DisjunctiveLicenseSet>";
    let whole = rdf(set);
    let document = Document::read(&whole).unwrap();
    let expected = "\"MIT OR GPL-2.0-only WITH Classpath-exception-2.0 OR (LGPL-2.1+ AND LicenseRef-1)\"";
    assert!(text(&document.root).contains(expected), "{}", text(&document.root));
}

#[test]
fn licences_that_stand_in_themselves_are_refused() {
    let set = |at: usize, member: usize| {
        format!(
            "<ConjunctiveLicenseSet rdf:nodeID=\"s{at}\"><member rdf:nodeID=\"s{member}\"/>\
             <member rdf:nodeID=\"s{member}\"/></ConjunctiveLicenseSet>"
        )
    };
    let doubling: String = (0..60).map(|at| set(at, at + 1)).collect();
    for licenses in [doubling, set(0, 0)] {
        let whole = rdf(&licenses);
        let Err(Unreadable::Fault(fault)) = Document::read(&whole) else { panic!("{licenses}") };
        assert_eq!(fault.found.as_str(), "resources that stand in many others");
    }
}

/// The documents of the project that are changed here and there.
static SEEDS: &[&str] = &[
    include_str!("../../../../tests/fixtures/sbom/spdx-json/valid-maven.json"),
    include_str!("../../../../tests/fixtures/sbom/spdx-json/valid-go-2.2.json"),
    include_str!("../../../../tests/fixtures/sbom/spdx-tag/valid-hello.spdx"),
    include_str!("../../../../tests/fixtures/sbom/spdx-tag/valid-lite.spdx"),
    include_str!("../../../../tests/fixtures/sbom/spdx-yaml/valid-small.spdx.yaml"),
    include_str!("../../../../tests/fixtures/sbom/spdx-xml/valid-small.spdx.xml"),
    include_str!("../../../../tests/fixtures/sbom/spdx-rdf/valid-all.rdf.xml"),
];

/// Judges a text and writes it again through the model, where it is a document.
fn carry(text: &str) {
    let Ok(document) = Document::read(text) else { return };
    for one in document.violations().into_iter().chain(document.inconsistencies()) {
        assert!(one.span.start <= one.span.end && one.span.end <= text.len(), "{one:?}\n{text}");
    }
    let unread = Unread::remembered();
    let bom = document.model(&unread);
    drop(unread.losses(&document.root));
    for version in VERSIONS {
        let written = (FAMILY.write)(&bom, version, Origin::Document);
        for format in [&JSON, &TAG] {
            let made = String::from_utf8((format.render)(&written.root, version, &mut Losses::default())).unwrap();
            let again = Document::read(&made).unwrap_or_else(|why| panic!("{why:?}\n{made}"));
            assert_eq!((again.format.id, again.version), (format.id, *version));
            assert_eq!(again.violations(), [], "{made}\n\nof\n\n{text}");
        }
    }
}

#[test]
fn changed_documents_are_read_or_refused_and_written_soundly() {
    let parts = [
        "",
        "\u{e4}",
        "\"",
        "<",
        ">",
        ":",
        "\n",
        "SPDXRef-",
        "NONE",
        "NOASSERTION",
        "</text>",
        " ",
        "&",
        "null",
        "[]",
        "{}",
        "9",
    ];
    let mut state = 7u64;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    for seed in SEEDS {
        for _ in 0..60 {
            let chars: Vec<char> = seed.chars().collect();
            let start = next(chars.len());
            let end = (start + next(24)).min(chars.len());
            let mut text: String = chars[..start].iter().collect();
            text.push_str(parts[next(parts.len())]);
            text.extend(&chars[end..]);
            carry(&text);
        }
    }
}
