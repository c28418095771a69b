//! Reads any bytes as the header of a package, in a database of which everything else is sound: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// In how many bytes a database measures.
const BLOCK: usize = 16;

/// Where the only blob begins, in blocks.
const START: u32 = 256;

fuzz_target!(|header: &[u8]| {
    let length = u32::try_from(header.len()).unwrap_or_default();
    let mut blob = [b"BlbS".as_slice(), &words(&[1, 1, length]), header].concat();
    blob.resize((header.len() + 28).next_multiple_of(BLOCK) - 12, 0);
    let sum = adler32(&blob);
    blob.extend([words(&[sum, length]).as_slice(), b"BlbE"].concat());
    let blocks = u32::try_from(blob.len() / BLOCK).unwrap_or_default();
    let mut database = [b"RpmP".as_slice(), &words(&[0, 1, 1, 2, 0, 0, 0])].concat();
    database.extend([b"Slot".as_slice(), &words(&[1, START, blocks])].concat());
    while database.len() < START as usize * BLOCK {
        database.extend([b"Slot".as_slice(), &words(&[0, 0, 0])].concat());
    }
    database.extend(blob);
    portcullis_fuzz::installed_beside("rpm-ndb", "var/lib/rpm/database", &database, &[]);
});

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    });
    high << 16 | low
}
