//! What a project tells its package manager about where and how to fetch.

use serde::{Deserialize, Serialize};

use super::RemoteUrl;
use crate::fact::Location;
use crate::text::Text;

/// One thing that a file tells a package manager.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The ecosystem.
    pub ecosystem: Box<str>,
    /// What is set.
    pub kind: SettingKind,
    /// Where it stands.
    pub place: Location,
}

/// What may be set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SettingKind {
    /// The index that components are taken from.
    Index {
        /// Its address.
        url: RemoteUrl,
        /// The option or key.
        option: Box<str>,
    },
    /// A further index, or page of links, that any component may be taken from.
    FurtherIndex {
        /// Its address.
        url: RemoteUrl,
        /// The option or key.
        option: Box<str>,
    },
    /// A check that is left out.
    Unchecked {
        /// The option or key, with its value where that matters.
        option: Text,
        /// What is left out.
        what: Box<str>,
    },
    /// A check that is asked for.
    Checked {
        /// The option or key.
        option: Box<str>,
    },
}

impl SettingKind {
    /// Returns the address it names.
    #[must_use]
    pub fn url(&self) -> Option<&RemoteUrl> {
        match self {
            Self::Index { url, .. } | Self::FurtherIndex { url, .. } => Some(url),
            Self::Unchecked { .. } | Self::Checked { .. } => None,
        }
    }
}
