//! What a format is: how its documents are known, read, judged and written.

use crate::document::xml::Element;
use crate::document::{Fault, Node};
use crate::text::Text;

use super::model::{Bom, Loss, Losses};
use super::{Document, FORMATS, Family, Names, Violation};

/// A way to write the documents of a family.
pub struct Format {
    /// Its id: `spdx-json`.
    pub id: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// The names its files bear in a tree.
    pub names: Names,
    /// The family its documents belong to.
    pub family: &'static Family,
    /// The versions that are read.
    pub reads: &'static [&'static str],
    /// The versions that are written, the usual one first; none where it is only read.
    pub writes: &'static [&'static str],
    /// Says whether a text is a document of this format, and of which version.
    pub claim: fn(&Parsed<'_>) -> Option<Claim>,
    /// Returns the tree of a document in the shape of its family's JSON.
    pub read: for<'a> fn(Parsed<'a>) -> Result<Node<'a>, Fault>,
    /// Writes such a tree, of one of the versions; what the format has no form for is counted.
    pub render: fn(&Node<'_>, &str, &mut Losses) -> Vec<u8>,
    /// Whether a document that stays in the format keeps its text, because its tree does not hold all of that.
    pub keeps_text: bool,
    /// Writes what the model of a tree says without making a tree of it first, in parts that follow one another; `None`
    /// where the version has no such way.
    pub straight: Option<Straight>,
    /// Returns what stands in the text of a document and in no tree of its family, where there may be such.
    pub beyond: Option<fn(&Document<'_>) -> Vec<Loss>>,
    /// Returns where a document breaks its own specification, in the order of the text.
    pub judge: fn(&Document<'_>) -> Vec<Violation>,
}

/// Writes a model in a version, in parts that follow one another, where there is a way.
pub type Straight = fn(&Bom<'_>, &'static str) -> Option<Vec<Vec<u8>>>;

/// A text as its syntax has it, before it is known what it is.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// JSON.
    Json(Node<'a>),
    /// YAML.
    Yaml(Node<'a>),
    /// Lines of tags and values.
    Lines(&'a str),
    /// XML, its root.
    Xml(Element<'a>),
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON.
    Json,
    /// YAML, or whatever else is none of the others.
    Yaml,
    /// Lines of tags and values.
    Lines,
    /// XML.
    Xml,
}

impl Syntax {
    /// Returns it in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Lines => "text",
            Self::Xml => "XML",
        }
    }

    /// Whether a file of a name promises to be written in it.
    #[must_use]
    pub fn is_of(self, file_name: &[u8]) -> bool {
        match self {
            Self::Json => file_name.ends_with(b".json"),
            Self::Yaml => file_name.ends_with(b".yaml") || file_name.ends_with(b".yml"),
            Self::Lines => file_name.ends_with(b".spdx"),
            Self::Xml => file_name.ends_with(b".xml") || file_name.ends_with(b".rdf"),
        }
    }
}

/// That a text is a document of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Of this version.
    Version(&'static str),
    /// Of a version that is not known, as it states it.
    UnknownVersion(Text),
}

/// A format and a version of it.
#[derive(Clone, Copy)]
pub struct Chosen {
    /// The format.
    pub format: &'static Format,
    /// The version.
    pub version: &'static str,
}

/// Reads `FORMAT[@VERSION]`, a format that is written.
///
/// # Errors
/// What was expected.
pub fn choose(text: &str) -> Result<Chosen, Text> {
    let (id, version) = text.split_once('@').map_or((text, None), |(id, version)| (id, Some(version)));
    let written = || FORMATS.iter().copied().filter(|format| !format.writes.is_empty());
    let Some(format) = written().find(|format| format.id == id) else {
        let known: Vec<&str> = written().map(|format| format.id).collect();
        return Err(crate::text!("expected one of the formats {}", known.join(", ")));
    };
    let version = match version {
        None => format.writes.first().copied(),
        Some(version) => format.writes.iter().copied().find(|known| *known == version),
    };
    match version {
        Some(version) => Ok(Chosen { format, version }),
        None => Err(crate::text!("expected one of the versions {} of {}", format.writes.join(", "), id)),
    }
}
