//! Reads any bytes as XML, and writes what was read: no panic, no fault outside the text, and the same tree again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::document::xml::{write, xml_document};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match xml_document(text) {
        Ok(document) => {
            let written = String::from_utf8(write(&document)).expect("what is written is UTF-8");
            let again = xml_document(&written).expect("what is written is XML");
            assert_eq!(write(&again), written.as_bytes());
        }
        Err(fault) => assert!(fault.span.start <= fault.span.end && fault.span.end <= text.len(), "{fault:?}"),
    }
});
