//! What is read of one header, and which headers are none.

use std::fmt::Write as _;

use super::build::{LEAST, header, header_with, ndb};
use super::{NDB, read, version};
use crate::component::Package;

fn line(package: &Package) -> String {
    let mut out = version(package);
    let installed = &package.installed;
    let source = installed.built_from.as_ref().map(|source| source.name.clone());
    for (word, value) in [
        ("for", &installed.architecture),
        ("from", &source),
        ("under", &package.license),
        ("by", &installed.vendor),
        ("kept by", &installed.maintainer),
    ] {
        if let Some(value) = value {
            write!(out, " {word} {value}").unwrap();
        }
    }
    for name in &package.provides {
        write!(out, " +{name}").unwrap();
    }
    for names in &package.needs {
        write!(out, " -{}", names.join("|")).unwrap();
    }
    out
}

/// Reads a database of one header: the packages, and what is said.
#[track_caller]
fn check(header: &[u8], packages: &[&str], said: &[&str]) {
    let read = read(&NDB, &ndb(&[header.to_vec()]));
    assert_eq!(read.said(), said);
    assert_eq!(read.packages.iter().map(line).collect::<Vec<_>>(), packages);
}

#[test]
fn an_epoch_is_written_where_one_is_stated() {
    check(&header_with(&[]), &["a=1-2"], &[]);
    check(&header_with(&[(1003, 4, 1, &[0, 0, 0, 0])]), &["a=0:1-2"], &[]);
    check(&header_with(&[(1003, 4, 1, &[0, 0, 1, 2])]), &["a=258:1-2"], &[]);
    check(
        &header_with(&[(1003, 6, 1, b"3\0")]),
        &[],
        &["expected numbers as the epoch, found values of type 6 in header 1"],
    );
}

#[test]
fn a_package_has_a_name_a_version_and_a_release() {
    for (left_out, word) in [(0, "name"), (1, "version"), (2, "release")] {
        let mut values = LEAST.to_vec();
        values.remove(left_out);
        check(&header(&values), &[], &[&format!("expected the {word} of a package, found none in header 1")]);
        let mut values = LEAST.to_vec();
        values[left_out].3 = b"\0";
        check(&header(&values), &[], &[&format!("expected the {word} of a package, found none in header 1")]);
        values[left_out].3 = b"\xff\0";
        check(&header(&values), &[], &[&format!("expected the {word} of a package in UTF-8, found \\xff in header 1")]);
    }
}

#[test]
fn a_key_is_no_package() {
    check(&header(&[(1000, 6, 1, b"gpg-pubkey\0")]), &[], &[]);
    check(&header_with(&[(1000, 6, 1, b"gpg-pubkeys\0")]), &["gpg-pubkeys=1-2"], &[]);
}

#[test]
fn what_was_added_to_a_header_comes_in_the_place_of_what_was_signed() {
    check(&header_with(&[(1014, 6, 1, b"old\0"), (1014, 6, 1, b"new\0")]), &["a=1-2 under new"], &[]);
}

#[test]
fn descriptions_are_read() {
    check(
        &header_with(&[
            (1022, 6, 1, b"noarch\0"),
            (1044, 6, 1, b"a-1-2.src.rpm\0"),
            (1014, 6, 1, b"MIT\0"),
            (1011, 6, 1, b"Acme\0"),
            (1015, 6, 1, b"J\xf6rg\0"),
        ]),
        &["a=1-2 for noarch from a-1-2.src.rpm under MIT by Acme kept by J\u{fffd}rg"],
        &[],
    );
    check(
        &header_with(&[(1011, 6, 1, b"Acme\0"), (1014, 4, 1, &[0; 4])]),
        &["a=1-2"],
        &["expected text as the licence, found values of type 4 in header 1"],
    );
}

#[test]
fn provided_and_needed_names_stand_once_without_its_own_and_those_of_rpm() {
    let provides = (1047, 8, 4, b"a\0b\0b\0self\0".as_slice());
    let needs = (1049, 8, 7, b"rpmlib(X)\0(c or d)\0z\0c\0c\0self\0a\0".as_slice());
    check(&header_with(&[provides, needs]), &["a=1-2 +b +self -c -z"], &[]);
    check(
        &header_with(&[provides, (1049, 8, 3, b"c\0d\0")]),
        &["a=1-2 +b +self"],
        &["expected 3 texts as the needed names, found the end of the header among them in header 1"],
    );
}

#[test]
fn a_needed_path_is_met_by_the_package_that_owns_it() {
    let owner = |folder: &'static [u8]| {
        header(&[
            (1000, 6, 1, b"owner\0"),
            LEAST[1],
            LEAST[2],
            (1116, 4, 2, &[0; 8]),
            (1117, 8, 2, b"tool\0other\0"),
            (1118, 8, 1, folder),
        ])
    };
    for (folder, need, met) in [
        (b"/usr/bin/\0".as_slice(), b"/usr/bin/tool\0".as_slice(), " +/usr/bin/tool"),
        // One file, where `/bin` is a link.
        (b"/usr/bin/\0", b"/bin/tool\0", " +/bin/tool"),
        (b"/bin/\0", b"/usr/bin/tool\0", " +/usr/bin/tool"),
        (b"/etc/x/\0", b"/etc/x/other\0", " +/etc/x/other"),
        (b"/usr/bin/\0", b"/usr/bin/tools\0", ""),
        (b"/usr/share/\0", b"/usr/share/tool\0", ""),
    ] {
        let read = read(&NDB, &ndb(&[header_with(&[(1049, 8, 1, need)]), owner(folder)]));
        assert_eq!(read.said(), Vec::<&str>::new());
        assert_eq!(line(&read.packages[1]), format!("owner=1-2{met}"));
    }
}

#[test]
fn counts_and_entries_have_bounds() {
    let sound = header_with(&[(1003, 4, 1, &[0; 4])]);
    let with = |at: usize, number: u32| {
        let mut header = sound.clone();
        header[at..at + 4].copy_from_slice(&number.to_be_bytes());
        header
    };
    let counts = "expected a header of 1 to 65535 entries and at most 268435455 bytes";
    let entry = "expected entry 3 of a header, of a known type and within its 16 bytes";
    let last = 8 + 3 * 16;
    for (header, said) in [
        (Vec::new(), "expected the header of a package, found 0 bytes in header 1".to_owned()),
        (with(0, 0), format!("{counts}, found 0 entries and 16 bytes in header 1")),
        (with(0, 65536), format!("{counts}, found 65536 entries and 16 bytes in header 1")),
        (with(4, 1 << 28), format!("{counts}, found 4 entries and 268435456 bytes in header 1")),
        (with(0, 5), "expected a header of 104 bytes, as its counts say, found 88 bytes in header 1".to_owned()),
        (with(4, 15), "expected a header of 87 bytes, as its counts say, found 88 bytes in header 1".to_owned()),
        (with(last, 99), format!("{entry}, found tag 99 of type 4, 1 values at 12 in header 1")),
        (with(last + 4, 0), format!("{entry}, found tag 1003 of type 0, 1 values at 12 in header 1")),
        (with(last + 4, 10), format!("{entry}, found tag 1003 of type 10, 1 values at 12 in header 1")),
        (with(last + 8, 13), format!("{entry}, found tag 1003 of type 4, 1 values at 13 in header 1")),
        (
            with(last + 8, u32::MAX - 3),
            format!("{entry}, found tag 1003 of type 4, 1 values at 4294967292 in header 1"),
        ),
        (with(last + 12, 2), format!("{entry}, found tag 1003 of type 4, 2 values at 12 in header 1")),
        // Four times this is zero in 32 bits.
        (with(last + 12, 1 << 30), format!("{entry}, found tag 1003 of type 4, 1073741824 values at 12 in header 1")),
        (with(last + 12, 0), format!("{entry}, found tag 1003 of type 4, 0 values at 12 in header 1")),
    ] {
        check(&header, &[], &[&said]);
    }
    check(&sound, &["a=0:1-2"], &[]);
}

#[test]
fn a_region_may_stand_first() {
    let region = (63, 7, 16, [0; 16].as_slice());
    check(&header(&[&[region], LEAST.as_slice()].concat()), &["a=1-2"], &[]);
    check(
        &header_with(&[region]),
        &[],
        &[
            "expected entry 3 of a header, of a known type and within its 28 bytes, found tag 63 of type 7, 16 values at \
           12 in header 1",
        ],
    );
}
