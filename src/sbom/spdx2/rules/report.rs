//! What was found, of the one kind that is asked for.

use super::place::Place;
use crate::document::{Node, Value};
use crate::sbom::Violation;
use crate::sbom::violation::Kind;
use crate::text::Text;

/// How many are told of one document.
const MAX_TOLD: usize = 1_000;

/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// What was found so far.
pub(super) struct Report {
    kind: Kind,
    pub(super) found: Vec<Violation>,
}

impl Report {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, found: Vec::new() }
    }

    /// Tells that a value breaks the specification.
    pub(super) fn invalid(&mut self, node: &Node<'_>, place: &Place<'_>, expected: &str, source: &'static str) {
        if self.wants(Kind::Invalid) {
            self.add(Violation::invalid(node.opening(), pointer(place), Text::trusted(expected), found(node)), source);
        }
    }

    /// Tells that a member which must stand in `node` does not.
    pub(super) fn missing(&mut self, node: &Node<'_>, place: Option<&Place<'_>>, key: &str, source: &'static str) {
        if self.wants(Kind::Invalid) {
            let expected = crate::text!("the member `{}`", key);
            let at = place.map(pointer).unwrap_or_default();
            self.add(Violation::invalid(node.opening(), at, expected, Text::trusted("none")), source);
        }
    }

    /// Tells that a value contradicts what else the document says.
    pub(super) fn inconsistent(&mut self, node: &Node<'_>, place: &Place<'_>, expected: &str, source: &'static str) {
        if self.wants(Kind::Inconsistent) {
            let expected = Text::trusted(expected);
            self.add(Violation::inconsistent(node.opening(), pointer(place), expected, found(node)), source);
        }
    }

    /// Whether this kind is asked for, and not too much of it was found.
    pub(super) fn wants(&self, kind: Kind) -> bool {
        self.kind == kind && self.found.len() < MAX_TOLD
    }

    fn add(&mut self, violation: Violation, source: &'static str) {
        self.found.push(violation.by(source));
    }
}

fn pointer(place: &Place<'_>) -> Text {
    Text::of(&place.pointer())
}

fn found(node: &Node<'_>) -> Text {
    match &node.value {
        Value::String(text) | Value::Number(text) | Value::Datetime(text) => {
            crate::text!("`{}`", &**text).shortened(SHOWN)
        }
        _ => Text::trusted(node.kind()),
    }
}
