//! Pairs of SBOM documents to measure on, made anew each time.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// A folder of documents: `old-N.json` and `new-N.json`, each of N components.
pub(crate) struct Pairs {
    folder: TempDir,
}

impl Pairs {
    pub(crate) fn new() -> Self {
        let pairs = Self { folder: tempfile::Builder::new().prefix("portcullis-bench-").tempdir().unwrap() };
        for count in [10_000, 100_000] {
            for (name, edition) in [("old", 0), ("new", 1)] {
                fs::write(pairs.path().join(format!("{name}-{count}.json")), document(count, edition)).unwrap();
            }
        }
        pairs
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the size of a document.
    pub(crate) fn bytes(&self, name: &str) -> f64 {
        fs::metadata(self.path().join(name)).unwrap().len() as f64
    }
}

/// Returns a document of CycloneDX 1.6. In another edition each twentieth component has another version.
fn document(count: usize, edition: usize) -> String {
    let version = |at: usize| format!("1.{}.{}", at % 50, if at.is_multiple_of(20) { edition } else { 0 });
    let purl = |at: usize| format!("pkg:npm/%40scope{}/package-{at}@{}", at % 100, version(at));
    let mut components = Vec::with_capacity(count);
    let mut dependencies = Vec::with_capacity(count);
    for at in 0..count {
        let (purl_of, version) = (purl(at), version(at));
        components.push(format!(
            r#"    {{
      "type": "library",
      "bom-ref": "{purl_of}",
      "name": "@scope{}/package-{at}",
      "version": "{version}",
      "hashes": [ {{ "alg": "SHA-512", "content": "{at:0128x}" }} ],
      "licenses": [ {{ "license": {{ "id": "MIT" }} }} ],
      "purl": "{purl_of}"
    }}"#,
            at % 100
        ));
        let needs: Vec<String> = (at.saturating_sub(3)..at).map(|other| format!("\"{}\"", purl(other))).collect();
        dependencies.push(format!("    {{ \"ref\": \"{purl_of}\", \"dependsOn\": [ {} ] }}", needs.join(", ")));
    }
    let mut out = String::from(
        "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,\n  \"components\": [\n",
    );
    write!(out, "{}\n  ],\n  \"dependencies\": [\n{}\n  ]\n}}\n", components.join(",\n"), dependencies.join(",\n"))
        .unwrap();
    out
}
