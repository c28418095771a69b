//! Keys that are longer than YAML allows without a `?` in front.
//!
//! Yarn 2.0 to 3.2 wrote a key of more than 1024 characters as any other (yarnpkg/berry issue 4270), and its
//! parser read it; a parser by the book does not (YAML 1.2.2, section 7.4.2).

use std::borrow::Cow;

use crate::document::{Fault, Span};
use crate::ecosystem::Unread;

/// The longest key that YAML allows so.
const MAX_KEY_LENGTH: usize = 1024;

/// A text whose long keys have the mark, and where its parts stand in the text it was made from.
#[derive(Debug)]
pub(super) struct Marked<'a> {
    /// The text.
    pub(super) text: Cow<'a, str>,
    /// The places in it of the bytes that were inserted, in ascending order.
    inserted: Vec<usize>,
}

impl<'a> Marked<'a> {
    /// Marks the long keys at the start of a line.
    pub(super) fn new(text: &'a str) -> Self {
        let key = |line: &'a str| line.trim_end().strip_suffix(':').filter(|key| is_long(key));
        if !text.lines().any(|line| key(line).is_some()) {
            return Self { text: Cow::Borrowed(text), inserted: Vec::new() };
        }
        let mut out = String::with_capacity(text.len() + 1024);
        let mut inserted = Vec::new();
        for line in text.split_inclusive('\n') {
            match key(line) {
                Some(key) => {
                    inserted.extend([out.len(), out.len() + 1, out.len() + 2 + key.len()]);
                    out.extend(["? ", key, "\n", line.get(key.len()..).unwrap_or_default()]);
                }
                None => out.push_str(line),
            }
        }
        Self { text: Cow::Owned(out), inserted }
    }

    /// Returns where a part of this text stands in the one it was made from.
    pub(super) fn original(&self, span: Span) -> Span {
        let before = |offset: usize| offset - self.inserted.partition_point(|at| *at < offset);
        Span { start: before(span.start), end: before(span.end) }
    }

    /// Returns a fault of this text as one of the text it was made from.
    pub(super) fn fault(&self, fault: Fault) -> Fault {
        Fault { span: self.original(fault.span), ..fault }
    }

    /// Does the same for what ends a file or an entry.
    pub(super) fn unread(&self, unread: Unread) -> Unread {
        Unread { fault: self.fault(unread.fault), ..unread }
    }
}

fn is_long(key: &str) -> bool {
    key.len() > MAX_KEY_LENGTH && key.starts_with('"') && key.ends_with('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_marked_text_stand_where_they_were() {
        let key = format!("\"{}\"", "k".repeat(MAX_KEY_LENGTH));
        let text = format!("a: 1\n{key}:\r\n  b: 2\n{key}:\n  c: 3\n");
        let marked = Marked::new(&text);
        assert_eq!(marked.text, format!("a: 1\n? {key}\n:\r\n  b: 2\n? {key}\n:\n  c: 3\n"));
        for part in ["a: 1", key.as_str(), "b: 2", "c: 3"] {
            let (there, here) = (marked.text.rfind(part).unwrap(), text.rfind(part).unwrap());
            let span = marked.original(Span { start: there, end: there + part.len() });
            assert_eq!(span, Span { start: here, end: here + part.len() }, "{part}");
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        let text = format!("\"a\":\n  b: \"{}\"\n", "k".repeat(MAX_KEY_LENGTH));
        let marked = Marked::new(&text);
        assert!(matches!(marked.text, Cow::Borrowed(_)));
        assert_eq!(marked.original(Span { start: 5, end: 7 }), Span { start: 5, end: 7 });
    }
}
