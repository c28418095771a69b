//! XML 1.0 with namespaces, by `quick-xml`: a tree of elements that know where they stand.
//!
//! The library parts the text into tags, text and comments. What XML forbids beyond that is refused here, and so is
//! every document type declaration: without one there are no entities, neither external ones nor ones that explode.

mod characters;
mod name;
mod read;
mod tag;
mod write;

use std::borrow::Cow;
use std::sync::Arc;

use super::{Fault, Span};

pub use name::Name;
pub use write::{Writer, write};

/// The namespace of the prefix `xml`.
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// The namespace of declarations of namespaces.
pub const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Parses XML and returns the root element.
///
/// # Errors
/// A fault where the text is not well-formed XML 1.0 with namespaces, has a document type declaration, nests deeper
/// than [`super::limits::MAX_DEPTH`] or holds more than [`super::limits::MAX_XML_NODES`] parts.
pub fn xml(text: &str) -> Result<Element<'_>, Fault> {
    read::document(text).map(|document| document.root)
}

/// Parses XML and returns the root element with the comments and instructions around it.
///
/// # Errors
/// As [`xml`].
pub fn xml_document(text: &str) -> Result<Document<'_>, Fault> {
    read::document(text)
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The comments and instructions before the root.
    pub before: Vec<Content<'a>>,
    /// The root.
    pub root: Element<'a>,
    /// The comments and instructions behind the root.
    pub after: Vec<Content<'a>>,
}

/// An element.
#[derive(Clone, Debug)]
pub struct Element<'a> {
    name: Arc<Name<'a>>,
    declarations: Box<[Declaration<'a>]>,
    attributes: Box<[Attribute<'a>]>,
    content: Box<[Content<'a>]>,
    // Offsets of four bytes keep the tree within a few times the text.
    start: u32,
    tag_end: u32,
    end: u32,
}

/// A declaration of a namespace.
#[derive(Clone, Debug)]
pub struct Declaration<'a> {
    /// The prefix; empty for the namespace of names without one.
    pub prefix: &'a str,
    /// The namespace; empty where the one of names without a prefix is taken back.
    pub namespace: Arc<str>,
}

/// An attribute that declares no namespace.
#[derive(Clone, Debug)]
pub struct Attribute<'a> {
    name: Arc<Name<'a>>,
    /// The value, its references resolved and its white space made spaces.
    pub value: Cow<'a, str>,
    start: u32,
    value_start: u32,
    end: u32,
}

/// What stands between the tags of an element.
#[derive(Clone, Debug)]
pub enum Content<'a> {
    /// An element.
    Element(Box<Element<'a>>),
    /// Text, its references resolved.
    Text(Run<'a>),
    /// A comment.
    Comment(Cow<'a, str>),
    /// A processing instruction, its target first.
    Instruction(Cow<'a, str>),
}

/// A run of text.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    start: u32,
    /// The byte behind the last; the highest bit marks a CDATA section.
    end_and_mark: u32,
}

/// Marks a run of text that is written as a CDATA section.
const CDATA: u32 = 1 << 31;

impl<'a> Element<'a> {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &Name<'a> {
        &self.name
    }

    /// Returns the name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'a str {
        self.name.local()
    }

    /// Returns the namespace, `None` where the element is in none.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.name.namespace()
    }

    /// Whether the element has a name of a namespace.
    #[must_use]
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local() == local && self.namespace() == Some(namespace)
    }

    /// Returns the namespaces that the start tag declares.
    #[must_use]
    pub fn declarations(&self) -> &[Declaration<'a>] {
        &self.declarations
    }

    /// Returns the attributes in the order of the text, without declarations of namespaces.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// Returns the attribute of a name, which is in no namespace where `namespace` is `None`.
    #[must_use]
    pub fn attribute(&self, namespace: Option<&str>, local: &str) -> Option<&Attribute<'a>> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.local() == local && attribute.name.namespace() == namespace)
    }

    /// Returns everything between the tags.
    #[must_use]
    pub fn content(&self) -> &[Content<'a>] {
        &self.content
    }

    /// Returns the elements right inside this one.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element.as_ref()),
            Content::Text(_) | Content::Comment(_) | Content::Instruction(_) => None,
        })
    }

    /// Returns the text right inside this element, without that of elements in it.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let mut runs = self.runs();
        let Some(first) = runs.next() else { return Cow::Borrowed("") };
        let Some(second) = runs.next() else { return Cow::Borrowed(&first.text) };
        let mut text = first.text.to_string();
        text.push_str(&second.text);
        runs.for_each(|run| text.push_str(&run.text));
        Cow::Owned(text)
    }

    /// Returns the runs of text right inside this element.
    pub fn runs(&self) -> impl Iterator<Item = &Run<'a>> {
        self.content.iter().filter_map(|content| match content {
            Content::Text(run) => Some(run),
            Content::Element(_) | Content::Comment(_) | Content::Instruction(_) => None,
        })
    }

    /// Returns where the start tag stands.
    #[must_use]
    pub fn start_tag(&self) -> Span {
        span(self.start, self.tag_end)
    }

    /// Returns where the element stands, from its start tag to its end tag.
    #[must_use]
    pub fn span(&self) -> Span {
        span(self.start, self.end)
    }
}

impl<'a> Attribute<'a> {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &Name<'a> {
        &self.name
    }

    /// Returns where name and value stand.
    #[must_use]
    pub fn span(&self) -> Span {
        span(self.start, self.end)
    }

    /// Returns where the value stands, with its quotes.
    #[must_use]
    pub fn value_span(&self) -> Span {
        span(self.value_start, self.end)
    }
}

impl Run<'_> {
    /// Returns where the text stands.
    #[must_use]
    pub fn span(&self) -> Span {
        span(self.start, self.end_and_mark & !CDATA)
    }

    /// Whether the text is written as a CDATA section.
    #[must_use]
    pub fn is_cdata(&self) -> bool {
        self.end_and_mark & CDATA != 0
    }

    /// Whether the text is nothing but white space.
    #[must_use]
    pub fn is_space(&self) -> bool {
        self.text.bytes().all(characters::is_space)
    }
}

fn span(start: u32, end: u32) -> Span {
    let offset = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
    Span { start: offset(start), end: offset(end) }
}

#[cfg(test)]
mod tests;
