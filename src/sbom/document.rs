//! A document: what it is, and what stands in it.

use std::borrow::Cow;

use super::format::{Claim, Format, Parsed, Syntax};
use super::model::{Bom, Unread};
use super::{FORMATS, Violation};
use crate::document::{self, Fault, Node, Span};
use crate::text::Text;

/// A document that was read.
pub struct Document<'a> {
    /// Its format.
    pub format: &'static Format,
    /// Its version.
    pub version: &'static str,
    /// Its text.
    pub text: &'a str,
    /// What stands in it, in the shape of its family's JSON.
    pub root: Node<'a>,
}

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is unsound in its own syntax or format.
    Fault(Fault),
    /// It is sound, and of no format that is known here.
    Other {
        /// What was expected and found.
        fault: Fault,
        /// What it is written in.
        syntax: Syntax,
    },
    /// It is of a known format, and of a version that is not known.
    UnknownVersion {
        /// The format.
        format: &'static str,
        /// The version it states.
        version: Text,
        /// The versions of the format that are read.
        known: &'static [&'static str],
        /// Where it states it, its beginning where it does not.
        at: Span,
    },
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Returns the text of a file: UTF-8, or UTF-16 where a byte order mark says so.
///
/// # Errors
/// A fault at the first byte that is no text.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| match pair {
            [a, b] => unit([*a, *b]),
            _ => 0xd800,
        });
        char::decode_utf16(units).collect::<Result<String, _>>().map(Cow::Owned).map_err(|_unpaired| {
            Fault::new(Span::default(), Text::trusted("text in UTF-16"), Text::trusted("an unpaired surrogate"))
        })
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
                let start = error.valid_up_to();
                let byte = bytes.get(start).copied().unwrap_or_default();
                let span = Span { start, end: start };
                Fault::new(span, Text::trusted("text in UTF-8"), crate::text!("the byte 0x{}", format!("{byte:02x}")))
            })
        }
    }
}

impl<'a> Document<'a> {
    /// Reads a text of any known format.
    ///
    /// # Errors
    /// Why it is no document.
    pub fn read(text: &'a str) -> Result<Self, Unreadable> {
        let parsed = Parsed::of(text)?;
        let Some((format, claim)) =
            FORMATS.iter().find_map(|format| (format.claim)(&parsed).map(|claim| (*format, claim)))
        else {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
            let expected = crate::text!("an SBOM of one of the formats {}", known.join(", "));
            let fault = Fault::new(Span::default(), expected, parsed.kind());
            return Err(Unreadable::Other { fault, syntax: parsed.syntax() });
        };
        let version = match claim {
            Claim::Version(version) => version,
            Claim::UnknownVersion(version) => {
                let (at, known) = (parsed.version_at(), format.reads);
                return Err(Unreadable::UnknownVersion { format: format.id, version, known, at });
            }
        };
        let root = (format.read)(parsed)?;
        Ok(Self { format, version, text, root })
    }

    /// Returns what the document says.
    #[must_use]
    pub fn model<'n>(&'n self, unread: &'n Unread) -> Bom<'n> {
        (self.format.family.model)(&self.root, self.version, unread)
    }

    /// Returns where it breaks its specification, in the order of the text.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        (self.format.judge)(self)
    }

    /// Returns where it contradicts itself, in the order of the text.
    #[must_use]
    pub fn inconsistencies(&self) -> Vec<Violation> {
        let mut found = (self.format.family.inconsistencies)(self);
        found.sort_by_key(|violation| violation.span.start);
        found
    }
}

impl<'a> Parsed<'a> {
    /// Parses a text by what it begins with.
    ///
    /// # Errors
    /// A fault where it is not what it begins as.
    fn of(text: &'a str) -> Result<Self, Fault> {
        match text.trim_ascii_start().bytes().next() {
            None => Err(Fault::new(Span::default(), Text::trusted("an SBOM"), Text::trusted("an empty file"))),
            Some(b'{' | b'[') => document::json(text).map(Self::Json),
            Some(b'<') => document::xml(text).map(Self::Xml),
            Some(_) if is_tagged(text) => Ok(Self::Lines(text)),
            Some(_) => {
                let mut documents = document::yaml_with_aliases(text)?;
                match documents.len() {
                    1 => Ok(Self::Yaml(documents.remove(0))),
                    count => Err(Fault::new(
                        Span::default(),
                        Text::trusted("one YAML document"),
                        crate::text!("{} of them", count),
                    )),
                }
            }
        }
    }

    fn syntax(&self) -> Syntax {
        match self {
            Self::Json(_) => Syntax::Json,
            Self::Yaml(_) => Syntax::Yaml,
            Self::Lines(_) => Syntax::Lines,
            Self::Xml(_) => Syntax::Xml,
        }
    }

    /// Returns where the version is stated, the beginning of the text where it is not.
    fn version_at(&self) -> Span {
        match self {
            Self::Json(root) | Self::Yaml(root) => {
                let keys = ["specVersion", "spdxVersion"];
                keys.iter().find_map(|key| root.get(key)).map_or(Span::default(), |stated| stated.span)
            }
            Self::Lines(text) => {
                let start = text.find("SPDXVersion:").unwrap_or_default();
                Span { start, end: start }
            }
            Self::Xml(_) => Span::default(),
        }
    }

    fn kind(&self) -> Text {
        match self {
            Self::Json(_) => Text::trusted("other JSON"),
            Self::Yaml(_) => Text::trusted("other YAML"),
            Self::Lines(_) => Text::trusted("other text"),
            Self::Xml(root) if root.elements().any(|one| one.local() == "Ontology") => {
                Text::trusted("an ontology: a vocabulary, not a document in its words")
            }
            Self::Xml(root) => crate::text!("XML whose root is `{}`", root.local()),
        }
    }
}

/// Whether the first line that is neither blank nor a comment is a tag of SPDX and its value.
fn is_tagged(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let tag = first.and_then(|line| line.split_once(':')).map(|(tag, _)| tag.trim());
    // In YAML keys of this document begin with a small letter, but for the identifier, which stands in both.
    tag.is_some_and(|tag| {
        tag.starts_with(|c: char| c.is_ascii_uppercase()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }) && text.lines().any(|line| line.starts_with("SPDXVersion:"))
}
