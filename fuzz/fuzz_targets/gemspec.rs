//! Reads any bytes as the specification of a gem: no panic, and nothing that a terminal would obey.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("gemspec", "specifications/a-1.gemspec", bytes));
