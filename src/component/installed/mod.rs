//! Packages that are installed: what package managers, and packages themselves, record of it.

mod edges;
mod purl;

use serde::{Deserialize, Serialize};

pub use edges::edges;
pub use purl::{Assumption, Because, InstalledPurl, purl_of};

use super::{Digest, Source};
use crate::fact::Location;
use crate::tree::TreePath;

/// A package as its database records it, or as what it left of itself tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name as its registry writes it, a namespace (npm's scope, Maven's group) in front of the last slash.
    pub name: Box<str>,
    /// The version as the database writes it; of rpm `[epoch:]version-release`.
    pub version: Option<Box<str>>,
    /// Where it is recorded.
    pub place: Location,
    /// Where it was taken from, as far as that is recorded.
    pub source: Source,
    /// The licence as it is stated.
    pub license: Option<Box<str>>,
    /// Digests of the archive it was installed from.
    pub digests: Vec<Digest>,
    /// What it provides beside its name: virtual packages, capabilities.
    pub provides: Vec<Box<str>>,
    /// What it needs: each by one of several names.
    pub needs: Vec<Vec<Box<str>>>,
    /// What it needs, by its place among the packages of the same record.
    pub needs_at: Vec<usize>,
    /// What is known of it because it is installed.
    pub installed: Installed,
}

/// What is known of a component because it is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installed {
    /// What it is.
    pub kind: InstalledKind,
    /// How far it is installed.
    pub state: InstalledState,
    /// The architecture it was built for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Box<str>>,
    /// The package of sources it was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_from: Option<SourcePackage>,
    /// Who maintains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<Box<str>>,
    /// Who distributes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Box<str>>,
    /// Where its files are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileList>,
}

/// What an installed package is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstalledKind {
    /// A package of a distribution or of a language.
    #[default]
    Library,
    /// A program.
    Application,
}

/// How far a package is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "word", rename_all = "kebab-case")]
pub enum InstalledState {
    /// Wholly.
    #[default]
    Whole,
    /// Some or all of its files lie on the disk, in the state that the database names: `unpacked`, `half-configured`.
    OnDisk(Box<str>),
}

/// A package of sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcePackage {
    /// Its name; of rpm the name of its file.
    pub name: Box<str>,
    /// Its version, where that is another than the package's own.
    pub version: Option<Box<str>>,
}

/// Where the files of a package are listed, with their digests as far as its database has them. It is read when somebody
/// asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FileList {
    /// In a file of its own.
    Own {
        /// The file.
        path: TreePath,
    },
    /// At a place of the database.
    Within {
        /// The database.
        path: TreePath,
        /// The place: a byte, or the number of a record.
        at: u64,
    },
}

impl Package {
    /// Returns a package of which no more is known than what it is called and where it is recorded.
    #[must_use]
    pub fn new(name: &str, version: Option<&str>, place: Location) -> Self {
        Self {
            name: name.into(),
            version: version.filter(|version| !version.is_empty()).map(Into::into),
            place,
            source: Source::Registry { registry: None },
            license: None,
            digests: Vec::new(),
            provides: Vec::new(),
            needs: Vec::new(),
            needs_at: Vec::new(),
            installed: Installed::default(),
        }
    }
}

/// Returns free text of a record, such as the name of a maintainer, in one line: blanks and ends of lines are one space each
/// run, and what no document may hold is a mark. `None` where nothing is left.
#[must_use]
pub fn one_line(text: &str) -> Option<Box<str>> {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(|found| if found.is_control() { char::REPLACEMENT_CHARACTER } else { found }));
    }
    (!out.is_empty()).then(|| out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_is_told_in_one_line() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(one_line(text).as_deref(), expected, "{text:?}");
        check("M <m@host.example>", Some("M <m@host.example>"));
        check(" a\n b\t\tc ", Some("a b c"));
        check("J\u{1a}rg\u{1b}[m", Some("J\u{fffd}rg\u{fffd}[m"));
        check(" \n", None);
        check("", None);
    }
}
