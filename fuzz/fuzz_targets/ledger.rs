//! Reads any bytes as a ledger of signers: no panic, and an error of one line that is safe to print.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::text::{Text, is_unseen};
use portcullis::verify::Ledger;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = Ledger::parse(&Text::trusted("signers.toml"), bytes) {
        assert!(!error.to_string().chars().any(|c| c.is_control() || is_unseen(c)), "{error}");
    }
});
