//! A file read as an SBOM and judged.

use super::{Complaint, Complaints, Listing, SbomFile, Stated};
use crate::document::Fault;
use crate::fact::Places;
use crate::sbom::model::Unread;
use crate::sbom::{Document, Name, Unreadable, Violation, decode};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// How much is asked of a document beside whether it is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Soundness,
    /// What it lists as well.
    Listing,
}

/// How many complaints of a kind are kept of one document.
const MAX_TOLD: usize = 50;

/// Reads a file of a name as an SBOM; `None` where the name is borne by other files too, and it is a sound one of these.
#[must_use]
pub fn read(path: &TreePath, name: Name, bytes: &[u8], asked: Asked) -> Option<SbomFile> {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(fault) => return Some(unreadable(path, &String::from_utf8_lossy(bytes), fault)),
    };
    match Document::read(&text) {
        Ok(document) => Some(judged(path, &document, asked)),
        Err(Unreadable::Other { syntax, .. }) if name == Name::Possible && syntax.is_of(path.file_name()) => None,
        Err(Unreadable::Other { fault, .. } | Unreadable::Fault(fault)) => Some(unreadable(path, &text, fault)),
        Err(Unreadable::UnknownVersion { format, version, known, at }) => {
            let found = if version.as_str().is_empty() { Text::trusted("none") } else { text!("`{}`", version) };
            let expected = text!("one of the versions {} of {}", known.join(", "), format);
            Some(unreadable(path, &text, Fault::new(at, expected, found)))
        }
    }
}

fn judged(path: &TreePath, document: &Document<'_>, asked: Asked) -> SbomFile {
    let places = Places::new(path, document.text);
    let unread = Unread::forgotten();
    let listing = match asked {
        Asked::Soundness => None,
        Asked::Listing => Some(Listing::of(document, &document.model(&unread), &places)),
    };
    SbomFile {
        path: path.clone(),
        violations: complaints(document.violations(), &places),
        inconsistencies: complaints(document.inconsistencies(), &places),
        stated: Some(Stated { format: document.format.id.into(), version: document.version.into() }),
        listing,
    }
}

fn complaints(violations: Vec<Violation>, places: &Places<'_>) -> Complaints {
    let left_out = u32::try_from(violations.len().saturating_sub(MAX_TOLD)).unwrap_or(u32::MAX);
    let told = violations.into_iter().take(MAX_TOLD).map(|violation| Complaint {
        at: places.spot(violation.span),
        pointer: violation.pointer,
        expected: violation.expected,
        found: violation.found,
        source: violation.source.map(Text::trusted),
    });
    Complaints { told: told.collect(), left_out }
}

/// Returns what is known of a file that cannot be read as a document: why.
fn unreadable(path: &TreePath, text: &str, fault: Fault) -> SbomFile {
    let complaint = Complaint {
        at: Places::new(path, text).spot(fault.span),
        pointer: Text::default(),
        expected: fault.expected,
        found: fault.found,
        source: None,
    };
    SbomFile {
        path: path.clone(),
        stated: None,
        listing: None,
        violations: Complaints { told: vec![complaint], left_out: 0 },
        inconsistencies: Complaints::default(),
    }
}
