//! Reads any text as os-release: no panic, no fault outside the text, and an id that a namespace can be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::ecosystem::{File, os_release};
use portcullis::fact::Places;
use portcullis::tree::TreePath;

fuzz_target!(|text: &str| {
    let path = TreePath::new(b"etc/os-release").unwrap_or_default();
    let places = Places::new(&path, text);
    match os_release(&File { path: &path, text, places: &places }) {
        Ok(system) => {
            let is_permitted = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
            assert!(!system.id.is_empty() && system.id.bytes().all(is_permitted), "{system:?}");
            assert!(system.distro().starts_with(&*system.id));
        }
        Err(unread) => {
            let span = unread.fault.span;
            assert!(span.start <= span.end && span.end <= text.len(), "{span:?}");
        }
    }
});
