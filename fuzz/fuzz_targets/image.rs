//! Reads any bytes as a tarball of a root filesystem or an image, wherever the layers of one may lie: no panic, nothing that a
//! terminal would obey, and the same twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::evidence::{Evidence, collect_installed};
use portcullis::text::Text;
use portcullis::tree::root::Root;

fn read(path: &std::path::Path) -> Option<Evidence> {
    let root = Root::open(path, Text::trusted("image.tar"), None).ok()?;
    collect_installed(&root, &[]).ok()
}

fuzz_target!(|bytes: &[u8]| {
    let folder = std::path::Path::new("/dev/shm");
    let folder = if folder.is_dir() { folder.to_owned() } else { std::env::temp_dir() };
    let path = folder.join(format!("portcullis-fuzz-{}", std::process::id()));
    if std::fs::write(&path, bytes).is_err() {
        return;
    }
    let (found, again) = (read(&path), read(&path));
    assert_eq!(found, again);
    for gap in found.iter().flat_map(|evidence| &evidence.gaps) {
        assert!(!gap.message().as_str().chars().any(char::is_control));
    }
});
