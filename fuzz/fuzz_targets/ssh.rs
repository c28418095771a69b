//! Reads any bytes as an SSH signature, as lists of signers and of revoked keys, and as keys: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::signature("ssh", bytes));
