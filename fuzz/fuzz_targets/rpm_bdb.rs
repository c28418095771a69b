//! Reads any bytes as a Berkeley DB database of rpm: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed_beside("rpm-bdb", "var/lib/rpm/database", bytes, &[]));
