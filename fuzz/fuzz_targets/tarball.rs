//! Reads any bytes as a tarball: no panic, and no name that leads out of the folder into which it would be unpacked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::release;

fuzz_target!(|bytes: &[u8]| {
    let Ok(tarball) = release::read(bytes, bytes.len() as u64) else { return };
    for name in tarball.entries.keys() {
        assert!(!name.starts_with(b"/") && !name.contains(&0));
        assert!(name.is_empty() || name.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b"..")));
    }
    // The same bytes say the same.
    let again = release::read(bytes, bytes.len() as u64);
    assert!(again.is_ok_and(|again| again.entries == tarball.entries));
});
