//! Reads any bytes as CycloneDX in JSON, judges them, and writes them again, as they are and through the model: no panic, no
//! violation outside the text, and what is written is a document that is sound by its schema.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::sbom("cyclonedx-json", bytes));
