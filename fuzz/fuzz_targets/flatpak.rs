//! Reads any bytes as the metadata of a program of Flatpak: no panic, no place outside the text, and purls that are sound.
#![no_main]

use libfuzzer_sys::fuzz_target;

const PATH: &str = "flatpak/app/a.B/x86_64/stable/0f/export/share/metainfo/a.B.metainfo.xml";

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::installed("flatpak-metainfo", PATH, bytes));
