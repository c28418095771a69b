//! Reads any bytes as a policy file: no panic, and an error that names a place or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::policy::{Loader, NotRead, PolicyFiles};
use portcullis::rule::catalogue;
use portcullis::text::is_unseen;
use portcullis::tree::TreePath;

struct One<'a>(&'a [u8]);

impl PolicyFiles for One<'_> {
    fn read(&self, path: &TreePath) -> Result<Option<Vec<u8>>, NotRead> {
        Ok((path.as_bytes() == b"portcullis.toml").then(|| self.0.to_vec()))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let files = One(bytes);
    let loader = Loader { catalogue: catalogue(), files: Some(&files), origin: "file", shown: None };
    let path = TreePath::new(b"portcullis.toml").unwrap_or_default();
    if let Err(error) = loader.file(&path) {
        assert!(!error.to_string().chars().any(|c| c.is_control() || is_unseen(c)), "{error}");
    }
});
