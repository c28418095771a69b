//! RDF/XML read into resources and what is said of each (W3C RDF 1.1 XML Syntax).

use std::borrow::Cow;
use std::collections::HashMap;

use super::SYNTAX;
use crate::document::Span;
use crate::document::xml::{Element, XML_NAMESPACE};

/// Everything that a document says.
#[derive(Default)]
pub(super) struct Graph<'a> {
    resources: Vec<Resource<'a>>,
    places: HashMap<String, usize>,
    blanks: usize,
}

/// A resource and what is said of it.
pub(super) struct Resource<'a> {
    /// Its address, or `_:` and a name that only this document knows.
    pub(super) id: String,
    /// The names of its types, without their vocabulary.
    pub(super) types: Vec<String>,
    /// What is said of it, in the order of the text.
    pub(super) statements: Vec<Statement<'a>>,
    /// Where it stands first.
    pub(super) span: Span,
}

/// Something that is said of a resource.
pub(super) struct Statement<'a> {
    /// The property, without its vocabulary.
    pub(super) property: &'a str,
    /// Where the property stands.
    pub(super) property_span: Span,
    /// What it is.
    pub(super) object: Object<'a>,
    /// Where that stands.
    pub(super) span: Span,
}

/// What is said.
pub(super) enum Object<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A resource, by its identifier.
    Resource(String),
}

impl<'a> Graph<'a> {
    /// Reads the statements of an element `rdf:RDF`.
    pub(super) fn of(root: &Element<'a>) -> Self {
        let mut graph = Self::default();
        let base = base_of(root, "");
        for element in root.elements() {
            graph.resource(element, &base);
        }
        graph
    }

    /// Returns the resources in the order of the text.
    pub(super) fn resources(&self) -> &[Resource<'a>] {
        &self.resources
    }

    /// Returns a resource of which something is said.
    pub(super) fn get(&self, id: &str) -> Option<&Resource<'a>> {
        self.places.get(id).and_then(|at| self.resources.get(*at))
    }

    /// Returns how many statements there are.
    pub(super) fn len(&self) -> usize {
        self.resources.iter().map(|resource| resource.statements.len()).sum()
    }

    fn blank(&mut self) -> String {
        self.blanks += 1;
        // A name that no document can give.
        format!("_:  {}", self.blanks)
    }

    fn place(&mut self, id: &str, span: Span) -> usize {
        if let Some(at) = self.places.get(id) {
            return *at;
        }
        let at = self.resources.len();
        self.resources.push(Resource { id: id.to_owned(), types: Vec::new(), statements: Vec::new(), span });
        self.places.insert(id.to_owned(), at);
        at
    }

    fn say(&mut self, at: usize, statement: Statement<'a>) {
        if let Some(resource) = self.resources.get_mut(at) {
            resource.statements.push(statement);
        }
    }

    /// Reads an element that is a resource, and returns its identifier. The depth is bounded by that of the document.
    fn resource(&mut self, element: &Element<'a>, base: &str) -> String {
        let base = &*base_of(element, base);
        let syntax = |name| element.attribute(Some(SYNTAX), name).map(|attribute| attribute.value.trim());
        let id = match (syntax("about"), syntax("ID"), syntax("nodeID")) {
            (Some(address), ..) => resolved(address, base),
            (None, Some(id), _) => format!("{base}#{id}"),
            (None, None, Some(name)) => format!("_:{name}"),
            (None, None, None) => self.blank(),
        };
        let at = self.place(&id, element.span());
        if !element.is(SYNTAX, "Description") {
            self.of_type(at, element.local());
            // What a resource is, is told where it is said: the span is that of its own element.
            if let Some(resource) = self.resources.get_mut(at).filter(|one| one.statements.is_empty()) {
                resource.span = element.span();
            }
        }
        self.attributes(element, at);
        for property in element.elements() {
            self.property(property, at, base);
        }
        id
    }

    fn of_type(&mut self, at: usize, name: &str) {
        if let Some(resource) = self.resources.get_mut(at) {
            let name = name.rsplit(['#', '/']).next().unwrap_or(name).to_owned();
            if !resource.types.contains(&name) {
                resource.types.push(name);
            }
        }
    }

    /// Attributes beyond those of the syntax are properties with a text.
    fn attributes(&mut self, element: &Element<'a>, at: usize) {
        for attribute in element.attributes() {
            let is_syntax = attribute.name().namespace() == Some(SYNTAX)
                || attribute.name().namespace() == Some(XML_NAMESPACE)
                || attribute.name().namespace().is_none();
            if !is_syntax {
                let statement = Statement {
                    property: attribute.name().local(),
                    property_span: attribute.span(),
                    object: Object::Text(attribute.value.clone()),
                    span: attribute.value_span(),
                };
                self.say(at, statement);
            }
        }
    }

    fn property(&mut self, element: &Element<'a>, at: usize, base: &str) {
        let base = &*base_of(element, base);
        let syntax = |name| element.attribute(Some(SYNTAX), name);
        let (property, property_span) = (element.local(), element.start_tag());
        if element.is(SYNTAX, "type") {
            if let Some(address) = syntax("resource") {
                self.of_type(at, &address.value);
            }
            return;
        }
        let statement = |object, span| Statement { property, property_span, object, span };
        let parse_type = syntax("parseType").map(|kind| kind.value.to_string());
        if let Some(address) = syntax("resource") {
            let id = resolved(address.value.trim(), base);
            return self.say(at, statement(Object::Resource(id), address.value_span()));
        }
        if let Some(name) = syntax("nodeID") {
            let id = format!("_:{}", name.value.trim());
            return self.say(at, statement(Object::Resource(id), name.value_span()));
        }
        if parse_type.as_deref() == Some("Resource") {
            let id = self.blank();
            let inner = self.place(&id, element.span());
            for property in element.elements() {
                self.property(property, inner, base);
            }
            return self.say(at, statement(Object::Resource(id), element.span()));
        }
        let nodes: Vec<&Element<'a>> = element.elements().collect();
        if nodes.is_empty() || parse_type.as_deref() == Some("Literal") {
            let mut runs = element.runs();
            let (text, span) = match (runs.next(), runs.next()) {
                (Some(run), None) => (run.text.clone(), run.span()),
                _ => (Cow::Owned(element.text().into_owned()), element.span()),
            };
            return self.say(at, statement(Object::Text(text), span));
        }
        for node in nodes {
            if ["Bag", "Seq", "Alt"].iter().any(|name| node.is(SYNTAX, name)) {
                // A container stands for what it holds.
                for item in node.elements() {
                    self.item(item, at, property, base);
                }
            } else {
                let id = self.resource(node, base);
                self.say(at, Statement { property, property_span, object: Object::Resource(id), span: node.span() });
            }
        }
    }

    /// Reads an item of a container as if it were said by the property itself.
    fn item(&mut self, item: &Element<'a>, at: usize, property: &'a str, base: &str) {
        let before = self.resources.get(at).map_or(0, |resource| resource.statements.len());
        self.property(item, at, base);
        let after = self.resources.get_mut(at).and_then(|resource| resource.statements.get_mut(before..));
        after.into_iter().flatten().for_each(|statement| statement.property = property);
    }
}

/// Returns the base of addresses inside an element.
fn base_of(element: &Element<'_>, outer: &str) -> String {
    let own = element.attribute(Some(XML_NAMESPACE), "base");
    own.map_or_else(|| outer.to_owned(), |base| base.value.split('#').next().unwrap_or_default().to_owned())
}

/// Returns an address: one that begins with `#` stands in the document.
fn resolved(address: &str, base: &str) -> String {
    if address.starts_with('#') || address.is_empty() { format!("{base}{address}") } else { address.to_owned() }
}
