//! The database of pacman.

use crate::component::FileList;
use crate::ecosystem::installed::tests::{gaps, read, shown};

const PATH: &str = "var/lib/pacman/local/gawk-5.3.1-1/desc";

#[track_caller]
fn check(text: &str, expected: &[&str], expected_gaps: &[&str]) {
    let found = read("pacman-desc", PATH, text.as_bytes());
    assert_eq!(shown(&found), expected, "{text}");
    assert_eq!(gaps(&found), expected_gaps, "{text}");
}

#[test]
fn a_desc_is_read_with_all_that_is_asked() {
    let text = "%NAME%\ngawk\n\n%VERSION%\n1:5.3.1-1\n\n%BASE%\nawk\n\n%DESC%\nGNU %NAME%\n\n%ARCH%\nx86_64\n\n\
                %PACKAGER%\nM <m@host.example>\n\n%LICENSE%\nGPL-3.0-or-later\nMIT\n\n%DEPENDS%\nsh\nglibc>=2.3\n\
                lib.so=0-64\n\n%OPTDEPENDS%\nx: for y\n\n%PROVIDES%\nawk\nlib.so=1-64\n\n%XDATA%\npkgtype=pkg\n";
    check(text, &["gawk 1:5.3.1-1 x86_64 <awk =awk =lib.so >sh >glibc >lib.so"], &[]);
    let found = read("pacman-desc", PATH, text.as_bytes());
    let package = &found.packages[0];
    assert_eq!((package.place.to_string(), package.place.width), (format!("{PATH}:2:1"), 4));
    assert_eq!(package.license.as_deref(), Some("GPL-3.0-or-later AND MIT"));
    assert_eq!(package.installed.maintainer.as_deref(), Some("M <m@host.example>"));
    let Some(FileList::Own { path }) = &package.installed.files else { panic!() };
    assert_eq!(path.to_string(), "var/lib/pacman/local/gawk-5.3.1-1/files");
}

#[test]
fn sections_are_parted_as_by_libalpm() {
    // A heading is a value where one is asked for, and a list goes on to an empty line.
    check("%NAME%\na\n%VERSION%\n1\n%DEPENDS%\nb\n%PROVIDES%\n", &["a 1 >b >%PROVIDES%"], &[]);
    check("%DESC%\nfoo\n%NAME%\na\n\n%VERSION%\n1", &["a 1"], &[]);
    check("%NAME%\r\na\r\n\r\n%VERSION%\r\n1\r\n", &["a 1"], &[]);
}

#[test]
fn what_a_desc_lacks_is_told() {
    let name = "1: the `%NAME%` of the package `gawk-5.3.1-1`, none";
    check("", &[], &[name]);
    check("%VERSION%\n1\n", &[], &[name]);
    check("%NAME%\n\n%VERSION%\n1\n", &[], &[name]);
    check("%NAME%\na\n", &[], &["2: the `%VERSION%` of the package `gawk-5.3.1-1`, none"]);
    check("%NAME%\na\nb\n\n%VERSION%\n1\n", &["a 1"], &["3: a heading, as in `%NAME%`, `b`"]);
    check("%NAME%\na\n\n%VERSION%\n1\n\n%NAME%\nb\n", &["b 1"], &["8: `%NAME%` once, it again"]);
}
