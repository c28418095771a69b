//! Reads any bytes as an SPDX 3 document, judges it, and writes what it says again: no panic, no violation outside the text,
//! and what is written from the model is sound and says the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::document::render_json;
use portcullis::sbom::model::Unread;
use portcullis::sbom::{Document, Origin};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(document) = Document::read(text) else { return };
    for violation in document.violations().iter().chain(&document.inconsistencies()) {
        assert!(violation.span.start <= violation.span.end && violation.span.end <= text.len(), "{violation:?}");
        let said = format!("{}{}{}", violation.pointer, violation.expected, violation.found);
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
    let unread = Unread::remembered();
    let bom = document.model(&unread);
    let _ = unread.losses(&document.root);
    if document.format.id != "spdx3-json" {
        return;
    }
    let write = document.format.family.write;
    let written = String::from_utf8(render_json(&write(&bom, "3.0.1", Origin::Document).root)).expect("UTF-8");
    let again = Document::read(&written).expect("what is written is a document");
    assert_eq!(again.violations(), [], "{written}");
    let unread = Unread::forgotten();
    let twice = render_json(&write(&again.model(&unread), "3.0.1", Origin::Document).root);
    assert!(Document::read(std::str::from_utf8(&twice).expect("UTF-8")).is_ok());
});
