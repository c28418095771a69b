//! What is written, read by another implementation: `pyspdxtools` of spdx-tools, on the path or at
//! `PORTCULLIS_SPDX_TOOLS`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{each_published, text};
use crate::sbom::model::{Losses, Unread};
use crate::sbom::spdx2::{FAMILY, JSON, TAG, VERSIONS};
use crate::sbom::{Document, Origin};

/// Published documents that the other implementation finds nothing to say of.
static SOUND: &[&str] = &[
    "spdx-examples/software/example11/spdx2.3/sbom.spdx.json",
    "spdx-examples/software/example14/spdx2.3/examplemaven-0.0.1-enriched.spdx.json",
    "spdx-examples/software/example1/spdx2.2/example1.spdx",
    "tools-java/testResources/SPDXTagExample-v2.3.spdx",
    "tools-java/testResources/SPDXJSONExample-v2.3-with-exception.spdx.json",
];

/// A document of another family, with what SPDX 2 has no place for.
const CYCLONEDX: &str = include_str!("../../../../tests/fixtures/sbom/spdx-json/from-cyclonedx.json");

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("PORTCULLIS_SPDX_TOOLS").map(PathBuf::from);
    let program = named.unwrap_or_else(|| PathBuf::from("pyspdxtools"));
    let answers = Command::new(&program).arg("--help").output().is_ok_and(|output| output.status.success());
    if !answers {
        eprintln!("SKIPPED: no pyspdxtools on the path or at PORTCULLIS_SPDX_TOOLS");
    }
    answers.then_some(program)
}

fn check(program: &Path, name: &str, document: &Document<'_>) {
    let folder = tempfile::tempdir().unwrap();
    let unread = Unread::forgotten();
    let bom = document.model(&unread);
    for version in VERSIONS {
        let written = (FAMILY.write)(&bom, version, Origin::Document);
        for (format, ending) in [(&JSON, "spdx.json"), (&TAG, "spdx")] {
            let path = folder.path().join(format!("document.{ending}"));
            let bytes = (format.render)(&written.root, version, &mut Losses::default());
            std::fs::write(&path, &bytes).unwrap();
            let output = Command::new(program).arg("-i").arg(&path).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let text = String::from_utf8_lossy(&bytes);
            assert!(output.status.success(), "{name} {} {version}: {said}\n{text}", format.id);
        }
    }
}

#[test]
fn another_implementation_reads_what_is_written() {
    let Some(program) = program() else { return };
    check(&program, "CycloneDX", &Document::read(CYCLONEDX).unwrap());
    each_published(|path, document| {
        if SOUND.contains(&path) {
            check(&program, path, document);
        }
    });
}

#[test]
fn what_is_written_of_another_family_comes_back() {
    let document = Document::read(CYCLONEDX).unwrap();
    let unread = Unread::forgotten();
    let bom = document.model(&unread);
    let written = (FAMILY.write)(&bom, "2.3", Origin::Document);
    let losses: Vec<String> = written.losses.iter().map(|loss| format!("{} {}", loss.what, loss.count)).collect();
    assert_eq!(losses, ["components.supplier.url 1", "tools.vendor 1"]);
    let text = text(&written.root);
    let again = Document::read(&text).unwrap();
    assert_eq!(again.violations(), []);
    assert_eq!(again.inconsistencies(), []);
    let unread = Unread::remembered();
    let bom_again = again.model(&unread);
    assert_eq!(unread.losses(&again.root), []);
    let family = document.format.family;
    let (one, other) =
        ((family.write)(&bom, "1.6", Origin::Document), (family.write)(&bom_again, "1.6", Origin::Document));
    let neutral = |root| -> serde_json::Value { serde_json::from_str(&super::text(root)).unwrap() };
    let (mut one, mut other) = (neutral(&one.root), neutral(&other.root));
    // What the losses tell of, and the licence that the data of every SPDX document is under.
    one["metadata"]["tools"]["components"][0].as_object_mut().unwrap().remove("manufacturer");
    one["components"][0]["supplier"].as_object_mut().unwrap().remove("url");
    other["metadata"].as_object_mut().unwrap().remove("licenses");
    for side in [&mut one, &mut other] {
        super::forget_references(side);
    }
    assert_eq!(one, other);
}
