//! Messages that hold what is signed: which of them a file is, and what both kinds share.

use std::io::{self, BufRead, Read as _, Write};

use super::packet::{Head, malformed, tag};
use super::{armor, cleartext, inline};
use crate::signature::{Claim, Fault, FaultKind, Trust, Unreadable};
use crate::text;
use crate::text::Text;

/// The longest piece of a line that is held.
const PIECE: u64 = 64 << 10;

/// Whether a file that begins so is a message that holds what is signed.
pub(super) fn is_message(head: &[u8]) -> bool {
    let is_labelled = |label: &[u8]| label == armor::SIGNED_MESSAGE || label == inline::LABEL;
    is_binary(head) || armor::labels(head).any(is_labelled)
}

/// Whether packets begin here, of which a message may be made. Many a picture begins like a packet, so the packet's own
/// first octet is looked at too.
fn is_binary(head: &[u8]) -> bool {
    let Some((first, rest)) = head.split_first() else { return false };
    let Some(packet) = Head::of(*first) else { return false };
    let length = match packet {
        Head::Old(_, 3) => 0,
        Head::Old(_, kind) => 1 << kind,
        Head::New(_) => match rest.first() {
            Some(192..224) => 2,
            Some(255) => 5,
            _ => 1,
        },
    };
    let Some(octet) = rest.get(length) else { return false };
    match packet.tag() {
        tag::ONE_PASS => matches!(octet, 3 | 6),
        tag::SIGNATURE => matches!(octet, 3..=6),
        tag::COMPRESSED => matches!(octet, 0..=3),
        tag::MARKER => *octet == b'P',
        _ => false,
    }
}

/// Reads a message of either kind.
pub(super) fn read(
    name: &Text,
    reader: &mut dyn BufRead,
    trust: &Trust,
    sink: &mut dyn Write,
) -> Result<Vec<Claim>, Unreadable> {
    claims(name, reader, trust, sink).map_err(|error| Unreadable { fault: fault(error) })
}

fn claims(name: &Text, reader: &mut dyn BufRead, trust: &Trust, sink: &mut dyn Write) -> io::Result<Vec<Claim>> {
    if reader.fill_buf()?.first().is_some_and(|octet| octet & 0x80 != 0) {
        return inline::binary(name, reader, trust, sink);
    }
    let mut has_text = false;
    let mut line = Vec::new();
    while piece(reader, &mut line)? != Piece::None {
        match armor::label(&line) {
            Some(_) if has_text => return Err(unsigned("before the signed message")),
            Some(armor::SIGNED_MESSAGE) => return cleartext::read(name, reader, trust, sink),
            Some(inline::LABEL) => return inline::armored(name, reader, trust, sink),
            Some(_) => return Err(stop(malformed("the file is no signed message"))),
            None => has_text |= !line.trim_ascii().is_empty(),
        }
    }
    Err(stop(malformed("the file is no signed message")))
}

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// There is no more.
    None,
    /// The line goes on.
    Part,
    /// The line's end, with it or at the file's end without.
    End,
}

/// Reads a line, or as much of it as is read at once.
pub(super) fn piece(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Piece> {
    line.clear();
    reader.take(PIECE).read_until(b'\n', line)?;
    Ok(match line.last() {
        None => Piece::None,
        Some(b'\n') => Piece::End,
        Some(_) if (line.len() as u64) < PIECE => Piece::End,
        Some(_) => Piece::Part,
    })
}

/// A fault on its way through a reader.
#[derive(Debug)]
struct Stop(Fault);

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.message.fmt(f)
    }
}

impl std::error::Error for Stop {}

/// Returns the error that ends the reading with a fault.
pub(super) fn stop(fault: Fault) -> io::Error {
    io::Error::other(Stop(fault))
}

/// Returns the error that ends the reading because of what nobody signed.
pub(super) fn unsigned(place: &'static str) -> io::Error {
    stop(Fault::new(FaultKind::UnsignedContent, text!("{} stands what is not signed", place)))
}

/// Returns the fault behind an error.
fn fault(error: io::Error) -> Fault {
    match error.downcast::<Stop>() {
        Ok(Stop(fault)) => fault,
        // A stream that ends too early, or that its own compression rejects, is a fault of the file.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            ) =>
        {
            malformed("the message is cut off or damaged")
        }
        Err(error) => {
            let why = error.to_string();
            Fault::undetermined(FaultKind::Malformed, text!("the message could not be copied: {}", why))
        }
    }
}
