//! Reads any bytes as `vendor/modules.txt`: no panic, and no gap that points outside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::read("vendor/modules.txt", bytes));
