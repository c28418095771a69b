//! SBOM documents, one file a format.

mod catalog;
pub mod cyclonedx;
mod list;
mod root;
pub mod schema;
mod unlocked;

use std::io;

use crate::evidence::Evidence;
use crate::text::Text;

pub use root::{Root, RootHint};

/// Every format that is written, in the order of their ids.
pub static FORMATS: &[&Format] = &[&cyclonedx::JSON];

/// A format of SBOM documents.
pub struct Format {
    /// Its id.
    pub id: &'static str,
    /// The versions that are written, the usual one first.
    pub versions: &'static [&'static str],
    /// What it is, in one line.
    pub summary: &'static str,
    /// Returns a document, in parts that follow one another.
    pub write: fn(&Document<'_>) -> io::Result<Vec<Vec<u8>>>,
}

/// What a document is made of.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The component the document is about.
    pub root: &'a Root,
    /// The time it states, in RFC 3339, where the user gave one.
    pub timestamp: Option<&'a str>,
}

/// A format and a version of it.
#[derive(Clone, Copy)]
pub struct Chosen {
    /// The format.
    pub format: &'static Format,
    /// The version.
    pub version: &'static str,
}

/// Reads `FORMAT[@VERSION]`.
///
/// # Errors
/// What was expected.
pub fn choose(text: &str) -> Result<Chosen, Text> {
    let (id, version) = text.split_once('@').map_or((text, None), |(id, version)| (id, Some(version)));
    let Some(format) = FORMATS.iter().copied().find(|format| format.id == id) else {
        let known: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
        return Err(crate::text!("expected one of the formats {}", known.join(", ")));
    };
    let version = match version {
        None => format.versions.first().copied(),
        Some(version) => format.versions.iter().copied().find(|known| *known == version),
    };
    match version {
        Some(version) => Ok(Chosen { format, version }),
        None => Err(crate::text!("expected one of the versions {} of {}", format.versions.join(", "), id)),
    }
}
