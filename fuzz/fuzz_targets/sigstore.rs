//! Reads any bytes as Sigstore's bundles: no panic, and nobody is trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::signature::sigstore;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::verify(&sigstore::SCHEME, sigstore::describe, bytes));
