//! Names of Python packages' files, compared by what they mean (PEP 740, "Attestation verification").

use std::collections::BTreeSet;
use std::str::FromStr as _;

use pep440_rs::Version;

/// Whether two file names name one distribution of one version for the same machines.
pub(super) fn same_file(one: &str, other: &str) -> bool {
    matches!((Name::of(one), Name::of(other)), (Some(one), Some(other)) if one == other)
}

#[derive(PartialEq, Eq)]
struct Name {
    distribution: String,
    version: Version,
    build: Option<String>,
    /// Interpreters, ABIs and platforms; a source distribution has none.
    tags: Vec<BTreeSet<String>>,
}

impl Name {
    fn of(file: &str) -> Option<Self> {
        if let Some(stem) = file.strip_suffix(".whl") {
            let parts: Vec<&str> = stem.split('-').collect();
            let (name, version, build, tags) = match parts.as_slice() {
                [name, version, tags @ ..] if tags.len() == 3 => (name, version, None, tags),
                [name, version, build, tags @ ..] if tags.len() == 3 => {
                    (name, version, Some((*build).to_owned()), tags)
                }
                _ => return None,
            };
            let tags = tags.iter().map(|tag| tag.split('.').map(str::to_owned).collect()).collect();
            return Some(Self { distribution: normal(name), version: Version::from_str(version).ok()?, build, tags });
        }
        let stem = file.strip_suffix(".tar.gz").or_else(|| file.strip_suffix(".zip"))?;
        let (name, version) = stem.rsplit_once('-')?;
        Some(Self {
            distribution: normal(name),
            version: Version::from_str(version).ok()?,
            build: None,
            tags: Vec::new(),
        })
    }
}

/// Returns a name as all its spellings have it (PEP 503).
fn normal(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_what_they_mean() {
        let checks = [
            ("a_b-1.0.tar.gz", "A.B-1.0.0.tar.gz", true),
            ("a_b-1.0.tar.gz", "a_b-1.1.tar.gz", false),
            ("a_b-1.0-py2.py3-none-any.whl", "a_b-1.0-py3.py2-none-any.whl", true),
            ("a_b-1.0-py3-none-any.whl", "a_b-1.0-1-py3-none-any.whl", false),
            ("a_b-1.0-py3-none-any.whl", "a_b-1.0.tar.gz", false),
            ("a_b-1.0", "a_b-1.0", false),
        ];
        for (one, other, expected) in checks {
            assert_eq!(same_file(one, other), expected, "{one} {other}");
        }
    }
}
