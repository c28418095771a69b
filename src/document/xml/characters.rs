//! The characters that XML 1.0 allows, where it allows them, and references to characters.

use std::borrow::Cow;

use super::super::{Fault, Span};
use crate::text::Text;

/// Whether a character may stand in a document (production 2).
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a byte is white space (production 3).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a text is a name without a colon (Namespaces in XML, production 4).
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

fn starts_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn continues_name(character: char) -> bool {
    starts_name(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Returns the fault of the first character of `text` that may stand nowhere.
pub(super) fn forbidden(text: &str) -> Option<Fault> {
    let (at, character) = text.char_indices().find(|(_, character)| !is_allowed(*character))?;
    let span = Span { start: at, end: at + character.len_utf8() };
    Some(Fault::new(
        span,
        Text::trusted("characters that XML allows"),
        crate::text!("the character {}", code(character)),
    ))
}

fn code(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Returns text with its line ends made `\n` (2.11).
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Returns the value of an attribute: references resolved, white space made spaces (3.3.3).
pub(super) fn value(text: &str, offset: usize) -> Result<Cow<'_, str>, Fault> {
    if !text.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut at = offset;
    while let Some(place) = rest.find(['&', '<', '\t', '\n', '\r']) {
        let (before, from) = rest.split_at_checked(place).unwrap_or((rest, ""));
        out.push_str(before);
        at += place;
        let length = match from.bytes().next() {
            Some(b'&') => {
                let length = from.find(';').map_or(from.len(), |end| end + 1);
                let (written, _) = from.split_at_checked(length).unwrap_or((from, ""));
                out.push(reference(written, at)?);
                length
            }
            Some(b'<') => {
                let span = Span { start: at, end: at + 1 };
                return Err(Fault::new(span, Text::trusted("`&lt;` in a value"), Text::trusted("`<`")));
            }
            _ => {
                out.push(' ');
                if from.starts_with("\r\n") { 2 } else { 1 }
            }
        };
        at += length;
        rest = from.split_at_checked(length).map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// Returns the character that a reference stands for, which is written `&…;`.
pub(super) fn reference(written: &str, offset: usize) -> Result<char, Fault> {
    let fault = |expected: &str| {
        let span = Span { start: offset, end: offset + written.len() };
        Err(Fault::new(span, Text::trusted(expected), crate::text!("`{}`", written)))
    };
    let Some(name) = written.strip_prefix('&').and_then(|name| name.strip_suffix(';')) else {
        return fault("a reference that ends with `;`");
    };
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        return fault("one of the entities amp, lt, gt, quot and apos");
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let is_digit = |character: char| character.is_digit(radix);
    let character = Some(digits)
        .filter(|digits| !digits.is_empty() && digits.chars().all(is_digit))
        .and_then(|digits| u32::from_str_radix(digits, radix).ok())
        .and_then(char::from_u32)
        .filter(|character| is_allowed(*character));
    character.map_or_else(|| fault("a reference to a character that XML allows"), Ok)
}
