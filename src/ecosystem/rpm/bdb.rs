//! `Packages`: the database of rpm up to 4.15, a hash table of Berkeley DB.
//!
//! What is read is what rpm itself reads (its `bdb_ro.c`): the hash tables of versions 8 to 10, in either order of bytes,
//! with large values in chains of pages. Encrypted pages, pages with checksums, duplicate values and b-trees, none of which
//! rpm ever wrote into this file, are said to be unread. The log of an environment (`__db.*`, `log.*`) is not replayed:
//! rpm keeps none.

use super::bytes::{Order, place, slice};
use super::disk::{Disk, Visited};
use super::files::Files;
use super::package::{Gathered, Headers};
use super::{CAPABILITY, ECOSYSTEM, MAX_HEADER_BYTES};
use crate::ecosystem::installed::{Damage, FileLists, Lists, Opened, Packages, Reader, Record, Stands};
use crate::fact::GapReason;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "rpm-bdb",
    ecosystem: ECOSYSTEM,
    stands: Stands::At(&["usr/lib/sysimage/rpm/Packages", "usr/share/rpm/Packages", "var/lib/rpm/Packages"]),
    capability: CAPABILITY,
    summary: "rpm's Berkeley DB database",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &["rpm-ndb", "rpm-sqlite"],
    files: FileLists::Random(files),
};

const HASH_MAGIC: u32 = 0x0006_1561;
const TREE_MAGIC: u32 = 0x0005_3162;

/// How many bytes of the first page say what the others are.
const META: usize = 512;

/// How many bytes stand in front of what a page holds.
const PAGE_HEAD: usize = 26;

/// The types of pages: of the hash table, of the same before its keys were sorted, of a chain, and the first.
const HASH_PAGE: u8 = 13;
const UNSORTED_PAGE: u8 = 2;
const CHAIN_PAGE: u8 = 7;

/// The types of items: within the page, and in a chain of pages.
const WITHIN: u8 = 1;
const CHAINED: u8 = 3;

fn read(opened: &mut Opened<'_>, out: &mut Packages) -> Result<(), Damage> {
    let mut packages = Gathered::new(opened.path, out);
    let read = headers(opened, &mut packages);
    packages.finish();
    read
}

fn files(opened: &mut Opened<'_>, out: &mut Lists<'_>) -> Result<(), Damage> {
    let path = opened.path;
    headers(opened, &mut Files::new(path, out))
}

fn headers(opened: &mut Opened<'_>, packages: &mut dyn Headers) -> Result<(), Damage> {
    let mut disk = Disk::new(opened.contents, opened.size);
    Table::open(&mut disk).and_then(|mut table| table.read_into(packages))
}

/// A hash table.
struct Table<'a, 'b> {
    disk: &'a mut Disk<'b>,
    order: Order,
    page_bytes: u32,
    last_page: u32,
    last_bucket: u32,
    /// By how many pages the buckets of each doubling are moved.
    spares: Vec<u32>,
    visited: Visited,
}

impl<'a, 'b> Table<'a, 'b> {
    fn open(disk: &'a mut Disk<'b>) -> Result<Self, Damage> {
        let mut meta = [0; META];
        disk.fill(0, &mut meta)?;
        let order = order_of(&meta)?;
        let field = |at| order.u32(&meta, at).unwrap_or_default();
        let (version, page_bytes, last_page) = (field(16), field(20), field(32));
        if !(8..=10).contains(&version) {
            return Err(unknown("a hash table of version 8, 9 or 10", text!("version {}", version)));
        }
        // What follows the page's number of bytes: how it is encrypted, what it is, and whether pages have checksums.
        if meta.get(24).is_some_and(|kind| *kind != 0) || meta.get(26).is_some_and(|flags| flags & 1 != 0) {
            return Err(unknown("pages that are neither encrypted nor have checksums", Text::trusted("others")));
        }
        if !page_bytes.is_power_of_two() || !(512..=65536).contains(&page_bytes) {
            return Err(Damage::malformed(
                Text::trusted("pages of 512 to 65536 bytes, a power of two"),
                text!("pages of {} bytes", page_bytes),
            ));
        }
        let length = (u64::from(last_page) + 1) * u64::from(page_bytes);
        if length > disk.size() {
            return Err(Damage::malformed(text!("a file of {} bytes", length), text!("one of {}", disk.size())));
        }
        let spares = (0..32).map(|number| field(96 + 4 * number)).collect();
        let last_bucket = field(72);
        if last_bucket > last_page {
            return Err(Damage::malformed(text!("a last bucket of at most {}", last_page), text!("{}", last_bucket)));
        }
        Ok(Self { disk, order, page_bytes, last_page, last_bucket, spares, visited: Visited::default() })
    }

    fn read_into(&mut self, packages: &mut dyn Headers) -> Result<(), Damage> {
        let mut page = Vec::new();
        let mut header = Vec::new();
        for bucket in 0..=self.last_bucket {
            let mut next = self.page_of(bucket);
            loop {
                if let Err(damage) = self.load(next, &[HASH_PAGE, UNSORTED_PAGE], &mut page) {
                    packages.lose(damage);
                    break;
                }
                self.read_page(next, &page, &mut header, packages)?;
                next = self.order.u32(&page, 16).unwrap_or_default();
                if next == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Reads the pairs of a page: each a number and, behind it, the header of that number.
    fn read_page(
        &mut self,
        number: u32,
        page: &[u8],
        header: &mut Vec<u8>,
        packages: &mut dyn Headers,
    ) -> Result<(), Damage> {
        let items = usize::from(self.order.u16(page, 20).unwrap_or_default());
        for pair in 0..items / 2 {
            let read = self.read_pair(page, pair * 2, header);
            match read {
                // The number 0 stands before the number that the next package gets.
                Ok(0) => {}
                Ok(key) => packages.add(key.into(), header)?,
                Err((Some(key), damage)) => packages.lose_header(key.into(), damage),
                Err((None, damage)) => {
                    let found = text!("{} on page {}", damage.found, number);
                    packages.lose(Damage { found, ..damage });
                }
            }
        }
        if items % 2 != 0 {
            packages
                .lose(Damage::malformed(text!("keys and as many values on page {}", number), text!("{} items", items)));
        }
        Ok(())
    }

    /// Reads a pair into `header`, and returns its number; with the damage, the number as far as it is known.
    fn read_pair(&mut self, page: &[u8], first: usize, header: &mut Vec<u8>) -> Result<u32, (Option<u32>, Damage)> {
        let key = self.item(page, first).map_err(|damage| (None, damage))?;
        let key = match key {
            [WITHIN, key @ ..] if key.len() == 4 => self.order.u32(key, 0).unwrap_or_default(),
            _ => {
                let expected = Text::trusted("a number as the key of a header");
                return Err((None, Damage::malformed(expected, text!("{} bytes", key.len()))));
            }
        };
        if key == 0 {
            return Ok(0);
        }
        let lost = |damage| (Some(key), damage);
        let value = self.item(page, first + 1).map_err(lost)?;
        header.clear();
        match value {
            [WITHIN, value @ ..] => header.extend_from_slice(value),
            [CHAINED, ..] if value.len() == 12 => {
                let start = self.order.u32(value, 4).unwrap_or_default();
                let length = self.order.u32(value, 8).unwrap_or_default();
                self.read_chain(start, length, header).map_err(lost)?;
            }
            _ => {
                let kind = value.first().copied().unwrap_or_default();
                let expected = Text::trusted("a header, within its page or in a chain of pages");
                return Err(lost(Damage::malformed(
                    expected,
                    text!("an item of type {} and {} bytes", kind, value.len()),
                )));
            }
        }
        Ok(key)
    }

    /// Returns the bytes of an item. Items lie from the end of the page towards its head.
    fn item<'p>(&self, page: &'p [u8], number: usize) -> Result<&'p [u8], Damage> {
        let offset = |number: usize| self.order.u16(page, PAGE_HEAD + 2 * number).map_or(0, usize::from);
        let start = offset(number);
        let end = if number == 0 { page.len() } else { offset(number - 1) };
        // Behind the offsets of itself and of those before it.
        if start < PAGE_HEAD + 2 * (number + 1) || start >= end {
            return Err(Damage::malformed(
                text!("an item that ends at {}", end),
                text!("item {} at {}", number, start),
            ));
        }
        page.get(start..end).ok_or_else(|| {
            Damage::malformed(text!("items within {} bytes", page.len()), text!("item {} at {}", number, start))
        })
    }

    /// Reads the value that lies in a chain of pages.
    fn read_chain(&mut self, start: u32, length: u32, value: &mut Vec<u8>) -> Result<(), Damage> {
        if length > MAX_HEADER_BYTES {
            return Err(super::too_large(length.into()));
        }
        let length = place(length);
        let mut page = Vec::new();
        let mut next = start;
        while value.len() < length {
            self.load(next, &[CHAIN_PAGE], &mut page)?;
            let held = usize::from(self.order.u16(&page, 22).unwrap_or_default());
            let Some(part) = slice(&page, PAGE_HEAD, held).filter(|part| part.len() <= length - value.len()) else {
                return Err(Damage::malformed(
                    text!("the {} bytes that are left of a header", length - value.len()),
                    text!("{} on page {}", held, next),
                ));
            };
            value.extend_from_slice(part);
            next = self.order.u32(&page, 16).unwrap_or_default();
        }
        Ok(())
    }

    /// Reads a page of one of some types.
    fn load(&mut self, number: u32, kinds: &[u8], page: &mut Vec<u8>) -> Result<(), Damage> {
        if number == 0 || number > self.last_page {
            return Err(Damage::malformed(text!("a page from 1 to {}", self.last_page), text!("page {}", number)));
        }
        self.visited.enter(number)?;
        page.resize(place(self.page_bytes), 0);
        self.disk.fill(u64::from(number) * u64::from(self.page_bytes), page)?;
        let own = self.order.u32(page, 8).unwrap_or_default();
        let kind = page.get(25).copied().unwrap_or_default();
        if own != number || !kinds.contains(&kind) {
            return Err(Damage::malformed(
                text!("page {} of type {}", number, kinds.first().copied().unwrap_or_default()),
                text!("page {} of type {}", own, kind),
            ));
        }
        Ok(())
    }

    /// Returns the first page of a bucket.
    fn page_of(&self, bucket: u32) -> u32 {
        let doubling = place(u32::BITS - bucket.leading_zeros());
        bucket.saturating_add(self.spares.get(doubling).copied().unwrap_or_default())
    }
}

fn order_of(meta: &[u8]) -> Result<Order, Damage> {
    for order in [Order::Little, Order::Big] {
        match order.u32(meta, 12) {
            Some(HASH_MAGIC) => return Ok(order),
            Some(TREE_MAGIC) => {
                return Err(unknown("a hash table of Berkeley DB", Text::trusted("a b-tree")));
            }
            _ => {}
        }
    }
    Err(Damage::malformed(
        Text::trusted("a hash table of Berkeley DB"),
        text!("`{}` where its number should stand", *slice(meta, 12, 4).unwrap_or_default()),
    ))
}

fn unknown(expected: &'static str, found: Text) -> Damage {
    Damage { reason: GapReason::UnknownVersion, expected: Text::trusted(expected), found }
}
