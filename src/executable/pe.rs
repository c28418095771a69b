//! PE, of 32 and 64 bits.

use object::LittleEndian as LE;
use object::pe::{
    IMAGE_SCN_CNT_INITIALIZED_DATA, IMAGE_SCN_MEM_EXECUTE, IMAGE_SCN_MEM_WRITE, ImageDosHeader, ImageNtHeaders32,
    ImageNtHeaders64,
};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};
use object::read::{FileKind, ReadCache, ReadCacheOps};

use super::{Executable, Format, Part};

pub(super) fn read<R: ReadCacheOps>(cache: &ReadCache<R>) -> Option<Executable> {
    match FileKind::parse(cache).ok()? {
        FileKind::Pe32 => parse::<ImageNtHeaders32, R>(cache),
        FileKind::Pe64 => parse::<ImageNtHeaders64, R>(cache),
        _ => None,
    }
}

fn parse<Pe: ImageNtHeaders, R: ReadCacheOps>(cache: &ReadCache<R>) -> Option<Executable> {
    let mut offset = ImageDosHeader::parse(cache).ok()?.nt_headers_offset().into();
    let (headers, _) = Pe::parse(cache, &mut offset).ok()?;
    let base = headers.optional_header().image_base();
    // There are at most 65,535, of 40 bytes each.
    let table = headers.sections(cache, offset).ok()?;
    let sections: Vec<Part> = table
        .iter()
        .map(|section| {
            let flags = section.characteristics.get(LE);
            let (offset, size) = section.pe_file_range();
            Part {
                name: section.raw_name().into(),
                address: base.wrapping_add(section.virtual_address.get(LE).into()),
                offset: offset.into(),
                size: size.into(),
                is_writable: flags.contains(IMAGE_SCN_CNT_INITIALIZED_DATA)
                    && flags.contains(IMAGE_SCN_MEM_WRITE)
                    && !flags.contains(IMAGE_SCN_MEM_EXECUTE),
            }
        })
        .collect();
    Some(Executable { format: Format::Pe, segments: sections.clone(), sections })
}
