//! The header of a package, as every database of rpm holds it: an index of tags, and a store of their values.
//!
//! Both counts and each entry are held against the bounds of rpm's own `hdrblobInit`. The trailer that marks which of the
//! entries were signed is not read, and values may lie in any order: nothing here rests on either.

use std::borrow::Cow;

use super::bytes::{Order, place, slice};
use crate::ecosystem::installed::Damage;
use crate::text;
use crate::text::Text;

/// A tag, with the word that messages have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(pub(super) u32, pub(super) &'static str);

/// The header of one package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
}

/// How many bytes stand in front of the index: the two counts.
const INTRO: usize = 8;

/// How many bytes an entry of the index takes.
const ENTRY: usize = 16;

const MAX_ENTRIES: u32 = 0xffff;
const MAX_STORE: u32 = 0x0fff_ffff;

/// Tags that mark a region; one of them may stand first.
const REGIONS: std::ops::RangeInclusive<u32> = 61..=63;

/// The first tag that has a value.
const FIRST_TAG: u32 = 100;

/// The types whose values are looked at.
const NUMBERS: u32 = 4;
const STRING: u32 = 6;
const STRINGS: u32 = 8;
const TRANSLATED: u32 = 9;

#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    kind: u32,
    offset: u32,
    count: u32,
}

impl<'a> Header<'a> {
    /// Returns the header that some bytes are.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Damage> {
        let entries = Order::Big.u32(bytes, 0);
        let stored = Order::Big.u32(bytes, 4);
        let (Some(entries), Some(stored)) = (entries, stored) else {
            return Err(Damage::malformed(Text::trusted("the header of a package"), text!("{} bytes", bytes.len())));
        };
        if entries == 0 || entries > MAX_ENTRIES || stored > MAX_STORE {
            return Err(Damage::malformed(
                text!("a header of 1 to {} entries and at most {} bytes", MAX_ENTRIES, MAX_STORE),
                text!("{} entries and {} bytes", entries, stored),
            ));
        }
        // Neither the product nor the sum overflows, by the bounds above.
        let index_length = place(entries) * ENTRY;
        let length = INTRO + index_length + place(stored);
        let (Some(index), Some(store)) =
            (slice(bytes, INTRO, index_length), bytes.get(INTRO + index_length..).filter(|_| bytes.len() == length))
        else {
            return Err(Damage::malformed(
                text!("a header of {} bytes, as its counts say", length),
                text!("{} bytes", bytes.len()),
            ));
        };
        let header = Self { index, store };
        for (number, entry) in header.entries().enumerate() {
            header.verify(number, entry)?;
        }
        Ok(header)
    }

    /// Returns the text of a tag.
    pub(super) fn text(&self, tag: Tag) -> Result<Option<Cow<'a, str>>, Damage> {
        Ok(self.strings(tag)?.and_then(|mut strings| strings.next()).map(String::from_utf8_lossy))
    }

    /// Returns the texts of a tag, and how many there are.
    pub(super) fn strings(
        &self,
        tag: Tag,
    ) -> Result<Option<impl ExactSizeIterator<Item = &'a [u8]> + use<'a>>, Damage> {
        let Some(entry) = self.find(tag.0) else { return Ok(None) };
        if ![STRING, STRINGS, TRANSLATED].contains(&entry.kind) {
            return Err(wrong_type(tag, "text", entry));
        }
        let values = self.store.get(place(entry.offset)..).unwrap_or_default();
        let mut rest = values;
        for _ in 0..entry.count {
            let Some(end) = rest.iter().position(|byte| *byte == 0) else {
                return Err(Damage::malformed(
                    text!("{} texts as the {}", entry.count, Text::trusted(tag.1)),
                    Text::trusted("the end of the header among them"),
                ));
            };
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        let mut rest = values;
        Ok(Some((0..place(entry.count)).map(move |_| {
            let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            value
        })))
    }

    /// Returns the numbers of a tag.
    pub(super) fn numbers(&self, tag: Tag) -> Result<Option<impl ExactSizeIterator<Item = u32> + use<'a>>, Damage> {
        let Some(entry) = self.find(tag.0) else { return Ok(None) };
        if entry.kind != NUMBERS {
            return Err(wrong_type(tag, "numbers", entry));
        }
        let values = slice(self.store, place(entry.offset), place(entry.count).saturating_mul(4)).unwrap_or_default();
        Ok(Some(values.chunks_exact(4).map(|value| Order::Big.u32(value, 0).unwrap_or_default())))
    }

    /// Returns the small numbers of a tag: two bytes each, or one.
    pub(super) fn small_numbers(
        &self,
        tag: Tag,
    ) -> Result<Option<impl ExactSizeIterator<Item = u16> + use<'a>>, Damage> {
        let Some(entry) = self.find(tag.0) else { return Ok(None) };
        let Some(size @ 1..=2) = size(entry.kind) else { return Err(wrong_type(tag, "small numbers", entry)) };
        let values = slice(self.store, place(entry.offset), place(entry.count).saturating_mul(size));
        Ok(Some(values.unwrap_or_default().chunks_exact(size).map(|value| match value {
            [one] => u16::from(*one),
            value => Order::Big.u16(value, 0).unwrap_or_default(),
        })))
    }

    /// Returns the entry of a tag: the last one, since what rpm adds to a header stands behind what was signed and comes in
    /// its place.
    fn find(&self, tag: u32) -> Option<Entry> {
        self.entries().rev().find(|entry| entry.tag == tag)
    }

    fn entries(&self) -> impl DoubleEndedIterator<Item = Entry> + ExactSizeIterator + use<'a> {
        self.index.chunks_exact(ENTRY).map(|entry| {
            let field = |at| Order::Big.u32(entry, at).unwrap_or_default();
            Entry { tag: field(0), kind: field(4), offset: field(8), count: field(12) }
        })
    }

    fn verify(&self, number: usize, entry: Entry) -> Result<(), Damage> {
        let Entry { tag, kind, offset, count } = entry;
        let is_region = number == 0 && REGIONS.contains(&tag);
        let is_known = (tag >= FIRST_TAG && i32::try_from(tag).is_ok()) || is_region;
        let room = self.store.len().saturating_sub(place(offset));
        let fits = match size(kind) {
            // A text takes a byte at least, and only an array of texts has more than one.
            Some(0) => count >= 1 && place(count) <= room && (kind != STRING || count == 1),
            Some(size) => {
                count >= 1
                    && offset % alignment(kind) == 0
                    && place(count).checked_mul(size).is_some_and(|all| all <= room)
            }
            None => false,
        };
        if is_known && fits {
            return Ok(());
        }
        Err(Damage::malformed(
            text!("entry {} of a header, of a known type and within its {} bytes", number, self.store.len()),
            text!("tag {} of type {}, {} values at {}", tag, kind, count, offset),
        ))
    }
}

/// Returns how many bytes a value of a type takes, none for texts, `None` for what is no type.
fn size(kind: u32) -> Option<usize> {
    match kind {
        STRING | STRINGS | TRANSLATED => Some(0),
        1 | 2 | 7 => Some(1),
        3 => Some(2),
        NUMBERS => Some(4),
        5 => Some(8),
        _ => None,
    }
}

fn alignment(kind: u32) -> u32 {
    match kind {
        3 => 2,
        NUMBERS => 4,
        5 => 8,
        _ => 1,
    }
}

fn wrong_type(tag: Tag, expected: &'static str, entry: Entry) -> Damage {
    Damage::malformed(
        text!("{} as the {}", Text::trusted(expected), Text::trusted(tag.1)),
        text!("values of type {}", entry.kind),
    )
}
