//! Reads any bytes as a package in `node_modules`: no panic, and nothing that a terminal would obey.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("node-modules", "node_modules/a/package.json", bytes));
