//! rpm's databases: what is read of sound ones, what is said of damaged ones, and that no damage stops the reader.

#![expect(clippy::disallowed_methods, reason = "databases of tests lie outside any tree")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

mod build;
mod damage;
mod header;
mod sqlite;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::bdb::RECORD as BDB;
use super::ndb::RECORD as NDB;
use super::sqlite::RECORD as SQLITE;
use crate::component::Package;
use crate::ecosystem::installed::{Damage, Opened, Packages, Reader, Record};
use crate::tree::TreePath;

/// What was read of a database, and why reading ended where it did.
struct Read {
    packages: Vec<Package>,
    gaps: Vec<String>,
    ended: Option<String>,
}

impl Read {
    /// Everything that is said not to be known.
    fn said(&self) -> Vec<&str> {
        self.gaps.iter().chain(&self.ended).map(String::as_str).collect()
    }

    fn versions(&self) -> Vec<String> {
        let mut versions: Vec<String> = self.packages.iter().map(version).collect();
        versions.sort();
        versions
    }
}

fn version(package: &Package) -> String {
    format!("{}={}", package.name, package.version.as_deref().unwrap_or_default())
}

/// Reads bytes as a database, with the files of some endings beside it.
fn read_with(record: &Record, bytes: &[u8], beside: &[(&str, &[u8])]) -> Read {
    let Reader::Random(read) = record.read else { panic!("{} is read as text", record.id) };
    let path = TreePath::new(b"var/lib/rpm/database").unwrap();
    let size = u64::try_from(bytes.len()).unwrap();
    let found = |ending: &str| Ok(beside.iter().find(|(other, _)| *other == ending).map(|(_, bytes)| bytes.to_vec()));
    let mut contents = Cursor::new(bytes);
    let mut out = Packages::default();
    let read = read(&mut Opened { path: &path, size, contents: &mut contents, beside: &found }, &mut out);
    let gaps = out.gaps.iter().map(|gap| format!("expected {}, found {}", gap.expected, gap.found)).collect();
    let told = |Damage { expected, found, .. }| format!("expected {expected}, found {found}");
    Read { packages: out.packages, gaps, ended: read.err().map(told) }
}

fn read(record: &Record, bytes: &[u8]) -> Read {
    read_with(record, bytes, &[])
}

fn record_of(id: &str) -> Option<&'static Record> {
    [&BDB, &NDB, &SQLITE].into_iter().find(|record| record.id == id)
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ospackages").join(name)).unwrap()
}

fn cases() -> Option<PathBuf> {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let cases = shared.join("cases/ospackages");
    if cases.is_dir() {
        return Some(cases);
    }
    eprintln!("SKIPPED: no databases in {}; set PORTCULLIS_SHARED", cases.display());
    None
}

#[test]
fn the_published_databases_hold_what_is_expected_of_them() {
    let Some(cases) = cases() else { return };
    let expected = std::fs::read_to_string(cases.join("EXPECTED.tsv")).unwrap();
    let mut seen = 0;
    for line in expected.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let Some(record) = record_of(cells[1]) else { continue };
        let file = cases.join(cells[0]);
        let beside = |ending: &str| std::fs::read(format!("{}{ending}", file.display())).unwrap_or_default();
        let (log, journal) = (beside("-wal"), beside("-journal"));
        let read = read_with(record, &std::fs::read(&file).unwrap(), &[("-wal", &log), ("-journal", &journal)]);
        assert_eq!(read.said(), Vec::<&str>::new(), "{}", cells[0]);
        let versions = read.versions();
        assert_eq!(versions.len().to_string(), cells[2], "{}: {versions:?}", cells[0]);
        assert_eq!(versions.first().map(String::as_str), Some(cells[4]), "{}", cells[0]);
        assert_eq!(versions.last().map(String::as_str), Some(cells[5]), "{}", cells[0]);
        seen += 1;
    }
    assert_eq!(seen, 4, "databases of rpm in EXPECTED.tsv");
}

#[test]
fn without_its_log_the_last_package_is_not_there() {
    let Some(cases) = cases() else { return };
    let bytes = std::fs::read(cases.join("own/rpm-sqlite-wal/var/lib/rpm/rpmdb.sqlite")).unwrap();
    assert_eq!(read(&SQLITE, &bytes).packages.len(), 4);
}
