//! Programs made for tests: the least that has the parts which are asked for.

/// The address that the data of a made program is loaded at.
pub(crate) const ADDRESS: u64 = 0x40_0000;

/// How numbers are written.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) bits: u8,
    pub(crate) is_big_endian: bool,
}

/// What most machines have.
pub(crate) const USUAL: Shape = Shape { bits: 64, is_big_endian: false };

impl Shape {
    /// Returns a number in so many bytes.
    pub(crate) fn number(self, value: u64, bytes: usize) -> Vec<u8> {
        let all = value.to_be_bytes();
        let mut number = all[8 - bytes..].to_vec();
        if !self.is_big_endian {
            number.reverse();
        }
        number
    }

    /// Returns an address, or a number of that size.
    pub(crate) fn word(self, value: u64) -> Vec<u8> {
        self.number(value, usize::from(self.bits / 8))
    }
}

/// Returns an ELF file with one writable segment, in which the sections lie one behind the other, each at a multiple of 16;
/// without a table of sections where it is to be stripped of it.
pub(crate) fn elf(shape: Shape, sections: &[(&str, &[u8])], has_table: bool) -> Vec<u8> {
    let is_64 = shape.bits == 64;
    let (header, segment) = if is_64 { (64, 56) } else { (52, 32) };
    let base = 128_u64;
    assert!(header + segment <= base);
    let mut names = vec![0];
    let mut data: Vec<u8> = Vec::new();
    let mut table = vec![vec![0; if is_64 { 64 } else { 40 }]];
    let listed = sections.iter().copied().chain([(".shstrtab", &b""[..])]);
    let entry = |name: u64, kind: u64, address: u64, offset: u64, size: u64| {
        let words = [3, address, offset, size].map(|word| shape.word(word)).concat();
        let tail = [shape.number(0, 4), shape.number(0, 4), shape.word(1), shape.word(0)].concat();
        [shape.number(name, 4), shape.number(kind, 4), words, tail].concat()
    };
    for (name, bytes) in listed {
        let at = u64::try_from(names.len()).unwrap();
        names.extend([name.as_bytes(), b"\0"].concat());
        let bytes = if name == ".shstrtab" { &names.clone()[..] } else { bytes };
        data.resize(data.len().next_multiple_of(16), 0);
        let offset = u64::try_from(data.len()).unwrap();
        let kind = if name == ".shstrtab" { 3 } else { 1 };
        table.push(entry(at, kind, ADDRESS + offset, base + offset, u64::try_from(bytes.len()).unwrap()));
        data.extend_from_slice(bytes);
    }
    data.resize(data.len().next_multiple_of(16), 0);
    let size = u64::try_from(data.len()).unwrap();
    let count = if has_table { u64::try_from(table.len()).unwrap() } else { 0 };
    let start = if has_table { base + size } else { 0 };
    let mut file = vec![0x7f, b'E', b'L', b'F', if is_64 { 2 } else { 1 }, if shape.is_big_endian { 2 } else { 1 }, 1];
    file.resize(16, 0);
    file.extend([shape.number(2, 2), shape.number(62, 2), shape.number(1, 4)].concat());
    file.extend([0, header, start].map(|word| shape.word(word)).concat());
    file.extend(shape.number(0, 4));
    let table_entry = if is_64 { 64 } else { 40 };
    let last = count.saturating_sub(1);
    file.extend([header, segment, 1, table_entry, count, last].map(|half| shape.number(half, 2)).concat());
    let (flags, words) =
        (shape.number(6, 4), [base, ADDRESS, ADDRESS, size, size].map(|word| shape.word(word)).concat());
    let parts = match is_64 {
        true => [shape.number(1, 4), flags, words, shape.word(16)],
        false => [shape.number(1, 4), words, flags, shape.word(16)],
    };
    file.extend(parts.concat());
    file.resize(128, 0);
    file.extend(data);
    if has_table {
        file.extend(table.concat());
    }
    file
}

/// Returns a PE file of 64 bits with one writable section.
pub(crate) fn pe(name: &str, data: &[u8]) -> Vec<u8> {
    let number = |value: u64, bytes: usize| USUAL.number(value, bytes);
    let mut file = b"MZ".to_vec();
    file.resize(60, 0);
    file.extend(number(64, 4));
    file.extend(b"PE\0\0");
    file.extend([number(0x8664, 2), number(1, 2), number(0, 8), number(0, 4), number(112, 2), number(2, 2)].concat());
    let mut optional = number(0x20b, 2);
    optional.resize(24, 0);
    optional.extend(number(ADDRESS, 8));
    optional.resize(112, 0);
    file.extend(optional);
    let size = u64::try_from(data.len()).unwrap();
    let mut section = name.as_bytes().to_vec();
    section.resize(8, 0);
    section.extend([size, 0x1000, size, 512, 0, 0, 0, 0xc000_0040].map(|word| number(word, 4)).concat());
    file.extend(section);
    file.resize(512, 0);
    file.extend(data);
    file
}

/// Returns a Mach-O file of 64 bits with one section in a writable segment.
pub(crate) fn macho(name: &str, data: &[u8]) -> Vec<u8> {
    let number = |value: u64, bytes: usize| USUAL.number(value, bytes);
    let padded = |name: &str| {
        let mut name = name.as_bytes().to_vec();
        name.resize(16, 0);
        name
    };
    let (size, base) = (u64::try_from(data.len()).unwrap(), 256);
    let mut file = [0xfeed_facf, 0x0100_0007, 3, 2, 1, 152, 0, 0].map(|word| number(word, 4)).concat();
    file.extend([number(0x19, 4), number(152, 4), padded("__DATA")].concat());
    file.extend([ADDRESS, size, base, size].map(|word| number(word, 8)).concat());
    file.extend([3, 3, 1, 0].map(|word| number(word, 4)).concat());
    file.extend([padded(name), padded("__DATA"), number(ADDRESS, 8), number(size, 8)].concat());
    file.extend([base, 4, 0, 0, 0, 0, 0, 0].map(|word| number(word, 4)).concat());
    file.resize(256, 0);
    file.extend(data);
    file
}

/// Returns one file of macOS that holds several.
pub(crate) fn fat(programs: &[Vec<u8>]) -> Vec<u8> {
    let number = |value: usize| Shape { bits: 32, is_big_endian: true }.word(u64::try_from(value).unwrap());
    let mut file = [number(0xcafe_babe), number(programs.len())].concat();
    let mut at = 4096;
    for program in programs {
        file.extend([7, 3, at, program.len(), 12].map(number).concat());
        at += program.len().next_multiple_of(4096);
    }
    for program in programs {
        file.resize(file.len().next_multiple_of(4096), 0);
        file.extend(program);
    }
    file
}
