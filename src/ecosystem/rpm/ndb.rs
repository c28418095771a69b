//! `Packages.db`: the database of SUSE, slots in front and blobs behind them.
//!
//! What rpm itself knows of the format is in its `rpmpkg.c`. `Index.db` beside it can be made from it, and is not read.

use super::bytes::{Order, place, slice};
use super::disk::Disk;
use super::files::Files;
use super::package::{Gathered, Headers};
use super::{CAPABILITY, ECOSYSTEM, MAX_HEADER_BYTES, MAX_PACKAGES};
use crate::ecosystem::installed::{Damage, FileLists, Lists, Opened, Packages, Reader, Record, Stands};
use crate::fact::GapReason;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "rpm-ndb",
    ecosystem: ECOSYSTEM,
    stands: Stands::At(&["usr/lib/sysimage/rpm/Packages.db", "usr/share/rpm/Packages.db", "var/lib/rpm/Packages.db"]),
    capability: CAPABILITY,
    summary: "rpm's ndb database",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &["rpm-sqlite"],
    files: FileLists::Random(files),
};

const MAGIC: &[u8] = b"RpmP";
const SLOT_MAGIC: &[u8] = b"Slot";
const HEAD_MAGIC: &[u8] = b"BlbS";
const TAIL_MAGIC: &[u8] = b"BlbE";

/// How many bytes the intro takes; slots begin behind it.
const INTRO: usize = 32;

/// How many bytes a slot takes, and in how many bytes blobs are measured.
const BLOCK: u32 = 16;

/// How many bytes a page of slots takes.
const PAGE: u32 = 4096;

/// How many bytes stand in front of a blob: magic, number, time, length.
const HEAD: u32 = 16;

/// How many bytes end a blob: checksum, length, magic.
const TAIL: u32 = 12;

/// Where a blob lies, in blocks.
struct Slot {
    number: u32,
    start: u32,
    length: u32,
}

fn read(opened: &mut Opened<'_>, out: &mut Packages) -> Result<(), Damage> {
    let mut packages = Gathered::new(opened.path, out);
    let read = read_into(&mut Disk::new(opened.contents, opened.size), &mut packages);
    packages.finish();
    read
}

fn files(opened: &mut Opened<'_>, out: &mut Lists<'_>) -> Result<(), Damage> {
    read_into(&mut Disk::new(opened.contents, opened.size), &mut Files::new(opened.path, out))
}

fn read_into(disk: &mut Disk<'_>, packages: &mut dyn Headers) -> Result<(), Damage> {
    let pages = read_intro(disk)?;
    let slots = read_slots(disk, pages, packages)?;
    let mut blob = Vec::new();
    let mut free = pages * (PAGE / BLOCK);
    for slot in slots {
        let read = slot.verify(disk, free).and_then(|length| {
            // Only a blob that is its slot's takes its place, and no blob is read twice.
            free = slot.start.saturating_add(slot.length);
            blob.resize(length, 0);
            disk.fill(slot.at(), &mut blob)?;
            header_of(&blob)
        });
        match read {
            Ok(header) => packages.add(slot.number.into(), header)?,
            Err(damage) => packages.lose_header(slot.number.into(), damage),
        }
    }
    Ok(())
}

impl Slot {
    /// Returns where its blob begins, in bytes.
    fn at(&self) -> u64 {
        u64::from(self.start) * u64::from(BLOCK)
    }

    /// Returns how many bytes its blob has, which lies behind a block and begins as a blob of its number does.
    fn verify(&self, disk: &mut Disk<'_>, free: u32) -> Result<usize, Damage> {
        let (start, length) = (self.at(), u64::from(self.length) * u64::from(BLOCK));
        if self.start < free {
            return Err(Damage::malformed(
                text!("a blob from block {} on, where others end", free),
                text!("one at block {}", self.start),
            ));
        }
        if length < u64::from(HEAD + TAIL) || start + length > disk.size() {
            return Err(Damage::malformed(
                text!("a blob within the {} bytes of the file", disk.size()),
                text!("one of {} bytes at {}", length, start),
            ));
        }
        if length > u64::from(MAX_HEADER_BYTES) {
            return Err(super::too_large(length));
        }
        let mut head = [0; 8];
        disk.fill(start, &mut head)?;
        let number = Order::Little.u32(&head, 4).unwrap_or_default();
        if !head.starts_with(HEAD_MAGIC) || number != self.number {
            return Err(Damage::malformed(
                text!("blob {} at {}", self.number, start),
                text!("`{}` and {}", *slice(&head, 0, 4).unwrap_or_default(), number),
            ));
        }
        Ok(usize::try_from(length).unwrap_or_default())
    }
}

/// Returns how many pages of slots there are.
fn read_intro(disk: &mut Disk<'_>) -> Result<u32, Damage> {
    let mut intro = [0; INTRO];
    disk.fill(0, &mut intro)?;
    let magic = slice(&intro, 0, 4).unwrap_or_default();
    if magic != MAGIC {
        return Err(Damage::malformed(
            Text::trusted("an ndb database, which begins with `RpmP`"),
            text!("`{}`", *magic),
        ));
    }
    let version = Order::Little.u32(&intro, 4).unwrap_or_default();
    if version != 0 {
        return Err(Damage {
            reason: GapReason::UnknownVersion,
            expected: Text::trusted("version 0 of an ndb database"),
            found: text!("version {}", version),
        });
    }
    let pages = Order::Little.u32(&intro, 12).unwrap_or_default();
    let all = u64::from(pages) * u64::from(PAGE);
    if all > disk.size() {
        return Err(Damage::malformed(
            text!("{} pages of slots of {} bytes", pages, PAGE),
            text!("a file of {} bytes", disk.size()),
        ));
    }
    if place(pages) > MAX_PACKAGES / place(PAGE / BLOCK) {
        return Err(Damage {
            reason: GapReason::TooLarge,
            expected: text!("slots for at most {} packages", MAX_PACKAGES),
            found: text!("{} pages of slots", pages),
        });
    }
    Ok(pages)
}

/// Returns the slots in use, in the order of their blobs.
fn read_slots(disk: &mut Disk<'_>, pages: u32, packages: &mut dyn Headers) -> Result<Vec<Slot>, Damage> {
    let mut slots = Vec::new();
    let mut buffer = vec![0; place(PAGE)];
    for page in 0..pages {
        disk.fill(u64::from(page) * u64::from(PAGE), &mut buffer)?;
        let first = if page == 0 { INTRO } else { 0 };
        let mut damaged = 0_u32;
        for slot in buffer.get(first..).unwrap_or_default().chunks_exact(place(BLOCK)) {
            let field = |at| Order::Little.u32(slot, at).unwrap_or_default();
            let found = Slot { number: field(4), start: field(8), length: field(12) };
            if slice(slot, 0, 4) != Some(SLOT_MAGIC) {
                damaged += 1;
            } else if found.start != 0 {
                slots.push(found);
            }
        }
        if damaged > 0 {
            packages.lose(Damage::malformed(
                Text::trusted("slots that begin with `Slot`"),
                text!("{} others on page {}", damaged, page),
            ));
        }
    }
    slots.sort_unstable_by_key(|slot| (slot.start, slot.number));
    Ok(slots)
}

/// Returns the header that a blob holds.
fn header_of(blob: &[u8]) -> Result<&[u8], Damage> {
    let (body, tail) = blob.split_at_checked(blob.len().saturating_sub(place(TAIL))).unwrap_or_default();
    let field = |at| Order::Little.u32(tail, at).unwrap_or_default();
    let length = Order::Little.u32(blob, 12).unwrap_or_default();
    let blocks = (u64::from(length) + u64::from(HEAD + TAIL)).div_ceil(u64::from(BLOCK));
    if field(4) != length || blocks * u64::from(BLOCK) != super::bytes::count(blob) || !tail.ends_with(TAIL_MAGIC) {
        return Err(Damage::malformed(
            text!("a blob of {} bytes with the same length at its end", length),
            text!("{} bytes, and {} at their end", blob.len(), field(4)),
        ));
    }
    let sum = adler32(body);
    if field(0) != sum {
        return Err(Damage::malformed(text!("a blob with the checksum {}", field(0)), text!("{}", sum)));
    }
    Ok(slice(body, place(HEAD), place(length)).unwrap_or_default())
}

/// Returns the checksum of RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65521;
    // So many steps overflow neither sum.
    const STEPS: usize = 5552;
    let (mut low, mut high) = (1_u32, 0_u32);
    for run in bytes.chunks(STEPS) {
        for byte in run {
            low += u32::from(*byte);
            high += low;
        }
        low %= BASE;
        high %= BASE;
    }
    (high << 16) | low
}
