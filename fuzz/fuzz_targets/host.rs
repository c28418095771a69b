//! Reads any bytes as each file that says something of a host: no panic, and an answer in time. `HOST_READER` names one
//! reader; without it the first byte does.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::host::readers::{READERS, Reader};

static CHOSEN: LazyLock<Option<&Reader>> = LazyLock::new(|| {
    let name = std::env::var("HOST_READER").ok()?;
    Some(READERS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no reader {name}")))
});

fuzz_target!(|bytes: &[u8]| match (*CHOSEN, bytes) {
    (Some((_, read)), bytes) => read(bytes),
    (None, [first, bytes @ ..]) => {
        if let Some((_, read)) = READERS.get(usize::from(*first) % READERS.len()) {
            read(bytes);
        }
    }
    (None, []) => {}
});
