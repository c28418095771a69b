//! Reads any bytes as each of the files that set environment variables: no panic, and no place outside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::tree::TreePath;
use portcullis::variable;

fuzz_target!(|bytes: &[u8]| {
    for name in [".env", "Makefile", ".github/workflows/ci.yml"] {
        let path = TreePath::new(name.as_bytes()).unwrap_or_default();
        let Some(format) = variable::format_of(&path) else { panic!("no format reads {name}") };
        let (disabled, gap) = variable::read(format, &path, bytes);
        let lines = bytes.split(|byte| *byte == b'\n').count();
        for place in disabled.iter().map(|check| &check.place).chain(gap.iter().map(|gap| &gap.location)) {
            assert!(place.position.is_none_or(|position| position.line as usize <= lines), "{place:?}");
        }
    }
});
