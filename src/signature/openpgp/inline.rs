//! Inline-signed messages (RFC 9580, section 10.3): data with its signatures around it, compressed or not, armored or not.
//!
//! The data is read once, in pieces. A message that signs a signed message, or that is encrypted, is refused.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bzip2::bufread::BzDecoder;
use flate2::bufread::{DeflateDecoder, ZlibDecoder};
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};

use super::keyring::Keyring;
use super::message::{Piece, piece, stop, unsigned};
use super::packet::{Head, MARK, malformed, tag};
use super::signed::{LONGEST, Signed, function, lines, too_many};
use super::verdict::{MOST_HASHINGS, Signature, Verdict};
use super::{MOST_SIGNATURES, armor};
use crate::signature::{Claim, Fault, FaultKind, Hashes, Hashing, Trust};
use crate::text;
use crate::text::Text;

/// The label of an armored message.
pub(super) const LABEL: &[u8] = b"MESSAGE";

/// How deep compressed data may stand in compressed data.
const DEEPEST: usize = 2;

/// How many bytes one byte may be unpacked to, once the message is longer than [`SMALL`]. Deflate knows no more than
/// 1,032.
const MOST_UNPACKED: u64 = 1_100;

/// What a message may be unpacked to in any case.
const SMALL: u64 = 16 << 20;

/// The longest packet that announces a signature.
const LONGEST_ONE_PASS: usize = 1 << 10;

/// The longest packet that is passed over.
const LONGEST_PADDING: usize = 1 << 20;

/// The most bytes of all signatures of one message.
const MOST_SIGNATURE_BYTES: usize = 16 << 20;

/// Reads a message of packets.
pub(super) fn binary(
    name: &Text,
    reader: &mut dyn BufRead,
    trust: &Trust,
    sink: &mut dyn Write,
) -> io::Result<Vec<Claim>> {
    let packed = Cell::new(0);
    let mut message = Message::new(sink, &packed);
    message.read(&mut Counted { inner: reader, read: &packed }, 0)?;
    message.claims(name, trust)
}

/// Reads an armored message whose first line has been read.
pub(super) fn armored(
    name: &Text,
    reader: &mut dyn BufRead,
    trust: &Trust,
    sink: &mut dyn Write,
) -> io::Result<Vec<Claim>> {
    let armor = Armor { reader, line: Vec::new(), left: Vec::new(), place: Place::Headers };
    let packed = Cell::new(0);
    let mut message = Message::new(sink, &packed);
    message.read(&mut Counted { inner: &mut BufReader::new(armor), read: &packed }, 0)?;
    message.claims(name, trust)
}

/// Reads an unarmored message, or an armored one whose first line has been read, and returns how long its data is, and
/// its signatures. Nothing is judged.
pub(super) fn contents(reader: &mut dyn BufRead, form: Form) -> io::Result<(u64, Vec<Result<Signed, Fault>>)> {
    let (packed, mut sink) = (Cell::new(0), io::sink());
    let mut message = Message::new(&mut sink, &packed);
    match form {
        Form::Binary => message.read(&mut Counted { inner: reader, read: &packed }, 0)?,
        Form::Armored => {
            let armor = Armor { reader, line: Vec::new(), left: Vec::new(), place: Place::Headers };
            message.read(&mut Counted { inner: &mut BufReader::new(armor), read: &packed }, 0)?;
        }
    }
    let (hashes, signatures) = message.finish()?;
    Ok((hashes.length, signatures))
}

/// How a message is written down.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// As packets.
    Binary,
    /// As text.
    Armored,
}

/// What has been read of a message.
struct Message<'a> {
    sink: &'a mut dyn Write,
    /// How long the message is, as far as it has been read.
    packed: &'a Cell<u64>,
    /// How many signatures are announced before the data.
    announced: usize,
    wanted: Vec<Hashing>,
    /// Signatures before the data, and behind it.
    before: Vec<Result<Signed, Fault>>,
    behind: Vec<Result<Signed, Fault>>,
    signature_bytes: usize,
    hashes: Option<Hashes>,
    is_last_announced: bool,
}

impl<'a> Message<'a> {
    fn new(sink: &'a mut dyn Write, packed: &'a Cell<u64>) -> Self {
        Self {
            sink,
            packed,
            announced: 0,
            wanted: Vec::new(),
            before: Vec::new(),
            behind: Vec::new(),
            signature_bytes: 0,
            hashes: None,
            is_last_announced: false,
        }
    }

    /// Reads packets to the end.
    fn read(&mut self, reader: &mut dyn BufRead, depth: usize) -> io::Result<()> {
        while let Some((head, length)) = header(reader)? {
            let tag = head.tag();
            let mut body = Body { reader, left: length };
            match tag {
                tag::MARKER | tag::PADDING => {
                    let bytes = body.whole(LONGEST_PADDING)?;
                    if tag == tag::MARKER && bytes != MARK {
                        return Err(stop(malformed("a marker packet holds something else")));
                    }
                }
                tag::ONE_PASS if self.hashes.is_none() => self.one_pass(&body.whole(LONGEST_ONE_PASS)?)?,
                tag::SIGNATURE => self.signature(&body.whole(LONGEST)?)?,
                tag::LITERAL if self.hashes.is_none() => self.literal(&mut body)?,
                tag::COMPRESSED if self.hashes.is_none() => self.compressed(body, depth)?,
                1 | 3 | 9 | 18 | 20 => {
                    let message = text!("the message is encrypted");
                    return Err(stop(Fault::new(FaultKind::Unsupported, message)));
                }
                _ if self.hashes.is_some() => return Err(unsigned("behind the signed data")),
                _ => return Err(stop(malformed("the file is no signed message"))),
            }
        }
        Ok(())
    }

    fn signature(&mut self, body: &[u8]) -> io::Result<()> {
        self.signature_bytes += body.len();
        if self.before.len() + self.behind.len() == MOST_SIGNATURES || self.signature_bytes > MOST_SIGNATURE_BYTES {
            return Err(stop(too_many()));
        }
        let signed = Signed::read(body);
        if self.hashes.is_some() {
            self.behind.push(signed);
            return Ok(());
        }
        if let Some(hashing) = signed.as_ref().ok().and_then(|signed| signed.hashing.clone()) {
            self.want(hashing)?;
        }
        self.before.push(signed);
        Ok(())
    }

    /// Reads what announces a signature behind the data (RFC 9580, section 5.4).
    fn one_pass(&mut self, body: &[u8]) -> io::Result<()> {
        if self.announced == MOST_SIGNATURES {
            return Err(stop(too_many()));
        }
        if self.is_last_announced {
            let message = text!("a signature over a signed message is not read");
            return Err(stop(Fault::new(FaultKind::Unsupported, message)));
        }
        self.announced += 1;
        self.is_last_announced = body.last().is_some_and(|nested| *nested != 0);
        let [version, kind, algorithm, _, rest @ ..] = body else {
            return Err(stop(malformed("the announcement of a signature is cut off")));
        };
        let salt = match (version, rest) {
            (3, _) => &[],
            (6, [length, rest @ ..]) => rest.get(..usize::from(*length)).unwrap_or_default(),
            // Its signature is of a version that is refused.
            _ => return Ok(()),
        };
        match function(HashAlgorithm::from(*algorithm)) {
            Some(function) => {
                self.want(Hashing { function, prefix: salt.into(), lines: lines(SignatureType::from(*kind)) })
            }
            None => Ok(()),
        }
    }

    fn want(&mut self, hashing: Hashing) -> io::Result<()> {
        for hashing in [Hashing::plain(hashing.function), hashing] {
            if !self.wanted.contains(&hashing) {
                self.wanted.push(hashing);
            }
        }
        if self.wanted.len() > MOST_HASHINGS {
            return Err(stop(malformed("the signatures ask for more than 32 different digests")));
        }
        Ok(())
    }

    fn compressed(&mut self, mut body: Body<'_>, depth: usize) -> io::Result<()> {
        if self.announced + self.before.len() > 0 {
            let message = text!("signatures over compressed data are not read");
            return Err(stop(Fault::new(FaultKind::Unsupported, message)));
        }
        if depth == DEEPEST {
            return Err(stop(malformed("compressed data stands in compressed data, over and over")));
        }
        let mut algorithm = [0];
        body.read_exact(&mut algorithm)?;
        let mut packed = BufReader::new(body);
        match algorithm {
            [0] => self.unpacked(&mut packed, depth)?,
            [1] => self.unpacked(&mut BufReader::new(DeflateDecoder::new(&mut packed)), depth)?,
            [2] => self.unpacked(&mut BufReader::new(ZlibDecoder::new(&mut packed)), depth)?,
            [3] => self.unpacked(&mut BufReader::new(BzDecoder::new(&mut packed)), depth)?,
            _ => {
                let message = text!("compression {} is unknown", algorithm[0]);
                return Err(stop(Fault::new(FaultKind::Unsupported, message)));
            }
        }
        if packed.fill_buf()?.is_empty() { Ok(()) } else { Err(unsigned("behind the compressed data")) }
    }

    fn unpacked(&mut self, reader: &mut dyn BufRead, depth: usize) -> io::Result<()> {
        self.read(reader, depth + 1)
    }

    fn literal(&mut self, body: &mut Body<'_>) -> io::Result<()> {
        if self.announced + self.before.len() == 0 {
            return Err(stop(malformed("the message is not signed")));
        }
        // Format, name and date, which nobody signs.
        let mut start = [0; 2];
        body.read_exact(&mut start)?;
        let [_, length] = start;
        io::copy(&mut body.take(u64::from(length)), &mut io::sink())?;
        body.read_exact(&mut [0; 4])?;

        let mut hashes = Hashes::new(self.wanted.drain(..));
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = body.read(&mut buffer)?;
            let bytes = buffer.get(..length).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            hashes.update(bytes);
            if hashes.length > SMALL.max(self.packed.get().saturating_mul(MOST_UNPACKED)) {
                return Err(stop(malformed("the message unpacks to more than 1,100 times its length")));
            }
            self.sink.write_all(bytes)?;
        }
        self.hashes = Some(hashes);
        Ok(())
    }

    /// Returns the hashes of the data, and the signatures.
    fn finish(self) -> io::Result<(Hashes, Vec<Result<Signed, Fault>>)> {
        let Some(hashes) = self.hashes else {
            return Err(stop(malformed("the message holds no data")));
        };
        if self.announced > self.behind.len() {
            return Err(stop(malformed("a signature that is announced is missing")));
        }
        if self.announced < self.behind.len() || (self.announced > 0 && !self.before.is_empty()) {
            return Err(stop(malformed("a signature stands where none is announced")));
        }
        Ok((hashes, if self.announced > 0 { self.behind } else { self.before }))
    }

    fn claims(self, name: &Text, trust: &Trust) -> io::Result<Vec<Claim>> {
        let (hashes, signatures) = self.finish()?;
        let mut ring = Keyring::read(trust).map_err(stop)?;
        let verdict = Verdict::new(name, Signature::OfData, signatures, &mut ring, trust).map_err(stop)?;
        Ok(verdict.claims(&hashes))
    }
}

/// A reader that says how much was read from it, so that nothing is unpacked without end.
struct Counted<'a> {
    inner: &'a mut dyn BufRead,
    read: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.read.set(self.read.get() + amount as u64);
    }
}

fn octet(reader: &mut dyn BufRead) -> io::Result<Option<u8>> {
    let octet = reader.fill_buf()?.first().copied();
    if octet.is_some() {
        reader.consume(1);
    }
    Ok(octet)
}

fn number(reader: &mut dyn BufRead, octets: usize) -> io::Result<u64> {
    let mut number = 0;
    for _ in 0..octets {
        number = (number << 8) | u64::from(octet(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?);
    }
    Ok(number)
}

/// How much of a packet's body is left.
#[derive(Clone, Copy)]
enum Left {
    /// This much.
    Known(u64),
    /// This much, and then another length.
    Part(u64),
    /// All that follows.
    Rest,
}

fn header(reader: &mut dyn BufRead) -> io::Result<Option<(Head, Left)>> {
    let Some(first) = octet(reader)? else { return Ok(None) };
    let head = Head::of(first).ok_or_else(|| unsigned("behind the message"))?;
    let length = match head {
        Head::New(_) => length(reader)?,
        Head::Old(_, 3) => Left::Rest,
        Head::Old(_, kind) => Left::Known(number(reader, 1 << kind)?),
    };
    let is_data = matches!(head.tag(), tag::LITERAL | tag::COMPRESSED);
    if !is_data && !matches!(length, Left::Known(_)) {
        return Err(stop(malformed("a packet that is no data has a length in parts")));
    }
    Ok(Some((head, length)))
}

fn length(reader: &mut dyn BufRead) -> io::Result<Left> {
    let first = octet(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(match first {
        ..192 => Left::Known(u64::from(first)),
        192..224 => Left::Known(((u64::from(first) - 192) << 8) + number(reader, 1)? + 192),
        224..255 => Left::Part(1 << (first & 0x1f)),
        255 => Left::Known(number(reader, 4)?),
    })
}

/// The body of one packet.
struct Body<'a> {
    reader: &'a mut dyn BufRead,
    left: Left,
}

impl Body<'_> {
    fn whole(&mut self, most_bytes: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take(most_bytes as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > most_bytes { Err(stop(malformed("a packet is too long"))) } else { Ok(bytes) }
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = match self.left {
                Left::Part(0) => {
                    self.left = length(self.reader)?;
                    continue;
                }
                Left::Known(left) | Left::Part(left) => left,
                Left::Rest => u64::MAX,
            };
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            if length == 0 {
                return Ok(0);
            }
            let read = self.reader.read(buffer.get_mut(..length).unwrap_or_default())?;
            match &mut self.left {
                Left::Known(left) | Left::Part(left) => {
                    if read == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    *left -= read as u64;
                }
                Left::Rest => {}
            }
            return Ok(read);
        }
    }
}

/// The contents of an armored block whose first line has been read.
struct Armor<'a> {
    reader: &'a mut dyn BufRead,
    line: Vec<u8>,
    /// What is decoded and not yet read, the next byte last.
    left: Vec<u8>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Headers,
    Body,
    Padded,
    Checksum,
    Behind,
}

impl Armor<'_> {
    /// Decodes one line, and answers whether there are more.
    fn line(&mut self) -> io::Result<bool> {
        let mut line = std::mem::take(&mut self.line);
        let kind = piece(self.reader, &mut line)?;
        let text = line.trim_ascii_end();
        match (kind, self.place) {
            (Piece::None, Place::Behind) => return Ok(false),
            (Piece::None, _) => return Err(stop(malformed("an armored block is cut off"))),
            (Piece::Part, _) => return Err(stop(malformed("a line of an armored block is longer than 64 KiB"))),
            (Piece::End, Place::Behind) if text.is_empty() => {}
            (Piece::End, Place::Behind) => return Err(unsigned("behind the armored message")),
            // No header has an empty line, and no line of base64 a colon.
            (Piece::End, Place::Headers) if text.contains(&b':') => {}
            (Piece::End, _) if armor::closes(text, LABEL) => self.place = Place::Behind,
            (Piece::End, _) if text.is_empty() => {}
            (Piece::End, Place::Checksum) => {
                return Err(stop(malformed("an armored block goes on behind its checksum")));
            }
            (Piece::End, _) if armor::is_checksum(text) => self.place = Place::Checksum,
            (Piece::End, Place::Padded) => return Err(stop(malformed("an armored block goes on behind its padding"))),
            (Piece::End, Place::Headers | Place::Body) => {
                self.place = if text.ends_with(b"=") { Place::Padded } else { Place::Body };
                let mut bytes = STANDARD.decode(text).or(Err(stop(malformed("an armored block is no base64"))))?;
                bytes.reverse();
                self.left = bytes;
            }
        }
        self.line = line;
        Ok(true)
    }
}

impl Read for Armor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            if !self.line()? {
                return Ok(0);
            }
        }
        let mut read = 0;
        for slot in buffer {
            let Some(byte) = self.left.pop() else { break };
            *slot = byte;
            read += 1;
        }
        Ok(read)
    }
}
