//! The rows of one table: a tree of pages, the leaves of which hold them.

use super::super::bytes::{Order, count};
use super::pager::{HEAD, Pager};
use super::row::varint;
use crate::ecosystem::installed::Damage;
use crate::text;
use crate::text::Text;

/// What is found in a table.
pub(super) enum Found<'a> {
    /// A row: its key, and its bytes.
    Row(i64, &'a [u8]),
    /// Rows that cannot be known.
    Lost(Damage),
}

/// The types of pages: those of a table that lead to others, and those that hold rows.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// Hands over the rows of the table that begins at a page, as far as they have at most `limit` bytes. What is damaged is
/// handed over too, and the rest is read on. The error is that of `each`.
pub(super) fn walk(
    pager: &mut Pager<'_>,
    root: u32,
    limit: u32,
    each: &mut dyn FnMut(Found<'_>) -> Result<(), Damage>,
) -> Result<(), Damage> {
    // Every page is read once, so that this ends, and holds no more than the pages lead to.
    let mut ahead = vec![root];
    let mut page = Vec::new();
    let mut payload = Vec::new();
    while let Some(number) = ahead.pop() {
        let read = pager.load(number, &mut page).and_then(|()| Node::parse(number, &page));
        let node = match read {
            Ok(node) => node,
            Err(damage) => {
                each(Found::Lost(damage))?;
                continue;
            }
        };
        if node.is_leaf {
            read_leaf(pager, &node, limit, &mut payload, each)?;
        } else {
            let first = ahead.len();
            for cell in node.cells() {
                match cell.and_then(|cell| Order::Big.u32(cell, 0).ok_or_else(|| node.damage())) {
                    Ok(child) => ahead.push(child),
                    Err(damage) => each(Found::Lost(damage))?,
                }
            }
            ahead.push(node.last_child);
            // The first child is read first.
            if let Some(children) = ahead.get_mut(first..) {
                children.reverse();
            }
        }
    }
    Ok(())
}

fn read_leaf(
    pager: &mut Pager<'_>,
    node: &Node<'_>,
    limit: u32,
    payload: &mut Vec<u8>,
    each: &mut dyn FnMut(Found<'_>) -> Result<(), Damage>,
) -> Result<(), Damage> {
    // Cells do not overlap. Without this a page of many places that are one would hold as many large rows.
    let mut room = node.page.len();
    for cell in node.cells() {
        let read = cell.and_then(|cell| Cell::parse(cell, pager.usable()).ok_or_else(|| node.damage()));
        let cell = match read {
            Ok(cell) => cell,
            Err(damage) => {
                each(Found::Lost(damage))?;
                continue;
            }
        };
        let Some(left) = room.checked_sub(cell.within.len()) else {
            return each(Found::Lost(node.damage()));
        };
        room = left;
        match cell.read(pager, limit, payload) {
            Ok(()) => each(Found::Row(cell.key, payload))?,
            Err(damage) => {
                let found = text!("{} in row {}", damage.found, cell.key);
                each(Found::Lost(Damage { found, ..damage }))?;
            }
        }
    }
    Ok(())
}

/// A page of a table.
struct Node<'a> {
    number: u32,
    page: &'a [u8],
    is_leaf: bool,
    /// Where the places of the cells begin.
    start: usize,
    cells: usize,
    /// The page behind all cells, of one that leads to others.
    last_child: u32,
}

impl<'a> Node<'a> {
    fn parse(number: u32, page: &'a [u8]) -> Result<Self, Damage> {
        let head = if number == 1 { HEAD } else { 0 };
        let kind = page.get(head).copied().unwrap_or_default();
        let is_leaf = kind == LEAF;
        if !is_leaf && kind != INTERIOR {
            return Err(Damage::malformed(text!("page {} of a table", number), text!("a page of type {}", kind)));
        }
        let cells = usize::from(Order::Big.u16(page, head + 3).unwrap_or_default());
        let last_child = Order::Big.u32(page, head + 8).unwrap_or_default();
        let start = head + if is_leaf { 8 } else { 12 };
        let node = Self { number, page, is_leaf, start, cells, last_child };
        if node.start + 2 * node.cells > page.len() { Err(node.damage()) } else { Ok(node) }
    }

    /// Returns the bytes from the beginning of each cell on.
    fn cells(&self) -> impl Iterator<Item = Result<&'a [u8], Damage>> {
        (0..self.cells).map(|number| {
            let at = Order::Big.u16(self.page, self.start + 2 * number).map_or(0, usize::from);
            if at < self.start + 2 * self.cells {
                return Err(self.damage());
            }
            self.page.get(at..).filter(|cell| !cell.is_empty()).ok_or_else(|| self.damage())
        })
    }

    fn damage(&self) -> Damage {
        Damage::malformed(
            text!("cells of page {} within its {} bytes", self.number, self.page.len()),
            Text::trusted("one that is not"),
        )
    }
}

/// A row, as it stands in a leaf.
struct Cell<'a> {
    key: i64,
    /// How many bytes the row has.
    length: u64,
    /// Its first bytes.
    within: &'a [u8],
    /// The page on which it goes on.
    next: Option<u32>,
}

impl<'a> Cell<'a> {
    fn parse(bytes: &'a [u8], usable: usize) -> Option<Self> {
        let (length, rest) = varint(bytes)?;
        let (key, rest) = varint(rest)?;
        let within = within(length, usable)?;
        let (within, rest) = rest.split_at_checked(within)?;
        let next = if count(within) < length { Some(Order::Big.u32(rest, 0)?) } else { None };
        Some(Self { key: key.cast_signed(), length, within, next })
    }

    /// Reads the whole row.
    fn read(&self, pager: &mut Pager<'_>, limit: u32, payload: &mut Vec<u8>) -> Result<(), Damage> {
        if self.length > u64::from(limit) {
            return Err(super::super::too_large(self.length));
        }
        payload.clear();
        payload.extend_from_slice(self.within);
        let mut left = usize::try_from(self.length).unwrap_or(usize::MAX).saturating_sub(self.within.len());
        let mut next = self.next.unwrap_or_default();
        let mut page = Vec::new();
        while left > 0 {
            pager.load(next, &mut page)?;
            next = Order::Big.u32(&page, 0).unwrap_or_default();
            let part = page.get(4..).unwrap_or_default();
            let part = part.get(..left).unwrap_or(part);
            payload.extend_from_slice(part);
            left -= part.len();
        }
        Ok(())
    }
}

/// Returns how many bytes of a row of some length stand within its leaf.
fn within(length: u64, usable: usize) -> Option<usize> {
    let usable = u64::try_from(usable).ok()?;
    let most = usable.checked_sub(35)?;
    let least = usable.checked_sub(12)? * 32 / 255 - 23;
    let within = if length <= most {
        length
    } else {
        // As much as leaves no page of the chain partly empty, where that fits.
        let even = least + (length - least) % (usable - 4);
        if even <= most { even } else { least }
    };
    usize::try_from(within).ok()
}
