//! The compressed forms of a tarball, recognised by their first bytes and unpacked part by part.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;

use super::limits;

/// A form of compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// The first bytes of each.
const FORMS: [(Form, &[u8]); 4] = [
    (Form::Gzip, &[0x1f, 0x8b]),
    (Form::Bzip2, b"BZh"),
    (Form::Xz, b"\xfd7zXZ\0"),
    (Form::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
];

/// How many bytes are looked at.
const HEAD: usize = 6;

/// The unpacked bytes of a file, which may be compressed once, in one stream or several.
pub(crate) struct Unpacked<R: BufRead> {
    stage: Stage<R>,
    form: Option<Form>,
    /// How many bytes stand behind the last stream that are no padding.
    pub(crate) trailing_bytes: u64,
    has_content: bool,
}

enum Stage<R: BufRead> {
    Plain(R),
    Gzip(GzDecoder<R>),
    Bzip2(bzip2::bufread::BzDecoder<R>),
    Xz(XzDecoder<R>),
    Zstd(zstd::stream::read::Decoder<'static, R>),
    /// Behind the last stream, or between two.
    Gone(Option<R>),
}

/// Returns the first bytes of a stream, by which compressed forms are recognised, and all of it once more.
pub(crate) fn peeked<R: Read>(mut reader: R) -> io::Result<(Vec<u8>, impl Read + use<R>)> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), io::Cursor::new(head).chain(reader)))
}

/// Whether a file that begins so is compressed.
pub(crate) fn is_compressed(head: &[u8]) -> bool {
    FORMS.iter().any(|(_, magic)| head.starts_with(magic))
}

impl<R: BufRead> Unpacked<R> {
    /// Starts at the beginning of a file of which the first bytes are known.
    pub(crate) fn new(head: &[u8], reader: R) -> io::Result<Self> {
        let form = FORMS.iter().find(|(_, magic)| head.starts_with(magic)).map(|(form, _)| *form);
        let stage = match form {
            Some(form) => start(form, reader)?,
            None => Stage::Plain(reader),
        };
        Ok(Self { stage, form, trailing_bytes: 0, has_content: false })
    }

    /// Whether another stream follows; counts whatever else does.
    fn next_stream(&mut self) -> io::Result<bool> {
        let stage = std::mem::replace(&mut self.stage, Stage::Gone(None));
        let mut reader = match stage {
            Stage::Plain(reader) => {
                self.stage = Stage::Plain(reader);
                return Ok(false);
            }
            Stage::Gzip(decoder) => decoder.into_inner(),
            Stage::Bzip2(decoder) => decoder.into_inner(),
            Stage::Xz(decoder) => decoder.into_inner(),
            Stage::Zstd(decoder) => decoder.finish(),
            Stage::Gone(Some(reader)) => reader,
            Stage::Gone(None) => return Ok(false),
        };
        let first = reader.fill_buf()?.first().copied();
        let magic = FORMS.iter().find(|(form, _)| Some(*form) == self.form).and_then(|(_, magic)| magic.first());
        if let (Some(form), true) = (self.form, first.is_some() && first.as_ref() == magic) {
            self.stage = start(form, reader)?;
            return Ok(true);
        }
        // Zeros fill up a block of a tape; gzip and xz pass over them too.
        loop {
            let part = reader.fill_buf()?;
            if part.is_empty() {
                return Ok(false);
            }
            self.trailing_bytes += part.iter().filter(|byte| **byte != 0).count() as u64;
            let length = part.len();
            reader.consume(length);
        }
    }
}

fn start<R: BufRead>(form: Form, reader: R) -> io::Result<Stage<R>> {
    Ok(match form {
        Form::Gzip => Stage::Gzip(GzDecoder::new(reader)),
        Form::Bzip2 => Stage::Bzip2(bzip2::bufread::BzDecoder::new(reader)),
        Form::Xz => {
            let stream = Stream::new_stream_decoder(limits::MAX_UNPACKER_BYTES, 0).map_err(io::Error::other)?;
            Stage::Xz(XzDecoder::new_stream(reader, stream))
        }
        Form::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?.single_frame();
            decoder.window_log_max(limits::MAX_UNPACKER_BYTES.ilog2())?;
            Stage::Zstd(decoder)
        }
    })
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match &mut self.stage {
                Stage::Plain(reader) => reader.read(buffer)?,
                Stage::Gzip(decoder) => decoder.read(buffer)?,
                Stage::Bzip2(decoder) => decoder.read(buffer)?,
                Stage::Xz(decoder) => decoder.read(buffer)?,
                Stage::Zstd(decoder) => decoder.read(buffer)?,
                Stage::Gone(_) => return Ok(0),
            };
            self.has_content |= count > 0;
            if count > 0 || buffer.is_empty() || !self.next_stream()? {
                return Ok(count);
            }
        }
    }
}
