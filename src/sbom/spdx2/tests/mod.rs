//! What SPDX 2 promises, asked of published documents and of small ones made for it.

#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "tests read their cases, and say what they skip")]

mod cases;
mod hostile;
mod model;
mod shape;
mod tools;

use std::path::{Path, PathBuf};

use crate::document::{Node, render_json};
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

/// Returns the text of a tree.
fn text(root: &Node<'_>) -> String {
    String::from_utf8(render_json(root)).unwrap()
}

/// Gives the components of a CycloneDX document references in the order of the text: those are not kept.
fn forget_references(document: &mut serde_json::Value) {
    use serde_json::Value;
    fn each(value: &mut Value, f: &mut impl FnMut(&mut String)) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match (key.as_str(), value) {
                        ("bom-ref" | "ref", Value::String(text)) => f(text),
                        ("dependsOn" | "dependencies" | "assemblies", Value::Array(items))
                            if items.iter().all(Value::is_string) =>
                        {
                            for item in items {
                                if let Value::String(text) = item {
                                    f(text);
                                }
                            }
                        }
                        (_, value) => each(value, f),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| each(item, f)),
            _ => {}
        }
    }
    let mut names: Vec<String> = Vec::new();
    each(document, &mut |text| {
        let at = names.iter().position(|known| known == text).unwrap_or_else(|| {
            names.push(text.clone());
            names.len() - 1
        });
        *text = format!("#{at}");
    });
}

/// Puts lists of objects in an order of their own: tags do not keep files among those of other packages.
fn sort(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(members) => members.values_mut().for_each(sort),
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            if items.iter().all(Value::is_object) {
                items.sort_by_key(Value::to_string);
            }
        }
        _ => {}
    }
}
