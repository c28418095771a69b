//! Stanzas of fields, as the control files of dpkg and of its kin have them (deb822(5)): `Name: value`, a line that begins
//! with white space goes on with the value above it, an empty line ends the stanza.
//!
//! Parted, not judged: a name may stand twice. A line of nothing but blanks goes on with its value, so that it hides no
//! field behind it.

use super::{Fault, Span};
use crate::text::Text;

/// Some fields that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stanza<'a> {
    /// Where it stands.
    pub span: Span,
    /// Its fields, in their order.
    pub fields: Vec<Field<'a>>,
    /// The first line that is no field and belongs to none.
    pub stray: Option<Fault>,
}

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name as it is written; upper and lower case are one.
    pub name: &'a str,
    /// Its value, with the line ends in it and without blanks around it.
    pub value: &'a str,
    /// Where the value stands.
    pub at: Span,
}

/// Returns the stanzas of a text, one after the other.
#[must_use]
pub fn stanzas(text: &str) -> Stanzas<'_> {
    Stanzas { text, at: 0 }
}

/// The stanzas of a text.
#[derive(Clone, Debug)]
pub struct Stanzas<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Stanzas<'a> {
    type Item = Stanza<'a>;

    fn next(&mut self) -> Option<Stanza<'a>> {
        let mut stanza: Option<Stanza<'a>> = None;
        // The field that a line of blanks at the beginning goes on with: where its name and its value begin.
        let mut open: Option<Open<'a>> = None;
        for line in self.text.get(self.at..).unwrap_or_default().split_inclusive('\n') {
            let start = self.at;
            self.at += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            let end = start + line.len();
            if line.is_empty() {
                if stanza.is_some() {
                    break;
                }
                continue;
            }
            let stanza =
                stanza.get_or_insert_with(|| Stanza { span: Span { start, end }, fields: Vec::new(), stray: None });
            stanza.span.end = end;
            if line.starts_with([' ', '\t']) {
                match &mut open {
                    Some(open) => open.end = end,
                    None => stanza.stray(line, start),
                }
                continue;
            }
            stanza.fields.extend(open.take().map(|open| open.field(self.text)));
            match name(line) {
                Some(name) => open = Some(Open { name, start: start + name.len() + 1, end }),
                None => stanza.stray(line, start),
            }
        }
        let mut stanza = stanza?;
        stanza.fields.extend(open.map(|open| open.field(self.text)));
        Some(stanza)
    }
}

impl Stanza<'_> {
    /// Remembers the first line that is no field.
    fn stray(&mut self, line: &str, start: usize) {
        self.stray.get_or_insert_with(|| {
            let span = Span { start, end: start + line.len() };
            Fault::new(span, Text::trusted("a field, as in `Name: value`"), crate::text!("`{}`", line))
        });
    }
}

/// A field whose value may go on.
struct Open<'a> {
    name: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Open<'a> {
    fn field(self, text: &'a str) -> Field<'a> {
        let whole = text.get(self.start..self.end).unwrap_or_default();
        let start = self.start + (whole.len() - whole.trim_start().len());
        let value = whole.trim();
        Field { name: self.name, value, at: Span { start, end: start + value.len() } }
    }
}

/// Returns the name of the field that a line begins.
fn name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text is parted into: a line a stanza, `!` where a line of it is no field.
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = stanzas(text)
            .map(|stanza| {
                let fields: Vec<String> = stanza
                    .fields
                    .iter()
                    .map(|field| {
                        assert_eq!(text.get(field.at.start..field.at.end), Some(field.value), "{text:?}");
                        format!("{}={}", field.name, field.value.replace('\n', "|"))
                    })
                    .collect();
                format!("{}{}", fields.join(" "), if stanza.stray.is_some() { "!" } else { "" })
            })
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn texts_are_parted_into_stanzas() {
        check("", &[]);
        check("\n\n\n", &[]);
        check("A: 1\n", &["A=1"]);
        check("A: 1\nB:2\n\nA:  3 ", &["A=1 B=2", "A=3"]);
        check("\n\nA: 1\r\nB: 2\r\n\r\nA: 3\r\n", &["A=1 B=2", "A=3"]);
        check("A: 1\n go on\n\tand on\nB: 2\n", &["A=1| go on|\tand on B=2"]);
        check("A:\n 1\n", &["A=1"]);
        check("A:\nB:\n", &["A= B="]);
        check("A: b: c\n", &["A=b: c"]);
    }

    #[test]
    fn what_is_no_field_is_told() {
        check("text\n", &["!"]);
        check("text\nA: 1\n", &["A=1!"]);
        check(" text\nA: 1\n", &["A=1!"]);
        check("A: 1\ntext\n and more\nB: 2\n", &["A=1 B=2!"]);
        check("A B: 1\n", &["!"]);
        check(": 1\n", &["!"]);
        check("ü: 1\n", &["!"]);
        // A line of blanks ends nothing: what is behind it is the same stanza, and a name twice is seen.
        check("A: 1\n \nA: 2\n", &["A=1 A=2"]);
    }
}
