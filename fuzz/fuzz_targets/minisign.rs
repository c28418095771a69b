//! Reads any bytes as signatures of minisign and of signify, and as keys: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    portcullis_fuzz::signature("minisign", bytes);
    portcullis_fuzz::signature("signify", bytes);
});
