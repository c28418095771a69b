//! A tree written as JSON: two blanks an indentation, numbers as they were written.

use serde_json::ser::{Formatter as _, PrettyFormatter};

use super::{Node, Value};
use crate::text::printable_json;

/// Writes a tree as JSON, unseen characters as escapes. Dates become strings.
#[must_use]
pub fn render_json(root: &Node<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut formatter = PrettyFormatter::new();
    // Nothing fails that writes to memory.
    drop(node(root, &mut formatter, &mut out));
    out.push(b'\n');
    printable_json(out)
}

/// How many items one thread writes at a time.
const PART: usize = 128;

/// Writes the items of a list as they stand, behind `[` and before `]`, in a document whose outermost value is an object
/// with that list: side by side, in parts that follow one another. An item without a value is left out.
#[must_use]
pub fn render_list<'n, T: Sync>(items: &[T], value: impl Fn(&T) -> Option<Node<'n>> + Sync) -> Vec<Vec<u8>> {
    if items.is_empty() {
        return Vec::new();
    }
    let chunks: Vec<&[T]> = items.chunks(PART).collect();
    let mut parts = crate::parallel::map(&chunks, |chunk| {
        let mut formatter = PrettyFormatter::new();
        let mut out = Vec::new();
        // The object and the list around them, whose opening stands elsewhere.
        let mut elsewhere = std::io::sink();
        drop(formatter.begin_object(&mut elsewhere).and_then(|()| formatter.begin_array(&mut elsewhere)));
        for value in chunk.iter().filter_map(&value) {
            drop(formatter.begin_array_value(&mut out, false));
            drop(node(&value, &mut formatter, &mut out));
        }
        printable_json(out)
    });
    // Before the first item stands no comma.
    if let Some(first) = parts.iter_mut().find(|part| !part.is_empty()) {
        first.remove(0);
        parts.push(b"\n  ".to_vec());
    }
    parts
}

fn node(node: &Node<'_>, formatter: &mut PrettyFormatter<'_>, out: &mut Vec<u8>) -> std::io::Result<()> {
    match &node.value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Number(written) => out.extend_from_slice(written.as_bytes()),
        Value::String(text) | Value::Datetime(text) => serde_json::to_writer(&mut *out, &**text)?,
        Value::Sequence(items) => {
            formatter.begin_array(out)?;
            for (at, item) in items.iter().enumerate() {
                formatter.begin_array_value(out, at == 0)?;
                self::node(item, formatter, out)?;
                formatter.end_array_value(out)?;
            }
            formatter.end_array(out)?;
        }
        Value::Mapping(members) => {
            formatter.begin_object(out)?;
            for (at, member) in members.iter().enumerate() {
                formatter.begin_object_key(out, at == 0)?;
                serde_json::to_writer(&mut *out, &*member.key)?;
                formatter.end_object_key(out)?;
                formatter.begin_object_value(out)?;
                self::node(&member.value, formatter, out)?;
                formatter.end_object_value(out)?;
            }
            formatter.end_object(out)?;
        }
    }
    Ok(())
}
