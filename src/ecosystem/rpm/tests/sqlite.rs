//! SQLite's log and journal, and heads of files that SQLite would not open.

use super::build::summed_again;
use super::{Read, SQLITE, fixture, read, read_with};

/// What stands in the file alone, and with the log beside it.
const FILE: [&str; 2] = ["base=1.0-1", "stated-zero=0:2.5~rc1-3"];
const LOGGED: [&str; 4] = ["base=1.0-1", "late=12:4.0-2.fx", "many=1-1", "stated-zero=0:2.5~rc1-3"];

#[track_caller]
fn check(read: &Read, versions: &[&str], said: &[&str]) {
    assert_eq!(read.said(), said);
    assert_eq!(read.versions(), versions);
}

fn with_log(log: &[u8]) -> Read {
    read_with(&SQLITE, &fixture("logged.sqlite"), &[("-wal", log)])
}

#[test]
fn changes_of_the_log_count_up_to_the_last_that_has_an_end() {
    let log = fixture("logged.sqlite-wal");
    check(&read(&SQLITE, &fixture("logged.sqlite")), &FILE, &[]);
    check(&with_log(&log), &LOGGED, &[]);
    // In the middle of a frame.
    check(&with_log(&log[..log.len() - 7]), &LOGGED, &[]);
    check(&with_log(&[]), &FILE, &[]);
    check(&with_log(&log[..31]), &FILE, &[]);
    check(&with_log(&log[..32]), &FILE, &[]);
}

#[test]
fn what_stands_behind_a_frame_that_does_not_follow_is_ignored() {
    let log = fixture("logged.sqlite-wal");
    for at in [0, 8, 16, 24, 28, 32, 40, 44, 48, 52, 60, 32 + 24 + 1000] {
        let mut stale = log.clone();
        stale[at] ^= 0x40;
        check(&with_log(&stale), &FILE, &[]);
    }
    // The second change: the third package is there, the fourth is not.
    let ends: Vec<usize> = (32..log.len()).step_by(24 + 1024).filter(|at| log[at + 4..at + 8] != [0; 4]).collect();
    assert_eq!(ends.len(), 2);
    let mut cut = log.clone();
    cut[ends[1] + 24] ^= 1;
    check(&with_log(&cut), &["base=1.0-1", "late=12:4.0-2.fx", "stated-zero=0:2.5~rc1-3"], &[]);
}

#[test]
fn checksums_are_read_in_either_order() {
    let log = fixture("logged.sqlite-wal");
    assert_eq!(summed_again(&log, 0x377f_0682), log);
    check(&with_log(&summed_again(&log, 0x377f_0683)), &LOGGED, &[]);
    let mut wrong = log;
    wrong[3] ^= 1;
    check(&with_log(&wrong), &FILE, &[]);
}

#[test]
fn a_log_that_cannot_be_replayed_leaves_nothing_known() {
    let log = fixture("logged.sqlite-wal");
    let mut version = log.clone();
    version[7] ^= 1;
    check(
        &with_log(&summed_again(&version, 0x377f_0682)),
        &[],
        &["expected a write-ahead log of version 3007000, found version 3007001"],
    );
    check(
        &read_with(&SQLITE, &fixture("plain.sqlite"), &[("-wal", &log)]),
        &[],
        &["expected pages of 512 bytes in the write-ahead log, as in the database, found pages of 1024 bytes"],
    );
}

#[test]
fn a_journal_counts_unless_its_first_byte_was_cleared() {
    let bytes = fixture("plain.sqlite");
    let journal = |journal: &[u8]| read_with(&SQLITE, &bytes, &[("-journal", journal)]);
    for cold in [b"".as_slice(), b"\0\0\0\0\0\0\0\0"] {
        assert_eq!(journal(cold).packages.len(), 5);
    }
    check(
        &journal(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"),
        &[],
        &["expected a database without a change that was cut off, found a rollback journal of 8 bytes beside it"],
    );
}

#[test]
fn a_head_that_sqlite_would_not_open_is_said() {
    let bytes = fixture("plain.sqlite");
    let sizes =
        "expected pages of 512 to 65536 bytes, a power of two, of which at least 480 are in use, found pages of";
    let version = "expected version 1 or 2 of SQLite's file format, with a schema of format 1 to 4, found version";
    for (at, byte, said) in [
        (
            0,
            b's',
            "expected a database of SQLite, which begins with `SQLite format 3`, found `sQLite format 3\\x00`".into(),
        ),
        (16, 3, format!("{sizes} 768 bytes, 16 of them not in use")),
        (20, 33, format!("{sizes} 512 bytes, 33 of them not in use")),
        (21, 65, "expected 64, 32 and 32 as the fractions of a page, found 65, 32 and 32".into()),
        (19, 3, format!("{version} 3, and schema format 4")),
        (47, 5, format!("{version} 1, and schema format 5")),
        (59, 4, "expected 1, 2 or 3 as the encoding of texts, found 4".into()),
        (31, 200, "expected 200 pages of 512 bytes, found a file of 18944 bytes".into()),
    ] {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        check(&read(&SQLITE, &bytes), &[], &[&said]);
    }
}

#[test]
fn a_database_without_the_table_is_said_to_be_without() {
    let mut bytes = fixture("plain.sqlite");
    let name: Vec<u8> = "Packages".encode_utf16().flat_map(u16::to_be_bytes).collect();
    while let Some(at) = bytes.windows(name.len()).position(|window| window == name) {
        bytes[at + 1] = b'B';
    }
    check(&read(&SQLITE, &bytes), &[], &["expected a table `Packages`, found none of that name"]);
}
