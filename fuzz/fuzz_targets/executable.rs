//! Reads any bytes as the lists of Go and of `cargo auditable` in programs: no panic, and nothing that a terminal would obey.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    portcullis_fuzz::installed("go-build-info", "usr/bin/program", bytes);
    portcullis_fuzz::installed("cargo-auditable", "usr/bin/program", bytes);
});
