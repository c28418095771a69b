//! JSON, YAML and TOML read into one tree of values that know where they stand.
//!
//! The parsers are libraries; this floor gives their answers one shape, so that a reader of manifests asks
//! for what it expects and gets either that or a [`Fault`] naming the place, what was expected and what was
//! found. Sizes, depths and counts are bounded in [`limits`]. XML has a tree of its own, in [`xml`](mod@xml), and
//! [`stanzas`] parts the fields of control files. It knows no file format beyond these five, and how some write a byte in
//! octal digits ([`unescaped_octal`]).

mod json;
pub mod limits;
mod lines;
mod make;
mod octal;
mod render;
mod stanza;
mod toml;
pub mod xml;
mod yaml;

use std::borrow::Cow;
use std::collections::HashSet;

pub use json::{json, json_with_comments};
pub use lines::{Lines, Position};
pub use make::Object;
pub use octal::unescaped_octal;
pub use render::{render_json, render_list};
pub use stanza::{Field, Stanza, Stanzas, stanzas};
pub use toml::toml;
pub use xml::xml;
pub use yaml::{Scalar, yaml, yaml_scalars, yaml_with_aliases};

use crate::text::Text;

/// A range of bytes in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: Value<'a>,
}

/// A value of one of the three languages.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as it is written.
    Number(Cow<'a, str>),
    /// A string.
    String(Cow<'a, str>),
    /// A date or time of TOML as it is written.
    Datetime(Cow<'a, str>),
    /// A list.
    Sequence(Vec<Node<'a>>),
    /// A table, object or mapping, in the order of the file.
    Mapping(Vec<Member<'a>>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The key.
    pub key: Cow<'a, str>,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node<'a>,
}

impl Member<'_> {
    /// Returns where key and value stand.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { start: self.key_span.start, end: self.value.span.end.max(self.key_span.end) }
    }
}

/// Why a document cannot be read: where, what was expected there, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where the fault lies.
    pub span: Span,
    /// What was expected there.
    pub expected: Text,
    /// What was found instead.
    pub found: Text,
}

impl Fault {
    /// Returns a fault at `span`. What it quotes is cut to [`limits::MAX_QUOTED`].
    #[must_use]
    pub fn new(span: Span, expected: Text, found: Text) -> Self {
        Self { span, expected: expected.shortened(limits::MAX_QUOTED), found: found.shortened(limits::MAX_QUOTED) }
    }
}

impl<'a> Node<'a> {
    /// Returns the value under `key`; of several the last, as JSON's own parser has it (a repeated key is a
    /// fault of its own where the document is read).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(members) => {
                members.iter().rev().find(|member| member.key == key).map(|member| &member.value)
            }
            _ => None,
        }
    }

    /// Returns the members of a mapping.
    ///
    /// # Errors
    /// A fault when the value is no mapping.
    pub fn members(&self, what: &str) -> Result<&[Member<'a>], Fault> {
        match &self.value {
            Value::Mapping(members) => Ok(members),
            _ => Err(self.unexpected(&format!("{what} to be a table"))),
        }
    }

    /// Returns the items of a list.
    ///
    /// # Errors
    /// A fault when the value is no list.
    pub fn items(&self, what: &str) -> Result<&[Self], Fault> {
        match &self.value {
            Value::Sequence(items) => Ok(items),
            _ => Err(self.unexpected(&format!("{what} to be a list"))),
        }
    }

    /// Returns a string.
    ///
    /// # Errors
    /// A fault when the value is no string.
    pub fn string(&self, what: &str) -> Result<&str, Fault> {
        match &self.value {
            Value::String(text) => Ok(text),
            _ => Err(self.unexpected(&format!("{what} to be a string"))),
        }
    }

    /// Returns a boolean.
    ///
    /// # Errors
    /// A fault when the value is no boolean.
    pub fn boolean(&self, what: &str) -> Result<bool, Fault> {
        match &self.value {
            Value::Boolean(truth) => Ok(*truth),
            _ => Err(self.unexpected(&format!("{what} to be true or false"))),
        }
    }

    /// Returns a string, or the text of a number: YAML writes the version `1.0` without quotes.
    ///
    /// # Errors
    /// A fault when the value is neither.
    pub fn scalar(&self, what: &str) -> Result<&str, Fault> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Ok(text),
            _ => Err(self.unexpected(&format!("{what} to be a string"))),
        }
    }

    /// Returns the string under `key`, `None` where the key is absent or null.
    ///
    /// # Errors
    /// A fault when there is a value that is no string.
    pub fn optional_string(&self, key: &str) -> Result<Option<&str>, Fault> {
        match self.get(key) {
            None | Some(Node { value: Value::Null, .. }) => Ok(None),
            Some(node) => node.string(&format!("`{key}`")).map(Some),
        }
    }

    /// Returns the boolean under `key`, false where the key is absent or null.
    ///
    /// # Errors
    /// A fault when there is a value that is no boolean.
    pub fn flag(&self, key: &str) -> Result<bool, Fault> {
        match self.get(key) {
            None | Some(Node { value: Value::Null, .. }) => Ok(false),
            Some(node) => node.boolean(&format!("`{key}`")),
        }
    }

    /// Returns the members under `key`, none where the key is absent or null.
    ///
    /// # Errors
    /// A fault when there is a value that is no mapping.
    pub fn optional_members(&self, key: &str) -> Result<&[Member<'a>], Fault> {
        match self.get(key) {
            None | Some(Node { value: Value::Null, .. }) => Ok(&[]),
            Some(node) => node.members(&format!("`{key}`")),
        }
    }

    /// Returns the items under `key`, none where the key is absent or null.
    ///
    /// # Errors
    /// A fault when there is a value that is no list.
    pub fn optional_items(&self, key: &str) -> Result<&[Self], Fault> {
        match self.get(key) {
            None | Some(Node { value: Value::Null, .. }) => Ok(&[]),
            Some(node) => node.items(&format!("`{key}`")),
        }
    }

    /// Returns where the value stands; of a table or list only its first character.
    #[must_use]
    pub fn opening(&self) -> Span {
        let Span { start, end } = self.span;
        match self.value {
            // In YAML one may be empty, and stand behind the end of the text.
            Value::Mapping(_) | Value::Sequence(_) => Span { start, end: end.clamp(start, start + 1) },
            _ => self.span,
        }
    }

    /// Returns a fault that says what was expected in place of this value.
    #[must_use]
    pub fn unexpected(&self, expected: &str) -> Fault {
        Fault::new(self.span, Text::trusted(expected), Text::trusted(self.kind()))
    }

    /// Returns the kind of this value in the words of a message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Boolean(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Datetime(_) => "a date",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a table",
        }
    }
}

/// Refuses a text that may hold more values than [`limits::MAX_NODES`]: each but the first stands behind one of
/// `marks`. Asked before the library builds them all.
fn few_enough(text: &str, marks: &[u8]) -> Result<(), Fault> {
    if text.len() <= limits::MAX_NODES {
        return Ok(());
    }
    let mut is_mark = [0; 256];
    for mark in marks {
        if let Some(slot) = is_mark.get_mut(usize::from(*mark)) {
            *slot = 1;
        }
    }
    let mut count = 0;
    for (at, byte) in text.bytes().enumerate() {
        count += is_mark.get(usize::from(byte)).copied().unwrap_or(0);
        if count > limits::MAX_NODES {
            let span = Span { start: at, end: at };
            return Err(Fault::new(span, crate::text!("at most {} values", limits::MAX_NODES), Text::trusted("more")));
        }
    }
    Ok(())
}

/// Returns the fault of a value inside too many others.
fn too_deep(span: Span, max_depth: usize) -> Fault {
    Fault::new(span, crate::text!("values nested at most {} deep", max_depth), Text::trusted("a deeper one"))
}

/// Returns the fault of the first key that stands twice in `members`.
fn repeated_key(members: &[Member<'_>]) -> Option<Fault> {
    // Most tables are small: comparing each key with those before it is cheaper there than hashing.
    let second = if members.len() <= 8 {
        let mut before = members.iter().enumerate();
        before.find(|(place, member)| members.iter().take(*place).any(|other| other.key == member.key))
    } else {
        let mut seen: HashSet<&str> = HashSet::with_capacity(members.len());
        members.iter().enumerate().find(|(_, member)| !seen.insert(&member.key))
    };
    second.map(|(_, member)| {
        Fault::new(
            member.key_span,
            Text::trusted("each key once"),
            crate::text!("the key `{}` a second time", member.key),
        )
    })
}

#[cfg(test)]
mod tests;
