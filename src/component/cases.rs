//! Published test cases: those kept here, and all of them where they are at hand.
//!
//! `PORTCULLIS_SHARED` names the folder that holds `cases/purl` (by default one beside the repository).
#![expect(clippy::disallowed_methods, reason = "cases lie outside any tree")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

use std::path::{Path, PathBuf};

use serde_json::Value;

/// One file of test cases.
pub(super) struct CaseFile {
    /// Its name.
    pub(super) name: String,
    /// What stands under `tests`.
    pub(super) tests: Vec<Value>,
}

/// Returns the files kept in `tests/fixtures`, whose names have this ending.
pub(super) fn kept(folder: &str, ending: &str) -> Vec<CaseFile> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder), ending)
}

/// Returns all published files of some folders, `None` where they are not at hand.
pub(super) fn published(folders: &[&str], ending: &str) -> Option<Vec<CaseFile>> {
    let root = root()?;
    Some(folders.iter().flat_map(|folder| read(&root.join(folder), ending)).collect())
}

/// Returns the texts of all published files of a folder, `None` where they are not at hand.
pub(super) fn definitions(folder: &str, ending: &str) -> Option<Vec<Value>> {
    let root = root()?;
    Some(paths(&root.join(folder), ending).iter().map(|path| json(path)).collect())
}

fn root() -> Option<PathBuf> {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let root = shared.join("cases/purl");
    if root.join("EXPECTED.tsv").is_file() {
        return Some(root);
    }
    eprintln!("SKIPPED: no published cases in {}; set PORTCULLIS_SHARED", root.display());
    None
}

fn read(folder: &Path, ending: &str) -> Vec<CaseFile> {
    let file = |path: PathBuf| CaseFile {
        name: path.file_name().unwrap().to_str().unwrap().to_owned(),
        tests: json(&path)["tests"].as_array().unwrap().clone(),
    };
    paths(folder, ending).into_iter().map(file).collect()
}

fn paths(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_str().unwrap().ends_with(ending));
    paths.sort();
    paths
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
