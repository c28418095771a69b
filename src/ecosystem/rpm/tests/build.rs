//! Headers, and logs of SQLite, made for a test.

/// A value of a header: its tag, type, how many values it is, and their bytes.
pub(super) type Value<'a> = (u32, u32, u32, &'a [u8]);

/// The least that names a package.
pub(super) const LEAST: [Value<'static>; 3] = [(1000, 6, 1, b"a\0"), (1001, 6, 1, b"1\0"), (1002, 6, 1, b"2\0")];

/// Returns a header of some values, each at the next multiple of four.
pub(super) fn header(values: &[Value<'_>]) -> Vec<u8> {
    let (mut index, mut store) = (Vec::new(), Vec::new());
    for (tag, kind, count, bytes) in values {
        store.resize(store.len().next_multiple_of(4), 0);
        for field in [*tag, *kind, u32::try_from(store.len()).unwrap(), *count] {
            index.extend(field.to_be_bytes());
        }
        store.extend_from_slice(bytes);
    }
    let counts = [values.len(), store.len()].map(|count| u32::try_from(count).unwrap().to_be_bytes());
    [counts.concat(), index, store].concat()
}

/// Returns a header of the least and some more values.
pub(super) fn header_with(values: &[Value<'_>]) -> Vec<u8> {
    header(&[&LEAST, values].concat())
}

/// Returns a database `Packages.db` of some headers, numbered from one on.
pub(super) fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let pages = (headers.len() + 2).div_ceil(256);
    let mut slots = [b"RpmP".as_slice(), &words(&[0, 1, u32::try_from(pages).unwrap()]), &[0; 16]].concat();
    let mut blobs = Vec::new();
    for (number, header) in (1..).zip(headers) {
        let start = u32::try_from(pages * 256 + blobs.len() / 16).unwrap();
        let length = u32::try_from(header.len()).unwrap();
        let blocks = (length + 28).div_ceil(16);
        let mut blob = [b"BlbS".as_slice(), &words(&[number, 1, length]), header].concat();
        blob.resize(usize::try_from(blocks).unwrap() * 16 - 12, 0);
        let sum = adler32(&blob);
        blob.extend([words(&[sum, length]), b"BlbE".to_vec()].concat());
        blobs.extend(blob);
        slots.extend([b"Slot".to_vec(), words(&[number, start, blocks])].concat());
    }
    while slots.len() < pages * 4096 {
        slots.extend([b"Slot".to_vec(), words(&[0, 0, 0])].concat());
    }
    [slots, blobs].concat()
}

/// Returns numbers, the byte of least weight first.
pub(super) fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    });
    high << 16 | low
}

/// Returns a log of the same frames whose checksums read numbers in the order of the last bit of `magic`.
pub(super) fn summed_again(log: &[u8], magic: u32) -> Vec<u8> {
    let page_bytes = usize::try_from(u32::from_be_bytes(log[8..12].try_into().unwrap())).unwrap();
    let mut log = log.to_vec();
    log[..4].copy_from_slice(&magic.to_be_bytes());
    let mut sums = [0_u32; 2];
    let add = |sums: &mut [u32; 2], bytes: &[u8]| {
        for pair in bytes.chunks(8) {
            let word = |at: usize| {
                let word = pair[at..at + 4].try_into().unwrap();
                if magic & 1 == 1 { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
            };
            sums[0] = sums[0].wrapping_add(word(0)).wrapping_add(sums[1]);
            sums[1] = sums[1].wrapping_add(word(4)).wrapping_add(sums[0]);
        }
    };
    let written = |sums: &[u32; 2]| sums.map(u32::to_be_bytes).concat();
    add(&mut sums, &log[..24]);
    log[24..32].copy_from_slice(&written(&sums));
    for at in (32..log.len()).step_by(24 + page_bytes) {
        add(&mut sums, &log[at..at + 8]);
        add(&mut sums, &log[at + 24..at + 24 + page_bytes]);
        log[at + 16..at + 24].copy_from_slice(&written(&sums));
    }
    log
}
