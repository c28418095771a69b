//! The pages of a database: from its write-ahead log, or from its file.

use std::borrow::Cow;

use super::super::bytes::{Order, place, slice};
use super::super::disk::{Disk, Visited};
use super::log::{Log, other_pages};
use crate::ecosystem::installed::Damage;
use crate::fact::GapReason;
use crate::text;
use crate::text::Text;

/// The pages of a database, each of which is read once.
pub(super) struct Pager<'a> {
    disk: Disk<'a>,
    log: Option<Log>,
    head: Head,
    /// How many pages there are.
    pages: u32,
    visited: Visited,
}

/// How many bytes of the first page describe the others.
pub(super) const HEAD: usize = 100;

const MAGIC: &[u8] = b"SQLite format 3\0";

/// How texts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// In UTF-8.
    Bytes,
    /// In UTF-16.
    Pairs(Order),
}

#[derive(Clone, Copy)]
struct Head {
    page_bytes: u32,
    reserved: u8,
    encoding: Encoding,
    /// How many pages there are, where whoever wrote last has said so.
    pages: Option<u32>,
}

impl<'a> Pager<'a> {
    /// Returns the pages of the database in a file, and in the log that stands beside it.
    pub(super) fn open(mut disk: Disk<'a>, log: Option<Vec<u8>>) -> Result<Self, Damage> {
        let mut bytes = [0; HEAD];
        disk.fill(0, &mut bytes)?;
        let mut head = Head::parse(&bytes)?;
        let log = log.map_or(Ok(None), Log::read)?;
        let pages = if let Some(log) = &log {
            if log.page_bytes != head.page_bytes {
                return Err(other_pages(head.page_bytes, log.page_bytes));
            }
            if let Some(first) = log.page(1) {
                head = Head::parse(first)?;
            }
            log.pages
        } else {
            let stored = u32::try_from(disk.size() / u64::from(head.page_bytes)).unwrap_or(u32::MAX);
            let pages = head.pages.unwrap_or(stored);
            if pages > stored {
                return Err(Damage::malformed(
                    text!("{} pages of {} bytes", pages, head.page_bytes),
                    text!("a file of {} bytes", disk.size()),
                ));
            }
            pages
        };
        Ok(Self { disk, log, head, pages, visited: Visited::default() })
    }

    /// Returns how texts are written.
    pub(super) fn encoding(&self) -> Encoding {
        self.head.encoding
    }

    /// Returns how many bytes of each page are in use.
    pub(super) fn usable(&self) -> usize {
        place(self.head.page_bytes).saturating_sub(self.head.reserved.into())
    }

    /// Reads the bytes of a page that are in use.
    pub(super) fn load(&mut self, number: u32, page: &mut Vec<u8>) -> Result<(), Damage> {
        if number == 0 || number > self.pages {
            return Err(Damage::malformed(text!("a page from 1 to {}", self.pages), text!("page {}", number)));
        }
        self.visited.enter(number)?;
        page.clear();
        if let Some(logged) = self.log.as_ref().and_then(|log| log.page(number)) {
            page.extend_from_slice(logged);
        } else {
            page.resize(place(self.head.page_bytes), 0);
            self.disk.fill(u64::from(number - 1) * u64::from(self.head.page_bytes), page)?;
        }
        page.truncate(self.usable());
        Ok(())
    }
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        if !bytes.starts_with(MAGIC) {
            return Err(Damage::malformed(
                Text::trusted("a database of SQLite, which begins with `SQLite format 3`"),
                text!("`{}`", *slice(bytes, 0, MAGIC.len()).unwrap_or_default()),
            ));
        }
        let number = |at| Order::Big.u32(bytes, at).unwrap_or_default();
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        let page_bytes = match Order::Big.u16(bytes, 16).unwrap_or_default() {
            1 => 65536,
            bytes => u32::from(bytes),
        };
        let reserved = byte(20);
        // What remains of a page is at least 480 bytes.
        if !page_bytes.is_power_of_two() || page_bytes < 512 || page_bytes - u32::from(reserved) < 480 {
            return Err(Damage::malformed(
                Text::trusted("pages of 512 to 65536 bytes, a power of two, of which at least 480 are in use"),
                text!("pages of {} bytes, {} of them not in use", page_bytes, reserved),
            ));
        }
        if slice(bytes, 21, 3) != Some(&[64, 32, 32]) {
            return Err(Damage::malformed(
                Text::trusted("64, 32 and 32 as the fractions of a page"),
                text!("{}, {} and {}", byte(21), byte(22), byte(23)),
            ));
        }
        let (version, schema) = (byte(19), number(44));
        if version > 2 || schema > 4 {
            return Err(Damage {
                reason: GapReason::UnknownVersion,
                expected: Text::trusted("version 1 or 2 of SQLite's file format, with a schema of format 1 to 4"),
                found: text!("version {}, and schema format {}", version, schema),
            });
        }
        let encoding = match number(56) {
            0 | 1 => Encoding::Bytes,
            2 => Encoding::Pairs(Order::Little),
            3 => Encoding::Pairs(Order::Big),
            other => {
                return Err(Damage::malformed(Text::trusted("1, 2 or 3 as the encoding of texts"), text!("{}", other)));
            }
        };
        // Who does not know of this number leaves it as it was when the file was changed another time.
        let pages = Some(number(28)).filter(|pages| *pages != 0 && number(24) == number(92));
        Ok(Self { page_bytes, reserved, encoding, pages })
    }
}

impl Encoding {
    /// Returns the text that bytes are.
    pub(super) fn read(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Bytes => String::from_utf8_lossy(bytes),
            Self::Pairs(order) => {
                let pairs: Vec<u16> =
                    bytes.chunks_exact(2).map(|pair| order.u16(pair, 0).unwrap_or_default()).collect();
                Cow::Owned(String::from_utf16_lossy(&pairs))
            }
        }
    }
}
