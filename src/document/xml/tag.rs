//! Start tags parted into a name and attributes.

use std::borrow::Cow;

use super::super::{Fault, Span};
use super::characters;
use crate::text::Text;

/// An attribute as it is written.
pub(super) struct Written<'a> {
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    pub(super) value: Cow<'a, str>,
    pub(super) span: Span,
    /// Where the value begins, with its quote.
    pub(super) value_start: usize,
}

/// Parts the text between `<` and `>` or `/>`, which stands at `offset`, into prefix, name and attributes.
pub(super) fn start<'a>(text: &'a str, offset: usize) -> Result<(&'a str, &'a str, Vec<Written<'a>>), Fault> {
    let length = text.bytes().position(characters::is_space).unwrap_or(text.len());
    let (name, mut rest) = text.split_at_checked(length).unwrap_or((text, ""));
    let (prefix, local) = qualified(name, offset)?;
    let mut attributes = Vec::new();
    loop {
        let trimmed = trimmed(rest);
        if trimmed.is_empty() {
            return Ok((prefix, local, attributes));
        }
        let at = offset + (text.len() - trimmed.len());
        if trimmed.len() == rest.len() {
            let span = Span { start: at, end: at };
            return Err(Fault::new(span, Text::trusted("a space before an attribute"), Text::trusted("none")));
        }
        let (attribute, behind) = attribute(trimmed, at)?;
        attributes.push(attribute);
        rest = behind;
    }
}

/// Parts the name of an element or attribute into prefix and local name.
pub(super) fn qualified(name: &str, offset: usize) -> Result<(&str, &str), Fault> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let has_prefix = local.len() != name.len();
    if characters::is_name(local) && (!has_prefix || characters::is_name(prefix)) {
        return Ok((prefix, local));
    }
    let span = Span { start: offset, end: offset + name.len() };
    Err(Fault::new(span, Text::trusted("a name"), crate::text!("`{}`", name)))
}

fn attribute(text: &str, offset: usize) -> Result<(Written<'_>, &str), Fault> {
    let ends_name = |byte| characters::is_space(byte) || matches!(byte, b'=' | b'"' | b'\'');
    let length = text.bytes().position(ends_name).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    let (prefix, local) = qualified(name, offset)?;
    let fault = |expected: &str| {
        let span = Span { start: offset, end: offset + name.len() };
        Err(Fault::new(span, Text::trusted(expected), crate::text!("`{}` without it", name)))
    };
    let Some(rest) = trimmed(rest).strip_prefix('=') else {
        return fault("`=` behind the name of an attribute");
    };
    let quoted = trimmed(rest);
    let value_start = offset + (text.len() - quoted.len());
    let quote = match quoted.bytes().next() {
        Some(b'"') => '"',
        Some(b'\'') => '\'',
        _ => return fault("a value in quotes"),
    };
    let Some((value, behind)) = quoted.strip_prefix(quote).and_then(|inside| inside.split_once(quote)) else {
        return fault("a value that ends with its quote");
    };
    let end = offset + (text.len() - behind.len());
    let value = characters::value(value, value_start + 1)?;
    Ok((Written { prefix, local, value, span: Span { start: offset, end }, value_start }, behind))
}

fn trimmed(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}
