//! Reads any bytes as OpenPGP signatures, as a keyring and as a message: no panic, and an answer for every file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::signature::{Hashes, Material, SCHEMES, Trust};
use portcullis::text::Text;

/// A certificate of version 6 (RFC 9580, annex A.3), so that what the bytes say can be looked up.
const KEYRING: &[u8] = include_bytes!("openpgp.asc");

fuzz_target!(|bytes: &[u8]| {
    let Some(scheme) = SCHEMES.iter().find(|scheme| scheme.id == "openpgp") else { panic!("there is no scheme openpgp") };
    let material = |bytes: &[u8]| Material { name: Text::trusted("file"), bytes: bytes.to_vec() };
    let known = Trust { keys: vec![material(KEYRING)], ..Trust::default() };
    let given = Trust { keys: vec![material(bytes)], ..Trust::default() };
    portcullis_fuzz::describe(&material(bytes));
    let _is_signature = (scheme.is_signature)(bytes);
    for trust in [&known, &given] {
        if let Ok(pending) = (scheme.read)(&material(bytes), trust) {
            let hashes = Hashes::new(pending.hashings());
            assert!(!pending.finish(&hashes).is_empty());
        }
    }
    if let Some(message) = &scheme.message {
        let _is_message = (message.is_message)(bytes);
        let _claims = (message.read)(&Text::trusted("file"), &mut &*bytes, &known, &mut std::io::sink());
    }
});
