//! What installed packages leave of themselves.

use proptest::prelude::*;

use super::super::installed::RECORD;
use crate::component::FileList;
use crate::ecosystem::tests::{read_installed, told};

const METADATA: &str = "Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 6.1\nSummary: a\nLicense: ZPL-2.1\nAuthor: Jo\nAuthor-email: jo@example.org\nRequires-Dist: setuptools\nRequires-Dist: Foo_Bar[x] (>=1.0) ; python_version < \"3.8\"\nRequires-Dist: sphinx ; extra == 'docs'\n\nRequires-Dist: none\n";

#[track_caller]
fn check(path: &str, text: &[u8], expected: &[&str]) {
    assert_eq!(told(&read_installed(&RECORD, path, text)), expected);
}

#[test]
fn fields_are_read_up_to_the_description() {
    let path = "lib/zope.interface-6.1.dist-info/METADATA";
    let whole = "Zope.Interface 6.1; license ZPL-2.1; maintainer Jo <jo@example.org>; provides zope-interface; needs setuptools foo-bar";
    check(path, METADATA.as_bytes(), &[whole]);
    check(path, METADATA.replace('\n', "\r\n").as_bytes(), &[whole]);
    check(path, b"Name: a\nVersion: 1", &["a 1"]);
    check(path, b"name: a\nVERSION: 1\nMaintainer: M\nAuthor: A\n", &["a 1; maintainer M"]);
    check(path, b"Name: a\nVersion: 1\nAuthor-email: J <j@x.y>\nAuthor: J\n", &["a 1; maintainer J <j@x.y>"]);
    check(path, b"Name: a\nVersion: 1\nAuthor: J\xf6rg\n", &["a 1; maintainer J\u{f6}rg"]);
    check(path, "Name: a\nVersion: 1\nAuthor: Jörg\n".as_bytes(), &["a 1; maintainer J\u{f6}rg"]);
    check(path, b"Name: a\nVersion: 1\nAuthor: UNKNOWN\nLicense: UNKNOWN\n", &["a 1"]);
}

#[test]
fn the_licence_is_what_is_stated_first() {
    let check_license = |fields: &str, expected: &str| {
        let expected = if expected.is_empty() { "a 1".to_owned() } else { format!("a 1; license {expected}") };
        check("a.dist-info/METADATA", format!("Name: a\nVersion: 1\n{fields}\n").as_bytes(), &[&expected]);
    };
    check_license("License-Expression: MIT OR 0BSD\nLicense: x", "MIT OR 0BSD");
    let classified = "Classifier: License :: OSI Approved :: MIT License\nClassifier: Programming Language :: C";
    check_license(classified, "MIT License");
    check_license(&format!("License: Copyright\n        all of it\n{classified}"), "MIT License");
    check_license(&format!("{classified}\nClassifier: License :: Public Domain"), "MIT License, Public Domain");
    check_license("Classifier: License :: OSI Approved", "");
    check_license("License:", "");
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let path = "a.egg-info/PKG-INFO";
    check(path, b"", &["gap Malformed: expected metadata with a `Name`, found none"]);
    check(path, b"Version: 1\n\nName: a\n", &["gap Malformed: expected metadata with a `Name`, found none"]);
    check(path, b"Name: a\n", &["a -", "gap Malformed: expected metadata with a `Version`, found none of `a`"]);
    let gap = "gap Malformed: expected a field, `NAME: VALUE`, found `no field`";
    check(path, b"Name: a\nVersion: 1\nno field\nLicense: MIT\n", &["a 1", gap]);
    let gap = "gap Malformed: expected a requirement, found `!b`";
    check(path, b"Name: a\nVersion: 1\nRequires-Dist: !b\n", &["a 1", gap]);
    let long = format!("Name: a\nVersion: 1\nLicense: {}\n", " x\n".repeat(2_000_000));
    let gap = "gap TooLarge: expected fields of at most 4 MiB, found more";
    check(path, long.as_bytes(), &["a 1", gap]);
}

#[test]
fn the_list_of_files_stands_beside_the_metadata() {
    let check = |path: &str, expected: Option<&str>| {
        let found = read_installed(&RECORD, path, METADATA.as_bytes()).packages.swap_remove(0).installed.files;
        let found = found.map(|list| match list {
            FileList::Own { path } => path.to_string(),
            FileList::Within { .. } => unreachable!(),
        });
        assert_eq!(found.as_deref(), expected);
    };
    check("s/a-1.dist-info/METADATA", Some("s/a-1.dist-info/RECORD"));
    check("s/a-1.egg-info/PKG-INFO", Some("s/a-1.egg-info/installed-files.txt"));
    check("s/a-1.egg-info", None);
    check("s/a-1.egg/EGG-INFO/PKG-INFO", None);
}

proptest! {
    #[test]
    fn damage_leaves_no_more_than_gaps(at in any::<prop::sample::Index>(), with in any::<Vec<u8>>(), cut in 0_usize..40) {
        let mut bytes = METADATA.as_bytes().to_vec();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + cut);
        bytes.splice(at..end, with);
        let _packages = read_installed(&RECORD, "a.egg-info", &bytes);
    }
}
