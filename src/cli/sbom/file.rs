//! A document that the command line names.

use std::borrow::Cow;
use std::path::Path;

use super::super::{Complaint, output};
use crate::document::{Fault, Lines};
use crate::sbom::{self, Document, Unreadable};
use crate::text;
use crate::text::Text;

/// The most bytes of a document that are read.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// Why a named file is no document: the message of its exit code 1.
#[derive(Debug)]
pub(super) struct NotOne(pub(super) Text);

/// Reads the bytes of a file; `-` is standard input.
///
/// # Errors
/// When it cannot be opened.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Complaint> {
    if path == Path::new("-") { output::read_stdin(MAX_BYTES) } else { output::read_file(path, MAX_BYTES) }
}

/// Returns the text of such bytes.
///
/// # Errors
/// When they are no text.
pub(super) fn decoded<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, str>, NotOne> {
    sbom::decode(bytes).map_err(|fault| not_one(path, "", &fault))
}

/// Returns the document that a text is.
///
/// # Errors
/// When it is none.
pub(super) fn document<'a>(path: &Path, text: &'a str) -> Result<Document<'a>, NotOne> {
    Document::read(text).map_err(|why| match why {
        Unreadable::Fault(fault) | Unreadable::Other { fault, .. } => not_one(path, text, &fault),
        Unreadable::UnknownVersion { format, version, .. } => NotOne(text!(
            "{}: expected a version of {} that is known here, found `{}`",
            output::shown(path),
            format,
            version
        )),
    })
}

fn not_one(path: &Path, text: &str, fault: &Fault) -> NotOne {
    let at = Lines::new(text).position(fault.span.start);
    let at = if text.is_empty() { Text::default() } else { text!(":{}:{}", at.line, at.column) };
    NotOne(text!("{}{}: expected {}, found {}", output::shown(path), at, fault.expected, fault.found))
}
