//! Reads any bytes as DSSE envelopes: no panic, and nobody is trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::signature::{Trust, dsse};

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::verify(&dsse::SCHEME, &Trust::default(), bytes));
