//! A file read as an SBOM and judged.

use super::{Complaint, Complaints, Lacking, Listing, SbomFile, Stated};
use crate::document::Fault;
use crate::fact::Places;
use crate::sbom::model::Unread;
use crate::sbom::profile::{self, Profile, Score};
use crate::sbom::{Document, Name, Unreadable, Violation, decode};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// What is asked of a document beside whether it is sound.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'p> {
    /// Whether it is asked what it lists.
    pub listing: bool,
    /// The profiles it is held against.
    pub profiles: &'p [&'static Profile],
}

/// A file that was read as an SBOM.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What is kept of it.
    pub file: SbomFile,
    /// How far it fulfils each profile it was held against.
    pub scores: Vec<Score>,
}

/// How many complaints of a kind are kept of one document.
const MAX_TOLD: usize = 50;

/// Reads a file of a name as an SBOM; `None` where the name is borne by other files too, and it is a sound one of these.
#[must_use]
pub fn read(path: &TreePath, name: Name, bytes: &[u8], asked: Asked<'_>) -> Option<Judged> {
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

fn judged(path: &TreePath, document: &Document<'_>, asked: Asked<'_>) -> Judged {
    let places = Places::new(path, document.text);
    let unread = Unread::forgotten();
    let bom = (asked.listing || !asked.profiles.is_empty()).then(|| document.model(&unread));
    let listing = bom.as_ref().filter(|_| asked.listing).map(|bom| Listing::of(document, bom, &places));
    let score = |bom| asked.profiles.iter().map(|profile| profile::score(profile, document, bom)).collect();
    let scores: Vec<Score> = bom.as_ref().map(score).unwrap_or_default();
    let file = SbomFile {
        path: path.clone(),
        violations: complaints(document.violations(), &places),
        inconsistencies: complaints(document.inconsistencies(), &places),
        stated: Some(Stated { format: document.format.id.into(), version: document.version.into() }),
        listing,
        profiles: scores.iter().map(|score| Lacking::of(score, &places)).collect(),
    };
    Judged { file, scores }
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
fn unreadable(path: &TreePath, text: &str, fault: Fault) -> Judged {
    let complaint = Complaint {
        at: Places::new(path, text).spot(fault.span),
        pointer: Text::default(),
        expected: fault.expected,
        found: fault.found,
        source: None,
    };
    let file = SbomFile {
        path: path.clone(),
        stated: None,
        listing: None,
        violations: Complaints { told: vec![complaint], left_out: 0 },
        inconsistencies: Complaints::default(),
        profiles: Vec::new(),
    };
    Judged { file, scores: Vec::new() }
}
