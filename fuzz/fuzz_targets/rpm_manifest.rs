//! Reads any bytes as the list of packages in images without rpm: no panic, no place outside the text, and purls that are sound.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    portcullis_fuzz::installed("rpm-manifest", "var/lib/rpmmanifest/container-manifest-2", bytes);
});
