//! The names and contents of a tarball, read once from its first byte to its last.
//!
//! Whatever two readers could take for different files leaves everything not determined.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use super::limits;
use crate::archive::{self, Bounds, Contents, End, Entry, EntryKind, Unpacked, damaged, peeked};
use crate::text;
use crate::text::Text;
use sha2::{Digest as _, Sha256};

/// Everything that a tarball holds.
#[derive(Debug, Default)]
pub struct Tarball {
    /// What stands under each name, as it would be after unpacking: of several under one name the last.
    pub entries: BTreeMap<Vec<u8>, Held>,
    /// Names that lead out of the folder into which it is unpacked, or are none.
    pub unsound: Vec<Vec<u8>>,
    /// What the comment of its global header says; `git archive` writes the commit's id there.
    pub comment: Option<Vec<u8>>,
    /// How many bytes stand behind its end that are no padding.
    pub trailing_bytes: u64,
}

/// What stands under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub kind: HeldKind,
    /// The permission bits.
    pub mode: u32,
    /// How many times the name stands in the tarball, folders apart.
    pub times: u32,
    /// Which entry of the tarball holds the contents.
    pub(super) ordinal: usize,
}

/// What stands in a tarball.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldKind {
    /// A file, by the SHA-256 digest and the size of its contents.
    File([u8; 32], u64),
    /// A symbolic link with its target.
    Link(Vec<u8>),
    /// A hard link to a file that does not stand before it.
    DanglingHardLink(Vec<u8>),
    /// A folder.
    Folder,
    /// What no tag holds, in words.
    Special(&'static str),
}

/// Reads a tarball whose compressed size is known.
///
/// # Errors
/// Why it cannot be known what it holds.
pub fn read(reader: impl Read, size: u64) -> Result<Tarball, Text> {
    let mut tarball = Tarball::default();
    let mut names = 0;
    walk(reader, size, &mut |entry, contents| {
        names += entry.name.len() + entry.target.len();
        if names > limits::MAX_NAMES_BYTES {
            return Err(text!("names of at most {} bytes together are read, found more", limits::MAX_NAMES_BYTES));
        }
        tarball.take(entry, contents)
    })
    .map(|end| {
        tarball.comment = end.comment;
        tarball.trailing_bytes = end.trailing_bytes;
        tarball
    })
}

/// Hands out the contents of some files, by their ordinals, as far as they are not longer than what is looked into.
pub(super) fn look(
    reader: impl Read,
    size: u64,
    is_wanted: &dyn Fn(usize) -> bool,
    take: &mut dyn FnMut(usize, &[u8]),
) -> Result<(), Text> {
    walk(reader, size, &mut |entry, contents| {
        if entry.kind == EntryKind::File && is_wanted(entry.ordinal) && entry.size <= limits::MAX_LOOK_BYTES as u64 {
            let mut bytes = Vec::new();
            contents.each(&mut |part| bytes.extend_from_slice(part))?;
            take(entry.ordinal, &bytes);
        }
        Ok(())
    })
    .map(|_end| ())
}

impl Tarball {
    fn take(&mut self, entry: &Entry, contents: &mut Contents<'_>) -> Result<(), Text> {
        let name = normal(&entry.name);
        let kind = match entry.kind {
            EntryKind::File if entry.name.ends_with(b"/") && entry.size > 0 => {
                self.unsound.push(entry.name.clone());
                return Ok(());
            }
            EntryKind::File if !entry.name.ends_with(b"/") => {
                let mut hasher = Sha256::new();
                contents.each(&mut |part| hasher.update(part))?;
                HeldKind::File(hasher.finalize().into(), entry.size)
            }
            EntryKind::File | EntryKind::Folder => HeldKind::Folder,
            EntryKind::Link => HeldKind::Link(entry.target.clone()),
            EntryKind::HardLink => HeldKind::DanglingHardLink(entry.target.clone()),
            EntryKind::Special(what) => HeldKind::Special(what),
        };
        let Some(name) = name.filter(|name| !name.is_empty() || kind == HeldKind::Folder) else {
            self.unsound.push(entry.name.clone());
            return Ok(());
        };
        let mut held = Held { kind, mode: entry.mode, times: 1, ordinal: entry.ordinal };
        if let HeldKind::DanglingHardLink(target) = &held.kind {
            let found = normal(target).and_then(|target| self.entries.get(&target));
            if let Some(file) = found.filter(|found| matches!(found.kind, HeldKind::File(..))) {
                held = Held { times: 1, ..file.clone() };
            }
        }
        if let Some(before) = self.entries.get(&name) {
            let both_folders = before.kind == HeldKind::Folder && held.kind == HeldKind::Folder;
            held.times = if both_folders { 1 } else { before.times.saturating_add(1) };
        }
        self.entries.insert(name, held);
        Ok(())
    }
}

/// Returns a name as it is after unpacking: without `.` and empty parts. `None` where it is absolute, goes upwards, or is
/// none.
fn normal(name: &[u8]) -> Option<Vec<u8>> {
    if name.first() == Some(&b'/') || name.contains(&0) {
        return None;
    }
    let parts: Vec<&[u8]> = name.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    (!parts.contains(&&b".."[..])).then(|| parts.join(&b'/'))
}

/// What is done with each entry.
type Take<'a> = &'a mut dyn FnMut(&Entry, &mut Contents<'_>) -> Result<(), Text>;

/// Reads every entry up to the last byte of the file.
fn walk(reader: impl Read, size: u64, take: Take<'_>) -> Result<End, Text> {
    let (head, whole) = peeked(reader).map_err(|error| damaged(&error))?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Err(Text::trusted("expected a tarball, found a ZIP archive, which is not compared"));
    }
    let whole = BufReader::with_capacity(64 << 10, whole);
    let mut unpacked = Unpacked::new(&head, whole).map_err(|error| damaged(&error))?;
    let most = limits::MIN_UNPACKED_BYTES.max(size.saturating_mul(limits::MAX_RATIO)).min(limits::MAX_UNPACKED_BYTES);
    let end =
        archive::walk(&mut unpacked, Bounds { bytes: most, entries: limits::MAX_ENTRIES, may_end_early: false }, take)?;
    Ok(End { trailing_bytes: end.trailing_bytes.saturating_add(unpacked.trailing_bytes), ..end })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tar::Header;

    use super::*;

    #[test]
    fn names_are_those_after_unpacking() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(normal(name.as_bytes()), expected.map(|it| it.as_bytes().to_vec()), "{name}");
        };
        check("./a//b/./c/", Some("a/b/c"));
        check("./", Some(""));
        check("/a", None);
        check("a/../b", None);
        check("a\0b", None);
        check("..a/b..", Some("..a/b.."));
    }

    #[test]
    fn an_entry_has_one_extended_header() {
        let with = |headers: &[(&str, &[u8])]| {
            let mut builder = tar::Builder::new(Vec::new());
            for header in headers {
                builder.append_pax_extensions([*header]).unwrap();
            }
            let mut header = Header::new_ustar();
            header.set_size(0);
            header.set_mode(0o644);
            builder.append_data(&mut header, "other", std::io::empty()).unwrap();
            let bytes = builder.into_inner().unwrap();
            walk(bytes.as_slice(), bytes.len() as u64, &mut |_, _| Ok(())).map(|_| ())
        };
        assert_eq!(with(&[("path", b"name")]), Ok(()));
        assert!(with(&[("path", b"name"), ("mtime", b"1")]).is_err());
    }

    fn written(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, contents) in files {
            let mut header = Header::new_gnu();
            header.set_size(contents.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, contents.as_slice()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            files in prop::collection::btree_map("[a-z]{1,8}/[a-zü]{1,150}", prop::collection::vec(any::<u8>(), 0..2000), 1..8),
        ) {
            let bytes = written(&files);
            let tarball = read(bytes.as_slice(), bytes.len() as u64).unwrap();
            prop_assert_eq!(tarball.entries.len(), files.len());
            for (name, contents) in files {
                let digest: [u8; 32] = Sha256::digest(&contents).into();
                let held = tarball.entries.get(name.as_bytes()).unwrap();
                prop_assert_eq!(&held.kind, &HeldKind::File(digest, contents.len() as u64));
            }
        }

        #[test]
        fn no_bytes_are_too_strange(
            mut bytes in Just(written(&BTreeMap::from([("a/b".to_owned(), vec![1; 700]), ("c".repeat(200), vec![])]))),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
            cut in any::<prop::sample::Index>(),
        ) {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            drop(read(bytes.as_slice(), bytes.len() as u64));
        }
    }
}
