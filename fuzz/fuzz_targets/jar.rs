//! Reads any bytes as an archive of Java: no panic, and nothing that a terminal would obey.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("java-archive", "lib/a-1.jar", bytes));
