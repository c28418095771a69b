//! What every format has in common.

use super::*;

fn facts(name: &str, text: &str) -> Facts {
    let path = TreePath::new(name.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, text.as_bytes())
}

/// Reads a file in which some bytes were replaced, which must do no more than leave gaps.
pub(super) fn read_damaged(name: &str, text: String, at: usize, removed: usize, inserted: &str) {
    let mut bytes = text.into_bytes();
    let at = at.min(bytes.len());
    let end = (at + removed).min(bytes.len());
    bytes.splice(at..end, inserted.bytes());
    let path = TreePath::new(name.as_bytes()).unwrap();
    let _facts = read(format_of(&path).unwrap(), &path, &bytes);
}

#[test]
fn a_cargo_lock_is_read() {
    let text = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://cargo.example/index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
    let facts = facts("Cargo.lock", text);
    assert_eq!(facts.gaps, []);
    let inventory = &facts.inventories[0];
    assert_eq!(
        inventory.components.iter().map(|c| &*c.purl).collect::<Vec<_>>(),
        ["pkg:cargo/a@0.1.0", "pkg:cargo/b@1.0.0"]
    );
    assert_eq!(inventory.components[0].needs, [1]);
    assert_eq!(inventory.components[1].digest_at.unwrap().position.line, 14);
}
