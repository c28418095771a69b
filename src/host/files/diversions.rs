//! dpkg's diversions: a file of a package that was moved aside for another of the same name (`dpkg-divert(1)`).

use std::collections::HashMap;

use crate::ecosystem::installed::from_root;

/// Where dpkg keeps them.
pub(super) const PATH: &str = "var/lib/dpkg/diversions";

/// The package of a diversion that an administrator made.
const LOCAL: &[u8] = b":";

/// The diversions of a root.
#[derive(Debug, Default)]
pub(super) struct Diversions(HashMap<Box<[u8]>, Diversion>);

/// A diversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Diversion {
    /// Where the file was moved to.
    pub(super) to: Box<[u8]>,
    /// For which package, `None` for an administrator's.
    pub(super) by: Option<Box<[u8]>>,
}

impl Diversions {
    /// Reads the file: three lines a diversion, the path, where it is moved to, and the package whose own file stays. `None`
    /// where a line is missing, or no path.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut out = HashMap::new();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let mut lines = bytes.split(|byte| *byte == b'\n');
        while let Some(from) = lines.next() {
            let (to, by) = (lines.next()?, lines.next()?);
            let by = (by != LOCAL).then(|| by.into());
            out.insert(from_root(from)?.into(), Diversion { to: from_root(to)?.into(), by });
        }
        Some(Self(out))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns where the file lies that a package lists at a path.
    pub(super) fn moved(&self, path: &[u8], package: &str) -> Option<&[u8]> {
        let diversion = self.0.get(path)?;
        let is_own = diversion.by.as_deref().is_some_and(|by| of_no_architecture(by) == package.as_bytes());
        (!is_own).then_some(&*diversion.to)
    }

    /// Returns the paths from which something is moved, with where to.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Diversion)> {
        let mut all: Vec<_> = self.0.iter().map(|(from, diversion)| (&**from, diversion)).collect();
        all.sort_unstable_by_key(|(from, _)| *from);
        all.into_iter()
    }

    /// Adds the same diversion under another name of its path.
    pub(super) fn also(&mut self, path: &[u8], diversion: Diversion) {
        self.0.entry(path.into()).or_insert(diversion);
    }
}

/// Returns the name in `name:architecture`.
fn of_no_architecture(package: &[u8]) -> &[u8] {
    package.split(|byte| *byte == b':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_where_they_were_moved() {
        let text = "/bin/ping\n/bin/ping.distrib\nwrapper\n/usr/bin/passwd\n/usr/bin/passwd.distrib\n:\n";
        let diversions = Diversions::read(text.as_bytes()).unwrap();
        let check = |path: &str, package: &str, expected: Option<&str>| {
            let found = diversions.moved(path.as_bytes(), package);
            assert_eq!(found, expected.map(str::as_bytes), "{path} {package}");
        };
        check("bin/ping", "iputils-ping", Some("bin/ping.distrib"));
        check("bin/ping", "wrapper", None);
        check("usr/bin/passwd", "passwd", Some("usr/bin/passwd.distrib"));
        check("usr/bin/ping", "iputils-ping", None);
    }

    #[test]
    fn what_is_no_diversion_is_refused() {
        let check = |text: &str, expected: bool| {
            assert_eq!(Diversions::read(text.as_bytes()).is_some(), expected, "{text:?}");
        };
        check("", true);
        check("/a\n/b\n:\n", true);
        check("/a\n/b\n", false);
        check("/a\n/../b\n:\n", false);
    }
}
