//! JSON, by `jsonc-parser`.

use std::borrow::Cow;

use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{Fault, Member, Node, Span, Value, few_enough, limits, repeated_key, too_deep};
use crate::text::Text;

/// Parses JSON (RFC 8259).
///
/// # Errors
/// A fault where the text is not JSON, nests deeper than [`limits::MAX_DEPTH`], or repeats a key.
pub fn json(text: &str) -> Result<Node<'_>, Fault> {
    parse(text, false)
}

/// Parses JSON with comments and trailing commas.
///
/// # Errors
/// As [`json`].
pub fn json_with_comments(text: &str) -> Result<Node<'_>, Fault> {
    parse(text, true)
}

fn parse(text: &str, comments: bool) -> Result<Node<'_>, Fault> {
    few_enough(text, b",:[")?;
    let options = ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let span = Span { start: error.range().start, end: error.range().end };
        if matches!(error.kind(), ParseErrorKind::NestingDepthExceeded) {
            return too_deep(span, limits::MAX_DEPTH);
        }
        Fault::new(span, Text::trusted("JSON"), Text::of(&lower_first(&error.kind().to_string())))
    })?;
    match parsed.value {
        Some(value) => node(text, value, 0),
        None => Err(Fault::new(Span::default(), Text::trusted("JSON"), Text::trusted("an empty file"))),
    }
}

fn node<'a>(text: &'a str, ast: Ast<'a>, depth: usize) -> Result<Node<'a>, Fault> {
    let range = ast.range();
    let span = Span { start: range.start, end: range.end };
    if depth > limits::MAX_DEPTH {
        return Err(too_deep(span, limits::MAX_DEPTH));
    }
    let value = match ast {
        Ast::NullKeyword(_) => Value::Null,
        Ast::BooleanLit(literal) => Value::Boolean(literal.value),
        Ast::NumberLit(literal) => Value::Number(Cow::Borrowed(literal.value)),
        Ast::StringLit(literal) => {
            plain(text, span, &literal.value)?;
            Value::String(literal.value)
        }
        Ast::Array(array) => Value::Sequence(
            array.elements.into_iter().map(|element| node(text, element, depth + 1)).collect::<Result<_, _>>()?,
        ),
        Ast::Object(object) => {
            let mut members = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let key_range = property.name.range();
                let key_span = Span { start: key_range.start, end: key_range.end };
                let key = match property.name {
                    ObjectPropName::String(literal) => literal.value,
                    ObjectPropName::Word(literal) => Cow::Borrowed(literal.value),
                };
                plain(text, key_span, &key)?;
                members.push(Member { key, key_span, value: node(text, property.value, depth + 1)? });
            }
            if let Some(fault) = repeated_key(&members) {
                return Err(fault);
            }
            Value::Mapping(members)
        }
    };
    Ok(Node { span, value })
}

/// Refuses a string that is written with a control character, which the library lets pass and JSON does not
/// (RFC 8259, section 7).
#[expect(clippy::ptr_arg, reason = "a borrowed string is known to be written without escapes")]
fn plain(text: &str, span: Span, value: &Cow<'_, str>) -> Result<(), Fault> {
    let is_control = |byte: u8| byte < b' ';
    // One without escapes is what is written.
    let is_plain = !value.bytes().any(is_control)
        || (matches!(value, Cow::Owned(_))
            && !text.get(span.start..span.end).unwrap_or_default().bytes().any(is_control));
    if is_plain {
        return Ok(());
    }
    let found = Text::trusted("a control character in a string");
    Err(Fault::new(span, Text::trusted("JSON"), found))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
