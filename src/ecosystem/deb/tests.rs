//! The databases of dpkg, stanza by stanza.

use crate::component::FileList;
use crate::ecosystem::installed::tests::{gaps, read, shown};

const STATUS: &str = "var/lib/dpkg/status";

#[track_caller]
fn check(text: &str, expected: &[&str], expected_gaps: &[&str]) {
    let found = read("dpkg-status", STATUS, text.as_bytes());
    assert_eq!(shown(&found), expected, "{text}");
    assert_eq!(gaps(&found), expected_gaps, "{text}");
}

#[test]
fn a_stanza_is_read_with_all_that_is_asked() {
    let text = "Package: libgcc1\nStatus: install ok installed\nPriority: required\nArchitecture: amd64\n\
                Multi-Arch: same\nMaintainer: M <m@host.example>\nSource: gcc-5 (5.1.1-12)\nVersion: 1:5.1.1-12\n\
                Depends: gcc-5-base (= 5.1.1-12), libc6 (>= 2.14) | libc6:i386,\n libfoo [amd64] <!nocheck>\n\
                Pre-Depends: multiarch-support:any\nProvides: libgcc (= 1), gcc1\nRecommends: x\nDescription: d\n Package: y\n .\n";
    let needs = ">multiarch-support >gcc-5-base >libc6|libc6 >libfoo";
    check(text, &[&format!("libgcc1 1:5.1.1-12 amd64 <gcc-5@5.1.1-12 =libgcc =gcc1 {needs}")], &[]);
    let found = read("dpkg-status", STATUS, text.as_bytes());
    let package = &found.packages[0];
    assert_eq!((package.place.to_string(), package.place.width), ("var/lib/dpkg/status:1:10".to_owned(), 7));
    assert_eq!(package.installed.maintainer.as_deref(), Some("M <m@host.example>"));
    assert_eq!(package.license, None);
}

#[test]
fn names_of_fields_are_read_in_any_case() {
    check("PACKAGE: a\nstatus: install ok installed\nversion:1\n", &["a 1"], &[]);
    check("package: a\r\nStatus: install ok installed\r\nVersion: 1\r\n", &["a 1"], &[]);
}

#[test]
fn the_third_word_of_the_status_decides() {
    let stanza = |status: &str| format!("Package: a\nStatus: {status}\nVersion: 1\n");
    for whole in [
        "install ok installed",
        "deinstall reinstreq installed",
        "hold ok triggers-awaited",
        "purge ok triggers-pending",
    ] {
        check(&stanza(whole), &["a 1"], &[]);
    }
    for word in ["unpacked", "half-installed", "half-configured"] {
        check(&stanza(&format!("install ok {word}")), &[&format!("a 1 {word}")], &[]);
    }
    check(&stanza("deinstall ok config-files"), &[], &[]);
    check("Package: a\nStatus: unknown ok not-installed\nPriority: extra\n", &[], &[]);
    for odd in ["install ok", "install ok installed now", "installed", "install ok Installed"] {
        let gap = format!("2: a `Status` of three words, such as `install ok installed`, `{odd}`");
        check(&stanza(odd), &[], &[&gap]);
    }
    check("Package: a\nVersion: 1\n", &[], &["1: a `Status` in each stanza, none"]);
}

#[test]
fn what_a_stanza_lacks_is_told_and_the_next_is_read() {
    let next = "\nPackage: z\nStatus: install ok installed\nVersion: 9\n";
    let check = |text: &str, gap: &[&str]| check(&format!("{text}{next}"), &["z 9"], gap);
    check("Status: install ok installed\nVersion: 1\n", &["1: a `Package` in each stanza, none"]);
    check("Package:\nStatus: install ok installed\nVersion: 1\n", &["1: a `Package` in each stanza, none"]);
    check("Package: a\nStatus: install ok installed\n", &["1: a `Version` of `a`, none"]);
    check("Package: a\u{1b}[m\nStatus: install ok installed\n", &["1: a `Version` of `a\\x1b[m`, none"]);
    let stray = "1: a field, as in `Name: value`, `Pakij apt`";
    check("Pakij apt\n", &[stray, "1: a `Package` in each stanza, none"]);
    check("\n\n\n", &[]);
}

#[test]
fn a_package_with_a_line_that_is_no_field_is_told_with_the_gap() {
    let text = "Package: a\nnoise\nStatus: install ok installed\nVersion: 1\n";
    check(text, &["a 1"], &["2: a field, as in `Name: value`, `noise`"]);
    let text = "Package: a\nStatus: install ok installed\nVersion: 1\n \nPackage: b\nVersion: 2\n";
    check(text, &["a 1"], &["5: `Package` once in a stanza, it again", "6: `Version` once in a stanza, it again"]);
}

#[test]
fn a_file_that_was_cut_off_is_told() {
    let text = "Package: a\nStatus: install ok installed\nVersion: 1.0-";
    check(text, &["a 1.0-"], &["3: the end of the last line, the end of the file behind `Version: 1.0-`"]);
    check("", &[], &[]);
}

#[test]
fn files_are_listed_where_dpkg_lists_them() {
    let check = |id: &str, path: &str, name: &str, more: &str, expected: Option<&str>| {
        let text = format!("Package: {name}\nStatus: install ok installed\nVersion: 1\n{more}");
        let files = read(id, path, text.as_bytes()).packages[0].installed.files.clone();
        let found = files.map(|files| match files {
            FileList::Own { path } => path.to_string(),
            FileList::Within { .. } => panic!("{text}"),
        });
        assert_eq!(found.as_deref(), expected, "{text}");
    };
    let (same, foreign) = ("Architecture: amd64\nMulti-Arch: same\n", "Architecture: amd64\nMulti-Arch: foreign\n");
    check("dpkg-status", STATUS, "a", "", Some("var/lib/dpkg/info/a.list"));
    check("dpkg-status", STATUS, "a", same, Some("var/lib/dpkg/info/a:amd64.list"));
    check("dpkg-status", STATUS, "a", foreign, Some("var/lib/dpkg/info/a.list"));
    check("dpkg-status", STATUS, "../../a", "", None);
    check("dpkg-status-d", "var/lib/dpkg/status.d/a", "a", same, Some("var/lib/dpkg/status.d/a.md5sums"));
    check("dpkg-status-d", "var/lib/dpkg/status.d/a", "x/a", "", None);
}

#[test]
fn files_of_images_without_dpkg_leave_the_status_out() {
    let check = |path: &str, text: &str, expected: &[&str], expected_gaps: &[&str]| {
        let found = read("dpkg-status-d", path, text.as_bytes());
        assert_eq!(shown(&found), expected, "{text}");
        assert_eq!(gaps(&found), expected_gaps, "{text}");
    };
    check("var/lib/dpkg/status.d/a", "Package: a\nVersion: 1", &["a 1"], &[]);
    check("var/lib/dpkg/status.d/a", "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n", &[], &[]);
    check("var/lib/dpkg/status.d/a", "Package: a\n", &[], &["1: a `Version` of `a`, none"]);
    check("var/lib/dpkg/status.d/a.md5sums", "07d31e7e63800ab1b7966980709c51eb  usr/lib/os-release\n", &[], &[]);
    check("var/lib/dpkg/status.d/amd5sums", "Package: a\nVersion: 1\n", &["a 1"], &[]);
}
