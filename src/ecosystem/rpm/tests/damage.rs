//! Databases that are not whole, and that random damage stops no reader.

use proptest::prelude::*;

use super::build::{header_with, ndb, words};
use super::{BDB, NDB, Read, SQLITE, fixture, read, read_with};
use crate::ecosystem::installed::Record;

/// The fixtures, each with the record that reads it.
fn sound() -> [(&'static Record, &'static str); 5] {
    [
        (&SQLITE, "plain.sqlite"),
        (&SQLITE, "logged.sqlite"),
        (&NDB, "Packages.db"),
        (&BDB, "little.bdb"),
        (&BDB, "big.bdb"),
    ]
}

const ALL: [&str; 5] = ["base=1.0-1", "late=12:4.0-2.fx", "many=1-1", "paths=0.1-1", "stated-zero=0:2.5~rc1-3"];

#[track_caller]
fn check(read: &Read, versions: &[&str], said: &[&str]) {
    assert_eq!(read.said(), said);
    assert_eq!(read.versions(), versions);
}

/// Returns bytes with others written over a place.
fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
}

#[test]
fn every_database_of_the_same_packages_tells_the_same() {
    let plain = read(&SQLITE, &fixture("plain.sqlite"));
    check(&plain, &ALL, &[]);
    for (record, name) in [(&NDB, "Packages.db"), (&BDB, "little.bdb"), (&BDB, "big.bdb")] {
        let other = read(record, &fixture(name));
        assert_eq!(other.said(), Vec::<&str>::new(), "{name}");
        assert_eq!(other.packages, plain.packages, "{name}");
    }
}

#[test]
fn a_file_that_is_no_database_is_said_to_be_none() {
    for (record, least, other) in [
        (&SQLITE, 100, "a database of SQLite, which begins with `SQLite format 3`, found `no database at a`"),
        (&NDB, 32, "an ndb database, which begins with `RpmP`, found `no d`"),
        (&BDB, 512, "a hash table of Berkeley DB, found `at a` where its number should stand"),
    ] {
        let empty = format!("expected at least {least} bytes, found the end of the file after 0");
        check(&read(record, b""), &[], &[&empty]);
        let text = "no database at all, but many words ".repeat(30);
        check(&read(record, text.as_bytes()), &[], &[&format!("expected {other}")]);
    }
}

#[test]
fn a_truncated_database_is_one_damage() {
    for (record, name) in sound() {
        let bytes = fixture(name);
        for length in [bytes.len() - 1, bytes.len() / 2, 600] {
            let read = read(record, &bytes[..length]);
            assert!(!read.said().is_empty(), "{name} of {length} bytes");
            // Of an ndb database the blobs that are there are told, and each that is not is one gap.
            if *name.as_bytes() != *b"Packages.db" {
                assert_eq!((read.said().len(), read.packages.len()), (1, 0), "{name} of {length} bytes");
            }
        }
    }
}

#[test]
fn a_page_that_is_damaged_costs_what_stands_on_it() {
    let sqlite = fixture("plain.sqlite");
    // Where a large header goes on: the page leads to itself.
    let many = find(&sqlite, b"name-2") / 512;
    let own = u32::try_from(many + 1).unwrap();
    let said = format!(
        "expected pages that each belong to one place, found page {own}, which another one leads to as well in row 4"
    );
    let others = ["base=1.0-1", "late=12:4.0-2.fx", "paths=0.1-1", "stated-zero=0:2.5~rc1-3"];
    check(&read(&SQLITE, &with(&sqlite, many * 512, &own.to_be_bytes())), &others, &[&said]);
    let said = "expected a page from 1 to 37, found page 99 in row 4";
    check(&read(&SQLITE, &with(&sqlite, many * 512, &99_u32.to_be_bytes())), &others, &[said]);

    for (name, order) in [("little.bdb", u32::to_le_bytes as fn(u32) -> [u8; 4]), ("big.bdb", u32::to_be_bytes)] {
        let bytes = fixture(name);
        let page = find(&bytes, b"name-2") / 512;
        let own = u32::try_from(page).unwrap();
        let said = format!(
            "expected pages that each belong to one place, found page {own}, which another one leads to as well in \
             header 4"
        );
        check(&read(&BDB, &with(&bytes, page * 512 + 16, &order(own))), &others, &[&said]);
        let said = format!("expected page {own} of type 7, found page {own} of type 9 in header 4");
        check(&read(&BDB, &with(&bytes, page * 512 + 25, &[9])), &others, &[&said]);
        let said = format!("expected page {own} of type 7, found page 99 of type 7 in header 4");
        check(&read(&BDB, &with(&bytes, page * 512 + 8, &order(99))), &others, &[&said]);
    }
}

#[test]
fn a_blob_is_held_against_its_slot_and_its_checksum() {
    let bytes = fixture("Packages.db");
    let others = ["base=1.0-1", "late=12:4.0-2.fx", "paths=0.1-1", "stated-zero=0:2.5~rc1-3"];
    let at = find(&bytes, b"a-file-with-a-long-name-20");
    let flipped = read(&NDB, &with(&bytes, at, b"A"));
    assert_eq!(flipped.versions(), others);
    assert!(flipped.said()[0].starts_with("expected a blob with the checksum "), "{:?}", flipped.said());
    assert!(flipped.said()[0].ends_with(" in header 4"));

    let made = ndb(&[header_with(&[]), header_with(&[(1000, 6, 1, b"b\0")])]);
    check(&read(&NDB, &made), &["a=1-2", "b=1-2"], &[]);
    let (first, second) = (4096, 4096 + (header_with(&[]).len() + 28).next_multiple_of(16));
    let start = u32::try_from(second / 16).unwrap();
    for (damaged, said) in [
        (with(&made, first, b"Blob"), "expected blob 1 at 4096, found `Blob` and 1 in header 1"),
        (with(&made, first + 4, &words(&[7])), "expected blob 1 at 4096, found `BlbS` and 7 in header 1"),
        (
            with(&made, first + 12, &words(&[5])),
            "expected a blob of 5 bytes with the same length at its end, found 96 bytes, and 66 at their end in header 1",
        ),
        (
            with(&made, 32 + 12, &words(&[1])),
            "expected a blob within the 4320 bytes of the file, found one of 16 bytes at 4096 in header 1",
        ),
        (
            with(&made, 32 + 8, &words(&[9999])),
            "expected a blob within the 4320 bytes of the file, found one of 96 bytes at 159984 in header 1",
        ),
        (with(&made, 32, b"Slut"), "expected slots that begin with `Slot`, found 1 others on page 0"),
    ] {
        let read = read(&NDB, &damaged);
        assert_eq!(read.versions(), ["b=1-2"], "{said}");
        assert_eq!(read.said().len(), 1, "{said}");
        assert_eq!(read.said()[0], said);
    }
    // Two slots of one blob: it is that of the second.
    let other = read(&NDB, &with(&made, 32 + 8, &words(&[start])));
    check(&other, &["b=1-2"], &[&format!("expected blob 1 at {second}, found `BlbS` and 2 in header 1")]);
    // Both of one number.
    let twice = read(&NDB, &with(&made, 32 + 4, &words(&[2, start, 8])));
    let said = format!(
        "expected a blob from block {} on, where others end, found one at block {start} in header 2",
        start + 8
    );
    check(&twice, &["b=1-2"], &[&said]);
    check(&read(&NDB, &with(&made, 4, &words(&[1]))), &[], &["expected version 0 of an ndb database, found version 1"]);
    let pages = read(&NDB, &with(&made, 12, &words(&[u32::MAX])));
    assert!(pages.said()[0].starts_with("expected 4294967295 pages of slots of 4096 bytes, found a file of "));
}

#[test]
fn what_rpm_never_wrote_with_berkeley_db_is_said_to_be_unread() {
    let bytes = fixture("little.bdb");
    for (damaged, said) in [
        (with(&bytes, 16, &words(&[7])), "expected a hash table of version 8, 9 or 10, found version 7"),
        (with(&bytes, 12, &words(&[0x53162])), "expected a hash table of Berkeley DB, found a b-tree"),
        (with(&bytes, 24, &[1]), "expected pages that are neither encrypted nor have checksums, found others"),
        (with(&bytes, 26, &[1]), "expected pages that are neither encrypted nor have checksums, found others"),
        (
            with(&bytes, 20, &words(&[500])),
            "expected pages of 512 to 65536 bytes, a power of two, found pages of 500 bytes",
        ),
        (with(&bytes, 72, &words(&[100])), "expected a last bucket of at most 34, found 100"),
        (with(&bytes, 32, &words(&[35])), "expected a file of 18432 bytes, found one of 17920"),
    ] {
        check(&read(&BDB, &damaged), &[], &[said]);
    }
    // The first bucket would begin at the first page of the file.
    let lost = read(&BDB, &with(&bytes, 96, &words(&[0])));
    assert_eq!(lost.said(), ["expected a page from 1 to 34, found page 0"]);
}

#[test]
fn a_header_of_empty_names_takes_no_memory_for_each() {
    let count = u32::try_from(super::super::MAX_NAMES).unwrap() + 1;
    let names = vec![0; super::super::MAX_NAMES + 1];
    let read = read(&NDB, &ndb(&[header_with(&[(1047, 8, count, &names)])]));
    check(&read, &["a=1-2"], &["expected at most 4000000 names in one database, found more in header 1"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_at_random_is_said_and_stops_no_reader(
        which in 0..sound().len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0), Just(1), Just(255)]), 1..12),
        length in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (record, name) = sound()[which];
        let mut bytes = fixture(name);
        let log = fixture("logged.sqlite-wal");
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(length) = length {
            bytes.truncate(length.index(bytes.len()));
        }
        let beside: &[(&str, &[u8])] = if name == "logged.sqlite" { &[("-wal", &log)] } else { &[] };
        let read = read_with(record, &bytes, beside);
        for said in read.said() {
            prop_assert!(!said.chars().any(char::is_control), "{}", said);
        }
        let again = read_with(record, &bytes, beside);
        prop_assert_eq!(read.packages, again.packages);
    }
}
