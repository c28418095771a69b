//! Packages: which of their files are not as they were packaged, and where they may come from.

use serde::{Deserialize, Serialize};

use super::files::{Changed, Compare, Database};
use super::reading::Reading;
use super::{Family, Found};

/// The family of packages.
pub(super) static FAMILY: Family =
    Family { id: "package", summary: "files of packages that were changed, and where packages come from", reads: &[] };

/// What is known of packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// The databases that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<Database>,
    /// Files that are not as they were packaged, as far as they were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
}

impl Packages {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        reading.compare_packages(if reading.wants().deep { Compare::All } else { Compare::Programs });
        Self::default()
    }

    /// Adds what the comparison found, which is made for all families together.
    pub(super) fn add(&mut self, found: &mut Found) {
        self.databases = std::mem::take(&mut found.databases);
        self.changed = std::mem::take(&mut found.changed);
    }
}
