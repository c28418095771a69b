//! SPDX 3 read, judged and written, and carried over to CycloneDX and back.

mod carried;
mod cases;
mod exchange;
mod reading;
mod rules;

use std::path::{Path, PathBuf};

use crate::document::{Node, render_json};

/// Returns the folder of shared cases, said to be skipped where it is absent.
pub(super) fn shared(folder: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let cases = shared.join("cases").join(folder);
    if cases.is_dir() {
        return Some(cases);
    }
    eprintln!("SKIPPED: no cases in {}; set PORTCULLIS_SHARED", cases.display());
    None
}

/// Judges a tree by the model of the specification, with a validator of SHACL that is not ours; what does not conform must
/// be these values.
pub(super) fn check_by_the_model(root: &Node<'_>, amiss: &[&str]) {
    let Some(schema) = shared("spdx/schema") else { return };
    let validator = std::env::var_os("PORTCULLIS_SHACL").unwrap_or_else(|| "pyshacl".into());
    let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
    let context = parse(&std::fs::read(schema.join("spdx-3.0.1-context.jsonld")).expect("the context"));
    let mut document = parse(&render_json(root));
    document["@context"] = context["@context"].clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("document.jsonld");
    std::fs::write(&path, document.to_string()).expect("to write");
    let model = schema.join("spdx-3.0.1-model.ttl");
    let run = std::process::Command::new(&validator)
        .args(["-i", "none", "-df", "json-ld", "-s"])
        .arg(&model)
        .arg("-e")
        .arg(&model)
        .arg(&path)
        .output();
    let Ok(run) = run else {
        return eprintln!("SKIPPED: no validator of SHACL; set PORTCULLIS_SHACL to PyPI's pyshacl");
    };
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let values: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("Value Node: ")).collect();
    assert_eq!(values, amiss, "{said}");
    assert!(said.contains(&format!("Conforms: {}", if amiss.is_empty() { "True" } else { "False" })), "{said}");
    assert_eq!(said.matches("Constraint Violation").count(), amiss.len(), "{said}");
}
