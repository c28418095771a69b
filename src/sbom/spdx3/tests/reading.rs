//! What is read of documents that others wrote, and what is left unread.

use crate::sbom::model::{
    Aggregate, Bom, Component, End, Facet, License, PartyKind, RelationKind, RelationScope, Stated, Unread,
};
use crate::sbom::{Document, Unreadable};

const PUBLISHED: &str = include_str!("../../../../tests/fixtures/sbom/spdx3-json/valid-package.json");

/// Gives `check` what a text says, and what of it is not carried over.
fn read(text: &str, check: impl FnOnce(&Bom<'_>, &[String])) {
    let document = Document::read(text).unwrap_or_else(|why| panic!("{why:?} in {text}"));
    assert_eq!(document.format.id, "spdx3-json");
    let unread = Unread::remembered();
    let bom = document.model(&unread);
    let lost: Vec<String> =
        unread.losses(&document.root).iter().map(|loss| format!("{} {}", loss.what, loss.count)).collect();
    check(&bom, &lost);
}

/// Returns a document with these elements beside the one that every document has.
fn graph(elements: &str) -> String {
    format!(
        r#"{{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
        {{"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z", "createdBy": ["urn:me"]}},
        {{"type": "Person", "spdxId": "urn:me", "creationInfo": "_:c", "name": "me"}},
        {{"type": "SpdxDocument", "spdxId": "urn:doc", "creationInfo": "_:c"}}, {elements}]}}"#
    )
}

fn element(class: &str, id: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { ", " };
    format!(r#"{{"type": "{class}", "spdxId": "{id}", "creationInfo": "_:c"{comma}{members}}}"#)
}

fn relationship(kind: &str, from: &str, to: &str, members: &str) -> String {
    let ends = format!(r#""from": "{from}", "relationshipType": "{kind}", "to": ["{to}"]{members}"#);
    let class = if members.contains("scope") { "LifecycleScopedRelationship" } else { "Relationship" };
    element(class, &format!("urn:r:{kind}:{from}:{to}"), &ends)
}

#[test]
fn a_published_document_is_read() {
    read(PUBLISHED, |bom, lost| {
        assert_eq!(lost, ["software_File.builtTime 1", "software_Package.builtTime 1"]);
        assert_eq!(bom.id.as_deref(), Some("http://spdx.example.com/Document1"));
        assert_eq!(bom.created.as_deref(), Some("2024-03-06T00:00:00Z"));
        assert_eq!(bom.lifecycles, ["build"]);
        let [author] = bom.authors.as_slice() else { panic!("{:?}", bom.authors) };
        assert_eq!((author.kind, author.name.as_deref()), (PartyKind::Person, Some("Joshua Watt")));
        assert_eq!(author.emails, ["JPEWhacker@gmail.com"]);
        let [package, file] = bom.components.as_slice() else { panic!("{:?}", bom.components) };
        assert_eq!((&*package.name, &*package.kind, package.is_kind_stated), ("my-package", "library", false));
        assert_eq!(package.version, Stated::Value("1.0".into()));
        assert_eq!(package.producer.value(), Some(author));
        assert_eq!((&*file.name, &*file.kind), ("myprogram", "file"));
        assert_eq!(file.properties.len(), 2);
        assert_eq!(bom.roots, [0]);
        let [contains] = bom.relations.as_slice() else { panic!("{:?}", bom.relations) };
        assert_eq!((&contains.kind, &contains.to), (&RelationKind::Contains, &End::Component(1)));
        let [told] = bom.completeness.as_slice() else { panic!("{:?}", bom.completeness) };
        assert_eq!((told.of, told.what, told.aggregate), (Some(0), Facet::Contents, Aggregate::Complete));
    });
}

#[test]
fn json_ld_of_another_kind_is_no_spdx() {
    let other = r#"{"@context": "https://schema.org", "@graph": [{"type": "CreationInfo", "@id": "_:c"}]}"#;
    assert!(matches!(Document::read(other), Err(Unreadable::Other { .. })));
    let newer = graph("{}").replace("rdf/3.0.1", "rdf/3.1.0");
    let Err(Unreadable::UnknownVersion { format, version, .. }) = Document::read(&newer) else { panic!() };
    assert_eq!((format, version.as_str()), ("spdx3-json", "3.1.0"));
    let older = PUBLISHED.replace("rdf/3.0.1", "rdf/3.0.0");
    assert_eq!(Document::read(&older).ok().map(|document| document.version), Some("3.0.0"));
    // Its creation information still says what it is, so that it can be told what is missing.
    let without = PUBLISHED.replace(r#""@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld","#, "");
    assert_eq!(Document::read(&without).ok().map(|document| document.version), Some("3.0.1"));
    let listed = PUBLISHED.replace(
        r#""https://spdx.org/rdf/3.0.1/spdx-context.jsonld""#,
        r#"["https://spdx.org/rdf/3.0.1/spdx-context.jsonld", {"acme": "https://acme.example/"}]"#,
    );
    assert_eq!(Document::read(&listed).ok().map(|document| document.version), Some("3.0.1"));
}

#[test]
fn an_older_document_becomes_one_of_the_version_that_is_written() {
    let older = PUBLISHED.replace("3.0.1", "3.0.0");
    let document = Document::read(&older).expect("a document");
    assert_eq!(document.violations().len(), 1, "the context");
    let revised = (document.format.family.revise)(document.root, "3.0.1");
    assert_eq!(revised.losses, []);
    let text = String::from_utf8(crate::document::render_json(&revised.root)).expect("text");
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    assert_eq!(parse(&text), parse(PUBLISHED));
}

#[test]
fn elements_may_stand_inside_others_and_be_named_in_full() {
    let text = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "type": "SpdxDocument", "spdxId": "urn:doc",
        "creationInfo": {"type": "CreationInfo", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z",
            "createdBy": [{"type": "Person", "spdxId": "urn:me", "name": "me", "creationInfo": "_:c"}]},
        "rootElement": [{"@type": "https://spdx.org/rdf/3.0.1/terms/Software/Package", "@id": "urn:p", "name": "p",
            "creationInfo": "_:c", "suppliedBy": {"@id": "urn:me"}}]}"#;
    read(text, |bom, lost| {
        assert_eq!(lost, [""; 0]);
        assert_eq!(bom.id.as_deref(), Some("urn:doc"));
        assert_eq!(bom.roots, [0]);
        let [package] = bom.components.as_slice() else { panic!("{:?}", bom.components) };
        assert_eq!(package.supplier.value().and_then(|party| party.name.as_deref()), Some("me"));
        assert_eq!(bom.authors.len(), 1);
    });
}

#[test]
fn what_the_model_does_not_hold_is_counted_by_class() {
    let elements = [
        element("software_Snippet", "urn:s", r#""name": "s""#),
        element("security_Vulnerability", "urn:v", ""),
        element("software_Package", "urn:p", r#""name": "p", "software_sourceInfo": "x", "builtTime": "x""#),
        relationship("hasAssociatedVulnerability", "urn:p", "urn:v", ""),
        relationship("contains", "urn:p", "urn:s", ""),
        relationship("dependsOn", "urn:p", "NoneElement", r#", "startTime": "x""#),
    ];
    read(&graph(&elements.join(",")), |bom, lost| {
        assert_eq!(
            lost,
            [
                "Relationship 2",
                "Relationship.startTime 1",
                "security_Vulnerability 1",
                "software_Package.builtTime 1",
                "software_Package.software_sourceInfo 1",
                "software_Snippet 1",
            ]
        );
        assert_eq!(bom.vulnerabilities, 1);
        assert_eq!(bom.relations.len(), 1);
    });
}

/// Gives the licences of a package that are declared by these elements, to which `urn:l` is the first.
fn check_license(elements: &[String], expected: Stated<Vec<License<'_>>>) {
    let package = element("software_Package", "urn:p", r#""name": "p""#);
    let declared = relationship("hasDeclaredLicense", "urn:p", "urn:l", "");
    let text = graph(&format!("{package},{declared},{}", elements.join(",")));
    read(&text, |bom, lost| {
        assert_eq!(bom.components.first().map(|one| &one.declared), Some(&expected), "{text}");
        assert_eq!(lost.is_empty(), expected != Stated::Absent, "{lost:?} in {text}");
    });
}

#[test]
fn licenses_are_expressions_whatever_they_are_made_of() {
    let expression = |text: &str| Stated::Value(vec![License::Expression(text.to_owned().into())]);
    let listed = |id: &str| {
        element(
            "expandedlicensing_ListedLicense",
            &format!("https://spdx.org/licenses/{id}"),
            r#""simplelicensing_licenseText": "x""#,
        )
    };
    let set = |class: &str, id: &str, members: &[&str]| {
        let members = members.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(",");
        element(&format!("expandedlicensing_{class}"), id, &format!(r#""expandedlicensing_member": [{members}]"#))
    };
    let simple = |text: &str| {
        let members = format!(r#""simplelicensing_licenseExpression": "{text}""#);
        element("simplelicensing_LicenseExpression", "urn:l", &members)
    };
    check_license(&[simple("MIT OR Apache-2.0")], expression("MIT OR Apache-2.0"));
    check_license(&[simple("NOASSERTION")], Stated::Unknown);
    check_license(&[simple("NONE")], Stated::None);
    let mit = "https://spdx.org/licenses/MIT";
    check_license(
        &[set("DisjunctiveLicenseSet", "urn:l", &[mit, "https://spdx.org/licenses/ISC"]), listed("MIT")],
        expression("MIT OR ISC"),
    );
    let nested = [
        set("ConjunctiveLicenseSet", "urn:l", &["urn:either", mit]),
        set("DisjunctiveLicenseSet", "urn:either", &[mit, "urn:with"]),
        element(
            "expandedlicensing_WithAdditionOperator",
            "urn:with",
            r#""expandedlicensing_subjectExtendableLicense": "urn:later",
            "expandedlicensing_subjectAddition": "https://spdx.org/licenses/Classpath-exception-2.0""#,
        ),
        element(
            "expandedlicensing_OrLaterOperator",
            "urn:later",
            r#""expandedlicensing_subjectLicense": "https://spdx.org/licenses/GPL-2.0""#,
        ),
    ];
    check_license(&nested, expression("(MIT OR GPL-2.0+ WITH Classpath-exception-2.0) AND MIT"));
    let own = r#""name": "Own", "simplelicensing_licenseText": "Ours.""#;
    let named = License::Named { name: "Own".into(), url: None, text: Some("Ours.".into()) };
    check_license(&[element("expandedlicensing_CustomLicense", "urn:l", own)], Stated::Value(vec![named]));
    // A set in itself is none, nor are sets that double with each step.
    check_license(&[set("ConjunctiveLicenseSet", "urn:l", &["urn:l", mit])], Stated::Absent);
    let mut doubled: Vec<String> = (0..30)
        .map(|at| {
            set(
                "ConjunctiveLicenseSet",
                &format!("urn:{at}"),
                &[&format!("urn:{}", at + 1), &format!("urn:{}", at + 1)],
            )
        })
        .collect();
    doubled.push(set("ConjunctiveLicenseSet", "urn:l", &["urn:0"]));
    doubled.push(set("ConjunctiveLicenseSet", "urn:30", &[mit]));
    check_license(&doubled, Stated::Absent);
}

#[test]
fn licenses_of_the_document_are_known_by_their_identifier() {
    let elements = [
        element("software_Package", "urn:p", r#""name": "p""#),
        element("expandedlicensing_CustomLicense", "urn:own", r#""simplelicensing_licenseText": "Ours.""#),
        element(
            "expandedlicensing_CustomLicense",
            "urn:doc#LicenseRef-b",
            r#""simplelicensing_licenseText": "Theirs.""#,
        ),
        element(
            "simplelicensing_LicenseExpression",
            "urn:l",
            r#""simplelicensing_licenseExpression": "LicenseRef-a",
            "simplelicensing_customIdToUri": [{"type": "DictionaryEntry", "key": "LicenseRef-a", "value": "urn:own"}]"#,
        ),
        relationship("hasConcludedLicense", "urn:p", "urn:l", ""),
        relationship("hasDeclaredLicense", "urn:p", "urn:doc#LicenseRef-b", ""),
    ];
    read(&graph(&elements.join(",")), |bom, lost| {
        assert_eq!(lost, [""; 0]);
        let texts: Vec<(&str, Option<&str>)> =
            bom.license_texts.iter().map(|one| (&*one.id, one.text.as_deref())).collect();
        assert_eq!(texts, [("LicenseRef-a", Some("Ours.")), ("LicenseRef-b", Some("Theirs."))]);
        let [package] = bom.components.as_slice() else { panic!() };
        assert_eq!(package.concluded, Stated::Value(vec![License::Expression("LicenseRef-a".into())]));
        assert_eq!(package.declared, Stated::Value(vec![License::Expression("LicenseRef-b".into())]));
    });
}

/// Checks how a relationship between the packages `urn:a` and `urn:b` is read.
fn check_relation(kind: &str, members: &str, expected: Option<(usize, RelationKind<'_>, RelationScope)>) {
    let package = |id: &str| element("software_Package", id, r#""name": "p""#);
    let relation = relationship(kind, "urn:a", "urn:b", members);
    let text = graph(&format!("{},{},{relation}", package("urn:a"), package("urn:b")));
    read(&text, |bom, lost| {
        let found = bom.relations.first().map(|one| {
            let End::Component(from) = one.from else { panic!("{one:?}") };
            (from, one.kind.clone(), one.scope)
        });
        assert_eq!(found, expected, "{kind}");
        assert_eq!(lost.is_empty(), expected.is_some(), "{kind}: {lost:?}");
    });
}

#[test]
fn relationships_are_relations_of_the_model() {
    let other = |word: &'static str| RelationKind::Other(word.into());
    let unstated = RelationScope::Unstated;
    check_relation("dependsOn", "", Some((0, RelationKind::DependsOn, unstated)));
    check_relation("dependsOn", r#", "scope": "test""#, Some((0, RelationKind::DependsOn, RelationScope::Test)));
    check_relation("hasOptionalDependency", "", Some((0, RelationKind::DependsOn, RelationScope::Optional)));
    check_relation("hasProvidedDependency", "", Some((0, RelationKind::DependsOn, RelationScope::Provided)));
    check_relation("hasSpecification", "", Some((0, RelationKind::Provides, unstated)));
    check_relation("generates", "", Some((1, other("GENERATED_FROM"), unstated)));
    check_relation("hasStaticLink", "", Some((0, other("STATIC_LINK"), unstated)));
    check_relation("hasDocumentation", "", Some((1, other("DOCUMENTATION_OF"), unstated)));
    check_relation("usesTool", r#", "scope": "build""#, Some((1, other("BUILD_TOOL_OF"), unstated)));
    check_relation("trainedOn", "", Some((0, other("trainedOn"), unstated)));
    check_relation("reportedBy", "", None);
}

/// Checks what a package with these members is read as.
fn check_package(class: &str, members: &str, check: impl FnOnce(&Component<'_>)) {
    let package = element(class, "urn:p", &format!(r#""name": "p", {members}"#));
    read(&graph(&package), |bom, lost| {
        assert_eq!(lost, [""; 0], "{members}");
        check(bom.components.first().expect("a component"));
    });
}

#[test]
fn packages_are_components() {
    let kind = |class: &str, purpose: &str, expected: &str| {
        let members = format!(r#""software_primaryPurpose": "{purpose}""#);
        check_package(class, &members, |one| assert_eq!(one.kind, expected));
    };
    kind("software_Package", "operatingSystem", "operating-system");
    kind("software_Package", "model", "machine-learning-model");
    kind("software_Package", "source", "source");
    kind("ai_AIPackage", "model", "machine-learning-model");
    kind("dataset_DatasetPackage", "data", "data");
    let silent = r#""software_copyrightText": "NONE", "software_downloadLocation": "NOASSERTION""#;
    check_package("software_Package", silent, |one| {
        assert_eq!((&one.copyright, &one.download), (&Stated::None, &Stated::Unknown));
    });
    let identifier = |kind: &str, value: &str| {
        format!(r#"{{"type": "ExternalIdentifier", "externalIdentifierType": "{kind}", "identifier": "{value}"}}"#)
    };
    let identifiers = format!(
        r#""software_packageUrl": "pkg:npm/a@1", "externalIdentifier": [{}, {}, {}, {}],
        "software_contentIdentifier": [{{"type": "software_ContentIdentifier", "software_contentIdentifierType": "gitoid",
        "software_contentIdentifierValue": "gitoid:x"}}]"#,
        identifier("packageUrl", "pkg:npm/a@1"),
        identifier("packageUrl", "pkg:npm/b@1"),
        identifier("cpe23", "cpe:2.3:a"),
        identifier("swid", "x")
    );
    check_package("software_Package", &identifiers, |one| {
        assert_eq!(one.purls, ["pkg:npm/a@1", "pkg:npm/b@1"]);
        assert_eq!(one.cpes, ["cpe:2.3:a"]);
        assert_eq!(one.identifiers, [("swid".into(), "x".into()), ("gitoid".into(), "gitoid:x".into())]);
    });
    let references = r#""software_homePage": "https://a.example", "externalRef": [
        {"type": "ExternalRef", "externalRefType": "securityAdvisory", "locator": ["https://b.example", "https://c.example"]},
        {"type": "ExternalRef", "externalRefType": "eolNotice", "locator": ["https://d.example"]}]"#;
    check_package("software_Package", references, |one| {
        let kinds: Vec<(&str, &str)> = one.references.iter().map(|one| (&*one.kind, &*one.url)).collect();
        assert_eq!(
            kinds,
            [
                ("website", "https://a.example"),
                ("advisories", "https://b.example"),
                ("advisories", "https://c.example"),
                ("other", "https://d.example")
            ]
        );
    });
}
