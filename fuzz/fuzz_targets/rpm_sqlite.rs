//! Reads any bytes as an SQLite database of rpm, the first four as the length of a write-ahead log in front of it: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((length, rest)) = bytes.split_first_chunk() else { return };
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX).min(rest.len());
    let (log, database) = rest.split_at(length);
    portcullis_fuzz::installed_beside("rpm-sqlite", "var/lib/rpm/database", database, log);
});
