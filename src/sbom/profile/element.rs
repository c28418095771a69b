//! What a profile is made of.

use serde::{Serialize, Serializer};

use super::facts::{Facts, Found};
use super::told::Told;
use crate::sbom::model::Component;

/// A list of what an SBOM must tell.
#[derive(Debug)]
pub struct Profile {
    /// Its id: `ntia`.
    pub id: &'static str,
    /// Its id with the edition of the text it follows: `cisa-2026@2.1`.
    pub edition: &'static str,
    /// The text it follows.
    pub title: &'static str,
    /// Where and when that text was published.
    pub source: &'static str,
    /// What it asks for.
    pub elements: &'static [Element],
}

/// One thing a profile asks for.
#[derive(Debug)]
pub struct Element {
    /// Its id: `cisa/producer`.
    pub id: &'static str,
    /// How much the text insists on it.
    pub level: Level,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Where to fill it in.
    pub hint: Hint,
    /// The section of the text.
    pub source: &'static str,
    /// Which states pass beside a value.
    pub(super) accepts: &'static [Told],
    /// How it is asked.
    pub(super) judge: Judge,
}

/// How much a text insists on an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Without it the document does not pass.
    Must,
    /// Without it there is a warning.
    Should,
    /// It may be left out.
    May,
}

impl Level {
    /// Returns it in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// What an element is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The document as a whole.
    Document,
    /// Every component.
    Component,
}

/// Where an element is filled in, by family of formats; empty where the family has no place for it.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    /// In CycloneDX.
    pub cyclonedx: &'static str,
    /// In SPDX 2.
    pub spdx2: &'static str,
    /// In SPDX 3.
    pub spdx3: &'static str,
}

/// How an element is asked.
#[derive(Debug)]
pub(super) enum Judge {
    /// Of the document.
    Document(fn(&Facts<'_>) -> Found),
    /// Of each component, by its place in the list.
    Component(fn(&Facts<'_>, usize, &Component<'_>) -> Found),
    /// Of no file: why it cannot stand in one.
    Outside(&'static str),
}

impl Element {
    /// Returns what it is asked of.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self.judge {
            Judge::Document(_) | Judge::Outside(_) => Subject::Document,
            Judge::Component(_) => Subject::Component,
        }
    }

    /// Returns which states pass beside a value.
    #[must_use]
    pub fn accepts(&self) -> &'static [Told] {
        self.accepts
    }

    /// Returns why no file can tell it, where that is so.
    #[must_use]
    pub fn outside(&self) -> Option<&'static str> {
        match self.judge {
            Judge::Outside(reason) => Some(reason),
            Judge::Document(_) | Judge::Component(_) => None,
        }
    }
}

impl Hint {
    /// Returns one of the same words for every family.
    pub(super) const fn all(text: &'static str) -> Self {
        Self { cyclonedx: text, spdx2: text, spdx3: text }
    }

    /// Returns where documents of a family have their place for it, empty where they have none.
    #[must_use]
    pub fn of(&self, family: &str) -> &'static str {
        match family {
            "cyclonedx" => self.cyclonedx,
            "spdx2" => self.spdx2,
            "spdx3" => self.spdx3,
            _ => "",
        }
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.edition)
    }
}
