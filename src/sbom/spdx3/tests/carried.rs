//! What is written is read back as it was, and is sound by the schema and the model of the specification.

use std::borrow::Cow;

use super::check_by_the_model;
use crate::document::render_json;
use crate::sbom::model::{
    Aggregate, Bom, Completeness, Component, ComponentScope, End, Facet, FoundAt, Hash, HashAlgorithm, License,
    LicenseText, Party, PartyKind, Reference, Relation, RelationKind, RelationScope, Stated, Tool, Unread,
};
use crate::sbom::spdx3::write;
use crate::sbom::{Document, Origin};

const ORIGIN: Origin = Origin::Document;

fn words(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn package<'a>(id: &'a str, name: &'a str) -> Component<'a> {
    Component { id: words(id), kind: words("library"), is_kind_stated: true, name: words(name), ..Component::default() }
}

fn party<'a>(kind: PartyKind, name: &'a str) -> Party<'a> {
    Party { kind, name: Some(words(name)), ..Party::default() }
}

fn depends<'a>(from: usize, to: End<'a>, scope: RelationScope) -> Relation<'a> {
    Relation { from: End::Component(from), kind: RelationKind::DependsOn, to, scope, comment: None }
}

fn expression(text: &str) -> License<'_> {
    License::Expression(words(text))
}

/// Writes a model and reads it back; what is lost must be this.
fn check_written(bom: &Bom<'_>, losses: &[&str], check: impl FnOnce(&Bom<'_>)) {
    let written = write::document(bom, "3.0.1", ORIGIN);
    let text = String::from_utf8(render_json(&written.root)).expect("text");
    let lost: Vec<String> = written.losses.iter().map(|loss| format!("{} {}", loss.what, loss.count)).collect();
    assert_eq!(lost, losses, "{text}");
    let document = Document::read(&text).unwrap_or_else(|why| panic!("{why:?} in {text}"));
    assert_eq!(document.violations(), [], "{text}");
    assert_eq!(document.inconsistencies(), [], "{text}");
    let unread = Unread::remembered();
    let again = document.model(&unread);
    assert_eq!(unread.losses(&document.root), [], "all that is written is read: {text}");
    check(&again);
}

/// Whether two models say the same, but for where it stands in a text.
fn assert_same(mut read: Bom<'_>, bom: &Bom<'_>) {
    for component in &mut read.components {
        component.span = crate::document::Span::default();
    }
    let (read, bom) = (format!("{read:#?}"), format!("{bom:#?}"));
    let differs = read.lines().zip(bom.lines()).position(|(read, bom)| read != bom);
    let around = |text: &str| {
        let from = differs.unwrap_or_default().saturating_sub(12);
        text.lines().skip(from).take(20).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(read, bom, "read:\n{}\nwritten:\n{}", around(&read), around(&bom));
}

fn full() -> Bom<'static> {
    let supplier = Party {
        kind: PartyKind::Organization,
        name: Some(words("ACME")),
        emails: vec![words("sbom@acme.example")],
        urls: vec![words("https://acme.example")],
    };
    let root = Component {
        kind: words("application"),
        version: Stated::Value(words("1.0")),
        supplier: Stated::Value(supplier.clone()),
        producer: Stated::Value(party(PartyKind::Unstated, "Someone")),
        authors: vec![party(PartyKind::Person, "Ann"), supplier.clone()],
        purls: vec![words("pkg:npm/app@1.0"), words("pkg:npm/other@1.0")],
        cpes: vec![words("cpe:2.3:a:acme:app:1.0:*:*:*:*:*:*:*"), words("cpe:/a:acme:app:1.0")],
        identifiers: vec![(words("swid"), words("urn:x")), (words("maven-central"), words("a:b:c"))],
        group: Some(words("acme")),
        publisher: Some(words("ACME Press")),
        hashes: vec![
            Hash {
                algorithm: HashAlgorithm::named(words("SHA-256")),
                value: words("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            },
            Hash { algorithm: HashAlgorithm::named(words("Streebog-256")), value: words("01") },
        ],
        declared: Stated::Value(vec![expression("MIT OR LicenseRef-own"), expression("Apache-2.0")]),
        concluded: Stated::Value(vec![License::Named {
            name: words("A licence of our own"),
            url: Some(words("https://acme.example/licence")),
            text: Some(words("Do as you like.")),
        }]),
        copyright: Stated::Value(words("(c) ACME")),
        description: Some(words("An application")),
        comment: Some(words("Good")),
        scope: Some(ComponentScope::Required),
        download: Stated::Value(words("https://acme.example/app.tar.gz")),
        file_name: Some(words("app.tar.gz")),
        is_external: true,
        references: vec![
            Reference { kind: words("website"), url: words("https://acme.example"), ..Reference::default() },
            Reference { kind: words("vcs"), url: words("https://acme.example/git"), ..Reference::default() },
            Reference {
                kind: words("bom"),
                url: words("https://acme.example/bom"),
                comment: Some(words("theirs")),
                ..Reference::default()
            },
            Reference {
                kind: words("other"),
                other_kind: Some(words("eolNotice")),
                url: words("https://acme.example/end"),
                ..Reference::default()
            },
        ],
        places: vec![
            FoundAt { path: words("a:b/package.json"), line: Some(12) },
            FoundAt { path: words("12"), line: None },
        ],
        properties: vec![
            (words("spdx:purpose"), words("archive")),
            (words("acme:a"), words("1")),
            (words("acme:a"), words("")),
        ],
        ..package("urn:acme:app", "app")
    };
    let silent = Component {
        declared: Stated::Unknown,
        concluded: Stated::None,
        copyright: Stated::Unknown,
        download: Stated::None,
        version: Stated::Withheld,
        supplier: Stated::Unknown,
        properties: vec![
            (words("cdx:cisa:withheld-information"), words("version")),
            (words("cdx:cisa:unknown-information"), words("supplier")),
        ],
        ..package("urn:acme:silent", "silent")
    };
    let file = Component {
        kind: words("file"),
        properties: vec![(words("spdx:purpose"), words("source"))],
        hashes: vec![Hash {
            algorithm: HashAlgorithm::named(words("SHA1")),
            value: words("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        }],
        ..package("urn:acme:file", "src/main.rs")
    };
    let plain = Component { is_kind_stated: false, ..package("urn:acme:plain", "plain") };
    let link = |from, kind: &'static str, to| Relation {
        from: End::Component(from),
        kind: RelationKind::Other(words(kind)),
        to,
        scope: RelationScope::Unstated,
        comment: Some(words("so it is")),
    };
    Bom {
        id: Some(words("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79")),
        name: Some(words("app")),
        edition: Some(7),
        created: Some(words("2026-01-02T03:04:05Z")),
        authors: vec![party(PartyKind::Person, "Ann"), party(PartyKind::Software, "bot")],
        tools: vec![
            Tool { vendor: Some(words("ACME")), name: words("scanner"), version: Some(words("1.2")) },
            Tool { vendor: None, name: words("scanner-2"), version: None },
        ],
        supplier: Some(supplier),
        lifecycles: vec![words("pre-build"), words("a phase of our own")],
        comment: Some(words("A document")),
        data_license: Some(words("CC0-1.0")),
        license_list_version: Some(words("3.27.0")),
        components: vec![root, silent, file, plain],
        roots: vec![0],
        relations: vec![
            depends(0, End::Component(1), RelationScope::Unstated),
            depends(0, End::Component(3), RelationScope::Test),
            depends(0, End::Elsewhere(words("urn:elsewhere")), RelationScope::Optional),
            depends(1, End::None, RelationScope::Unstated),
            depends(3, End::Unknown, RelationScope::Unstated),
            Relation { kind: RelationKind::Contains, ..depends(0, End::Component(2), RelationScope::Unstated) },
            Relation { kind: RelationKind::Provides, ..depends(3, End::Component(1), RelationScope::Unstated) },
            link(2, "GENERATED_FROM", End::Component(0)),
            link(2, "TEST_OF", End::Component(0)),
            link(1, "BUILD_TOOL_OF", End::Component(0)),
            link(1, "trainedOn", End::Component(2)),
        ],
        completeness: vec![
            Completeness { of: Some(0), what: Facet::Contents, aggregate: Aggregate::Incomplete },
            Completeness { of: Some(0), what: Facet::Dependencies, aggregate: Aggregate::Complete },
            Completeness { of: Some(1), what: Facet::Dependencies, aggregate: Aggregate::Complete },
            Completeness { of: Some(2), what: Facet::Dependencies, aggregate: Aggregate::Unknown },
        ],
        license_texts: vec![LicenseText {
            id: words("LicenseRef-own"),
            name: Some(words("Own")),
            text: Some(words("Ours.")),
            urls: vec![words("https://acme.example/own")],
            comment: Some(words("rare")),
        }],
        references: vec![Reference {
            kind: words("vcs"),
            url: words("https://acme.example/sbom"),
            ..Reference::default()
        }],
        properties: vec![(words("acme:of"), words("the document"))],
        ..Bom::default()
    }
}

#[test]
fn what_spdx_3_can_hold_is_read_back_as_it_was() {
    let bom = full();
    check_written(&bom, &[], |again| assert_same(again.clone(), &bom));
}

#[test]
fn a_document_that_says_nothing_is_written_soundly() {
    let bom = Bom { components: vec![package("", "a"), package("", "b"), package("x y", "c")], ..Bom::default() };
    check_written(&bom, &[], |again| {
        assert_eq!(again.created, None);
        assert_eq!(again.authors, []);
        assert_eq!(again.tools, []);
        assert_eq!(again.comment, None);
        assert!(again.id.as_deref().is_some_and(|id| id.starts_with("urn:uuid:")));
        let ids: Vec<&str> =
            again.components.iter().filter_map(|one| one.id.split_once('#')).map(|(_, id)| id).collect();
        assert_eq!(ids, ["component-1", "component-2", "x%20y"]);
    });
}

#[test]
fn what_is_written_conforms_to_the_model_of_the_specification() {
    // An element that stands in another document has no class here.
    check_by_the_model(&write::document(&full(), "3.0.1", ORIGIN).root, &["<urn:elsewhere>"]);
    let bare = Bom { components: vec![package("", "a"), package("x y", "b")], ..Bom::default() };
    check_by_the_model(&write::document(&bare, "3.0.1", ORIGIN).root, &[]);
}
