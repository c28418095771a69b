//! What rules say of databases of packages: where they stand, and why none tells whose a file is.

use super::question::{Question, shown};
use crate::fact::Gap;
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Where databases of packages stand.
const DATABASES: [&str; 11] = [
    "var/lib/dpkg/",
    "var/lib/rpm/",
    "var/lib/rpmmanifest/",
    "usr/lib/sysimage/rpm/",
    "usr/share/rpm/",
    "lib/apk/",
    "usr/lib/apk/",
    "var/lib/apk/",
    "var/lib/pacman/",
    "usr/lib/opkg/",
    "var/lib/opkg/",
];

/// What is said where there is none.
pub(super) const NONE: &str = "no database of packages stands at /var/lib/dpkg, /var/lib/rpm, /usr/lib/sysimage/rpm, \
                               /lib/apk/db, /var/lib/pacman or /usr/lib/opkg";

/// Whether a file is part of a database of packages, or the folder of one.
fn is_of_database(path: &TreePath) -> bool {
    let path = path.as_bytes();
    DATABASES
        .iter()
        .any(|folder| path.starts_with(folder.as_bytes()) || folder.as_bytes().strip_suffix(b"/") == Some(path))
}

/// Returns the parts of databases that cannot be read.
pub(super) fn gaps<'a>(question: &Question<'a>) -> impl Iterator<Item = &'a Gap> + use<'a> {
    question.host.gaps.values().flatten().filter(|gap| is_of_database(&gap.location.path))
}

/// Returns why no database tells whose a file is.
pub(super) fn why_unknown(question: &Question<'_>) -> Text {
    match gaps(question).next() {
        Some(gap) => text!("`{}` cannot be read: found {}", shown(&gap.location.path), gap.found),
        None if question.host.package.databases.is_empty() => Text::trusted(NONE),
        None => Text::trusted("no database of packages says which files they have"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_known_by_their_places() {
        let check = |path: &str, expected: bool| {
            assert_eq!(TreePath::new(path.as_bytes()).as_ref().map(is_of_database), Some(expected), "{path}");
        };
        check("var/lib/dpkg/status", true);
        check("var/lib/dpkg/info", true);
        check("var/lib/rpm", true);
        check("var/lib/rpms", false);
        check("var/lib/dpkg-old/status", false);
        check("etc/passwd", false);
    }
}
