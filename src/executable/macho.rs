//! Mach-O, of 32 and 64 bits, and files that hold several.

use object::Endianness;
use object::macho::{MachHeader32, MachHeader64};
use object::read::macho::{FatArch, MachHeader, MachOFatFile32, MachOFatFile64, Section, Segment};
use object::read::{FileKind, ReadCache, ReadCacheOps, ReadRef};

use super::{Executable, Format, MAX_TABLE_BYTES, Part};

/// For how many processors one file may hold a program. Java's classes begin with the same four bytes, and have the version
/// of their format, 45 or more, where the number stands.
const MAX_PROCESSORS: u8 = 30;

/// Memory that may be read and changed, and holds no code.
const READ_AND_WRITE: u32 = 3;

pub(super) fn read_fat<R: ReadCacheOps>(cache: &ReadCache<R>) -> Vec<Executable> {
    let is_sensible = cache.read_bytes_at(4, 4).is_ok_and(|count| matches!(count, [0, 0, 0, 1..=MAX_PROCESSORS]));
    if !is_sensible {
        return Vec::new();
    }
    let starts: Vec<u64> = match FileKind::parse(cache) {
        Ok(FileKind::MachOFat32) => {
            let file = MachOFatFile32::parse(cache);
            file.iter().flat_map(|file| file.arches()).map(|one| one.file_range().0).collect()
        }
        Ok(FileKind::MachOFat64) => {
            let file = MachOFatFile64::parse(cache);
            file.iter().flat_map(|file| file.arches()).map(|one| one.file_range().0).collect()
        }
        _ => Vec::new(),
    };
    starts.into_iter().filter_map(|start| read(cache, start)).collect()
}

pub(super) fn read<R: ReadCacheOps>(cache: &ReadCache<R>, start: u64) -> Option<Executable> {
    match FileKind::parse_at(cache, start).ok()? {
        FileKind::MachO32 => parse::<MachHeader32<Endianness>, R>(cache, start),
        FileKind::MachO64 => parse::<MachHeader64<Endianness>, R>(cache, start),
        _ => None,
    }
}

fn parse<Mach: MachHeader<Endian = Endianness>, R: ReadCacheOps>(
    cache: &ReadCache<R>,
    start: u64,
) -> Option<Executable> {
    let header = Mach::parse(cache, start).ok()?;
    let endian = header.endian().ok()?;
    if u64::from(header.sizeofcmds(endian)) > MAX_TABLE_BYTES {
        return None;
    }
    let mut executable = Executable { format: Format::MachO, ..Executable::default() };
    let mut commands = header.load_commands(endian, cache, start).ok()?;
    while let Ok(Some(command)) = commands.next() {
        let Ok(Some((segment, sections))) = Mach::Segment::from_command(command) else { continue };
        executable.segments.push(Part {
            name: segment.name().into(),
            address: segment.vmaddr(endian).into(),
            offset: start.checked_add(segment.fileoff(endian).into())?,
            size: segment.filesize(endian).into(),
            is_writable: segment.initprot(endian).0 == READ_AND_WRITE && segment.maxprot(endian).0 == READ_AND_WRITE,
        });
        for section in segment.sections(endian, sections).unwrap_or_default() {
            // What is filled with zeros is not in the file.
            let Some(offset) = start.checked_add(section.offset(endian).into()) else { continue };
            let Some((offset, size)) = section.file_range(endian, offset) else { continue };
            executable.sections.push(Part {
                name: section.name().into(),
                address: section.addr(endian).into(),
                offset,
                size,
                is_writable: false,
            });
        }
    }
    Some(executable)
}
