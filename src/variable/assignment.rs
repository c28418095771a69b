//! Assignments in lines of text: `NAME=VALUE` as shells have it, and as files of settings have it.

use std::borrow::Cow;

use super::{Assignment, MAX_ASSIGNMENTS, known};
use crate::document::Span;

/// How far a value reaches that is not in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// To the end of the line: of what stands at its start.
    Line,
    /// To the next blank, as in a shell.
    Word,
}

/// Returns the assignments of known variables in a text. At the start of a line a value reaches as far as `at_start` says,
/// elsewhere to the next blank. Lines that begin with `#` are comments.
pub(super) fn assignments(text: &str, at_start: Value) -> Vec<Assignment<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if !content.trim_start().starts_with('#') && found.len() <= MAX_ASSIGNMENTS {
            in_line(content, start, at_start, &mut found);
        }
        start += line.len();
    }
    found
}

fn in_line<'a>(line: &'a str, offset: usize, at_start: Value, found: &mut Vec<Assignment<'a>>) {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() && found.len() <= MAX_ASSIGNMENTS {
        let length = bytes.iter().skip(at).take_while(|byte| is_name(**byte)).count();
        let name = line.get(at..at + length).and_then(known);
        let rest = line.get(at + length..).unwrap_or_default();
        if let Some((name, operator)) = name.and_then(|name| Some((name, operator(rest)?))) {
            let leads = line.get(..at).unwrap_or_default().trim_start();
            let is_first = leads.is_empty() || matches!(leads.trim_end(), "export" | "override" | "ENV" | "ARG");
            // A recipe's line begins with a tab, and is a shell's.
            let reach = if is_first && !line.starts_with('\t') { at_start } else { Value::Word };
            let after = rest.get(operator..).unwrap_or_default();
            // A shell has no blank around the sign.
            if reach == Value::Line || !(after.starts_with([' ', '\t']) || rest.starts_with([' ', '\t'])) {
                let (value, ahead) = value_of(after, reach);
                let end = at + length + operator + ahead;
                let span = Span { start: offset + at, end: offset + end };
                found.push(Assignment { name, value: Cow::Borrowed(value), span });
            }
        }
        at += length.max(1);
    }
}

/// Returns the length of the sign that an assignment has behind its name, blanks before it included.
fn operator(rest: &str) -> Option<usize> {
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let sign = rest.get(blanks..)?;
    let length = ["::=", ":::=", ":=", "?=", "+=", "="].iter().find(|operator| sign.starts_with(**operator))?.len();
    // A comparison is none.
    (!sign.get(length..)?.starts_with(['=', '~'])).then_some(blanks + length)
}

/// Returns a value without its quotes, and how far it reaches.
fn value_of(after: &str, reach: Value) -> (&str, usize) {
    let blanks = if reach == Value::Line { after.len() - after.trim_start().len() } else { 0 };
    let text = after.get(blanks..).unwrap_or_default();
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let inside = text.get(1..).unwrap_or_default();
        let length = inside.find(quote).unwrap_or(inside.len());
        return (inside.get(..length).unwrap_or_default(), (blanks + length + 2).min(after.len()));
    }
    let end = match reach {
        Value::Line => text.find(" #").unwrap_or(text.len()),
        Value::Word => text.find([' ', '\t', ';', '&', '|', ')', '"', '\'', '`', '>']).unwrap_or(text.len()),
    };
    let value = text.get(..end).unwrap_or_default().trim_end();
    (value, blanks + value.len())
}
