//! Messages that hold what is signed: which of them a file is, and what both kinds share.

use std::io::{self, BufRead, Read as _, Write};

use super::inline::Form;
use super::packet::{Head, malformed, tag};
use super::signed::Signed;
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
    let Some((tag, octet)) = first_packet(head) else { return false };
    match tag {
        tag::ONE_PASS => matches!(octet, 3 | 6),
        tag::SIGNATURE => matches!(octet, 3..=6),
        tag::COMPRESSED => matches!(octet, 0..=3),
        tag::MARKER => octet == b'P',
        _ => false,
    }
}

/// Returns the tag of the packet that seems to begin here, and the first octet of what stands in it.
pub(super) fn first_packet(head: &[u8]) -> Option<(u8, u8)> {
    let (first, rest) = head.split_first()?;
    let packet = Head::of(*first)?;
    let length = match packet {
        Head::Old(_, 3) => 0,
        Head::Old(_, kind) => 1 << kind,
        Head::New(_) => match rest.first() {
            Some(192..224) => 2,
            Some(255) => 5,
            _ => 1,
        },
    };
    Some((packet.tag(), *rest.get(length)?))
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
    match begin(reader)? {
        Begun::Cleartext => cleartext::read(name, reader, trust, sink),
        Begun::Inline(Form::Binary) => inline::binary(name, reader, trust, sink),
        Begun::Inline(Form::Armored) => inline::armored(name, reader, trust, sink),
    }
}

/// What a message holds.
pub(super) struct Contents {
    /// Whether it is clear-signed.
    pub(super) is_cleartext: bool,
    /// How long what is signed is, in bytes.
    pub(super) length: u64,
    /// The signatures.
    pub(super) signatures: Vec<Result<Signed, Fault>>,
}

/// Reads a message for what it holds. Nothing is judged.
pub(super) fn contents(mut bytes: &[u8]) -> Result<Contents, Fault> {
    let reader: &mut dyn BufRead = &mut bytes;
    let read = begin(reader).and_then(|begun| match begun {
        Begun::Cleartext => {
            let mut text = Counting(0);
            let signatures = cleartext::contents(reader, &mut text)?;
            Ok(Contents { is_cleartext: true, length: text.0, signatures })
        }
        Begun::Inline(form) => {
            let (length, signatures) = inline::contents(reader, form)?;
            Ok(Contents { is_cleartext: false, length, signatures })
        }
    });
    read.map_err(fault)
}

/// Counts what is written to it.
struct Counting(u64);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What kind of message begins.
enum Begun {
    Cleartext,
    Inline(Form),
}

/// Reads the line that opens an armored message, and all before it.
fn begin(reader: &mut dyn BufRead) -> io::Result<Begun> {
    if reader.fill_buf()?.first().is_some_and(|octet| octet & 0x80 != 0) {
        return Ok(Begun::Inline(Form::Binary));
    }
    let mut has_text = false;
    let mut line = Vec::new();
    while piece(reader, &mut line)? != Piece::None {
        match armor::label(&line) {
            Some(_) if has_text => return Err(unsigned("before the signed message")),
            Some(armor::SIGNED_MESSAGE) => return Ok(Begun::Cleartext),
            Some(inline::LABEL) => return Ok(Begun::Inline(Form::Armored)),
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
