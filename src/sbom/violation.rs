//! What is wrong with a document, and where.

use crate::document::{Node, Span, Value};
use crate::text::Text;

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whether its specification forbids it, or it contradicts itself.
    pub kind: Kind,
    /// Where it stands in the text.
    pub span: Span,
    /// The JSON pointer (RFC 6901) or XPath that leads there, or the tag of a document of tags and values.
    pub pointer: Text,
    /// What was expected there.
    pub expected: Text,
    /// What was found instead.
    pub found: Text,
    /// The section of the specification, where one says it beside the schema.
    pub source: Option<&'static str>,
}

/// What kind of wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The specification of its version forbids it: its schema, or the rules that stand beside it.
    Invalid,
    /// It contradicts itself, or states what cannot be: a reference that leads nowhere, an unsound purl.
    Inconsistent,
}

impl Violation {
    /// Returns what the specification forbids at a value.
    #[must_use]
    pub fn invalid(span: Span, pointer: Text, expected: Text, found: Text) -> Self {
        Self { kind: Kind::Invalid, span, pointer, expected, found, source: None }
    }

    /// Returns a contradiction at a value.
    #[must_use]
    pub fn inconsistent(span: Span, pointer: Text, expected: Text, found: Text) -> Self {
        Self { kind: Kind::Inconsistent, span, pointer, expected, found, source: None }
    }

    /// Returns it with the section that says so.
    #[must_use]
    pub fn by(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }
}

/// Returns a key as it stands in a JSON pointer (RFC 6901, section 3).
#[must_use]
pub(super) fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Returns the key that stands so in a JSON pointer.
#[must_use]
pub(super) fn key_of_step(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// Returns the JSON pointer of the value or member at a place of the text, that of the document where there is none.
///
/// Looks at every value that covers the place, so it is for the few that are shown.
#[must_use]
pub fn pointer(root: &Node<'_>, span: Span) -> Text {
    let mut out = String::new();
    let mut node = root;
    'down: loop {
        if node.span == span {
            break;
        }
        let covers = |other: Span| other.start <= span.start && span.end <= other.end;
        match &node.value {
            Value::Mapping(members) => {
                for member in members {
                    if member.key_span == span || covers(member.value.span) {
                        out.push('/');
                        out.push_str(&step(&member.key));
                        if member.key_span == span {
                            break 'down;
                        }
                        node = &member.value;
                        continue 'down;
                    }
                }
                break;
            }
            Value::Sequence(items) => {
                let Some((at, item)) = items.iter().enumerate().find(|(_, item)| covers(item.span)) else { break };
                out.push_str(&format!("/{at}"));
                node = item;
            }
            Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => break,
        }
    }
    Text::of(&out)
}
