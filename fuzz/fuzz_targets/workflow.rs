//! Reads any bytes as a workflow and as an action: no panic, and every gap with a place inside the file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    portcullis_fuzz::read(".github/workflows/ci.yml", bytes);
    portcullis_fuzz::read("action.yml", bytes);
});
