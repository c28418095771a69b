//! Reads any bytes as a package of pacman's database: no panic, no place outside the text, and purls that are sound.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("pacman-desc", "var/lib/pacman/local/a-1-1/desc", bytes));
