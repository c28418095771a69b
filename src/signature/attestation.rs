//! What files of attestations have in common: JSON, one document or one a line, in which no key stands twice.

use crate::document::{self, Node, Value};
use crate::signature::{Fault, FaultKind};
use crate::text;
use crate::text::Text;

/// How many documents one file may hold, and how many attestations a registry's answer.
pub(super) const MAX_DOCUMENTS: usize = 256;

/// A JSON document, and the text it stands in.
pub(super) struct Json<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// What stands in it.
    pub(super) node: Node<'a>,
}

impl<'a> Json<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// A fault where it is no JSON, or an object has a key twice: of two values one parser takes the first, another the
    /// last, and so one can verify what the other does not use.
    pub(super) fn parse(text: &'a str) -> Result<Self, Fault> {
        let node = document::json(text)
            .map_err(|fault| malformed(text!("expected {}, found {}", fault.expected, fault.found)))?;
        Ok(Self { text, node })
    }

    /// Returns the text of a value of this document.
    pub(super) fn source(&self, node: &Node<'_>) -> &'a str {
        self.text.get(node.span.start..node.span.end).unwrap_or_default()
    }
}

/// Reads the documents of a file: one, or one a line.
///
/// # Errors
/// A fault where the file is neither.
pub(super) fn documents(bytes: &[u8]) -> Result<Vec<Json<'_>>, Fault> {
    let text =
        std::str::from_utf8(bytes).map_err(|_utf8| malformed(Text::trusted("expected UTF-8, found other bytes")))?;
    let whole = match Json::parse(text) {
        Ok(json) => return Ok(vec![json]),
        Err(fault) => fault,
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() < 2 || !lines.iter().all(|line| line.trim_start().starts_with('{') && line.trim_end().ends_with('}'))
    {
        return Err(whole);
    }
    if lines.len() > MAX_DOCUMENTS {
        return Err(malformed(text!("expected at most {} documents, found {}", MAX_DOCUMENTS, lines.len())));
    }
    lines.into_iter().map(Json::parse).collect()
}

/// Returns the fault of a file that cannot be read as what it says it is.
pub(super) fn malformed(message: Text) -> Fault {
    Fault::new(FaultKind::Malformed, message)
}

/// Returns a string of an object.
pub(super) fn string<'a>(node: &'a Node<'_>, key: &str) -> Option<&'a str> {
    node.get(key).and_then(|value| value.string(key).ok())
}

/// Returns a value deep inside an object.
pub(super) fn at<'a, 'b>(node: &'a Node<'b>, path: &[&str]) -> Option<&'a Node<'b>> {
    path.iter().try_fold(node, |node, key| node.get(key)).filter(|node| node.value != Value::Null)
}

/// Returns a string deep inside an object.
pub(super) fn string_at<'a>(node: &'a Node<'_>, path: &[&str]) -> Option<&'a str> {
    at(node, path).and_then(|value| value.string("it").ok())
}

/// Returns the items of a list of an object, none where there is no list.
pub(super) fn items<'a, 'b>(node: &'a Node<'b>, key: &str) -> &'a [Node<'b>] {
    node.get(key).and_then(|value| value.items(key).ok()).unwrap_or_default()
}
