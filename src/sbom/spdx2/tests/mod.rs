//! What SPDX 2 promises, asked of published documents and of small ones made for it.

mod cases;
mod model;
mod shape;
mod tools;

use std::path::{Path, PathBuf};

use crate::sbom::{Document, decode};

/// Returns the folder of the published documents, which are not part of the project.
fn published() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/spdx");
    if root.is_dir() {
        return Some(root);
    }
    eprintln!("SKIPPED: no shared cases at {}", root.display());
    None
}

/// Gives `f` every published document of SPDX 2 that can be read, with its path.
fn each_published(mut f: impl FnMut(&str, &Document<'_>)) {
    let Some(root) = published() else { return };
    let table = std::fs::read_to_string(root.join("EXPECTED.tsv")).unwrap();
    for row in table.lines().skip(1) {
        let path = row.split('\t').next().unwrap();
        if row.split('\t').nth(1).is_some_and(|format| !format.starts_with("2-")) {
            continue;
        }
        let bytes = std::fs::read(root.join(path)).unwrap();
        let text = decode(&bytes).unwrap();
        if let Ok(document) = Document::read(&text) {
            f(path, &document);
        }
    }
}
