//! The operating system of a root filesystem, as its os-release tells it (`os-release(5)`).

use serde::{Deserialize, Serialize};

use crate::fact::Location;

/// The operating system of a root filesystem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingSystem {
    /// `ID`, in lower case: `debian`, `rhel`, `opensuse-leap`.
    pub id: Box<str>,
    /// `ID_LIKE`, the nearest first.
    pub like: Vec<Box<str>>,
    /// `VERSION_ID`.
    pub version: Option<Box<str>>,
    /// `VERSION_CODENAME`.
    pub codename: Option<Box<str>>,
    /// `BUILD_ID`.
    pub build: Option<Box<str>>,
    /// `PRETTY_NAME`, else `NAME`.
    pub name: Option<Box<str>>,
    /// `CPE_NAME`.
    pub cpe: Option<Box<str>>,
    /// `HOME_URL`.
    pub home: Option<Box<str>>,
    /// The file.
    pub place: Location,
}
