//! The elements of a document, wherever they stand, and what a reference leads to.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::document::{Node, Value};

/// What begins the addresses of the terms of the specification.
const TERMS: &[&str] = &["https://spdx.org/rdf/3.0.1/terms/", "https://spdx.org/rdf/3.0.0/terms/", "spdx:"];

/// An object with a type.
#[derive(Clone, Debug)]
pub(super) struct Element<'n> {
    /// The object.
    pub(super) node: &'n Node<'n>,
    /// Its class, as the context names it: `software_Package`.
    pub(super) class: Cow<'n, str>,
    /// Its identifier, empty where it has none.
    pub(super) id: Cow<'n, str>,
}

/// The elements of a document.
pub(super) struct Graph<'n> {
    /// Every object with a type, outer before inner, in the order of the text.
    pub(super) elements: Vec<Element<'n>>,
    by_id: HashMap<Cow<'n, str>, usize>,
}

impl<'n> Graph<'n> {
    pub(super) fn of(root: &'n Node<'n>) -> Self {
        let mut elements = Vec::new();
        collect(root, &mut elements);
        let mut by_id = HashMap::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            if !element.id.is_empty() {
                by_id.entry(element.id.clone()).or_insert(at);
            }
        }
        Self { elements, by_id }
    }

    /// Returns the element with an identifier.
    pub(super) fn find(&self, id: &str) -> Option<&Element<'n>> {
        self.by_id.get(id).and_then(|at| self.elements.get(*at))
    }

    /// Returns the element that a value names, or that stands there itself.
    pub(super) fn resolve(&self, reference: &'n Node<'n>) -> Option<Element<'n>> {
        match &reference.value {
            Value::Mapping(_) => element(reference).or_else(|| self.find(&identifier(reference)?).cloned()),
            _ => self.find(&reference_id(reference)?).cloned(),
        }
    }

    /// Returns the elements of a class.
    pub(super) fn of_class<'g>(&'g self, class: &'g str) -> impl Iterator<Item = &'g Element<'n>> {
        self.elements.iter().filter(move |element| element.class == class)
    }
}

/// Adds the objects of a value. The depth is bounded by that of the document.
fn collect<'n>(node: &'n Node<'n>, out: &mut Vec<Element<'n>>) {
    match &node.value {
        Value::Mapping(members) => {
            out.extend(element(node));
            members.iter().for_each(|member| collect(&member.value, out));
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
    }
}

/// Returns an object with a type as an element.
pub(super) fn element<'n>(node: &'n Node<'n>) -> Option<Element<'n>> {
    let class = node.get("type").or_else(|| node.get("@type"))?;
    let class = match &class.value {
        Value::Sequence(all) => all.first()?,
        _ => class,
    };
    Some(Element { node, class: term(class.string("").ok()?), id: identifier(node).unwrap_or_default() })
}

/// Returns the identifier of an object.
fn identifier<'n>(node: &'n Node<'n>) -> Option<Cow<'n, str>> {
    reference_id(node.get("spdxId").or_else(|| node.get("@id"))?)
}

/// Returns the identifier that a value names: of an object its own, of the terms of the specification the short form.
pub(super) fn reference_id<'n>(reference: &'n Node<'n>) -> Option<Cow<'n, str>> {
    match &reference.value {
        Value::String(text) if !text.is_empty() => Some(term(text)),
        Value::Mapping(_) => identifier(reference),
        _ => None,
    }
}

/// Returns a term as the context names it: `spdx:Software/Package` is `software_Package`. Others stay as they are.
fn term(written: &str) -> Cow<'_, str> {
    let Some(rest) = TERMS.iter().find_map(|start| written.strip_prefix(start)) else { return Cow::Borrowed(written) };
    match rest.split_once('/') {
        Some(("Core", name)) if !name.contains('/') => Cow::Borrowed(name),
        Some((profile, name)) if !name.contains('/') => Cow::Owned(format!("{}_{name}", profile.to_ascii_lowercase())),
        _ => Cow::Borrowed(written),
    }
}
