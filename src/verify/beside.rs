//! Which files are signatures of which others, by their names.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::MAX_MATERIAL_BYTES;
use crate::signature::scheme_of;
use crate::text::find;
use crate::tree::NamedFile;

/// What stands behind the name of an artifact in those of its signatures.
const SUFFIXES: [&str; 11] = [
    ".asc",
    ".gpg",
    ".intoto.jsonl",
    ".minisig",
    ".publish.attestation",
    ".sig",
    ".sign",
    ".signature",
    ".sigstore",
    ".sigstore.json",
    ".sshsig",
];

/// Whether a file bears the name of a signature.
#[must_use]
pub fn is_signature_name(path: &Path) -> bool {
    signed_by(path).is_some()
}

/// Returns the file that the one at a path is a signature of, by its name.
pub(super) fn signed_by(path: &Path) -> Option<PathBuf> {
    let bytes = path.as_os_str().as_bytes();
    let stem = SUFFIXES.iter().filter_map(|suffix| bytes.strip_suffix(suffix.as_bytes())).min_by_key(|it| it.len())?;
    let is_named = stem.last().is_some_and(|last| *last != b'/');
    is_named.then(|| PathBuf::from(OsStr::from_bytes(stem)))
}

/// Whether a file holds signatures, by its contents, and nothing before them: what begins as a script is one.
pub(super) fn is_signature(path: &Path) -> bool {
    let bytes = NamedFile::open(path).and_then(|file| file.read(MAX_MATERIAL_BYTES)).unwrap_or_default();
    let start = bytes.trim_ascii_start();
    let begins_so = start.starts_with(b"-----BEGIN ") || find(start, b"-----BEGIN PGP").is_none();
    begins_so && scheme_of(&bytes).is_some()
}

/// Returns where the signatures of a file may stand.
pub(super) fn signatures_of(path: &Path) -> impl Iterator<Item = PathBuf> {
    let name = path.as_os_str().to_owned();
    SUFFIXES.iter().map(move |suffix| {
        let mut bytes = name.clone().into_vec();
        bytes.extend_from_slice(suffix.as_bytes());
        PathBuf::from(std::ffi::OsString::from_vec(bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_known_by_their_names() {
        let of = |name: &str| signed_by(Path::new(name)).map(|path| path.display().to_string());
        assert_eq!(of("a/app-1.0.tar.gz.asc").as_deref(), Some("a/app-1.0.tar.gz"));
        assert_eq!(of("app.sigstore.json").as_deref(), Some("app"));
        assert_eq!(of("app.json"), None);
        assert_eq!(of("a/.asc"), None);
        assert!(signatures_of(Path::new("a/b")).any(|path| path == Path::new("a/b.minisig")));
    }
}
