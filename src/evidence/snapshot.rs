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
    #[error("expected a snapshot as `portcullis baseline` writes it: {found}")]
    Malformed {
        /// The line, from one.
        line: usize,
        /// The column, from one.
        column: usize,
        /// What the parser says.
        found: Text,
    },
    /// A number in it leads nowhere.
    #[error("expected {expected}, found {found}")]
    Unsound {
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: u32,
    },
    /// It was written in another form.
    #[error("expected a snapshot of version {SCHEMA_VERSION}, found version {found}")]
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
    // Another version may have other fields: it is looked at first, by itself.
    #[derive(Deserialize)]
    struct Version {
        portcullis_snapshot: u32,
    }
    if let Ok(Version { portcullis_snapshot: found }) = serde_json::from_str(text)
        && found != SCHEMA_VERSION
    {
        return Err(SnapshotError::Version { found });
    }
    let snapshot: Snapshot<Evidence> = serde_json::from_str(text).map_err(malformed)?;
    sound(&snapshot.evidence)?;
    Ok(snapshot.evidence)
}

fn malformed(error: serde_json::Error) -> SnapshotError {
    let message = error.to_string();
    // The place stands at the end of the message as well.
    let found = message.rsplit_once(" at line ").map_or(message.as_str(), |(found, _)| found);
    SnapshotError::Malformed { line: error.line().max(1), column: error.column().max(1), found: Text::of(found) }
}

impl SnapshotError {
    /// Returns line and column of the fault, where it has a place.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Malformed { line, column, .. } => Some((*line, *column)),
            Self::Unsound { .. } | Self::Version { .. } => None,
        }
    }
}

/// Makes sure that numbers in evidence lead somewhere, as they do in evidence that was collected.
fn sound(evidence: &Evidence) -> Result<(), SnapshotError> {
    for inventory in &evidence.inventories {
        let components = u32::try_from(inventory.components.len()).unwrap_or(u32::MAX);
        let needed = inventory.components.iter().flat_map(|component| &component.needs);
        let projects = inventory.projects.iter().flat_map(|project| {
            let locked = project.requirements.iter().filter_map(|requirement| requirement.component.as_ref());
            project.component.iter().chain(locked)
        });
        let renamed = inventory.renamed.iter().filter_map(|requirement| requirement.component.as_ref());
        for found in needed.chain(projects).chain(renamed).chain(inventory.answers.values()) {
            if *found >= components {
                return Err(SnapshotError::Unsound { expected: "the place of a component in its list", found: *found });
            }
        }
    }
    Ok(())
}
