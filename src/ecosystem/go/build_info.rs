//! What Go's linker leaves in a program: the version of Go, the modules it was built of, and how.
//!
//! As Go's own `debug/buildinfo` and `runtime/debug` read it (`go version -m`): a blob of its own section, or at the
//! beginning of the data that the program may change, which holds two strings (since Go 1.18) or the addresses of two
//! (since Go 1.13). A program without it is none of Go, or was built before; neither is a gap.

use std::collections::HashMap;
use std::ops::Range;

use super::ECOSYSTEM;
use super::modules::Modules;
use crate::component::{Capability, InstalledKind, Package};
use crate::ecosystem::installed::{Damage, FileLists, Opened, Packages, Reader, Record, Stands};
use crate::executable::{self, Executable, Format, Part};
use crate::fact::{GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::ReadSeek;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "go-build-info",
    ecosystem: ECOSYSTEM,
    stands: Stands::Executables,
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: false,
        exact_requirements: false,
    },
    summary: "build information in programs of Go",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

/// The sections that hold nothing but the blob: of ELF, and of Mach-O.
const SECTIONS: [&[u8]; 2] = [b".go.buildinfo", b"__go_buildinfo"];

/// What the blob begins with.
const MAGIC: &[u8] = b"\xff Go buildinf:";

/// Where the blob may begin: at multiples of this.
const ALIGNMENT: usize = 16;

/// How many bytes of the blob stand before its strings.
const HEADER_BYTES: usize = 32;

/// How far data without a section of its own is searched, and how much of it at a time.
const MAX_SEARCHED_BYTES: u64 = 16 << 20;
const SEARCHED_AT_ONCE: u64 = 1 << 20;

/// The longest text of modules that is read: one of 10,000 modules has 1 MiB.
const MAX_TEXT_BYTES: u64 = 16 << 20;

fn read(opened: &mut Opened<'_>, packages: &mut Packages) -> Result<(), Damage> {
    let mut seen: Vec<Strings> = Vec::new();
    for program in Executable::read(opened.contents)? {
        let Some(blob) = find(opened.contents, &program)? else { continue };
        let strings = Strings::read(opened.contents, &program, blob)?;
        // A program for several processors was built of the same modules for each.
        if !seen.contains(&strings) {
            add(&strings, opened, packages);
            seen.push(strings);
        }
    }
    Ok(())
}

/// Returns where the blob lies, and how far what it lies in reaches.
fn find(contents: &mut dyn ReadSeek, program: &Executable) -> Result<Option<Range<u64>>, Damage> {
    if let Some(section) = SECTIONS.iter().find_map(|name| program.section(name)) {
        let found = search(contents, section)?;
        let expected = || Text::trusted("the build information of Go in its section");
        return found.map(Some).ok_or_else(|| Damage::malformed(expected(), Text::trusted("none")));
    }
    // Whoever links a program with sections gives the blob one, except on Windows; the name may have been changed since, so
    // that a program with other parts of Go is searched too.
    let is_of_go = |part: &Part| part.name.starts_with(b".go") || part.name.starts_with(b"__go");
    let may_hold = program.format == Format::Pe || program.sections.is_empty() || program.sections.iter().any(is_of_go);
    match program.data() {
        Some(data) if may_hold => search(contents, data),
        _ => Ok(None),
    }
}

pub(super) fn search(contents: &mut dyn ReadSeek, part: &Part) -> Result<Option<Range<u64>>, Damage> {
    let end = part.offset.saturating_add(part.size);
    let mut start = part.offset;
    let last = end.min(part.offset.saturating_add(MAX_SEARCHED_BYTES));
    while start < last {
        let bytes = executable::bytes(contents, start, SEARCHED_AT_ONCE.min(end - start))?;
        let place = bytes.chunks_exact(ALIGNMENT).position(|chunk| chunk.starts_with(MAGIC));
        if let Some(at) = place.and_then(|place| u64::try_from(place * ALIGNMENT).ok()) {
            return Ok(Some(start + at..end));
        }
        start = start.saturating_add(SEARCHED_AT_ONCE);
    }
    Ok(None)
}

/// What the blob holds.
#[derive(PartialEq, Eq)]
struct Strings {
    /// The version of Go.
    go: String,
    /// The modules; empty where the program was built without any.
    modules: String,
}

impl Strings {
    fn read(contents: &mut dyn ReadSeek, program: &Executable, blob: Range<u64>) -> Result<Self, Damage> {
        let size = blob.end - blob.start;
        let most = MAX_TEXT_BYTES.saturating_add(1 << 16);
        // Most have some thousand bytes, and the section no more.
        let mut bytes = executable::bytes(contents, blob.start, size.min(1 << 16))?;
        let cut = || Damage::malformed(Text::trusted("the build information of Go"), Text::trusted("its beginning"));
        let header = bytes.get(..HEADER_BYTES).ok_or_else(cut)?;
        let (Some(&pointer_bytes), Some(&flags)) = (header.get(14), header.get(15)) else { return Err(cut()) };
        let (go, modules) = if flags & 2 == 0 {
            let pointers = Pointers { program, is_big_endian: flags & 1 != 0, bytes: pointer_bytes };
            let (first, second) = pointers.pair(header.get(16..).unwrap_or_default()).ok_or_else(cut)?;
            (pointers.string(contents, first)?, pointers.string(contents, second)?)
        } else {
            if inline(&bytes).is_none() && size > 1 << 16 {
                bytes = executable::bytes(contents, blob.start, size.min(most))?;
            }
            let (go, modules) = inline(&bytes).ok_or_else(|| match size > most {
                true => too_large(),
                false => cut(),
            })?;
            (go.to_vec(), modules.to_vec())
        };
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .map_err(|_not_utf8| Damage::malformed(Text::trusted("UTF-8 text"), Text::trusted("other bytes")))
        };
        let go = text(go)?;
        if go.is_empty() {
            // Of programs that are loaded at any address, old versions left no address in the file.
            return Err(Damage::malformed(Text::trusted("the version of Go"), Text::trusted("none")));
        }
        Ok(Self { go, modules: text(unframed(&modules).to_vec())? })
    }
}

fn too_large() -> Damage {
    Damage {
        reason: GapReason::TooLarge,
        expected: text!("the modules in at most {} MiB", MAX_TEXT_BYTES >> 20),
        found: Text::trusted("more"),
    }
}

/// Returns the two strings that stand behind the header, each behind its length.
fn inline(blob: &[u8]) -> Option<(&[u8], &[u8])> {
    let (go, rest) = counted(blob.get(HEADER_BYTES..)?)?;
    let (modules, _) = counted(rest)?;
    Some((go, modules))
}

/// Takes a string behind its length, which is written seven bits a byte, the lowest first.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return bytes.get(at + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// Returns the text between the marks of 16 bytes at either end.
fn unframed(framed: &[u8]) -> &[u8] {
    let text = framed.get(16..).and_then(|rest| rest.get(..rest.len().checked_sub(16)?)).unwrap_or_default();
    if text.ends_with(b"\n") { text } else { &[] }
}

/// Addresses in a program.
struct Pointers<'a> {
    program: &'a Executable,
    is_big_endian: bool,
    bytes: u8,
}

impl Pointers<'_> {
    /// Reads two numbers of the size of an address.
    fn pair(&self, bytes: &[u8]) -> Option<(u64, u64)> {
        let size = usize::from(self.bytes);
        if !matches!(size, 4 | 8) {
            return None;
        }
        let number = |bytes: &[u8]| {
            let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
            if self.is_big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
        };
        Some((number(bytes.get(..size)?), number(bytes.get(size..2 * size)?)))
    }

    /// Returns the string whose address and length lie at an address; an empty one where none does.
    fn string(&self, contents: &mut dyn ReadSeek, address: u64) -> Result<Vec<u8>, Damage> {
        let Some((offset, left)) = self.program.at(address) else { return Ok(Vec::new()) };
        let header = executable::bytes(contents, offset, left.min(2 * u64::from(self.bytes)))?;
        let Some((address, length)) = self.pair(&header) else { return Ok(Vec::new()) };
        match self.program.at(address) {
            Some((_, left)) if length <= left && length > MAX_TEXT_BYTES => Err(too_large()),
            Some((offset, left)) if length <= left => Ok(executable::bytes(contents, offset, length)?),
            _ => Ok(Vec::new()),
        }
    }
}

/// Adds the packages: the program, all it was built of, and Go's own library.
fn add(strings: &Strings, opened: &Opened<'_>, packages: &mut Packages) {
    let place = || Location::file(opened.path.clone());
    let modules = Modules::read(&strings.modules, |damage| packages.gap(opened.path, damage));
    let main = modules.main().map(|(path, version)| {
        let mut package = Package::new(path, version.as_deref(), place());
        package.installed.kind = InstalledKind::Application;
        packages.packages.push(package);
        packages.packages.len() - 1
    });
    let first = packages.packages.len();
    let mut standard = Package::new("stdlib", go_version(&strings.go), place());
    standard.needs_at = Vec::new();
    packages.packages.push(standard);
    let mut seen: HashMap<(&str, &str), ()> = HashMap::new();
    for module in &modules.needed {
        if seen.insert((module.path, module.version), ()).is_none() {
            let mut package = Package::new(module.path, module.stated_version(), place());
            package.source = module.source.clone();
            package.digests.extend(module.digest.clone());
            packages.packages.push(package);
        }
    }
    let needed = first..packages.packages.len();
    if let Some(package) = main.and_then(|main| packages.packages.get_mut(main)) {
        package.needs_at = needed.collect();
    }
}

/// Returns the version of Go: of `go1.22.1 X:boringcrypto` and `devel go1.23-abc Tue …` what stands behind `go`.
fn go_version(text: &str) -> Option<&str> {
    text.split_ascii_whitespace()
        .find_map(|word| word.strip_prefix("go").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
}
