//! ELF, of 32 and 64 bits, of both byte orders.

use object::elf::{FileHeader32, FileHeader64, PF_W, PF_X, PT_LOAD, SHT_NOBITS};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::read::{ReadCache, ReadCacheOps, ReadRef};
use object::{Endianness, FileKind};

use super::{Executable, Format, MAX_TABLE_BYTES, Part};

/// How much of the names of sections is read.
const MAX_NAMES_BYTES: u64 = 4 << 20;

/// How much of one name is kept.
const MAX_NAME_BYTES: usize = 64;

pub(super) fn read<R: ReadCacheOps>(cache: &ReadCache<R>) -> Option<Executable> {
    match FileKind::parse(cache).ok()? {
        FileKind::Elf32 => parse::<FileHeader32<Endianness>, R>(cache),
        FileKind::Elf64 => parse::<FileHeader64<Endianness>, R>(cache),
        _ => None,
    }
}

fn parse<Elf: FileHeader<Endian = Endianness>, R: ReadCacheOps>(cache: &ReadCache<R>) -> Option<Executable> {
    let header = Elf::parse(cache).ok()?;
    let endian = header.endian().ok()?;
    let fits = |count: u32, size: u16| u64::from(count) * u64::from(size) <= MAX_TABLE_BYTES;
    let mut executable = Executable { format: Format::Elf, ..Executable::default() };
    // One table may be damaged and the other sound: a kernel looks only at the segments.
    if fits(header.phnum(endian, cache).ok()?, header.e_phentsize(endian)) {
        for segment in header.program_headers(endian, cache).unwrap_or_default() {
            if segment.p_type(endian) == PT_LOAD {
                executable.segments.push(Part {
                    name: Box::default(),
                    address: segment.p_vaddr(endian).into(),
                    offset: segment.p_offset(endian).into(),
                    size: segment.p_filesz(endian).into(),
                    is_writable: segment.p_flags(endian).contains(PF_W) && !segment.p_flags(endian).contains(PF_X),
                });
            }
        }
    }
    let is_bounded = header.shnum(endian, cache).is_ok_and(|count| fits(count, header.e_shentsize(endian)));
    let sections = if is_bounded { header.section_headers(endian, cache).unwrap_or_default() } else { &[] };
    let names = header.section_strings_index(endian, cache).ok().and_then(|index| {
        let (offset, size) = sections.get(index.0)?.file_range(endian)?;
        cache.read_bytes_at(offset, size.min(MAX_NAMES_BYTES)).ok()
    });
    for section in sections.iter().filter(|section| section.sh_type(endian) != SHT_NOBITS) {
        let start = usize::try_from(section.sh_name(endian)).ok();
        let name = start.and_then(|start| names?.get(start..)).and_then(|name| name.split(|byte| *byte == 0).next());
        executable.sections.push(Part {
            name: name.map_or_else(Box::default, |name| name.iter().copied().take(MAX_NAME_BYTES).collect()),
            address: section.sh_addr(endian).into(),
            offset: section.sh_offset(endian).into(),
            size: section.sh_size(endian).into(),
            is_writable: false,
        });
    }
    Some(executable)
}
