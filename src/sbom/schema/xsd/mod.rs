//! An interpreter of XML Schema 1.0, as far as the schemas of SBOM documents use it.
//!
//! A schema is read once into types; documents are then judged in one pass. A construct that is not known here is a
//! fault when the schema is read, so that nothing is let pass that a schema forbids.

mod builtin;
mod judge;
mod model;
mod part;
mod pattern;
mod read;
mod simple;

use std::collections::BTreeMap;

use crate::document::xml::Element;
use crate::document::{Fault, Span};
use crate::text::Text;

pub(crate) use builtin::Builtin;
pub(crate) use model::{Model, Term};
pub(crate) use simple::{Facets, Simple};

/// The namespace of XML Schema itself.
const XSD_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema";

/// The namespace of the attributes that speak to a validator.
pub(crate) const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// How many violations of one document are told.
pub(crate) const MAX_VIOLATIONS: usize = 1_000;

/// A schema.
#[derive(Debug)]
pub(crate) struct Schema {
    target: String,
    elements: BTreeMap<String, Declaration>,
    named: BTreeMap<(String, String), Type>,
    simple: Vec<Simple>,
    complex: Vec<Complex>,
}

/// A type, by its number in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Any attributes and any content.
    Any,
    /// A type of text.
    Simple(usize),
    /// A type of elements with attributes or elements in them.
    Complex(usize),
}

/// The declaration of an element.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    /// The name, in the namespace of the schema.
    pub name: String,
    /// The type.
    pub kind: Type,
    /// The value of an element that is empty.
    pub default: Option<String>,
    /// Attributes that have no value twice among all elements inside.
    unique: Vec<String>,
}

/// A type of elements.
#[derive(Debug, Default)]
pub(crate) struct Complex {
    /// The attributes it may have.
    pub attributes: Vec<AttributeUse>,
    /// The attributes it may have beyond those.
    pub other_attributes: Option<Wildcard>,
    /// What may stand between its tags.
    pub content: Allowed,
}

/// An attribute that an element may have.
#[derive(Clone, Debug)]
pub(crate) struct AttributeUse {
    /// The name, in no namespace.
    pub name: String,
    /// The type of the value, a number of a simple type.
    pub kind: usize,
    /// Whether it must be there.
    pub is_required: bool,
}

/// What may stand between the tags of an element.
#[derive(Debug, Default)]
pub(crate) enum Allowed {
    /// Nothing.
    #[default]
    Nothing,
    /// Text of a simple type.
    Text(usize),
    /// Elements, and text between them where the content is mixed.
    Elements {
        /// The elements and their order.
        model: Model,
        /// Whether text may stand between them.
        is_mixed: bool,
    },
}

/// Which namespaces what is not declared may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcard {
    /// Any, or none.
    Any,
    /// Any but that of the schema, and not none.
    Other,
}

/// What is wrong with a document, in the order of its text.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The violations, at most [`MAX_VIOLATIONS`].
    pub violations: Vec<Violation>,
    /// Whether the document was not judged to its end because there were more.
    pub is_cut: bool,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where: a start tag, an attribute or a text.
    pub span: Span,
    /// The path of the element or attribute, such as `/bom/components/component[3]/purl`.
    pub path: Text,
    /// What was expected there.
    pub expected: Text,
    /// What was found instead.
    pub found: Text,
}

impl Judgement {
    /// Returns a judgement of one violation.
    #[must_use]
    pub(crate) fn of(violation: Violation) -> Self {
        Self { violations: vec![violation], is_cut: false }
    }

    /// Whether nothing is wrong.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }
}

impl Schema {
    /// Reads a schema and those that it imports.
    ///
    /// # Errors
    /// A fault where a text is not XML, or holds a construct that is not known here.
    pub(crate) fn read(texts: &[&str]) -> Result<Self, Fault> {
        read::schema(texts)
    }

    /// Judges a document.
    #[must_use]
    pub(crate) fn judge(&self, root: &Element<'_>) -> Judgement {
        judge::judge(self, root)
    }

    /// Returns the namespace of the elements.
    #[must_use]
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Returns the declaration of an element that may be a root.
    #[must_use]
    pub(crate) fn element(&self, name: &str) -> Option<&Declaration> {
        self.elements.get(name)
    }

    /// Returns a type of elements by its number.
    #[must_use]
    pub(crate) fn complex(&self, number: usize) -> Option<&Complex> {
        self.complex.get(number)
    }

    /// Whether every pattern can be compiled.
    #[cfg(test)]
    pub(super) fn patterns_are_known(&self) -> bool {
        self.simple.iter().all(|simple| match simple {
            Simple::Narrowed { facets, .. } => facets.patterns.iter().all(pattern::Pattern::is_known),
            Simple::Builtin(_) | Simple::Union(_) => true,
        })
    }

    /// Returns a type of text by its number.
    #[must_use]
    pub(crate) fn simple(&self, number: usize) -> Option<&Simple> {
        self.simple.get(number)
    }
}

impl Wildcard {
    /// Whether a name of this namespace is allowed by a schema for `target`.
    fn allows(self, namespace: Option<&str>, target: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Other => namespace.is_some_and(|namespace| namespace != target),
        }
    }
}

#[cfg(test)]
mod tests;
