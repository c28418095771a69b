//! What is wrong with a document, told where it stands, and each time its near miss.

use crate::sbom::{Document, Kind, schema};

/// A sound document, in which cases change a little.
const SOUND: &str = include_str!("../../../../tests/fixtures/sbom/spdx3-json/valid-package.json");

/// A member of the only package of the document, before which cases add others.
const AT_PACKAGE: &str = r#""name": "my-package","#;
/// A member of the only document.
const AT_DOCUMENT: &str = r#""rootElement": [
                "http://spdx.example.com/BOM1""#;

/// Changes the sound document, and compares what is found with lines of `KIND POINTER: EXPECTED | FOUND`.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(SOUND.contains(from), "{from}");
    let text = SOUND.replacen(from, to, 1);
    let document = Document::read(&text).unwrap_or_else(|why| panic!("{why:?} in {text}"));
    let (violations, inconsistencies) = (document.violations(), document.inconsistencies());
    assert!(violations.iter().all(|one| one.kind == Kind::Invalid), "{violations:?}");
    assert!(inconsistencies.iter().all(|one| one.kind == Kind::Inconsistent), "{inconsistencies:?}");
    let line = |one: &crate::sbom::Violation| {
        assert!(text.get(one.span.start..one.span.end).is_some(), "{one:?} is in the text");
        let kind = if one.kind == Kind::Invalid { "invalid" } else { "inconsistent" };
        format!("{kind} {}: {} | {}", one.pointer, one.expected, one.found)
    };
    let found: Vec<String> = violations.iter().chain(&inconsistencies).map(line).collect();
    assert_eq!(found, expected, "{from} as {to}");
    // What the official schema refuses as a whole is refused here, element by element.
    let by_schema = schema::spdx("3.0.1").expect("the schema").judge(&document.root);
    assert!(by_schema.is_empty() || !violations.is_empty(), "{from} as {to}: {by_schema:#?}");
}

/// Adds members to the package.
fn check_package(members: &str, expected: &[&str]) {
    check(AT_PACKAGE, &format!("{members}, {AT_PACKAGE}"), expected);
}

/// Adds elements to the graph.
fn check_element(element: &str, expected: &[&str]) {
    check(r#""@graph": ["#, &format!(r#""@graph": [{element},"#), expected);
}

#[test]
fn a_sound_document_is_sound() {
    check(AT_PACKAGE, AT_PACKAGE, &[]);
    check_package(r#""software_packageUrl": "pkg:npm/a@1", "verifiedUsing": []"#, &[]);
}

#[test]
fn what_the_schema_demands_is_told_at_the_element() {
    check(AT_PACKAGE, "", &["invalid /@graph/4: the member `name` | none"]);
    check(
        r#""createdBy": [
                "http://spdx.example.com/Agent/JoshuaWatt"
            ],"#,
        "",
        &["invalid /@graph/0: the member `createdBy` | none"],
    );
    check(
        r#""created": "2024-03-06T00:00:00Z""#,
        r#""created": "2024-03-06""#,
        &[
            "invalid /@graph/0/created: text that matches `^[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-9]{2}:[0-9]{2})$` | `2024-03-06`",
        ],
    );
    check(
        r#""specVersion": "3.0.1""#,
        r#""specVersion": "3.0""#,
        &[
            "invalid /@graph/0/specVersion: text that matches `^(0|[1-9]\\\\d*)\\\\.(0|[1-9]\\\\d*)\\\\.(0|[1-9]\\\\d*)(?:-((?:0|[1-9]\\\\d*|\\\\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\\\\.(?:0|[1-9]\\\\d*|\\\\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\\\\+([0-9a-zA-Z-]+(?:\\\\.[0-9a-zA-Z-]+)*))?$` | `3.0`",
        ],
    );
    check_package(
        r#""packageVersion": "1""#,
        &["invalid /@graph/4/packageVersion: a member that its class has | `packageVersion`"],
    );
    check_package(
        r#""software_primaryPurpose": "binary""#,
        &[
            "invalid /@graph/4/software_primaryPurpose: one of application, archive, bom, configuration, container, data, device, deviceDriver, diskImage, documentation, evidence, executable, file, filesystemImage, firmware, framework, install, library, manifest, model, module, operatingSystem, other, patch, platform, requirement, source, specification, test | `binary`",
        ],
    );
    check_package(
        r#""verifiedUsing": [{"type": "Hash", "algorithm": "md5"}]"#,
        &["invalid /@graph/4/verifiedUsing/0: the member `hashValue` | none"],
    );
    check_package(
        r#""verifiedUsing": [{"algorithm": "md5", "hashValue": ""}]"#,
        &["invalid /@graph/4/verifiedUsing/0: the member `type` | none"],
    );
    check_package(
        r#""originatedByAll": true, "suppliedBy": 4"#,
        &[
            "invalid /@graph/4/originatedByAll: a member that its class has | `originatedByAll`",
            "invalid /@graph/4/suppliedBy: one of the forms that the schema knows | `4`",
        ],
    );
    check_package(
        r#""externalIdentifier": {"type": "ExternalIdentifier", "externalIdentifierType": "cve", "identifier": "x"}"#,
        &["invalid /@graph/4/externalIdentifier: an array | a table"],
    );
}

#[test]
fn classes_are_those_of_the_model() {
    check(
        r#""type": "software_File""#,
        r#""type": "software_SoftwareArtifact""#,
        &["invalid /@graph/5/type: a class that is not abstract | `software_SoftwareArtifact`"],
    );
    check(
        r#""type": "software_File""#,
        r#""type": "File""#,
        &["invalid /@graph/5/type: a class of SPDX 3.0.1 | `File`"],
    );
    check(
        r#""type": "software_File","#,
        "",
        &[
            "invalid /@graph/5: the member `type` | none",
            "inconsistent /@graph/6/to/0: the identifier of an element of the document, or of one that it imports | `http://spdx.example.com/Package1/myprogram`",
        ],
    );
    check_element("4", &["invalid /@graph/0: an object | a number"]);
}

#[test]
fn the_shell_is_that_of_a_document() {
    check(
        r#""@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld","#,
        "",
        &["invalid : the member `@context` | none"],
    );
    check(
        r#""@graph": ["#,
        r#""creator": "me", "@graph": ["#,
        &["invalid /creator: `@context` and `@graph` alone | `creator`"],
    );
    check(
        "3.0.1/spdx-context",
        "3.0.0/spdx-context",
        &[
            "invalid /@context: `https://spdx.org/rdf/3.0.1/spdx-context.jsonld`, the context of 3.0.1 | `https://spdx.org/rdf/3.0.0/spdx-context.jsonld`",
        ],
    );
}

#[test]
fn there_is_one_document_and_each_identifier_once() {
    let file = r#"{"type": "Tool", "spdxId": "http://spdx.example.com/T", "creationInfo": "_:creationinfo"}"#;
    check_element(file, &[]);
    check_element(
        &format!("{file},{file}"),
        &[
            "inconsistent /@graph/1/spdxId: an identifier that no other element of the document has | `http://spdx.example.com/T` again",
        ],
    );
    check_element(
        r#"{"type": "Tool", "spdxId": "http://spdx.example.com/Package1", "creationInfo": "_:creationinfo"}"#,
        &[
            "invalid /@graph/5/spdxId: an identifier that no other element of the document has | `http://spdx.example.com/Package1` again",
        ],
    );
    check_element(
        r#"{"type": "SpdxDocument", "spdxId": "http://spdx.example.com/D", "creationInfo": "_:creationinfo"}"#,
        &["invalid /@graph/3: exactly one `SpdxDocument` | one more"],
    );
    check(r#""type": "SpdxDocument""#, r#""type": "Bom""#, &["invalid : exactly one `SpdxDocument` | none"]);
    check_element(
        r#"{"type": "Tool", "spdxId": "http://spdx.example.com/a b", "creationInfo": "_:creationinfo"}"#,
        &[
            "invalid /@graph/0/spdxId: an IRI, in which no blank, quotation mark or bracket stands | `http://spdx.example.com/a b`",
        ],
    );
}

#[test]
fn references_lead_to_elements_of_the_class_that_is_wanted() {
    let nowhere = |pointer: &str, id: &str| {
        format!(
            "inconsistent {pointer}: the identifier of an element of the document, or of one that it imports | `{id}`"
        )
    };
    check_package(r#""suppliedBy": "http://spdx.example.com/Agent/JoshuaWatt""#, &[]);
    check_package(r#""suppliedBy": "SpdxOrganization""#, &[]);
    check_package(
        r#""suppliedBy": "http://spdx.example.com/Package1""#,
        &["invalid /@graph/4/suppliedBy: an element of the class `Agent` | one of the class `software_Package`"],
    );
    check_package(
        r#""suppliedBy": "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement""#,
        &["invalid /@graph/4/suppliedBy: an element of the class `Agent` | one of the class `IndividualElement`"],
    );
    check_package(
        r#""suppliedBy": "http://nowhere.example""#,
        &[&nowhere("/@graph/4/suppliedBy", "http://nowhere.example")],
    );
    check(
        AT_DOCUMENT,
        &format!(r#""import": [{{"type": "ExternalMap", "externalSpdxId": "urn:x"}}], {AT_DOCUMENT}, "urn:x""#),
        &[],
    );
    check(AT_DOCUMENT, &format!(r#"{AT_DOCUMENT}, "urn:x""#), &[&nowhere("/@graph/2/rootElement/1", "urn:x")]);
    check(
        r#""createdBy": [
                "http://spdx.example.com/Agent/JoshuaWatt""#,
        r#""createdBy": [
                "http://spdx.example.com/BOM1""#,
        &["invalid /@graph/0/createdBy/0: an element of the class `Agent` | one of the class `software_Sbom`"],
    );
    check(
        r#""creationInfo": "_:creationinfo""#,
        r#""creationInfo": "_:other""#,
        &["invalid /@graph/1/creationInfo: the identifier of an object of the class `CreationInfo` | `_:other`"],
    );
}

#[test]
fn what_is_no_element_stands_in_the_document() {
    check(
        r#""creationInfo": "_:creationinfo""#,
        r#""creationInfo": "urn:elsewhere""#,
        &["invalid /@graph/1/creationInfo: the identifier of an object of the class `CreationInfo` | `urn:elsewhere`"],
    );
}

#[test]
fn collections_say_what_is_their_root() {
    let root = r#""rootElement": [
                "http://spdx.example.com/Package1"
            ],"#;
    check(root, "", &[]);
    check(
        root,
        r#""element": ["http://spdx.example.com/Package1"],"#,
        &["invalid /@graph/3: the member `rootElement`, as the collection holds elements | none"],
    );
    check(
        root,
        &root.replace("Package1", "Document1"),
        &[
            "invalid /@graph/3/rootElement/0: an element that is no `SpdxDocument` | `http://spdx.example.com/Document1`",
        ],
    );
}

#[test]
fn relationships_are_between_what_their_type_says() {
    let license = r#"{"type": "simplelicensing_LicenseExpression", "spdxId": "urn:l", "creationInfo": "_:creationinfo", "simplelicensing_licenseExpression": "EXPRESSION"}"#;
    let relationship = r#"{"type": "Relationship", "spdxId": "urn:r", "creationInfo": "_:creationinfo", "from": "FROM", "relationshipType": "hasDeclaredLicense", "to": ["TO"]}"#;
    let between = |expression: &str, from: &str, to: &str| {
        format!(
            "{},{}",
            license.replace("EXPRESSION", expression),
            relationship.replace("FROM", from).replace("TO", to)
        )
    };
    let package = "http://spdx.example.com/Package1";
    check_element(&between("MIT OR LicenseRef-a", package, "urn:l"), &[]);
    check_element(&between("NOASSERTION", package, "expandedlicensing_NoneLicense"), &[]);
    check_element(&between("MIT", package, "https://spdx.org/licenses/MIT"), &[]);
    check_element(
        &between("MIT", package, package),
        &[
            "inconsistent /@graph/1/to: an element of the class `simplelicensing_AnyLicenseInfo` as `to` of `hasDeclaredLicense` | one of the class `software_Package`",
        ],
    );
    check_element(
        &between("MIT", "urn:l", "urn:l"),
        &[
            "inconsistent /@graph/1/from: an element of the class `software_SoftwareArtifact` as `from` of `hasDeclaredLicense` | one of the class `simplelicensing_LicenseExpression`",
        ],
    );
    check_element(
        &between("MIT and so on", package, "urn:l"),
        &["inconsistent /@graph/0/simplelicensing_licenseExpression: a licence expression of SPDX | `MIT and so on`"],
    );
    check(
        r#""relationshipType": "contains""#,
        r#""relationshipType": "affects""#,
        &[
            "inconsistent /@graph/6/from: an element of the class `security_Vulnerability` as `from` of `affects` | one of the class `software_Package`",
            "inconsistent /@graph/6/relationshipType: `affects` in an element of the class `security_VexAffectedVulnAssessmentRelationship` | one of the class `Relationship`",
        ],
    );
}

#[test]
fn a_relationship_to_nothing_leads_to_nothing_else() {
    let to = r#""to": [
                "http://spdx.example.com/Package1/myprogram""#;
    check(to, r#""to": ["NoneElement""#, &[]);
    check(
        to,
        &format!(r#"{to}, "NoneElement""#),
        &["invalid /@graph/6/to/1: `NoneElement` alone, or other elements | both"],
    );
}

#[test]
fn digests_have_the_digits_of_their_algorithm() {
    let hash =
        |value: &str| format!(r#""verifiedUsing": [{{"type": "Hash", "algorithm": "sha1", "hashValue": "{value}"}}]"#);
    check_package(&hash("da39a3ee5e6b4b0d3255bfef95601890afd80709"), &[]);
    check_package(
        &hash("da39a3ee"),
        &["inconsistent /@graph/4/verifiedUsing/0/hashValue: 40 hexadecimal digits of `sha1` | `da39a3ee`"],
    );
}
