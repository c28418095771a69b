//! Clear-signed messages (RFC 9580, section 7): text that can be read as it stands, and a signature behind it.
//!
//! What is given on is the text as it is signed: without the dashes that escape lines, without white space at line ends,
//! without the line end before the signature; line ends are line feeds. Nothing else may stand in the file: what a reader
//! takes for signed must be.

use std::io::{self, BufRead, Read as _, Write};

use super::keyring::Keyring;
use super::message::{Piece, piece, stop, unsigned};
use super::packet::malformed;
use super::signed::{Signed, in_file};
use super::verdict::{Signature, Verdict};
use super::{MOST_BYTES, armor};
use crate::signature::{Claim, Fault, Function, Hashes, Hashing, Lines, Trust};
use crate::text::Text;

/// How much text is held until its signature says how it is to be hashed: a salt is only known then.
const HELD: usize = 8 << 20;

/// The longest run of white space that may turn out to stand at a line's end.
const MOST_SPACE: usize = 1 << 20;

/// The most lines before the text.
const MOST_HEADERS: usize = 64;

/// Reads a message whose first line has been read.
pub(super) fn read(
    name: &Text,
    reader: &mut dyn BufRead,
    trust: &Trust,
    sink: &mut dyn Write,
) -> io::Result<Vec<Claim>> {
    let (text, signatures) = parts(reader, sink)?;
    let mut ring = Keyring::read(trust).map_err(stop)?;
    let verdict = Verdict::new(name, Signature::OfText, signatures, &mut ring, trust).map_err(stop)?;
    Ok(verdict.claims(&text.hashes(&verdict)))
}

/// Reads a message whose first line has been read, and returns its signatures. Nothing is judged.
pub(super) fn contents(reader: &mut dyn BufRead, sink: &mut dyn Write) -> io::Result<Signatures> {
    parts(reader, sink).map(|(_, signatures)| signatures)
}

type Signatures = Vec<Result<Signed, Fault>>;

fn parts<'a>(reader: &mut dyn BufRead, sink: &'a mut dyn Write) -> io::Result<(Signing<'a>, Signatures)> {
    let announced = headers(reader)?;
    let mut text = Signing { sink, held: Some(Vec::new()), announced, hashes: Hashes::default(), space: Vec::new() };
    let block = text.read(reader)?;
    let armored = armor::read(&block).map_err(stop)?;
    if armored.has_text || armored.has_signed_text || armored.blocks.len() != 1 {
        return Err(unsigned("behind the signature"));
    }
    let signatures = in_file(&block).map_err(stop)?;
    Ok((text, signatures))
}

/// Reads the lines before the text and returns the hash functions that they announce. No other header may stand there.
fn headers(reader: &mut dyn BufRead) -> io::Result<Vec<Function>> {
    let mut announced = Vec::new();
    let mut line = Vec::new();
    for _ in 0..MOST_HEADERS {
        if piece(reader, &mut line)? != Piece::End {
            break;
        }
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Ok(announced);
        }
        let names = line.strip_prefix(b"Hash:").ok_or_else(|| unsigned("among the headers"))?;
        for name in names.split(|byte| *byte == b',') {
            announced.push(function(name.trim_ascii()).ok_or_else(|| unsigned("among the headers"))?);
        }
    }
    Err(stop(malformed("no text follows the headers of a clear-signed message")))
}

fn function(name: &[u8]) -> Option<Function> {
    Some(match name {
        b"MD5" => Function::Md5,
        b"SHA1" => Function::Sha1,
        b"RIPEMD160" => Function::Ripemd160,
        b"SHA224" => Function::Sha224,
        b"SHA256" => Function::Sha256,
        b"SHA384" => Function::Sha384,
        b"SHA512" => Function::Sha512,
        b"SHA3-256" => Function::Sha3_256,
        b"SHA3-512" => Function::Sha3_512,
        _ => return None,
    })
}

/// The text on its way to the sink and into the hash functions.
struct Signing<'a> {
    sink: &'a mut dyn Write,
    /// The text as it is signed, until it is too long to be held.
    held: Option<Vec<u8>>,
    announced: Vec<Function>,
    hashes: Hashes,
    /// White space that stands at a line's end, unless more of the line follows.
    space: Vec<u8>,
}

impl Signing<'_> {
    /// Reads the text and returns the armored signature behind it, and all that follows.
    fn read(&mut self, reader: &mut dyn BufRead) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut is_first = true;
        let mut begins = true;
        loop {
            let kind = piece(reader, &mut line)?;
            if kind == Piece::None {
                return Err(stop(malformed("a clear-signed message ends without a signature")));
            }
            let mut text = line.as_slice();
            if begins {
                if armor::label(&line).is_some() {
                    return Self::signature(line, reader);
                }
                text = match text.strip_prefix(b"- ") {
                    Some(text) => text,
                    None if text.starts_with(b"-") => {
                        return Err(stop(malformed("a line of a clear-signed message begins with a dash as it is")));
                    }
                    None => text,
                };
                // The line end before the signature is not signed, so each is added once a line follows.
                if !is_first {
                    self.hash(b"\r\n")?;
                    self.sink.write_all(b"\n")?;
                }
                is_first = false;
            }
            self.text(text)?;
            begins = kind == Piece::End;
            if begins {
                self.space.clear();
            }
        }
    }

    fn signature(mut block: Vec<u8>, reader: &mut dyn BufRead) -> io::Result<Vec<u8>> {
        if armor::label(&block) != Some(b"SIGNATURE") {
            return Err(unsigned("within a clear-signed message"));
        }
        reader.take(MOST_BYTES as u64 + 1).read_to_end(&mut block)?;
        Ok(block)
    }

    fn text(&mut self, text: &[u8]) -> io::Result<()> {
        let kept =
            text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).map_or(0, |last| last + 1);
        let (kept, space) = text.split_at_checked(kept).unwrap_or((text, &[]));
        if !kept.is_empty() {
            let before = std::mem::take(&mut self.space);
            for bytes in [before.as_slice(), kept] {
                self.hash(bytes)?;
                self.sink.write_all(bytes)?;
            }
        }
        if self.space.len() + space.len() > MOST_SPACE {
            return Err(stop(malformed("a line holds more than 1 MiB of white space")));
        }
        self.space.extend_from_slice(space);
        Ok(())
    }

    fn hash(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.held {
            Some(held) if held.len() + bytes.len() <= HELD => held.extend_from_slice(bytes),
            Some(_) => {
                let usual = [Function::Sha256, Function::Sha512];
                let functions = self.announced.iter().copied().chain(usual);
                self.hashes = Hashes::new(functions.flat_map(|function| {
                    [Hashing::plain(function), Hashing { lines: Lines::AsCrLf, ..Hashing::plain(function) }]
                }));
                self.hashes.update(&self.held.take().unwrap_or_default());
                self.hashes.update(bytes);
            }
            None => self.hashes.update(bytes),
        }
        Ok(())
    }

    fn hashes(self, verdict: &Verdict) -> Hashes {
        let Some(held) = self.held else { return self.hashes };
        let mut hashes = Hashes::new(verdict.wanted());
        hashes.update(&held);
        hashes
    }
}
