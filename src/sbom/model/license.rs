//! Licences as documents state them.

use super::Words;

/// A licence as a document states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum License<'a> {
    /// An expression of SPDX identifiers, a single one included.
    Expression(Words<'a>),
    /// A name that is no identifier of SPDX.
    Named {
        /// The name.
        name: Words<'a>,
        /// Where it can be read.
        url: Option<Words<'a>>,
        /// Its text.
        text: Option<Words<'a>>,
    },
}

impl License<'_> {
    /// Returns the expression or name.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Expression(text) | Self::Named { name: text, .. } => text,
        }
    }
}

/// A licence that a document explains itself, under an identifier of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LicenseText<'a> {
    /// The identifier: `LicenseRef-…`.
    pub id: Words<'a>,
    /// Its name.
    pub name: Option<Words<'a>>,
    /// Its text.
    pub text: Option<Words<'a>>,
    /// Where it can be read.
    pub urls: Vec<Words<'a>>,
    /// A remark.
    pub comment: Option<Words<'a>>,
}
