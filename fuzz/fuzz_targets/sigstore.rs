//! Reads any bytes as Sigstore's bundles, under a trusted root: no panic, and nobody is trusted.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis::signature::{Material, Trust, sigstore};
use portcullis::text::Text;

/// The logs and authorities are known, but nothing says who may sign.
static TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let root = include_bytes!("../../tests/fixtures/signatures/trusted-root.json");
    let root = Material { name: Text::trusted("root"), bytes: root.to_vec() };
    Trust { trusted_roots: vec![root], ..Trust::default() }
});

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::verify(&sigstore::SCHEME, &TRUST, bytes));
