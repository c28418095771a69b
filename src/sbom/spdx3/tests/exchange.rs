//! CycloneDX carried over to SPDX 3 and back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{check_by_the_model, shared};
use crate::document::render_json;
use crate::sbom::model::{Bom, End, License, Unread};
use crate::sbom::{Document, Origin, decode};

const SMALL: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3,
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "metadata": {"lifecycles": [{"phase": "post-build"}], "component": {"type": "application", "bom-ref": "app", "name": "app", "version": "1"}},
    "components": [
        {"type": "library", "bom-ref": "pkg:npm/a@1", "group": "acme", "name": "a", "version": "1", "purl": "pkg:npm/a@1",
         "supplier": {"name": "ACME", "contact": [{"email": "a@acme.example"}]}, "scope": "optional",
         "hashes": [{"alg": "SHA-1", "content": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}],
         "licenses": [{"license": {"id": "MIT", "acknowledgement": "declared"}}, {"license": {"name": "Own", "acknowledgement": "declared"}}]},
        {"type": "library", "bom-ref": "b b", "name": "b", "version": "2", "licenses": [{"expression": "MIT OR ISC", "acknowledgement": "concluded"}],
         "components": [{"type": "file", "bom-ref": "c", "name": "c"}]}],
    "dependencies": [{"ref": "app", "dependsOn": ["pkg:npm/a@1", "b b"]}, {"ref": "pkg:npm/a@1"}],
    "compositions": [{"aggregate": "incomplete", "dependencies": ["app"]}]}"#;

/// What must not change: components with purls, versions, digests, licences and suppliers, and who needs and holds whom.
fn essence(bom: &Bom<'_>) -> (Vec<String>, BTreeSet<String>) {
    let licenses = |all: Option<&Vec<License<'_>>>| {
        let mut labels: Vec<String> = all.into_iter().flatten().map(|one| one.label().to_owned()).collect();
        labels.sort();
        labels.join(", ")
    };
    let name = |at: &usize| {
        bom.components.get(*at).map(|one| format!("{} {:?} {at}", one.name, one.purls)).unwrap_or_default()
    };
    let components = bom.components.iter().map(|one| {
        format!(
            "{:?} {} {:?} {:?} {:?} {} {} {:?}",
            one.group,
            one.name,
            one.version.value(),
            one.purls,
            one.hashes.iter().map(|hash| (hash.algorithm.name(), &hash.value)).collect::<BTreeSet<_>>(),
            licenses(one.declared.value()),
            licenses(one.concluded.value()),
            one.supplier.value().map(|party| (&party.name, &party.emails, &party.urls)),
        )
    });
    let ends = |end: &End<'_>| match end {
        End::Component(at) => Some(name(at)),
        End::None => Some("none".to_owned()),
        _ => None,
    };
    let relations =
        bom.relations.iter().filter_map(|one| Some(format!("{} {:?} {}", ends(&one.from)?, one.kind, ends(&one.to)?)));
    (components.collect(), relations.collect())
}

/// Carries a document over and back, and compares what must not change at each step.
fn check(text: &str, path: &Path) {
    let document = Document::read(text).unwrap_or_else(|why| panic!("{why:?} in {}", path.display()));
    let unread = Unread::forgotten();
    let bom = document.model(&unread);
    let there = (crate::sbom::spdx3::FAMILY.write)(&bom, "3.0.1", Origin::Document);
    let spdx = String::from_utf8(render_json(&there.root)).expect("text");
    let spdx = Document::read(&spdx).expect("a document of SPDX 3");
    assert_eq!(spdx.violations(), [], "{}", path.display());
    let middle = spdx.model(&unread);
    assert_eq!(essence(&middle), essence(&bom), "{}", path.display());
    let back = (document.format.family.write)(&middle, document.version, Origin::Document);
    let cyclonedx = String::from_utf8(render_json(&back.root)).expect("text");
    let cyclonedx = Document::read(&cyclonedx).expect("a document of CycloneDX");
    // What an old version of CycloneDX cannot hold is lost by the version, not by the way.
    let alone = (document.format.family.write)(&bom, document.version, Origin::Document);
    let alone = String::from_utf8(render_json(&alone.root)).expect("text");
    let alone = Document::read(&alone).expect("a document of CycloneDX");
    let (again, alone) = (cyclonedx.model(&unread), alone.model(&unread));
    let sorted = |mut essence: (Vec<String>, BTreeSet<String>)| {
        essence.0.sort();
        essence.0
    };
    assert_eq!(sorted(essence(&again)), sorted(essence(&alone)), "{}", path.display());
    assert_eq!(again.relations.len(), alone.relations.len(), "{}", path.display());
}

#[test]
fn a_document_of_cyclonedx_comes_back() {
    check(SMALL, Path::new("a small one"));
    let document = Document::read(SMALL).expect("a document");
    let unread = Unread::forgotten();
    let bom = document.model(&unread);
    let written = (crate::sbom::spdx3::FAMILY.write)(&bom, "3.0.1", Origin::Document);
    assert_eq!(written.losses, []);
    check_by_the_model(&written.root, &[]);
}

#[test]
fn the_published_examples_of_cyclonedx_come_back() {
    let Some(folder) = shared("cyclonedx/bom-examples") else { return };
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.extension().and_then(|kind| kind.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("json") if path.metadata().is_ok_and(|file| file.len() < 200_000) => paths.push(path),
                _ => {}
            }
        }
    }
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let bytes = std::fs::read(&path).expect("an example");
        let text = decode(&bytes).expect("text");
        if Document::read(&text).is_ok_and(|document| document.format.id == "cyclonedx-json") {
            check(&text, &path);
        }
    }
}

#[test]
fn a_large_document_takes_time_in_proportion() {
    let document = |count: usize| {
        let components = (0..count).map(|at| {
            format!(r#"{{"type": "library", "bom-ref": "same", "name": "n{at}", "purl": "pkg:npm/n{at}@1", "supplier": {{"name": "s{at}"}}}}"#)
        });
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]}}"#,
            components.collect::<Vec<_>>().join(",")
        )
    };
    let time = |count: usize| {
        let text = document(count);
        let start = std::time::Instant::now();
        let document = Document::read(&text).expect("a document");
        let unread = Unread::forgotten();
        let bom = document.model(&unread);
        let written = (crate::sbom::spdx3::FAMILY.write)(&bom, "3.0.1", Origin::Document);
        let spdx = String::from_utf8(render_json(&written.root)).expect("text");
        let spdx = Document::read(&spdx).expect("a document");
        assert_eq!(spdx.model(&unread).components.len(), count);
        assert_eq!(spdx.violations(), []);
        start.elapsed()
    };
    let (small, large) = (time(1_000), time(10_000));
    assert!(large < small * 40, "{small:?} for a thousand, {large:?} for ten thousand");
}
