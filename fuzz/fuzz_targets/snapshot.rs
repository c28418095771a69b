//! Reads any text as a snapshot: no panic, and what is read is written and read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::evidence::{read_snapshot, write_snapshot};

fuzz_target!(|text: &str| {
    if let Ok(evidence) = read_snapshot(text) {
        let written = write_snapshot(&evidence).expect("evidence can be written");
        assert_eq!(read_snapshot(&written).expect("what was written can be read"), evidence);
    }
});
