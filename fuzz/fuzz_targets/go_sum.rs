//! Reads any bytes as `go.sum`: no panic, and no gap that points outside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::read("go.sum", bytes));
