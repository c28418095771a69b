//! The packets a file is made of (RFC 9580, section 4.2), without what stands in them.
//!
//! Lengths in parts, which only data may have, are not read here.

use crate::signature::{Fault, FaultKind};
use crate::text;

/// The tags of packets that are told apart here.
pub(super) mod tag {
    pub(in super::super) const SIGNATURE: u8 = 2;
    pub(in super::super) const ONE_PASS: u8 = 4;
    pub(in super::super) const SECRET_KEY: u8 = 5;
    pub(in super::super) const PUBLIC_KEY: u8 = 6;
    pub(in super::super) const SECRET_SUBKEY: u8 = 7;
    pub(in super::super) const COMPRESSED: u8 = 8;
    pub(in super::super) const MARKER: u8 = 10;
    pub(in super::super) const LITERAL: u8 = 11;
    pub(in super::super) const TRUST: u8 = 12;
    pub(in super::super) const USER_ID: u8 = 13;
    pub(in super::super) const PUBLIC_SUBKEY: u8 = 14;
    pub(in super::super) const USER_ATTRIBUTE: u8 = 17;
    pub(in super::super) const PADDING: u8 = 21;
}

/// What a marker packet holds.
pub(super) const MARK: &[u8] = b"PGP";

/// The first octet of a packet.
#[derive(Clone, Copy)]
pub(super) enum Head {
    /// The present form.
    New(u8),
    /// The form of RFC 1991, with the kind of length that follows.
    Old(u8, u8),
}

impl Head {
    /// Reads the octet, `None` where no packet begins with it.
    pub(super) fn of(octet: u8) -> Option<Self> {
        let head = match octet >> 6 {
            0b11 => Self::New(octet & 0x3f),
            0b10 => Self::Old((octet >> 2) & 0xf, octet & 3),
            _ => return None,
        };
        (head.tag() != 0).then_some(head)
    }

    /// Returns the tag.
    pub(super) fn tag(self) -> u8 {
        match self {
            Self::New(tag) | Self::Old(tag, _) => tag,
        }
    }
}

/// One packet.
#[derive(Clone, Copy)]
pub(super) struct Packet<'a> {
    /// Its tag.
    pub(super) tag: u8,
    /// What stands in it.
    pub(super) body: &'a [u8],
    /// It and its header.
    pub(super) whole: &'a [u8],
}

/// The packets of a file, one after the other. After a fault there are no more.
pub(super) struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Packets<'a> {
    /// Returns the packets that stand in `bytes`.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn next_packet(&mut self) -> Result<Packet<'a>, Fault> {
        let whole = self.rest;
        let Some(head) = self.octet().and_then(Head::of) else {
            return Err(malformed("where a packet should begin stands something else"));
        };
        let length = match head {
            Head::New(_) => self.new_length(),
            Head::Old(_, 3) => return Err(malformed("a packet has no length")),
            Head::Old(_, kind) => self.number(1 << kind),
        };
        let Some(length) = length else {
            return Err(malformed("a packet's length cannot be read"));
        };
        let Some((body, rest)) = self.rest.split_at_checked(length) else {
            return Err(malformed("a packet is longer than the file"));
        };
        self.rest = rest;
        let whole = whole.get(..whole.len() - rest.len()).unwrap_or_default();
        Ok(Packet { tag: head.tag(), body, whole })
    }

    fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn number(&mut self, octets: usize) -> Option<usize> {
        (0..octets).try_fold(0_usize, |number, _| Some((number << 8) | usize::from(self.octet()?)))
    }

    fn new_length(&mut self) -> Option<usize> {
        match self.octet()? {
            first @ ..192 => Some(usize::from(first)),
            first @ 192..224 => Some(((usize::from(first) - 192) << 8) + usize::from(self.octet()?) + 192),
            224..255 => None,
            255 => self.number(4),
        }
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let packet = self.next_packet();
        if packet.is_err() {
            self.rest = &[];
        }
        Some(packet)
    }
}

/// Returns the number that `bytes` begin with.
pub(super) fn be32(bytes: &[u8]) -> Option<usize> {
    let (octets, _) = bytes.split_first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*octets)).ok()
}

/// Returns the fault of a file that cannot be read.
pub(super) fn malformed(why: &'static str) -> Fault {
    Fault::new(FaultKind::Malformed, text!("{}", why))
}
