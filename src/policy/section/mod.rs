//! The sections of a policy file, one file each.

pub(super) mod custom;
mod host;
mod rules;
pub(super) mod signer;
mod sources;
mod tree;
pub(super) mod waiver;

use crate::document::{Fault, Lines, Member, Node, Span, Value};
use crate::text;
use crate::text::Text;

use super::error::nearest;
use super::{Catalogue, Origin, Policy, PolicyError, Sourced, Weakening};

/// Every section, in the order of their keys.
pub static SECTIONS: &[&Section] =
    &[&custom::SECTION, &host::SECTION, &rules::SECTION, &signer::SECTION, &sources::SECTION, &tree::SECTION, &waiver::SECTION];

/// A section of a policy file.
pub struct Section {
    /// Its key.
    pub key: &'static str,
    /// What it is for, in one line.
    pub summary: &'static str,
    /// Lays what a file says over a policy.
    pub read: fn(&Cursor<'_>, &Node<'_>, &mut Policy) -> Result<(), PolicyError>,
    /// Finds where the second policy is weaker than the first.
    pub weakened: fn(&Catalogue<'_>, &Policy, &Policy, &mut Vec<Weakening>),
    /// Shows the values in force.
    pub show: fn(&Policy, &mut Vec<Shown>),
}

/// A line of a shown policy.
#[derive(Debug)]
pub struct Shown {
    /// The line, as it could stand in a policy file.
    pub line: Text,
    /// Where it was set.
    pub origin: Origin,
}

/// One file while it is read: a policy, or what is written with the same care.
pub struct Cursor<'a> {
    pub(super) file: Text,
    pub(super) lines: &'a Lines<'a>,
    pub(super) catalogue: Catalogue<'a>,
    /// Whether the file was read before, on behalf of another that extends it.
    pub(super) again: bool,
}

/// How many entries a list may have: what a hostile policy names costs time for each.
const MAX_ENTRIES: usize = 10_000;

impl<'a> Cursor<'a> {
    /// Reads a file that is no policy, and is written with the same care.
    #[must_use]
    pub fn new(file: Text, lines: &'a Lines<'a>) -> Self {
        Self { file, lines, catalogue: Catalogue { rules: &[] }, again: false }
    }
}

impl Cursor<'_> {
    /// Returns an error at a place.
    #[must_use]
    pub fn error(&self, span: Span, message: Text) -> PolicyError {
        PolicyError { file: self.file.clone(), position: Some(self.lines.position(span.start)), message, hint: None }
    }

    /// Returns the error of what the parser found instead.
    pub(super) fn fault(&self, fault: Fault) -> PolicyError {
        self.error(fault.span, text!("expected {}, found {}", fault.expected, fault.found))
    }

    /// Returns the error of a key that is not known, with the nearest that is.
    #[must_use]
    pub fn unknown_key<'k>(
        &self,
        member: &Member<'_>,
        place: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> PolicyError {
        let error = self.error(member.key_span, text!("unknown key `{}` in {}", member.key, place));
        PolicyError { hint: nearest(&member.key, known), ..error }
    }

    pub(super) fn sourced<T>(&self, value: T, span: Span) -> Sourced<T> {
        let (position, width) = (Some(self.lines.position(span.start)), self.lines.width(span));
        let origin = Origin { file: self.file.clone(), position, width };
        Sourced { value, origin }
    }

    /// Adds a value of a list, once where two files extend the same third.
    pub(super) fn add<T>(&self, list: &mut Vec<Sourced<T>>, value: Sourced<T>) {
        if !(self.again && list.iter().any(|known| known.origin == value.origin)) {
            list.push(value);
        }
    }

    /// Reads the members of a table.
    ///
    /// # Errors
    /// When it is something else.
    pub fn try_members<'n, 'a>(&self, node: &'n Node<'a>, what: &str) -> Result<&'n [Member<'a>], PolicyError> {
        node.members(what).map_err(|fault| self.fault(fault))
    }

    /// Reads the items of a list.
    ///
    /// # Errors
    /// When it is something else.
    pub fn try_items<'n, 'a>(&self, node: &'n Node<'a>, what: &str) -> Result<&'n [Node<'a>], PolicyError> {
        let items = node.items(what).map_err(|fault| self.fault(fault))?;
        self.bounded(node, items)
    }

    fn bounded<'n, 'a>(&self, node: &Node<'_>, items: &'n [Node<'a>]) -> Result<&'n [Node<'a>], PolicyError> {
        if items.len() > MAX_ENTRIES {
            let message = text!("expected at most {} entries, found {}", MAX_ENTRIES, items.len());
            return Err(self.error(node.span, message));
        }
        Ok(items)
    }

    pub(super) fn try_string<'n>(&self, node: &'n Node<'_>, what: &str) -> Result<&'n str, PolicyError> {
        node.string(what).map_err(|fault| self.fault(fault))
    }

    /// Reads what is written as tables in double brackets.
    ///
    /// # Errors
    /// When it is something else.
    pub fn tables<'n, 'a>(&self, node: &'n Node<'a>, key: &str) -> Result<&'n [Node<'a>], PolicyError> {
        match node.items(&format!("`{key}`")) {
            Ok(items) => self.bounded(node, items),
            Err(fault) => {
                let hint = text!("write each in double brackets: [[{}]]", key);
                Err(PolicyError { hint: Some(hint), ..self.fault(fault) })
            }
        }
    }

    /// Returns the error of a value that is of no use, which is shown where it is short.
    #[must_use]
    pub fn unfit(&self, node: &Node<'_>, expected: &str) -> PolicyError {
        match &node.value {
            Value::Number(found) | Value::Datetime(found) => {
                self.error(node.span, text!("expected {}, found `{}`", Text::trusted(expected), found))
            }
            Value::Null | Value::Boolean(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => {
                self.fault(node.unexpected(expected))
            }
        }
    }

    /// Reads a list of strings, none of them empty.
    pub(super) fn strings(&self, node: &Node<'_>, what: &str) -> Result<Vec<Sourced<String>>, PolicyError> {
        let each = format!("each of {what}");
        let read = |item: &Node<'_>| self.filled(item, &each).map(|text| self.sourced(text.to_owned(), item.span));
        self.try_items(node, what)?.iter().map(read).collect()
    }

    /// Reads a string that is not empty.
    ///
    /// # Errors
    /// When it is something else.
    pub fn filled<'n>(&self, node: &'n Node<'_>, what: &str) -> Result<&'n str, PolicyError> {
        match self.try_string(node, what)? {
            text if text.trim().is_empty() => {
                Err(self.error(node.span, text!("expected {} to say something, found an empty string", what)))
            }
            text => Ok(text),
        }
    }

    /// Reads a pattern and makes sure that it is one.
    pub(super) fn pattern<'n>(&self, node: &'n Node<'_>, what: &str) -> Result<&'n str, PolicyError> {
        let text = self.filled(node, what)?;
        match globset::Glob::new(text) {
            Ok(_) => Ok(text),
            Err(error) => {
                Err(self.error(node.span, text!("expected a pattern, found `{}`: {}", text, error.kind().to_string())))
            }
        }
    }
}

/// Writes a string as TOML does.
pub(super) fn quoted(text: &str) -> Text {
    Text::trusted(format!("\"{}\"", Text::of(text).as_str().replace('"', "\\\"")))
}
