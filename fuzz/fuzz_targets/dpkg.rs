//! Reads any bytes as dpkg's database, as a file of images without dpkg, and as opkg's: no panic, no place outside the text, and purls that are sound.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    portcullis_fuzz::installed("dpkg-status", "var/lib/dpkg/status", bytes);
    portcullis_fuzz::installed("dpkg-status-d", "var/lib/dpkg/status.d/a", bytes);
    portcullis_fuzz::installed("opkg-status", "usr/lib/opkg/status", bytes);
});
