//! Reads any bytes as apk's database: no panic, no place outside the text, and purls that are sound.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("apk-installed", "lib/apk/db/installed", bytes));
