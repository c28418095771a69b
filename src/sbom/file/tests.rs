//! Files read as SBOMs: what is passed over, what is told of unsound ones, and what is kept of sound ones.

use super::*;
use crate::sbom::profile::PROFILES;
use crate::sbom::{Name, name_of};

fn read_as(path: &str, bytes: &[u8]) -> Option<SbomFile> {
    let path = TreePath::new(path.as_bytes()).unwrap();
    let asked = Asked { listing: true, profiles: PROFILES };
    read(&path, name_of(&path).unwrap_or(Name::Certain), bytes, asked).map(|judged| judged.file)
}

/// What is told of a file that is no document: `line:column expected … found …`.
fn told(file: &SbomFile) -> String {
    assert_eq!((&file.stated, &file.listing, file.violations.told.len()), (&None, &None, 1), "{file:?}");
    let Complaint { at, expected, found, .. } = &file.violations.told[0];
    format!("{}:{} expected {expected}, found {found}", at.position.line, at.position.column)
}

#[test]
fn only_other_sound_json_under_a_name_of_others_is_passed_over() {
    assert_eq!(read_as("bom.json", br#"{"items": []}"#), None);
    assert_eq!(read_as("a/sbom.json", b"[1, 2]"), None);
    for (path, text) in [
        ("bom.json", ""),
        ("bom.json", "{\"items\": ["),
        ("bom.json", "items: []"),
        ("bom.json", "\"bom\""),
        ("bom.json", r#"{"bomFormat": "CycloneDX"}"#),
        ("bom.json", r#"{"bomFormat": "CycloneDX", "specVersion": "9"}"#),
        ("bom.json", r#"{"a": 1, "a": 2}"#),
        ("bom.cdx.json", r#"{"items": []}"#),
    ] {
        let file = read_as(path, text.as_bytes());
        assert!(file.is_some_and(|file| file.stated.is_none()), "{path}: {text}");
    }
}

#[test]
fn one_clear_reason_is_told_of_a_file_that_is_no_document() {
    let check = |bytes: &[u8], expected: &str| {
        let file = read_as("x.cdx.json", bytes).unwrap();
        let found = told(&file);
        assert!(found.starts_with(expected), "{found}\nbut not {expected}");
    };
    check(b"", "1:1 expected an SBOM, found an empty file");
    check(b"{\"items\": []}", "1:1 expected an SBOM of one of the formats ");
    check(
        b"{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"9.9\"\n}",
        "3:18 expected one of the versions 1.2, 1.3, 1.4, 1.5, 1.6, 1.7 of cyclonedx-json, found `9.9`",
    );
    check(b"{\"bomFormat\": \"CycloneDX\"}", "1:1 expected one of the versions 1.2, ");
    check(b"{\n\"a\": 1,\n\"a\": 2}", "3:1 expected each key once, found the key `a` a second time");
    check(b"{\n\"a\": \"\xff\"}", "2:7 expected text in UTF-8, found the byte 0xff");
    check(b"\xff\xfe{\0\"\0\x00\xd8", "1:1 expected text in UTF-16, found an unpaired surrogate");
    let deep = format!("{{\"bomFormat\": \"CycloneDX\", \"x\": {}", "[".repeat(100_000));
    check(deep.as_bytes(), "1:");
}

#[test]
fn a_document_in_utf_16_is_read() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}"#;
    let wide: Vec<u8> = [0xfeff_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let file = read_as("x.cdx.json", &wide).unwrap();
    assert_eq!(file.stated.unwrap().version.as_ref(), "1.6");
    assert_eq!(file.violations, Complaints::default());
}

#[test]
fn of_many_violations_the_first_are_kept_and_the_rest_counted() {
    let components = vec![r#"{"type": "nothing", "name": "x"}"#; 70].join(",\n");
    let text = format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{components}]}}"#);
    let file = read_as("x.cdx.json", text.as_bytes()).unwrap();
    // One of them is that no item may stand twice.
    assert_eq!((file.violations.told.len(), file.violations.left_out), (50, 21));
    assert_eq!(file.listing.unwrap().components, 70);
}

#[test]
fn what_is_listed_is_kept_compactly() {
    let text = r#"{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": { "component": { "bom-ref": "shop", "type": "application", "name": "shop", "purl": "pkg:npm/shop@1.0.0" } },
  "components": [
    { "bom-ref": "a", "type": "library", "name": "core", "group": "@babel", "version": "7.0.0",
      "purl": "pkg:npm/%40babel/core@7.0.0?vcs_url=x",
      "hashes": [{ "alg": "SHA-256", "content": "AA11111111111111111111111111111111111111111111111111111111111111" },
                 { "alg": "BLAKE3", "content": "aa11111111111111111111111111111111111111111111111111111111111111" }],
      "externalReferences": [{ "type": "distribution", "url": "https://npm.example/x.tgz", "hashes": [
        { "alg": "MD5", "content": "bb111111111111111111111111111111" }] }] },
    { "bom-ref": "b", "type": "library", "name": "b", "version": "1" },
    { "bom-ref": "c", "type": "library", "name": "c", "version": "2", "purl": "pkg:npm/c" },
    { "bom-ref": "d", "type": "file", "name": "d" }
  ],
  "dependencies": [{ "ref": "shop", "dependsOn": ["a"] }],
  "compositions": [{ "aggregate": "unknown", "assemblies": ["a"] }, { "aggregate": "complete", "assemblies": ["b"] }]
}"#;
    let listing = read_as("x.cdx.json", text.as_bytes()).unwrap().listing.unwrap();
    let packages: Vec<String> = listing
        .packages
        .iter()
        .map(|package| {
            let digests: Vec<String> =
                package.digests.iter().map(|digest| digest.hex.chars().take(4).collect()).collect();
            let version = package.version.as_deref().unwrap_or_default();
            format!("{}@{version} {} {} {digests:?}", package.key, package.is_root, package.at.position.line)
        })
        .collect();
    assert_eq!(
        packages,
        [
            "pkg:npm/shop@1.0.0 true 3 []",
            r#"pkg:npm/@babel/core@7.0.0 false 5 ["bb11", "aa11"]"#,
            "pkg:npm/c@2 false 12 []",
        ]
    );
    assert_eq!((listing.components, listing.admitted.count, listing.admitted.of), (4, 1, 2));
    assert_eq!(listing.admitted.first[0].label.as_str(), "@babel/core 7.0.0");
    // The file stands beside; nothing leads to `b` and `c`.
    let unreached: Vec<&str> = listing.unreached.first.iter().map(|one| one.label.as_str()).collect();
    assert_eq!((unreached, listing.unreached.of), (vec!["b 1", "c 2"], 4));
}
