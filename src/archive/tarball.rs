//! A tarball read once, entry by entry, from its unpacked bytes.
//!
//! Headers are parsed by the crate `tar`; which of them belong together is decided here, since readers of tarballs differ
//! where they are malformed. What two readers could take for different files is an error.

use std::io::{self, BufReader, Read};

use tar::Header;

use super::blocks::{BLOCK, Blocks, Contents};
use super::limits;
use crate::text;
use crate::text::Text;

/// One entry, with what its extended headers say.
pub(crate) struct Entry {
    /// The name as it is written.
    pub(crate) name: Vec<u8>,
    /// The target of a link.
    pub(crate) target: Vec<u8>,
    /// What it is.
    pub(crate) kind: EntryKind,
    /// The permission bits.
    pub(crate) mode: u32,
    /// The owning user and group.
    pub(crate) owner: (u64, u64),
    /// Which device it is, where it is one: its major and minor number.
    pub(crate) device: Option<(u32, u32)>,
    /// Extended attributes.
    pub(crate) attributes: Vec<Record>,
    /// The bytes of its contents.
    pub(crate) size: u64,
    /// At which unpacked byte they begin.
    pub(crate) offset: u64,
    /// How many entries stand before it.
    pub(crate) ordinal: usize,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Link,
    HardLink,
    Special(&'static str),
}

/// The words for what is read byte by byte.
pub(crate) const CHARACTER_DEVICE: &str = "a character device";

/// The words for what is read block by block.
pub(crate) const BLOCK_DEVICE: &str = "a block device";

/// What is known at the end of a tarball.
#[cfg_attr(not(feature = "signatures"), expect(dead_code, reason = "only a release is held against its tag"))]
pub(crate) struct End {
    /// The comment of its global header.
    pub(crate) comment: Option<Vec<u8>>,
    /// How many bytes stand behind its end that are no padding.
    pub(crate) trailing_bytes: u64,
}

/// How much of a tarball is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Unpacked bytes.
    pub(crate) bytes: u64,
    /// Entries.
    pub(crate) entries: usize,
    /// Whether it may end where the file does, without the two blocks of zeros.
    pub(crate) may_end_early: bool,
}

/// What extended headers say of the next entry.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    user: Option<u64>,
    group: Option<u64>,
    attributes: Vec<Record>,
    /// Whether a header of pax has been read.
    is_read: bool,
}

/// What the names of extended attributes begin with in a header of pax (`star(1)`).
const ATTRIBUTE: &[u8] = b"SCHILY.xattr.";

/// How many unpacked bytes are held at once.
const BUFFER_BYTES: usize = 64 << 10;

/// What is done with each entry.
type Take<'a> = &'a mut dyn FnMut(&Entry, &mut Contents<'_>) -> Result<(), Text>;

/// Reads every entry of an unpacked tarball, and what stands behind its end.
pub(crate) fn walk(reader: impl Read, bounds: Bounds, take: Take<'_>) -> Result<End, Text> {
    let mut blocks = Blocks::new(BufReader::with_capacity(BUFFER_BYTES, reader), bounds.bytes);
    let mut comment = None;
    let mut extended = Extended::default();
    let mut ordinal = 0;
    while let Some(block) = blocks.header(bounds.may_end_early)? {
        let header = Header::from_byte_slice(&block);
        check_sum(&block, header)?;
        let size = header.entry_size().map_err(|error| malformed(&error))?;
        let flag = header.entry_type().as_byte();
        match flag {
            b'g' => {
                for (key, value) in records(&blocks.small(size)?)? {
                    match key.as_slice() {
                        b"comment" => comment = Some(value),
                        b"path" | b"linkpath" | b"size" => {
                            return Err(text!("a global header gives all entries one `{}`", key.as_slice()));
                        }
                        _ => {}
                    }
                }
                continue;
            }
            b'x' => {
                extended.read(&blocks.small(size)?)?;
                continue;
            }
            b'L' => {
                Extended::set(&mut extended.name, until_nul(blocks.small(size)?))?;
                continue;
            }
            b'K' => {
                Extended::set(&mut extended.target, until_nul(blocks.small(size)?))?;
                continue;
            }
            _ => {}
        }
        let said = std::mem::take(&mut extended);
        // The size of a file that does not fit into the field stands in the extended header alone.
        let size = match flag {
            b'\0' | b'0' | b'7' if size == 0 => said.size.unwrap_or(0),
            _ => size,
        };
        if said.size.is_some_and(|said| said != size) {
            return Err(text!(
                "the headers of an entry name two sizes, {} and {}",
                said.size.unwrap_or_default(),
                size
            ));
        }
        let name = said.name.unwrap_or_else(|| header.path_bytes().into_owned());
        // The label of a volume is no entry.
        if flag == b'V' {
            blocks.skip(size)?;
            continue;
        }
        let entry = Entry {
            kind: kind_of(flag, &name)?,
            name,
            target: match said.target {
                Some(target) => target,
                None => header.link_name_bytes().map(std::borrow::Cow::into_owned).unwrap_or_default(),
            },
            mode: header.mode().map_err(|error| malformed(&error))?,
            owner: (
                said.user.or_else(|| header.uid().ok()).unwrap_or_default(),
                said.group.or_else(|| header.gid().ok()).unwrap_or_default(),
            ),
            device: header.device_major().ok().flatten().zip(header.device_minor().ok().flatten()),
            attributes: said.attributes,
            size,
            offset: blocks.offset(),
            ordinal,
        };
        if entry.name.len() > limits::MAX_NAME_BYTES || entry.target.len() > limits::MAX_NAME_BYTES {
            return Err(text!("names of at most {} bytes are read, found a longer one", limits::MAX_NAME_BYTES));
        }
        if entry.kind != EntryKind::File && size > 0 {
            return Err(text!("`{}` is no file, and has contents", entry.name.as_slice()));
        }
        ordinal += 1;
        if ordinal > bounds.entries {
            return Err(text!("at most {} entries are read, found more", bounds.entries));
        }
        let mut contents = Contents::new(&mut blocks, size);
        take(&entry, &mut contents)?;
        contents.each(&mut |_| {})?;
        blocks.padding(size)?;
    }
    let trailing_bytes = blocks.rest()?;
    Ok(End { comment, trailing_bytes })
}

/// Reads the kind of an entry (`pax(1)`, "ustar Interchange Format").
fn kind_of(flag: u8, name: &[u8]) -> Result<EntryKind, Text> {
    Ok(match flag {
        // Before there was a flag for folders, they ended in a slash.
        b'\0' if name.ends_with(b"/") => EntryKind::Folder,
        b'\0' | b'0' | b'7' => EntryKind::File,
        b'5' => EntryKind::Folder,
        b'2' => EntryKind::Link,
        b'1' => EntryKind::HardLink,
        b'3' => EntryKind::Special(CHARACTER_DEVICE),
        b'4' => EntryKind::Special(BLOCK_DEVICE),
        b'6' => EntryKind::Special("a FIFO"),
        b'S' => return Err(Text::trusted("a sparse file, which is not read")),
        other => return Err(text!("an entry of the unknown kind `{}`", [other].as_slice())),
    })
}

impl Extended {
    /// Takes a value. Two that differ are read in one way by some and in another by others.
    fn set(slot: &mut Option<Vec<u8>>, value: Vec<u8>) -> Result<(), Text> {
        match slot {
            Some(known) if *known != value => {
                Err(text!("the headers of an entry name two things, `{}` and `{}`", known.as_slice(), value.as_slice()))
            }
            _ => {
                *slot = Some(value);
                Ok(())
            }
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), Text> {
        // One reader puts both together, another forgets the first.
        if std::mem::replace(&mut self.is_read, true) {
            return Err(Text::trusted("an entry has two extended headers, which readers take for different things"));
        }
        for (key, value) in records(bytes)? {
            match key.as_slice() {
                // "If the value is of zero length, it shall delete any header block field, previously entered extended header
                // value, or global extended header value of the same name" (`pax(1)`); readers keep the field.
                b"path" | b"linkpath" if value.is_empty() => {}
                b"path" => Self::set(&mut self.name, value)?,
                b"linkpath" => Self::set(&mut self.target, value)?,
                b"size" => {
                    let size = number(&value).ok_or_else(|| text!("the size of an entry is `{}`", value.as_slice()))?;
                    self.size = Some(size);
                }
                b"uid" => self.user = number(&value),
                b"gid" => self.group = number(&value),
                key if key.starts_with(b"GNU.sparse.") => {
                    return Err(Text::trusted("a sparse file, which is not read"));
                }
                key => {
                    if let Some(name) = key.strip_prefix(ATTRIBUTE) {
                        self.attributes.push((name.to_vec(), value));
                    }
                }
            }
        }
        Ok(())
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok())
}

/// A key and its value.
pub(crate) type Record = (Vec<u8>, Vec<u8>);

/// Reads the records of an extended header (`pax(1)`): `LENGTH KEY=VALUE\n`. A value may hold line feeds.
fn records(bytes: &[u8]) -> Result<Vec<Record>, Text> {
    let unsound = || Text::trusted("an extended header is damaged");
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ').ok_or_else(unsound)?;
        let digits = rest.get(..space).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(unsound)?;
        let length: usize = digits.parse().map_err(|_error| unsound())?;
        let record = rest.get(space + 1..length).and_then(|it| it.strip_suffix(b"\n")).ok_or_else(unsound)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(unsound)?;
        let (key, value) = record.split_at_checked(equals).ok_or_else(unsound)?;
        out.push((key.to_vec(), value.get(1..).unwrap_or_default().to_vec()));
        rest = rest.get(length..).ok_or_else(unsound)?;
    }
    Ok(out)
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    bytes
}

fn check_sum(block: &[u8; BLOCK], header: &Header) -> Result<(), Text> {
    let wrong = || Text::trusted("expected the header of an entry, found something else");
    let stated = header.cksum().map_err(|_error| wrong())?;
    // The field itself counts as spaces.
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| u32::from(if (148..156).contains(&at) { b' ' } else { *byte })).sum();
    if sum == stated { Ok(()) } else { Err(wrong()) }
}

fn malformed(error: &io::Error) -> Text {
    text!("a header is damaged: {}", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_extended_headers_may_hold_line_feeds() {
        let found = records(b"11 path=a\nb13 comment=x\n");
        assert!(found.is_err());
        let found = records(b"12 path=a\nb\n13 comment=x\n").unwrap();
        assert_eq!(found, [(b"path".to_vec(), b"a\nb".to_vec()), (b"comment".to_vec(), b"x".to_vec())]);
        for damaged in [&b"5 a=b"[..], b"99 a=b\n", b"x", b"0 a=b\n", b"6 ab\n\n", b"-1 a=b\n"] {
            assert!(records(damaged).is_err(), "{damaged:?}");
        }
    }
}
