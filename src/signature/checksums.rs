//! Lists of digests, as `sha256sum`, `b2sum`, `shasum`, BSD's `sha256` and `openssl dgst` write them.
//!
//! A list proves that an artifact is whole, and who says so only where the list itself is signed. A line that is no entry
//! spoils the whole list: what a reader skips, another may read.

use std::collections::BTreeMap;

use super::description::{Described, Description, Part};
use super::{Fault, FaultKind, Function, Hashes, Hashing, Material};
use crate::text;
use crate::text::{Text, hex, unhex};

/// A list of digests.
#[derive(Clone, Debug)]
pub struct List {
    file: Text,
    entries: BTreeMap<Vec<u8>, Vec<Entry>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Digest(Function, Vec<u8>),
    /// By a function that is not known here, of this name.
    Unknown(Text),
}

/// The functions that a name of a list, or a tag of BSD's style, stands for. A digest's length tells which of several.
static NAMES: &[(&str, &[Function])] = &[
    ("sha512/256", &[Function::Sha512_256]),
    ("sha512-256", &[Function::Sha512_256]),
    ("sha512256", &[Function::Sha512_256]),
    ("sha3-256", &[Function::Sha3_256]),
    ("sha3-384", &[Function::Sha3_384]),
    ("sha3-512", &[Function::Sha3_512]),
    ("sha3", &[Function::Sha3_256, Function::Sha3_384, Function::Sha3_512]),
    ("sha2-224", &[Function::Sha224]),
    ("sha2-256", &[Function::Sha256]),
    ("sha2-384", &[Function::Sha384]),
    ("sha2-512", &[Function::Sha512]),
    ("sha224", &[Function::Sha224]),
    ("sha256", &[Function::Sha256]),
    ("sha384", &[Function::Sha384]),
    ("sha512", &[Function::Sha512]),
    ("blake2b-256", &[Function::Blake2b256]),
    ("blake2b-384", &[Function::Blake2b384]),
    ("blake2b-512", &[Function::Blake2b512]),
    ("blake2b", &[Function::Blake2b512, Function::Blake2b384, Function::Blake2b256]),
    ("blake2s256", &[Function::Blake2s256]),
    ("blake2s-256", &[Function::Blake2s256]),
    ("blake2s", &[Function::Blake2s256]),
    ("b2sum", &[Function::Blake2b512, Function::Blake2b384, Function::Blake2b256]),
    ("ripemd160", &[Function::Ripemd160]),
    ("rmd160", &[Function::Ripemd160]),
    ("sha1", &[Function::Sha1]),
    ("md5", &[Function::Md5]),
];

/// What a digest is by whose list says nothing of it.
const BY_LENGTH: &[Function] =
    &[Function::Sha256, Function::Sha512, Function::Sha384, Function::Sha224, Function::Sha1, Function::Md5];

/// How many lines of a file are tried before it is taken for no list.
const MOST_TRIED: usize = 100;

/// Reads a list of digests. Its name counts only for the function, where the lines do not say it.
///
/// # Errors
/// When a line is no entry, or names a file that no list may name.
pub fn parse(file: &Material) -> Result<List, Fault> {
    let functions = functions_of_list(file.name.as_str());
    let mut entries: BTreeMap<Vec<u8>, Vec<Entry>> = BTreeMap::new();
    for (number, line) in (1_usize..).zip(file.bytes.split(|byte| *byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.trim_ascii().is_empty() || line.starts_with(b"#") {
            continue;
        }
        let (name, entry) = read_line(line, functions)
            .map_err(|why| Fault::new(FaultKind::Malformed, text!("{}:{}: {}", file.name, number, why)))?;
        let known = entries.entry(name).or_default();
        if !known.contains(&entry) {
            known.push(entry);
        }
    }
    if entries.is_empty() {
        return Err(Fault::new(FaultKind::Malformed, text!("{}: holds no digest", file.name)));
    }
    Ok(List { file: file.name.clone(), entries })
}

impl List {
    /// Returns how an artifact is to be hashed, by its name as it stands in the list.
    #[must_use]
    pub fn hashings_of(&self, name: &[u8]) -> Vec<Hashing> {
        self.strong(name).map(|(function, _)| Hashing::plain(function)).collect()
    }

    /// Whether the list names a file.
    #[must_use]
    pub fn lists(&self, name: &[u8]) -> bool {
        self.of(name).is_some()
    }

    /// Returns the files that the list names.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.keys().map(Vec::as_slice)
    }

    /// Whether the list gives a digest to some file.
    #[must_use]
    pub fn has(&self, function: Function, value: &[u8]) -> bool {
        self.names().any(|name| self.strong(name).any(|(known, listed)| known == function && listed == value))
    }

    /// Returns the digest that an artifact has and the list gives it: the function's name, and the value in hexadecimal.
    ///
    /// # Errors
    /// What speaks against the artifact, or the list.
    pub fn judge(&self, name: &[u8], hashes: &Hashes) -> Result<(&'static str, String), Vec<Fault>> {
        let Some(entries) = self.of(name) else {
            let message = match self.names().find(|listed| base_name(listed) == base_name(name)) {
                Some(listed) => text!("{} does not list `{}`, but `{}`", self.file, name, listed),
                None => text!("{} does not list `{}`", self.file, name),
            };
            return Err(vec![Fault::new(FaultKind::ChecksumMissing, message)]);
        };
        let mut faults = Vec::new();
        let mut good = None;
        for (function, listed) in self.strong(name) {
            match hashes.plain(function) {
                None => faults.push(Fault::undetermined(
                    FaultKind::ChecksumMismatch,
                    text!("`{}` was not hashed by {}", name, function.name()),
                )),
                Some(digest) if digest == listed => good = good.or(Some((function.name(), hex(&digest)))),
                Some(digest) => faults.push(Fault::new(
                    FaultKind::ChecksumMismatch,
                    text!(
                        "{} says that the {} digest of `{}` is {}, found {}",
                        self.file,
                        function.name(),
                        name,
                        hex(listed),
                        hex(&digest)
                    ),
                )),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        good.ok_or_else(|| vec![self.no_strong(name, entries)])
    }

    fn no_strong(&self, name: &[u8], entries: &[Entry]) -> Fault {
        let unknown = entries.iter().find_map(|entry| match entry {
            Entry::Unknown(function) => Some(function),
            Entry::Digest(..) => None,
        });
        match unknown {
            Some(function) => {
                let message = text!("{} lists `{}` by `{}`, which is not known here", self.file, name, function);
                Fault::undetermined(FaultKind::Unsupported, message)
            }
            None => {
                let message = text!("{} lists `{}` only by digests whose collisions are known", self.file, name);
                Fault::new(FaultKind::WeakHash, message)
            }
        }
    }

    fn of(&self, name: &[u8]) -> Option<&[Entry]> {
        self.entries.get(without_dots(name)).map(Vec::as_slice)
    }

    /// Returns the digests of a file that prove something.
    fn strong(&self, name: &[u8]) -> impl Iterator<Item = (Function, &[u8])> {
        self.of(name).unwrap_or_default().iter().filter_map(|entry| match entry {
            Entry::Digest(function, digest) if function.is_strong() => Some((*function, digest.as_slice())),
            Entry::Digest(..) | Entry::Unknown(_) => None,
        })
    }
}

/// Says what a list of digests holds; `None` where no line of the file is an entry of one.
pub(super) fn describe(file: &Material) -> Described {
    let functions = functions_of_list(file.name.as_str());
    let entries = || {
        let lines = file.bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        lines.filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"))
    };
    // A file of another kind is not read to its end for an entry.
    if !entries().take(MOST_TRIED).any(|line| read_line(line, functions).is_ok()) {
        return None;
    }
    let list = match parse(file) {
        Ok(list) => list,
        Err(fault) => return Some(Err(fault)),
    };
    let mut description = Description::new("checksum-list");
    description.parts.list(&list.entries, |(name, entries)| {
        let mut part = Part::new("file", Text::of(name.as_slice()));
        part.parts.list(entries, |entry| match entry {
            Entry::Digest(function, digest) => Part::new("digest", text!("{} {}", function.name(), hex(digest))),
            Entry::Unknown(function) => Part::new("digest", text!("by `{}`, which is not known here", *function)),
        });
        part
    });
    Some(Ok(description))
}

fn read_line(line: &[u8], functions: &[Function]) -> Result<(Vec<u8>, Entry), Text> {
    let (is_escaped, line) = match line.strip_prefix(b"\\") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let (entry, name) = match read_bsd(line) {
        Some(read) => read?,
        None => read_gnu(line, functions)?,
    };
    let name = if is_escaped {
        unescaped(name).ok_or_else(|| Text::trusted("the name is escaped in a way that is not known"))?
    } else {
        name.to_vec()
    };
    let name = without_dots(&name);
    match unsound(name) {
        Some(why) => Err(text!("the name `{}` {}", name, why)),
        None => Ok((name.to_vec(), entry)),
    }
}

/// Reads `DIGEST  NAME`, in which an asterisk may stand for the second blank.
fn read_gnu<'a>(line: &'a [u8], functions: &[Function]) -> Result<(Entry, &'a [u8]), Text> {
    let no_entry = || Text::trusted("expected a digest and a name");
    let end = line.iter().position(|byte| *byte == b' ').ok_or_else(no_entry)?;
    let (encoded, rest) = line.split_at(end);
    let name = rest.strip_prefix(b"  ").or_else(|| rest.strip_prefix(b" *")).ok_or_else(no_entry)?;
    let digest = digest_of(encoded).ok_or_else(no_entry)?;
    let function = functions
        .iter()
        .find(|function| function.length() == digest.len())
        .ok_or_else(|| text!("a digest of {} bytes is none of those that the list is made of", digest.len()))?;
    Ok((Entry::Digest(*function, digest), name))
}

/// Reads `FUNCTION (NAME) = DIGEST`, and openssl's `FUNCTION(NAME)= DIGEST`. `None` where the line is in another style.
fn read_bsd(line: &[u8]) -> Option<Result<(Entry, &[u8]), Text>> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let (tag, rest) = line.split_at(open);
    let tag = std::str::from_utf8(tag.strip_suffix(b" ").unwrap_or(tag)).ok()?;
    // A line of the other style may have this in its name, behind a digest and blanks.
    if tag.is_empty() || tag.contains(' ') {
        return None;
    }
    let rest = rest.strip_prefix(b"(")?;
    let close = rest.iter().rposition(|byte| *byte == b')')?;
    let (name, rest) = rest.split_at(close);
    let encoded = rest.strip_prefix(b") = ").or_else(|| rest.strip_prefix(b")= "))?;
    Some(bsd_entry(tag, encoded).map(|entry| (entry, name)))
}

fn bsd_entry(tag: &str, encoded: &[u8]) -> Result<Entry, Text> {
    let digest = digest_of(encoded).ok_or_else(|| Text::trusted("expected a digest in hexadecimal"))?;
    let tag = tag.to_ascii_lowercase();
    let Some((_, functions)) = NAMES.iter().find(|(name, _)| *name == tag) else {
        return Ok(Entry::Unknown(Text::of(&tag)));
    };
    let function = functions.iter().find(|function| function.length() == digest.len());
    function
        .map(|function| Entry::Digest(*function, digest.clone()))
        .ok_or_else(|| text!("a digest of {} bytes is none of `{}`", digest.len(), tag))
}

/// Returns the functions that the name of a list stands for: of several in it the last, which is that of the list
/// where the artifact's name is before it.
fn functions_of_list(name: &str) -> &'static [Function] {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let found = NAMES.iter().filter_map(|(word, functions)| {
        let at = name.rfind(word)?;
        // Where two begin together, the longer one is meant.
        Some((at, word.len(), *functions))
    });
    // Within `sha2-256sums`, or `sha512-256`, no other word begins later.
    found.max_by_key(|(at, length, _)| (*at, *length)).map_or(BY_LENGTH, |(_, _, functions)| functions)
}

/// Says why a list may not name a file so: whoever unpacks or checks by it would be led elsewhere.
fn unsound(name: &[u8]) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if name.contains(&0) {
        return Some("holds a NUL");
    }
    if name.starts_with(b"/") {
        return Some("is absolute");
    }
    let climbs = name.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..");
    climbs.then_some("leads out of the folder")
}

fn without_dots(mut name: &[u8]) -> &[u8] {
    while let Some(rest) = name.strip_prefix(b"./") {
        name = rest;
    }
    name
}

fn base_name(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b'/').next().unwrap_or(name)
}

/// Undoes what coreutils does to names that hold a backslash or a line end.
fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    loop {
        let (byte, tail) = match rest {
            [b'\\', b'\\', tail @ ..] => (b'\\', tail),
            [b'\\', b'n', tail @ ..] => (b'\n', tail),
            [b'\\', b'r', tail @ ..] => (b'\r', tail),
            [b'\\', ..] => return None,
            [byte, tail @ ..] => (*byte, tail),
            [] => return Some(out),
        };
        out.push(byte);
        rest = tail;
    }
}

/// Reads a digest in hexadecimal.
fn digest_of(digits: &[u8]) -> Option<Vec<u8>> {
    unhex(digits).filter(|digest| !digest.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ABC: &[u8] = b"abc";

    fn sum(function: Function) -> String {
        let mut hashes = Hashes::new([Hashing::plain(function)]);
        hashes.update(ABC);
        hex(&hashes.plain(function).unwrap())
    }

    /// Judges `abc` under a name by a list, and returns the function or the kinds of what speaks against it.
    fn judged(list: &str, text: &[u8], name: &[u8]) -> Result<&'static str, Vec<FaultKind>> {
        let kinds = |faults: Vec<Fault>| faults.iter().map(|fault| fault.kind).collect::<Vec<_>>();
        let material = Material { name: Text::of(list), bytes: text.to_vec() };
        let list = parse(&material).map_err(|fault| vec![fault.kind])?;
        let mut hashes = Hashes::new(list.hashings_of(name));
        hashes.update(ABC);
        list.judge(name, &hashes).map(|(function, _)| function).map_err(kinds)
    }

    #[test]
    fn every_style_and_function_is_read() {
        let cases = [
            ("SHA256SUMS", format!("{}  app\n", sum(Function::Sha256)), "sha256"),
            ("SHA256SUMS", format!("{} *app\r\n", sum(Function::Sha256)), "sha256"),
            ("list", format!("{}  ./app", sum(Function::Sha256).to_uppercase()), "sha256"),
            ("list", format!("# note\n\n{}  app", sum(Function::Sha512)), "sha512"),
            ("list", format!("{}  app", sum(Function::Sha384)), "sha384"),
            ("list", format!("{}  app", sum(Function::Sha224)), "sha224"),
            ("dir/B2SUMS.txt", format!("{}  app", sum(Function::Blake2b512)), "blake2b-512"),
            ("B2SUMS", format!("{}  app", sum(Function::Blake2b256)), "blake2b-256"),
            ("sha3-256sums", format!("{}  app", sum(Function::Sha3_256)), "sha3-256"),
            ("libsha1-1.0.sha512-256", format!("{}  app", sum(Function::Sha512_256)), "sha512-256"),
            ("md5.tar.gz.sha256", format!("{}  app", sum(Function::Sha256)), "sha256"),
            ("SHA3SUMS", format!("{}  app", sum(Function::Sha3_384)), "sha3-384"),
            ("MD5SUMS", format!("SHA256 (app) = {}", sum(Function::Sha256)), "sha256"),
            ("list", format!("SHA512/256 (app) = {}", sum(Function::Sha512_256)), "sha512-256"),
            ("list", format!("BLAKE2b (app) = {}", sum(Function::Blake2b512)), "blake2b-512"),
            ("list", format!("BLAKE2b-384 (app) = {}", sum(Function::Blake2b384)), "blake2b-384"),
            ("list", format!("SHA2-256(app)= {}", sum(Function::Sha256)), "sha256"),
            ("list", format!("SHA3-512(app)= {}", sum(Function::Sha3_512)), "sha3-512"),
            ("list", format!("BLAKE2s256 (app) = {}", sum(Function::Blake2s256)), "blake2s-256"),
            // A weak digest beside a strong one counts for nothing.
            ("list", format!("MD5 (app) = {}\nSHA256 (app) = {}", "0".repeat(32), sum(Function::Sha256)), "sha256"),
            ("list", format!("{0}  app\n{0}  app\n", sum(Function::Sha256)), "sha256"),
        ];
        for (list, text, expected) in cases {
            assert_eq!(judged(list, text.as_bytes(), b"app"), Ok(expected), "{list}: {text}");
        }
    }

    #[test]
    fn names_are_taken_as_they_are_written() {
        let digest = sum(Function::Sha256);
        let cases: [(String, &[u8]); 6] = [
            (format!("\\{digest}  a\\\\b"), b"a\\b"),
            (format!("\\{digest}  a\\nb"), b"a\nb"),
            (format!("\\SHA256 (a\\nb) = {digest}"), b"a\nb"),
            (format!("{digest}  a\\b"), b"a\\b"),
            (format!("SHA256 (a) = (b) = {digest}"), b"a) = (b"),
            (format!("{digest}  a (1) = {digest}"), b""),
        ];
        for (text, name) in &cases {
            let name = if name.is_empty() { [b"a (1) = ", digest.as_bytes()].concat() } else { name.to_vec() };
            assert_eq!(judged("list", text.as_bytes(), &name), Ok("sha256"), "{text}");
        }
    }

    #[test]
    fn what_proves_nothing_is_refused_for_its_reason() {
        use FaultKind::{ChecksumMismatch, ChecksumMissing, Malformed, Unsupported, WeakHash};
        let good = sum(Function::Sha256);
        let other = "0".repeat(64);
        let cases = [
            (format!("{other}  app"), ChecksumMismatch),
            (format!("{good}  other"), ChecksumMissing),
            (format!("{good}  x-app"), ChecksumMissing),
            (format!("{good}  dir/app"), ChecksumMissing),
            (format!("{other}  app\n{good}  app"), ChecksumMismatch),
            (format!("{good}  app\n{other}  app"), ChecksumMismatch),
            (format!("{good}  app\n{other}  ./app"), ChecksumMismatch),
            (format!("SHA256 (app) = {good}\nSHA512 (app) = {other}{other}"), ChecksumMismatch),
            (format!("{}  app", good.get(..32).unwrap()), Malformed),
            (format!("{}  app", good.get(..63).unwrap()), Malformed),
            (format!("{good}0  app"), Malformed),
            (format!("SHA256 (app) = {}", good.get(..32).unwrap()), Malformed),
            (format!("SHA1 (app) = {}", sum(Function::Sha1)), WeakHash),
            (format!("MD5 (app) = {}", sum(Function::Md5)), WeakHash),
            (format!("SM3 (app) = {good}"), Unsupported),
            (format!("hello world\n{good}  app"), Malformed),
            (format!("{good} app"), Malformed),
            (good.clone(), Malformed),
            (format!("{good}  ../app\n{good}  app"), Malformed),
            (format!("{good}  a/../../app\n{good}  app"), Malformed),
            (format!("{good}  a\\..\\app\n{good}  app"), Malformed),
            (format!("{good}  /app\n{good}  app"), Malformed),
            (format!("{good}  .//app\n{good}  app"), Malformed),
            (format!("{good}  \n{good}  app"), Malformed),
            (format!("{good}  a\0b\n{good}  app"), Malformed),
            (format!("\\{good}  a\\tb\n{good}  app"), Malformed),
            (String::new(), Malformed),
            ("# nothing\n".to_owned(), Malformed),
        ];
        for (text, expected) in cases {
            assert_eq!(judged("SHA256SUMS", text.as_bytes(), b"app"), Err(vec![expected]), "{text}");
        }
        assert_eq!(judged("SHA1SUMS", format!("{}  app", sum(Function::Sha1)).as_bytes(), b"app"), Err(vec![WeakHash]));
        assert_eq!(judged("list", format!("{}  app", sum(Function::Md5)).as_bytes(), b"app"), Err(vec![WeakHash]));
    }

    #[test]
    fn no_flipped_bit_of_a_digest_is_accepted() {
        let text = format!("{}  app\n", sum(Function::Sha256)).into_bytes();
        for bit in 0..8 * 64 {
            let mut other = text.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            // Large and small letters mean one digit.
            if !other.eq_ignore_ascii_case(&text) {
                assert!(judged("SHA256SUMS", &other, b"app").is_err(), "{}", other.escape_ascii());
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..200), r"(\\?[0-9a-f]{0,64} [ *][a-z./\\]{0,9}\n|SHA256 \(a?\) = [0-9a-f]{0,64}\n){0,4}".prop_map(String::into_bytes)],
        ) {
            drop(judged("SHA256SUMS", &bytes, b"a"));
            drop(judged("x", &bytes, b"a"));
        }
    }
}
