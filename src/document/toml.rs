//! TOML 1.0, by `toml`.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Fault, Member, Node, Span, Value, few_enough};
use crate::text::Text;

/// Parses TOML. The library bounds the depth and refuses repeated keys.
///
/// # Errors
/// A fault where the text is not TOML.
pub fn toml(text: &str) -> Result<Node<'_>, Fault> {
    few_enough(text, b"=,[")?;
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().map_or_else(Span::default, |range| Span { start: range.start, end: range.end });
        // The library's message may run over several lines, the first of which says it all.
        Fault::new(span, Text::trusted("TOML"), Text::of(error.message().lines().next().unwrap_or_default()))
    })?;
    Ok(Node { span: Span { start: 0, end: text.len() }, value: Value::Mapping(members(table.into_inner())) })
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
