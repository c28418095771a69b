//! Evidence written to a file, and read back.

use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::text::Text;

/// The version of the snapshot's form.
const SCHEMA_VERSION: u32 = 1;

/// The form of a snapshot.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot<E> {
    /// What the file is, so that no other JSON is taken for one.
    portcullis_snapshot: u32,
    evidence: E,
}

/// Why a snapshot cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is none.
    #[error("{line}:{column}: expected a snapshot as `portcullis baseline` writes it, found {found}")]
    Malformed {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What the parser says.
        found: Text,
    },
    /// It was written in another form.
    #[error("1:1: expected a snapshot of version {SCHEMA_VERSION}, found version {found}")]
    Version {
        /// The version found.
        found: u32,
    },
}

/// Returns a snapshot of `evidence`.
///
/// # Errors
/// Never for evidence made by this crate; the serialiser's own are passed on.
pub fn write_snapshot(evidence: &Evidence) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(&Snapshot { portcullis_snapshot: SCHEMA_VERSION, evidence })?;
    Ok(text + "\n")
}

/// Reads a snapshot back.
///
/// # Errors
/// When the text is no snapshot.
pub fn read_snapshot(text: &str) -> Result<Evidence, SnapshotError> {
    let snapshot: Snapshot<Evidence> = serde_json::from_str(text).map_err(|error| SnapshotError::Malformed {
        line: error.line(),
        column: error.column(),
        found: Text::of(&error.to_string()),
    })?;
    match snapshot.portcullis_snapshot {
        SCHEMA_VERSION => Ok(snapshot.evidence),
        found => Err(SnapshotError::Version { found }),
    }
}
