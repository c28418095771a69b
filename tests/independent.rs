//! The second reader of lock files, in another language, passes its own tests.
#![expect(clippy::disallowed_methods, reason = "a test runs what it tests")]

use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

#[test]
fn the_independent_reader_passes_its_tests() {
    let probe = "import sys, tomllib";
    if !Command::new("python3").args(["-c", probe]).output().is_ok_and(|output| output.status.success()) {
        writeln!(io::stderr(), "SKIPPED: the tests of the independent reader: expected Python 3.11 or later").unwrap();
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent");
    let output = Command::new("python3").args(["-B", "test_independent.py"]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
