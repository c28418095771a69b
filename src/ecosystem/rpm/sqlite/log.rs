//! The write-ahead log: pages that were changed and stand in front of those of the database.
//!
//! As SQLite recovers it: a log of which the head is no such one is ignored; frames count up to the last one that ends a
//! change, as long as their salts and checksums follow from the head.

use std::collections::BTreeMap;

use super::super::bytes::{Order, place, slice};
use crate::ecosystem::installed::Damage;
use crate::fact::GapReason;
use crate::text;

/// Pages that were changed.
#[derive(Debug)]
pub(super) struct Log {
    bytes: Vec<u8>,
    /// How many bytes a page has.
    pub(super) page_bytes: u32,
    /// How many pages the database has after the last change.
    pub(super) pages: u32,
    /// Where the latest contents of each page begin.
    places: BTreeMap<u32, usize>,
}

/// Its number, in the last bit of which stands how the checksums read what they sum up.
const MAGIC: u32 = 0x377f_0682;

const VERSION: u32 = 3_007_000;

/// How many bytes its head takes.
const HEAD: usize = 32;

/// How many bytes stand in front of the page of a frame.
const FRAME_HEAD: usize = 24;

impl Log {
    /// Returns the log that some bytes are; `None` where none of it counts.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Option<Self>, Damage> {
        let Some(head) = slice(&bytes, 0, HEAD) else { return Ok(None) };
        let field = |at| Order::Big.u32(head, at).unwrap_or_default();
        let (magic, page_bytes) = (field(0), field(8));
        if magic & !1 != MAGIC || !page_bytes.is_power_of_two() || !(512..=65536).contains(&page_bytes) {
            return Ok(None);
        }
        let order = if magic & 1 == 0 { Order::Little } else { Order::Big };
        let mut sum = Sum { order, first: 0, second: 0 };
        sum.add(slice(head, 0, 24).unwrap_or_default());
        if (sum.first, sum.second) != (field(24), field(28)) {
            return Ok(None);
        }
        if field(4) != VERSION {
            return Err(Damage {
                reason: GapReason::UnknownVersion,
                expected: text!("a write-ahead log of version {}", VERSION),
                found: text!("version {}", field(4)),
            });
        }
        let salts = slice(head, 16, 8).unwrap_or_default();
        let mut places = BTreeMap::new();
        let mut pages = None;
        // Pages of a change of which the end was not yet found.
        let mut pending = Vec::new();
        let frame_bytes = FRAME_HEAD + place(page_bytes);
        for (number, frame) in bytes.get(HEAD..).unwrap_or_default().chunks_exact(frame_bytes).enumerate() {
            let field = |at| Order::Big.u32(frame, at).unwrap_or_default();
            sum.add(slice(frame, 0, 8).unwrap_or_default());
            sum.add(frame.get(FRAME_HEAD..).unwrap_or_default());
            let is_valid =
                field(0) != 0 && slice(frame, 8, 8) == Some(salts) && (sum.first, sum.second) == (field(16), field(20));
            if !is_valid {
                break;
            }
            pending.push((field(0), HEAD + number * frame_bytes + FRAME_HEAD));
            if field(4) != 0 {
                pages = Some(field(4));
                places.extend(pending.drain(..));
            }
        }
        Ok(pages.map(|pages| Self { bytes, page_bytes, pages, places }))
    }

    /// Returns the latest contents of a page.
    pub(super) fn page(&self, number: u32) -> Option<&[u8]> {
        slice(&self.bytes, *self.places.get(&number)?, place(self.page_bytes))
    }
}

/// The checksum of everything in front of a place.
struct Sum {
    order: Order,
    first: u32,
    second: u32,
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks_exact(8) {
            let word = |at| self.order.u32(pair, at).unwrap_or_default();
            let (even, odd) = (word(0), word(4));
            self.first = self.first.wrapping_add(even).wrapping_add(self.second);
            self.second = self.second.wrapping_add(odd).wrapping_add(self.first);
        }
    }
}

/// Returns why a log belongs to another database.
pub(super) fn other_pages(expected: u32, found: u32) -> Damage {
    Damage {
        reason: GapReason::Contradictory,
        expected: text!("pages of {} bytes in the write-ahead log, as in the database", expected),
        found: text!("pages of {} bytes", found),
    }
}
