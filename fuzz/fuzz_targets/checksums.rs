//! Reads any bytes as a list of digests: no panic, and no name that leads out of a folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::signature::{Hashes, Material, checksums};
use portcullis::text::Text;

fuzz_target!(|bytes: &[u8]| {
    for name in ["SHA256SUMS", "B2SUMS", "list"] {
        let file = Material { name: Text::trusted(name), bytes: bytes.to_vec() };
        portcullis_fuzz::describe(&file);
        let Ok(list) = checksums::parse(&file) else { continue };
        for listed in list.names() {
            assert!(!listed.starts_with(b"/") && !listed.contains(&0));
            assert!(listed.split(|byte| *byte == b'/').all(|part| part != b".."));
            let mut hashes = Hashes::new(list.hashings_of(listed));
            hashes.update(b"artifact");
            // Whatever stands in the list, these contents are not by accident what it states.
            assert!(list.judge(listed, &hashes).is_err());
        }
    }
});
