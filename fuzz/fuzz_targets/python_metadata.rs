//! Reads any bytes as the metadata of a Python package: no panic, and nothing that a terminal would obey.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("python-metadata", "a-1.dist-info/METADATA", bytes));
