//! Digests that stand in a file of their own, beside the lock file whose components they belong to.

use serde::{Deserialize, Serialize};

use super::{Component, Digest, Inventory};
use crate::fact::{Location, Spot};
use crate::tree::TreePath;

/// The digests of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestList {
    /// The file.
    pub path: TreePath,
    /// The ecosystem of the packages.
    pub ecosystem: Box<str>,
    /// The digests, in the order of name, version and artifact.
    entries: Vec<ListedDigest>,
}

/// One digest of such a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedDigest {
    /// The package's name.
    pub name: Box<str>,
    /// Its version.
    pub version: Box<str>,
    /// The digest. One without an artifact is that of the package itself.
    pub digest: Digest,
    /// Where it stands.
    pub at: Spot,
}

impl DigestList {
    /// Returns the list of a file.
    #[must_use]
    pub fn new(path: TreePath, ecosystem: &str, mut entries: Vec<ListedDigest>) -> Self {
        entries.sort_by(|a, b| key(a).cmp(&key(b)));
        Self { path, ecosystem: ecosystem.into(), entries }
    }

    /// Returns the digests in their order.
    #[must_use]
    pub fn entries(&self) -> &[ListedDigest] {
        &self.entries
    }

    /// Returns the digests of a package in a version.
    #[must_use]
    pub fn of(&self, name: &str, version: &str) -> &[ListedDigest] {
        let before = |entry: &ListedDigest| (&*entry.name, &*entry.version) < (name, version);
        let start = self.entries.partition_point(before);
        let rest = self.entries.get(start..).unwrap_or_default();
        let end = rest.partition_point(|entry| (&*entry.name, &*entry.version) == (name, version));
        rest.get(..end).unwrap_or_default()
    }

    /// Returns where an entry of the list stands.
    #[must_use]
    pub fn place(&self, entry: &ListedDigest) -> Location {
        Location { path: self.path.clone(), position: Some(entry.at.position), width: entry.at.width }
    }

    /// Gives the components of a lock file in the same folder their digests.
    pub fn attach(&self, inventory: &mut Inventory) {
        if inventory.ecosystem != self.ecosystem || inventory.path.parent() != self.path.parent() {
            return;
        }
        for component in inventory.components.iter_mut().filter(|component| component.source.is_digested()) {
            self.give(component);
        }
    }

    fn give(&self, component: &mut Component) {
        let listed = self.of(&component.name, component.version.as_deref().unwrap_or_default());
        let Some(first) = listed.first() else { return };
        component.digests = listed.iter().map(|entry| entry.digest.clone()).collect();
        component.digest_at = Some(first.at);
        component.digests_in = Some(self.path.clone());
        // A digest of what describes the package does not bind what is in it.
        let is_bound = component.digests.iter().any(|digest| digest.artifact.is_none());
        component.unverified = if is_bound { Vec::new() } else { component.places.clone() };
    }
}

fn key(entry: &ListedDigest) -> (&str, &str, Option<&str>) {
    (&entry.name, &entry.version, entry.digest.artifact.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Position;

    #[test]
    fn the_digests_of_one_version_are_found_among_those_of_others() {
        let digest = |byte: u8| Digest::from_h1(&format!("h1:{}=", char::from(byte).to_string().repeat(43)));
        let entry = |name: &str, version: &str, artifact: Option<&str>| ListedDigest {
            name: name.into(),
            version: version.into(),
            digest: Digest { artifact: artifact.map(Into::into), ..digest(b'A').unwrap() },
            at: Spot { position: Position { line: 1, column: 1 }, width: 1 },
        };
        let entries = vec![
            entry("git.example/b", "v1.0.0", Some("go.mod")),
            entry("git.example/b", "v1.0.0", None),
            entry("git.example/b", "v1.0.10", None),
            entry("git.example/a", "v1.0.0", None),
        ];
        let list = DigestList::new(TreePath::new(b"go.sum").unwrap(), "golang", entries);
        let artifacts = |name, version| {
            list.of(name, version).iter().map(|entry| entry.digest.artifact.as_deref()).collect::<Vec<_>>()
        };
        assert_eq!(artifacts("git.example/b", "v1.0.0"), [None, Some("go.mod")]);
        assert_eq!(artifacts("git.example/b", "v1.0.1"), Vec::<Option<&str>>::new());
        assert_eq!(artifacts("git.example/c", "v1.0.0"), Vec::<Option<&str>>::new());
    }
}
