//! Paths inside a tree: bytes between slashes, relative to the tree's root.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::text::{Inspected, Text, neutral, unescaped};

/// A path relative to a tree's root; the root itself is empty.
///
/// Holds no empty, `.` or `..` part. Written (in messages, reports and snapshots) in its neutralised form.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(Arc<[u8]>);

impl TreePath {
    /// Returns the tree's root.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns the path of `bytes`, or `None` where a part is empty, `.` or `..`.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let sound =
            bytes.is_empty() || bytes.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."));
        sound.then(|| Self(bytes.into()))
    }

    /// Returns the path of a file that the command line names, for a report: without `.` parts where it stays below
    /// the current folder, else as it is written, so that it may begin with `/` or `..`. No tree has a file there.
    #[must_use]
    pub fn named(bytes: &[u8]) -> Self {
        match Self::root().join(bytes) {
            Some(path) if !path.is_root() => path,
            Some(_) | None => Self(bytes.into()),
        }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the tree's root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the parts.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
    }

    /// Returns the last part, empty for the root.
    #[must_use]
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Returns the folder this path lies in, `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        self.0.get(..end).map(|bytes| Self(bytes.into()))
    }

    /// Returns this folder and the ones above it, nearest first, the root last.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self.clone()), Self::parent)
    }

    /// Returns the path of `name` in this folder; `name` is a single part.
    #[must_use]
    pub fn child(&self, name: &[u8]) -> Self {
        if self.is_root() {
            return Self(name.into());
        }
        let mut bytes = Vec::with_capacity(self.0.len() + 1 + name.len());
        bytes.extend_from_slice(&self.0);
        bytes.push(b'/');
        bytes.extend_from_slice(name);
        Self(bytes.into())
    }

    /// Returns the path at which `below`, a path relative to this folder, stands.
    #[must_use]
    pub fn append(&self, below: &Self) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self([self.as_bytes(), b"/", below.as_bytes()].concat().into()),
        }
    }

    /// Returns where `relative` leads from this folder, `None` where it is absolute or leaves the tree.
    ///
    /// Reads `.` and `..` as words, without looking at links.
    #[must_use]
    pub fn join(&self, relative: &[u8]) -> Option<Self> {
        if relative.first() == Some(&b'/') {
            return None;
        }
        let mut parts: Vec<&[u8]> = self.parts().collect();
        for part in relative.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        Some(Self(parts.join(&b'/').into()))
    }

    /// Returns the rest of this path below `folder`, `None` where it does not lie there.
    #[must_use]
    pub fn below(&self, folder: &Self) -> Option<&[u8]> {
        if folder.is_root() {
            return Some(&self.0);
        }
        match self.0.strip_prefix(folder.as_bytes())? {
            [b'/', rest @ ..] => Some(rest),
            [] => Some(&[]),
            _ => None,
        }
    }
}

impl Borrow<[u8]> for TreePath {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", neutral(self))
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", neutral(self))
    }
}

impl Inspected for TreePath {
    fn neutralise_into(&self, out: &mut String) {
        if self.is_root() {
            out.push('.');
        } else {
            self.0.neutralise_into(out);
        }
    }
}

impl Serialize for TreePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(self).as_str())
    }
}

impl<'de> Deserialize<'de> for TreePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "." {
            return Ok(Self::root());
        }
        unescaped(&text)
            .and_then(|bytes| Self::new(&bytes))
            .ok_or_else(|| de::Error::custom("a path is none inside a tree"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn unsound_paths_are_refused() {
        for bytes in [&b"/a"[..], b"a//b", b"a/../b", b"./a", b"a/", b".."] {
            assert_eq!(TreePath::new(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn named_files_may_lie_anywhere() {
        let check = |named: &str, expected: &str| {
            assert_eq!(TreePath::named(named.as_bytes()).as_bytes(), expected.as_bytes(), "{named}");
        };
        check("bom.json", "bom.json");
        check("./a//bom.json", "a/bom.json");
        check("a/../bom.json", "bom.json");
        check("../bom.json", "../bom.json");
        check("/tmp/bom.json", "/tmp/bom.json");
        check("-", "-");
    }

    #[test]
    fn joining_stays_inside() {
        let check = |from: &str, relative: &str, expected: Option<&str>| {
            assert_eq!(
                path(from).join(relative.as_bytes()).as_ref().map(TreePath::as_bytes),
                expected.map(str::as_bytes),
                "{from} + {relative}"
            );
        };
        check("a/b", "../c", Some("a/c"));
        check("a", "../..", None);
        check("a", "/etc/passwd", None);
        check("", "./x//y/.", Some("x/y"));
        check("a", "..", Some(""));
    }

    #[test]
    fn folders_and_names() {
        assert_eq!(path("a/b").parent(), Some(path("a")));
        assert_eq!(path("a").parent(), Some(TreePath::root()));
        assert_eq!(TreePath::root().parent(), None);
        assert_eq!(path("a/b/c").below(&path("a")), Some(&b"b/c"[..]));
        assert_eq!(path("ab/c").below(&path("a")), None);
        assert_eq!(path("a/b").ancestors().count(), 3);
        assert_eq!(path("a").append(&path("b/c")), path("a/b/c"));
        assert_eq!(path("a").append(&TreePath::root()), path("a"));
        assert_eq!(TreePath::root().append(&path("a")), path("a"));
    }

    #[test]
    fn any_bytes_are_written_and_read_back() {
        let odd = TreePath::new(b"a\\n\n/\xff\x1b \xe2\x80\xae").unwrap();
        let written = serde_json::to_string(&odd).unwrap();
        assert!(written.is_ascii(), "{written}");
        assert_eq!(serde_json::from_str::<TreePath>(&written).unwrap(), odd);
    }
}
