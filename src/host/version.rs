//! Which version of a package is installed, where a default rests on it.

use memchr::memmem;

use super::reading::Reading;
use crate::tree::TreePath;

/// The databases that are asked, with the words that begin a name and a version in them.
const DATABASES: [(&str, &[u8], &[u8]); 2] =
    [("var/lib/dpkg/status", b"Package: ", b"Version: "), ("lib/apk/db/installed", b"P:", b"V:")];

/// Returns the version of an installed package, without epoch: `9.2p1-2+deb12u5`. A database that cannot be read says
/// nothing: the family of packages tells of it.
pub(super) fn of_package(reading: &Reading<'_>, name: &str) -> Option<String> {
    DATABASES.iter().find_map(|(path, package, version)| {
        let entry = reading.root().real(&TreePath::new(path.as_bytes())?).ok()?;
        let bytes = reading.root().read(&entry, crate::tree::limits::MAX_FILE_BYTES).ok()?;
        find(&bytes, &[package, name.as_bytes()].concat(), version)
    })
}

/// Finds the stanza that holds a line, and the version it gives.
fn find(bytes: &[u8], package: &[u8], version: &[u8]) -> Option<String> {
    let mut done = 0;
    for at in memmem::find_iter(bytes, package) {
        if at < done {
            continue;
        }
        let start = memmem::rfind(bytes.get(done..at)?, b"\n\n").map_or(done, |before| done + before);
        done = memmem::find(bytes.get(at..)?, b"\n\n").map_or(bytes.len(), |behind| at + behind);
        if let Some(found) = find_in(bytes.get(start..done)?, package, version) {
            return Some(found);
        }
    }
    None
}

/// Finds it in a stanza.
fn find_in(bytes: &[u8], package: &[u8], version: &[u8]) -> Option<String> {
    let mut is_package = false;
    let mut is_removed = false;
    let mut found = None;
    for line in bytes.split(|byte| *byte == b'\n').chain([b"".as_slice()]) {
        if line.is_empty() {
            if let (true, false, Some(found)) = (is_package, is_removed, found.take()) {
                let text = String::from_utf8_lossy(found).into_owned();
                return Some(text.split_once(':').map_or(text.clone(), |(_, rest)| rest.to_owned()));
            }
            (is_package, is_removed, found) = (false, false, None);
        } else if line == package {
            is_package = true;
        } else if let Some(rest) = line.strip_prefix(version) {
            found = Some(rest);
        } else if let Some(status) = line.strip_prefix(b"Status: ".as_slice()) {
            is_removed = status.ends_with(b" config-files") || status.ends_with(b" not-installed");
        }
    }
    None
}

/// Returns the first two numbers of a version: `9.2p1` is 9 and 2.
pub(super) fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|character: char| !character.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_an_installed_package_is_found() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(find(text.as_bytes(), b"Package: ssh", b"Version: ").as_deref(), expected, "{text}");
        };
        check(
            "Package: a\nVersion: 1\n\nPackage: ssh\nStatus: install ok installed\nVersion: 1:9.2p1-2\n",
            Some("9.2p1-2"),
        );
        check("Package: ssh\nStatus: deinstall ok config-files\nVersion: 1:9.2p1-2\n", None);
        check("Package: sshd\nVersion: 1\n", None);
        check("Package: sshd\nVersion: 1\n\nA: Package: ssh\n\n\nPackage: ssh\nPackage: ssh\nVersion: 2", Some("2"));
        check("Version: 1\n\nPackage: ssh\n", None);
        check("", None);
        assert_eq!(numbers("9.2p1-2"), Some((9, 2)));
        assert_eq!(numbers("10.0_p1-r7"), Some((10, 0)));
        assert_eq!(numbers("new"), None);
    }
}
