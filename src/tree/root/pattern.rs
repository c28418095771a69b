//! Which paths of a root are meant.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::TreePath;
use super::super::wants::is_named;

/// A pattern of paths: parts, in each of which a `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    parts: Vec<Cow<'static, [u8]>>,
    /// Whether the first part stands in the root itself, rather than anywhere.
    is_from_root: bool,
    /// Whether the last part may go on.
    has_any_ending: bool,
}

impl PathPattern {
    /// Returns a pattern of whole paths.
    #[must_use]
    pub fn from_root(text: &'static str) -> Self {
        Self { parts: parts(text), is_from_root: true, has_any_ending: false }
    }

    /// Returns a pattern of one path. A `*` in it stands for itself too: what else it means is meant for nobody.
    #[must_use]
    pub fn exactly(path: &TreePath) -> Self {
        let parts = path.parts().map(|part| Cow::Owned(part.to_vec())).collect();
        Self { parts, is_from_root: true, has_any_ending: false }
    }

    /// Returns a pattern of the same paths with any ending: of what stands beside a file and is read with it.
    #[must_use]
    pub fn with_any_ending(self) -> Self {
        Self { has_any_ending: true, ..self }
    }

    /// Returns a pattern of the last parts of paths.
    #[must_use]
    pub fn anywhere(text: &'static str) -> Self {
        Self { parts: parts(text), is_from_root: false, has_any_ending: false }
    }

    /// Whether it means the file at this path.
    #[must_use]
    pub fn matches(&self, path: &TreePath) -> bool {
        let mut expected = self.parts.iter().rev();
        let mut found = path.as_bytes().rsplit(|byte| *byte == b'/');
        let mut may_go_on = self.has_any_ending;
        loop {
            let may_go_on = std::mem::take(&mut may_go_on);
            match (expected.next(), found.next()) {
                (Some(part), Some(name)) if may_go_on && name.starts_with(part) => {}
                (Some(part), Some(name)) if is_named(part, name) => {}
                (Some(_), _) => return false,
                (None, rest) => return !self.is_from_root || rest.is_none(),
            }
        }
    }

    fn name(&self) -> &[u8] {
        self.parts.last().map(Cow::as_ref).unwrap_or_default()
    }
}

fn parts(text: &'static str) -> Vec<Cow<'static, [u8]>> {
    text.split('/').map(|part| Cow::Borrowed(part.as_bytes())).collect()
}

/// Many patterns, asked of many paths.
pub(super) struct PathPatterns {
    all: Vec<PathPattern>,
    /// Those whose last part is a name.
    named: HashMap<Box<[u8]>, Vec<usize>>,
    /// The others, with what the last part begins and ends with.
    others: Vec<Open>,
}

/// What the last part of a pattern begins and ends with, and the pattern's place.
type Open = (Box<[u8]>, Box<[u8]>, usize);

impl PathPatterns {
    pub(super) fn new(all: impl Iterator<Item = PathPattern>) -> Self {
        let all: Vec<PathPattern> = all.collect();
        let mut named: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
        let mut others = Vec::new();
        for (at, pattern) in all.iter().enumerate() {
            let name = pattern.name();
            if pattern.has_any_ending {
                others.push((name.into(), Box::default(), at));
            } else if name.contains(&b'*') {
                let start = name.split(|byte| *byte == b'*').next().unwrap_or_default();
                let end = name.rsplit(|byte| *byte == b'*').next().unwrap_or_default();
                others.push((start.into(), end.into(), at));
            } else {
                named.entry(name.into()).or_default().push(at);
            }
        }
        Self { all, named, others }
    }

    /// Whether a file of this name may be meant, depending on where it stands.
    pub(super) fn may_mean(&self, name: &[u8]) -> bool {
        self.named.contains_key(name)
            || self.others.iter().any(|(start, end, _)| name.starts_with(start) && name.ends_with(end))
    }

    /// Returns the places of the patterns that mean a path.
    pub(super) fn matching<'a>(&'a self, path: &'a TreePath) -> impl Iterator<Item = usize> + 'a {
        let name = path.file_name();
        let named = self.named.get(name).into_iter().flatten().copied();
        let others = self.others.iter().filter(|(start, end, _)| name.starts_with(start) && name.ends_with(end));
        named
            .chain(others.map(|(_, _, at)| *at))
            .filter(|at| self.all.get(*at).is_some_and(|pattern| pattern.matches(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_whole_parts() {
        let check = |pattern: PathPattern, path: &str, expected: bool| {
            let path = TreePath::new(path.as_bytes()).unwrap();
            assert_eq!(pattern.matches(&path), expected, "{pattern:?} {path}");
            let found = PathPatterns::new(std::iter::once(pattern)).matching(&path).count();
            assert_eq!(found, usize::from(expected), "{path}");
        };
        check(PathPattern::from_root("var/lib/dpkg/status"), "var/lib/dpkg/status", true);
        check(PathPattern::from_root("var/lib/dpkg/status"), "x/var/lib/dpkg/status", false);
        check(PathPattern::from_root("lib/dpkg/status"), "var/lib/dpkg/status", false);
        check(PathPattern::from_root("local/*/desc"), "local/a-1/desc", true);
        check(PathPattern::from_root("local/*/desc"), "local/a/b/desc", false);
        check(PathPattern::from_root("rpm/a.sqlite").with_any_ending(), "rpm/a.sqlite-wal", true);
        check(PathPattern::from_root("rpm/a.sqlite"), "rpm/a.sqlite-wal", false);
        check(PathPattern::anywhere("*.dist-info/METADATA"), "usr/lib/x.dist-info/METADATA", true);
        check(PathPattern::anywhere("*.dist-info/METADATA"), "x.dist-info/METADATA", true);
        check(PathPattern::anywhere("*.dist-info/METADATA"), "METADATA", false);
        check(PathPattern::exactly(&TreePath::new(b"a/b.jar").unwrap()), "a/b.jar", true);
        check(PathPattern::exactly(&TreePath::new(b"a/b.jar").unwrap()), "x/a/b.jar", false);
        check(PathPattern::anywhere("*.jar"), "a/b.jar", true);
        check(PathPattern::anywhere("*.jar"), "a/b.jar.txt", false);
        check(PathPattern::anywhere("node_modules/*/package.json"), "a/node_modules/b/package.json", true);
    }
}
