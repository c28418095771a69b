//! Percent-encoding as ECMA-427 has it, both ways: the one place that knows it.

use super::{Part, PurlFault};
use crate::text::Text;

/// Percent-encodes all but what ECMA-427 leaves bare ("Character encoding").
pub(super) fn encode(text: &str, out: &mut String) {
    // A lock file has thousands of names: what needs no encoding, which is most, is copied in one piece.
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':');
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| !is_bare(*byte)) {
        out.push_str(text.get(copied..at).unwrap_or_default());
        out.push('%');
        out.extend([digit(byte >> 4), digit(byte & 15)]);
        copied = at + 1;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
}

/// Encodes the segments between slashes, which stay.
pub(super) fn encode_segments(text: &str, out: &mut String) {
    for (at, segment) in text.split('/').enumerate() {
        if at > 0 {
            out.push('/');
        }
        encode(segment, out);
    }
}

fn digit(four_bits: u8) -> char {
    char::from_digit(u32::from(four_bits), 16).unwrap_or('0').to_ascii_uppercase()
}

/// Decodes one part, or one segment of it.
///
/// # Errors
/// Where a `%` has no two hexadecimal digits behind it, and where what comes out is no UTF-8.
pub(super) fn decode(part: Part, text: &str) -> Result<String, PurlFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let pair = match behind {
            [high, low, after @ ..] => hex(high).zip(hex(low)).map(|pair| (pair, after)),
            _ => None,
        };
        let Some(((high, low), after)) = pair else {
            return Err(PurlFault::Escape { part, found: Text::of(text).shortened(SHOWN) });
        };
        bytes.push(high << 4 | low);
        rest = after;
    }
    String::from_utf8(bytes)
        .map_err(|error| PurlFault::NotUtf8 { part, found: Text::of(error.as_bytes()).shortened(SHOWN) })
}

/// How many characters of what was found a message shows.
pub(super) const SHOWN: usize = 80;
