//! Which files a package of rpm has: lists in its header that run side by side, a value a file.

use super::MAX_PACKAGES;
use super::header::{Header, Tag};
use super::package::{FILE_NAMES, FOLDER_NUMBERS, FOLDERS, Headers, KEY, NAME};
use crate::component::Algorithm;
use crate::ecosystem::installed::{Damage, FileRole, Listed, Lists, Whose, Written, from_root};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

const STATES: Tag = Tag(1029, "states of the files");
const MODES: Tag = Tag(1030, "modes of the files");
const DIGESTS: Tag = Tag(1035, "digests of the files");
const FLAGS: Tag = Tag(1037, "flags of the files");
const USERS: Tag = Tag(1039, "owners of the files");
const GROUPS: Tag = Tag(1040, "groups of the files");
const VERIFY: Tag = Tag(1045, "what of the files is verified");
const CAPABILITIES: Tag = Tag(5010, "capabilities of the files");
const ALGORITHM: Tag = Tag(5011, "algorithm of the digests");

/// Flags of a file (`rpmfileAttrs` in rpm).
const CONFIGURATION: u32 = 1 << 0;
const DOCUMENTATION: u32 = 1 << 1;
const GHOST: u32 = 1 << 6;

/// What of a file is verified (`rpmVerifyAttrs` in rpm).
const VERIFY_DIGEST: u32 = 1 << 0;
const VERIFY_USER: u32 = 1 << 3;
const VERIFY_GROUP: u32 = 1 << 4;
const VERIFY_MODE: u32 = 1 << 6;
const VERIFY_CAPABILITIES: u32 = 1 << 8;

/// The state of a file that lies on the disk as the package has it; the others were replaced, or left out.
const NORMAL: u16 = 0;

/// The kind in a mode, and that of a regular file.
const KIND: u16 = 0o170_000;
const REGULAR: u16 = 0o100_000;

/// The files of one database, as its headers are read.
pub(super) struct Files<'a, 'b> {
    path: &'a TreePath,
    out: &'a mut Lists<'b>,
}

impl<'a, 'b> Files<'a, 'b> {
    pub(super) fn new(path: &'a TreePath, out: &'a mut Lists<'b>) -> Self {
        Self { path, out }
    }

    fn show(&mut self, header: Header<'_>) -> Result<(), Damage> {
        let name = header.text(NAME)?.unwrap_or_default();
        if name == KEY {
            return Ok(());
        }
        self.out.packages += 1;
        let (Some(folders), Some(numbers), Some(names)) =
            (header.strings(FOLDERS)?, header.numbers(FOLDER_NUMBERS)?, header.strings(FILE_NAMES)?)
        else {
            return Ok(());
        };
        let folders: Vec<&[u8]> = folders.collect();
        let (mut flags, mut verify) = (header.numbers(FLAGS)?, header.numbers(VERIFY)?);
        let (mut modes, mut states) = (header.small_numbers(MODES)?, header.small_numbers(STATES)?);
        let (mut digests, mut users, mut groups) =
            (header.strings(DIGESTS)?, header.strings(USERS)?, header.strings(GROUPS)?);
        // Where no file of a package has any, the header has no such list.
        let mut capabilities = header.strings(CAPABILITIES)?;
        let algorithm = algorithm(header.numbers(ALGORITHM)?.and_then(|mut numbers| numbers.next()));
        let mut path = Vec::new();
        for (number, file) in numbers.zip(names) {
            // Every list steps on with every file.
            let flags = next(&mut flags).unwrap_or_default();
            let verify = next(&mut verify).unwrap_or(u32::MAX);
            let (mode, state) = (next(&mut modes), next(&mut states).unwrap_or(NORMAL));
            let digest = next(&mut digests).filter(|digest| !digest.is_empty());
            let (user, group) = (next(&mut users), next(&mut groups));
            let capabilities = next(&mut capabilities).unwrap_or_default();
            let Some(folder) = folders.get(super::bytes::place(number)) else { continue };
            path.clear();
            path.extend_from_slice(folder);
            path.extend_from_slice(file);
            let Some(path) = from_root(&path) else { continue };
            let is_compared = |what: u32| state == NORMAL && verify & what != 0;
            let is_file = mode.is_none_or(|mode| mode & KIND == REGULAR);
            self.out.take(
                &name,
                &Listed {
                    path,
                    role: role(flags),
                    digest: algorithm
                        .zip(digest)
                        .filter(|_| is_file && is_compared(VERIFY_DIGEST))
                        .map(|(algorithm, digest)| Written::Hex(algorithm, digest)),
                    mode: mode.filter(|_| is_file && is_compared(VERIFY_MODE)).map(|mode| u32::from(mode & 0o7777)),
                    user: user.filter(|_| is_file && is_compared(VERIFY_USER)).map(Whose::Name),
                    group: group.filter(|_| is_file && is_compared(VERIFY_GROUP)).map(Whose::Name),
                    capabilities: Some(capabilities).filter(|_| is_file && is_compared(VERIFY_CAPABILITIES)),
                },
            );
        }
        Ok(())
    }
}

impl Headers for Files<'_, '_> {
    fn add(&mut self, number: u64, header: &[u8]) -> Result<(), Damage> {
        if self.out.packages >= MAX_PACKAGES {
            let expected = text!("at most {} packages", MAX_PACKAGES);
            return Err(Damage::malformed(expected, Text::trusted("more")));
        }
        if let Err(damage) = Header::parse(header).and_then(|header| self.show(header)) {
            self.lose_header(number, damage);
        }
        Ok(())
    }

    fn lose(&mut self, damage: Damage) {
        self.out.gaps.gap(self.path, damage);
    }
}

fn next<T>(list: &mut Option<impl Iterator<Item = T>>) -> Option<T> {
    list.as_mut().and_then(Iterator::next)
}

fn role(flags: u32) -> FileRole {
    if flags & GHOST != 0 {
        FileRole::Ghost
    } else if flags & CONFIGURATION != 0 {
        FileRole::Configuration
    } else if flags & DOCUMENTATION != 0 {
        FileRole::Documentation
    } else {
        FileRole::Plain
    }
}

/// Returns the algorithm of a number (RFC 9580, section 9.5); MD5 where none is named.
fn algorithm(number: Option<u32>) -> Option<Algorithm> {
    match number {
        None | Some(0 | 1) => Some(Algorithm::Md5),
        Some(2) => Some(Algorithm::Sha1),
        Some(8) => Some(Algorithm::Sha256),
        Some(9) => Some(Algorithm::Sha384),
        Some(10) => Some(Algorithm::Sha512),
        Some(_) => None,
    }
}
