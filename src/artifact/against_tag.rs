//! What became of a tag on the way into a tarball.

use std::collections::BTreeMap;

use crate::text::Text;

/// A tarball held against the tag of which it is said to be made.
#[derive(Clone, Debug, Default)]
pub struct AgainstTag {
    /// The tag.
    pub tag: Text,
    /// The id of the commit behind it.
    pub commit: Text,
    /// How many files are the same.
    pub same: u64,
    /// Where they differ: build scripts first, then in the order of paths.
    pub differences: Vec<Difference>,
    /// Why nothing could be compared, where that is so.
    pub unreadable: Option<Text>,
    /// What a reader should know although nothing speaks against it.
    pub notes: Vec<Text>,
}

/// One difference between a tarball and a tag.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What kind of difference.
    pub kind: DifferenceKind,
    /// The file, from the tag's root on; `None` where it is about the tarball as a whole, or about a name that is none
    /// in it, which no pattern lets pass.
    pub path: Option<Text>,
    /// Whether it is a file by which the project is built: what runs on the machine of whoever builds.
    pub is_build_script: bool,
    /// What it is, in one line.
    pub message: Text,
    /// The values it rests on.
    pub evidence: BTreeMap<&'static str, Text>,
}

/// The kinds of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// In the tarball, and not in the tag.
    Added,
    /// In both, and not the same.
    Changed,
    /// In the tag, and not in the tarball.
    Lost,
    /// In both, and it cannot be known whether they are the same.
    Unknown,
}

impl Difference {
    /// Returns a difference about the tarball as a whole.
    #[must_use]
    pub fn whole(kind: DifferenceKind, message: Text) -> Self {
        Self { kind, path: None, is_build_script: false, message, evidence: BTreeMap::new() }
    }

    /// States a value it rests on.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Text) -> Self {
        self.evidence.insert(name, value);
        self
    }
}
