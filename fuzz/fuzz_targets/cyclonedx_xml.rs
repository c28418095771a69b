//! Reads any bytes as CycloneDX in XML, judges them, and carries them to the shape of JSON and back: no panic, no violation
//! outside the text, and what is written is XML that says the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::document::xml::xml;
use portcullis::sbom::cyclonedx::xml::{read, write};
use portcullis::sbom::schema::cyclonedx::{Version, judge};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(root) = xml(text) else { return };
    for violation in judge(&root).violations {
        assert!(violation.span.start <= violation.span.end && violation.span.end <= text.len(), "{violation:?}");
        assert!(!violation.found.as_str().chars().any(char::is_control));
    }
    let Ok(first) = read(&root) else { return };
    let version = Version::of(&root).expect("what is read has a version").version;
    let written = String::from_utf8(write(&first.node, version).expect("what is read is a mapping").xml).expect("UTF-8");
    let again = xml(&written).expect("what is written is XML");
    let second = read(&again).expect("what is written has a version");
    let twice = write(&second.node, version).expect("what is read is a mapping").xml;
    assert_eq!(String::from_utf8_lossy(&twice), written);
});
