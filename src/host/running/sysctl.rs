//! The values that kernel settings have now, under `/proc/sys`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::source::{Known, Running as Source};
use crate::host::reading::Reading;
use crate::text::Text;

/// The id of the family.
pub const ID: &str = "sysctl";

/// The values of kernel settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// The value of each key that somebody may expect something of.
    #[serde(default)]
    pub values: BTreeMap<String, Known<Text>>,
}

impl Values {
    pub(super) fn collect(_reading: &Reading<'_>, _source: &Source<'_>) -> Self {
        Self::default()
    }
}
