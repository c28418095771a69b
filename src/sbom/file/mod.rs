//! An SBOM in a file, as far as it is judged: what is wrong with it, what it lists, and how complete it is.
//!
//! Kept compact, since it is evidence: it may stand in a snapshot, and be held against lock files.

mod lacking;
mod listing;
mod package;
mod read;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use lacking::{Lack, Lacking};
pub use listing::{ListedPackage, Listing, Offender, Shortfall};
pub use package::{Package, package_of};
pub use read::{Asked, Judged, read};

use crate::fact::{Location, Spot};
use crate::text::Text;
use crate::tree::TreePath;

/// An SBOM in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomFile {
    /// The file.
    pub path: TreePath,
    /// What it says it is; `None` where it cannot be read as any document, which its one violation then tells.
    pub stated: Option<Stated>,
    /// What it lists, where that was asked for and can be read.
    pub listing: Option<Listing>,
    /// Where it breaks the specification of its version.
    pub violations: Complaints,
    /// Where it contradicts itself.
    pub inconsistencies: Complaints,
    /// What it lacks of each profile it was held against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Lacking>,
}

/// What a document says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The id of its format.
    pub format: Box<str>,
    /// Its version.
    pub version: Box<str>,
}

/// What is wrong with a document, in the order of its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaints {
    /// The first.
    pub told: Vec<Complaint>,
    /// How many more there are.
    pub left_out: u32,
}

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// Where.
    pub at: Spot,
    /// The JSON pointer, XPath or tag that leads there; empty for the document as a whole.
    pub pointer: Text,
    /// What was expected there.
    pub expected: Text,
    /// What was found instead.
    pub found: Text,
    /// The section of the specification, where one says it beside the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

impl SbomFile {
    /// Returns a place in it.
    #[must_use]
    pub fn at(&self, spot: Spot) -> Location {
        Location { path: self.path.clone(), position: Some(spot.position), width: spot.width }
    }
}
