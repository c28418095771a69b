//! What databases of packages record of the files of packages: which they are, and what should stand in them.
//!
//! A database lists many more files than anybody asks about. Each is shown to a taker, in bytes that it may not keep; what
//! is kept is for the taker to say.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use super::{Damage, Opened, Packages};
use crate::component::{Algorithm, Digest};
use crate::text::hex;
use crate::tree::TreePath;

/// How the files of the packages of a record are told.
#[derive(Clone, Copy)]
pub enum FileLists {
    /// They are not.
    None,
    /// By the bytes of the database, and by files beside it.
    Bytes(fn(&TreePath, &[u8], &mut Lists<'_>)),
    /// By the database, which is read here and there.
    Random(fn(&mut Opened<'_>, &mut Lists<'_>) -> Result<(), Damage>),
}

/// A file of a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Where it stands, from the root on, as the list has it: [`from_root`] takes off a slash or `./` in front.
    pub path: &'a [u8],
    /// What it is for.
    pub role: FileRole,
    /// The digest of its contents.
    pub digest: Option<Written<'a>>,
    /// Its permission bits.
    pub mode: Option<u32>,
    /// Who owns it.
    pub user: Option<Whose<'a>>,
    /// Its group.
    pub group: Option<Whose<'a>>,
    /// Its capabilities, as `cap_to_text(3)` writes them; empty where it has none.
    pub capabilities: Option<&'a [u8]>,
}

/// What a file of a package is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileRole {
    /// To be as it was packaged.
    #[default]
    Plain,
    /// To be read by people, and left out where there is no room.
    Documentation,
    /// To be edited.
    Configuration,
    /// To be made by the package's programs: it belongs to the package, and is not in it.
    Ghost,
}

/// A user or a group, as a database names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// By the name.
    Name(&'a [u8]),
    /// By the number.
    Number(u32),
}

/// A digest, as a database writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written<'a> {
    /// In hexadecimal.
    Hex(Algorithm, &'a [u8]),
    /// In base64.
    Base64(Algorithm, &'a [u8]),
}

impl Written<'_> {
    /// Returns the digest, `None` where it is none of its algorithm.
    #[must_use]
    pub fn read(self) -> Option<Digest> {
        match self {
            Self::Hex(algorithm, text) => Digest::from_hex(algorithm, std::str::from_utf8(text).ok()?),
            Self::Base64(algorithm, text) => Digest::from_hex(algorithm, &hex(&STANDARD.decode(text).ok()?)),
        }
    }
}

/// Is shown each file of a package, whose name comes first.
pub type Take<'a> = dyn FnMut(&str, &Listed<'_>) + 'a;

/// A file beside a database, and why it, or a part of it, cannot be understood.
pub type Damaged = (TreePath, Damage);

/// Reads files beside a database, in their order; `None` for one that is not there.
pub type ReadBeside = fn(&Beside, &[Option<Vec<u8>>], &mut Take<'_>) -> Result<(), Damaged>;

/// Files beside a database that list those of one package.
pub struct Beside {
    /// The name of the package.
    pub package: Box<str>,
    /// The files, each with whether a package must have it.
    pub files: Vec<(TreePath, bool)>,
    /// The same files under other names, which count where the first of them is not there and its other name is.
    pub otherwise: Vec<TreePath>,
    /// What the database itself says of files that are to be edited.
    pub configuration: Vec<Box<[u8]>>,
    /// Reads the files, in their order; `None` for one that is not there.
    pub read: ReadBeside,
}

/// What a database tells of files.
pub struct Lists<'a> {
    take: &'a mut Take<'a>,
    /// How many packages it names.
    pub packages: usize,
    /// Lists that stand in files of their own.
    pub beside: Vec<Beside>,
    /// What cannot be known.
    pub gaps: Packages,
}

impl<'a> Lists<'a> {
    /// Returns what will show each file to a taker.
    pub fn new(take: &'a mut Take<'a>) -> Self {
        Self { take, packages: 0, beside: Vec::new(), gaps: Packages::default() }
    }

    /// Shows a file of a package.
    pub fn take(&mut self, package: &str, listed: &Listed<'_>) {
        (self.take)(package, listed);
    }
}

/// Returns a path without the slashes or `./` in front, `None` for the root itself and for what leads out of it.
#[must_use]
pub fn from_root(path: &[u8]) -> Option<&[u8]> {
    let mut rest = path;
    loop {
        rest = match rest {
            [b'/', after @ ..] | [b'.', b'/', after @ ..] => after,
            _ => break,
        };
    }
    let rest = rest.strip_suffix(b"/").unwrap_or(rest);
    let leads_up = || memmem::find(rest, b"..").is_some() && rest.split(|byte| *byte == b'/').any(|part| part == b"..");
    (!rest.is_empty() && rest != b"." && !leads_up()).then_some(rest)
}

/// Returns the lines of a list.
pub(in crate::ecosystem) fn lines_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    ends.filter_map(move |end| {
        let line = bytes.get(start..end);
        start = end + 1;
        line.filter(|line| !line.is_empty())
    })
}

/// Returns bytes as text, in which those that are no UTF-8 are a mark each.
pub(in crate::ecosystem) fn text(bytes: &[u8]) -> Cow<'_, str> {
    super::text_of(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_root() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(from_root(path.as_bytes()), expected.map(str::as_bytes), "{path}");
        };
        check("/bin/su", Some("bin/su"));
        check("./usr/bin/su", Some("usr/bin/su"));
        check("bin/su", Some("bin/su"));
        check("/.", None);
        check("/", None);
        check("", None);
        check("usr/lib/", Some("usr/lib"));
        check("/a/../../b", None);
    }

    #[test]
    fn digests_are_read_as_they_are_written() {
        let check = |written: Written<'_>, expected: Option<&str>| {
            assert_eq!(written.read().map(|digest| digest.hex).as_deref(), expected, "{written:?}");
        };
        let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        check(Written::Hex(Algorithm::Sha1, empty.to_uppercase().as_bytes()), Some(empty));
        check(Written::Base64(Algorithm::Sha1, b"2jmj7l5rSw0yVb/vlWAYkK/YBwk="), Some(empty));
        check(Written::Base64(Algorithm::Sha256, b"2jmj7l5rSw0yVb/vlWAYkK/YBwk="), None);
        check(Written::Hex(Algorithm::Md5, b"xyz"), None);
        check(Written::Base64(Algorithm::Sha1, b"!"), None);
    }
}
