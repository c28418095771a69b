//! Reads any bytes as a commit and as a tag of git, under the id that they have: no panic, and nothing of what is signed
//! is made up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::signature::git::{self, Kind};
use portcullis::signature::{Function, Hashes, Hashing, Trust};
use portcullis::text::hex;

fuzz_target!(|bytes: &[u8]| {
    for kind in [Kind::Commit, Kind::Tag] {
        let prefix = format!("{} {}\0", kind.word(), bytes.len()).into_bytes().into();
        let hashing = Hashing { prefix, ..Hashing::plain(Function::Sha1) };
        let mut hashes = Hashes::new([hashing.clone()]);
        hashes.update(bytes);
        let Some(id) = hashes.digest(&hashing, &[]) else { panic!("asked for") };
        let Ok(object) = git::read(kind, &hex(&id), bytes) else { continue };
        assert!(object.payload.len() <= bytes.len());
        assert!(object.signature.is_some() || kind == Kind::Commit || object.payload == bytes);
        let _ = object.judge(&Trust::default());
    }
});
