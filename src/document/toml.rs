//! TOML 1.0, by `toml`.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Fault, Member, Node, Span, Value, few_enough, limits, too_deep};
use crate::text::Text;

/// Parses TOML. The library bounds the depth and refuses repeated keys.
///
/// # Errors
/// A fault where the text is not TOML.
pub fn toml(text: &str) -> Result<Node<'_>, Fault> {
    few_enough(text, b"=,[")?;
    let table = DeTable::parse(text).map_err(|error| {
        // The library's message may run over several lines, the first of which says it all.
        let message = error.message().lines().next().unwrap_or_default();
        let span = error.span().map(|range| Span { start: range.start, end: range.end });
        match message {
            "cannot recurse further; max recursion depth met" | "recursion limit" => {
                too_deep(span.unwrap_or_else(|| long_key(text)), limits::MAX_TOML_DEPTH)
            }
            _ => Fault::new(span.unwrap_or_default(), Text::trusted("TOML"), Text::of(message)),
        }
    })?;
    Ok(Node { span: Span { start: 0, end: text.len() }, value: Value::Mapping(members(table.into_inner())) })
}

/// Returns the line of a key of too many parts, which is the one fault whose place the library does not tell.
fn long_key(text: &str) -> Span {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.bytes().filter(|byte| *byte == b'.').count() + 1 >= limits::MAX_TOML_DEPTH {
            return Span { start, end: start + line.trim_end().len() };
        }
        start += line.len();
    }
    Span::default()
}

fn members(table: DeTable<'_>) -> Vec<Member<'_>> {
    table
        .into_iter()
        .map(|(key, value)| {
            let range = key.span();
            Member { key_span: Span { start: range.start, end: range.end }, key: key.into_inner(), value: node(value) }
        })
        .collect()
}

fn node(spanned: Spanned<DeValue<'_>>) -> Node<'_> {
    let range = spanned.span();
    let value = match spanned.into_inner() {
        DeValue::String(text) => Value::String(text),
        DeValue::Integer(integer) => Value::Number(Cow::Owned(integer.to_string())),
        DeValue::Float(float) => Value::Number(Cow::Owned(float.to_string())),
        DeValue::Boolean(truth) => Value::Boolean(truth),
        DeValue::Datetime(datetime) => Value::Datetime(Cow::Owned(datetime.to_string())),
        DeValue::Array(items) => Value::Sequence(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Value::Mapping(members(table)),
    };
    Node { span: Span { start: range.start, end: range.end }, value }
}
