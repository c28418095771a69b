//! The shared cases for lock files: files with what a peer reads in them, beside this repository.

#![expect(clippy::disallowed_methods, reason = "cases lie outside any tree")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Facts, format_of, read};
use crate::tree::TreePath;

/// A name and a version.
pub(super) type Pair = (String, String);

/// A file, and what a peer reads in it.
pub(super) struct Case {
    /// Its path below the cases.
    pub(super) path: String,
    /// What this crate reads in it.
    pub(super) facts: Facts,
    /// What the peer finds.
    pub(super) expected: BTreeSet<Pair>,
    /// Whether the peer refuses the file, or a part of it.
    pub(super) error: bool,
}

impl Case {
    /// Returns what only the peer finds, and what only this crate does.
    pub(super) fn differences(&self) -> (Vec<Pair>, Vec<Pair>) {
        let components = self.facts.inventories.iter().flat_map(|inventory| &inventory.components);
        let found: BTreeSet<Pair> =
            components.map(|it| (it.name.to_string(), it.version.as_deref().unwrap_or_default().to_owned())).collect();
        (self.expected.difference(&found).cloned().collect(), found.difference(&self.expected).cloned().collect())
    }
}

/// Returns osv-scalibr's cases of a format, as if each were a file called `name`; none where they are absent.
pub(super) fn of_osv_scalibr(format: &str, name: &str) -> Vec<Case> {
    let Some(root) = root() else { return Vec::new() };
    let table = std::fs::read_to_string(root.join("EXPECTED.tsv")).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[1] == format)
        .map(|row| {
            let expected: serde_json::Value =
                serde_json::from_slice(&std::fs::read(root.join(row[5])).unwrap()).unwrap();
            let tests = expected["tests"].as_array().unwrap();
            let packages = tests.iter().filter_map(|test| test["packages"].as_array()).flatten();
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            Case {
                path: row[0].to_owned(),
                facts: facts(&root.join(row[0]), name),
                expected: packages.map(|package| (text(&package["name"]), text(&package["version"]))).collect(),
                error: row[3] == "True",
            }
        })
        .collect()
}

/// Makes sure that osv-scalibr's cases are read as there: the same packages, and a gap where the peer refuses the file
/// and in the files of `gaps`, but in no other.
#[track_caller]
pub(super) fn check_osv_scalibr(format: &str, name: &str, gaps: &[&str]) {
    for case in of_osv_scalibr(format, name) {
        assert_eq!(case.differences(), (Vec::new(), Vec::new()), "{}", case.path);
        let gap_expected = case.error || gaps.contains(&case.path.as_str());
        assert_eq!(!case.facts.gaps.is_empty(), gap_expected, "{}: {:?}", case.path, case.facts.gaps);
    }
}

/// Returns the lock files of real projects called `name`, with what is in them; none where they are absent.
pub(super) fn of_real_projects(name: &str) -> Vec<Case> {
    let Some(root) = root() else { return Vec::new() };
    let table = std::fs::read_to_string(root.join("REAL.tsv")).unwrap();
    let paths = table.lines().skip(1).filter_map(|line| line.split('\t').next());
    paths
        .filter(|path| path.rsplit('/').next() == Some(name))
        .map(|path| {
            // Of what the peer cannot read a plain reading of the TOML lies beside the file.
            let lists = [format!("{path}.tomllib.tsv"), format!("{path}.syft.tsv")];
            let list = lists.iter().find_map(|list| std::fs::read_to_string(root.join(list)).ok()).unwrap();
            let rows = list.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
            Case {
                path: path.to_owned(),
                facts: facts(&root.join(path), name),
                expected: rows.map(|row| (row[1].to_owned(), row[2].to_owned())).collect(),
                error: false,
            }
        })
        .collect()
}

fn facts(file: &Path, name: &str) -> Facts {
    let path = TreePath::new(name.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, &std::fs::read(file).unwrap())
}

/// Returns the text of a file among the lock files of real projects.
pub(super) fn text(path: &str) -> String {
    std::fs::read_to_string(root().unwrap().join(path)).unwrap()
}

fn root() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/lockfiles");
    if !root.is_dir() {
        eprintln!("SKIPPED: no shared cases at {}", root.display());
        return None;
    }
    Some(root)
}
