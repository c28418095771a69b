//! What the specification demands of a document: its schema, and what its model says beside it.

mod classes;
mod contents;
mod references;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use self::classes::{is_a, range};
use super::graph::{self, Element, Graph};
use super::{CONTEXT, VERSIONS};
use crate::document::{Node, Span, Value, render_json};
use crate::sbom::schema::{self, MAX_VIOLATIONS};
use crate::sbom::violation::step;
use crate::sbom::{Document, Kind, Violation};
use crate::text::Text;

/// Looks at a document for what is wrong with it.
struct Examiner<'n> {
    graph: Graph<'n>,
    /// The identifiers of elements of which is said that they stand in other documents.
    imports: HashSet<String>,
    /// The objects that were seen, by their identifiers.
    identifiers: HashMap<Cow<'n, str>, &'n Node<'n>>,
    /// How many documents were seen.
    documents: usize,
    found: Vec<Violation>,
}

/// Where an object stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The JSON pointer.
    pointer: &'p str,
    /// The class that is demanded there, and the class and member that say so.
    wanted: Option<(&'static str, &'static str)>,
}

/// Returns where a document breaks its specification.
pub(super) fn invalid(document: &Document<'_>) -> Vec<Violation> {
    examine(document, Kind::Invalid)
}

/// Returns where a document contradicts itself.
pub(super) fn inconsistent(document: &Document<'_>) -> Vec<Violation> {
    examine(document, Kind::Inconsistent)
}

fn examine(document: &Document<'_>, kind: Kind) -> Vec<Violation> {
    let root = &document.root;
    let graph = Graph::of(root);
    let imports = graph.of_class("ExternalMap").filter_map(|map| map.node.get("externalSpdxId"));
    let imports = imports.filter_map(graph::reference_id).map(|id| id.into_owned()).collect();
    let mut examiner = Examiner { graph, imports, identifiers: HashMap::new(), documents: 0, found: Vec::new() };
    if kind == Kind::Invalid {
        examiner.shell(root);
    }
    match root.get("@graph").map(|graph| &graph.value) {
        Some(Value::Sequence(elements)) => {
            for (at, element) in elements.iter().enumerate() {
                let pointer = format!("/@graph/{at}");
                examiner.object(element, Place { pointer: &pointer, wanted: None }, kind);
            }
        }
        Some(_) => {}
        None => examiner.object(root, Place { pointer: "", wanted: None }, kind),
    }
    if examiner.documents == 0 {
        examiner.found.push(documents(root, "", "none"));
    }
    let mut found = examiner.found;
    found.retain(|violation| violation.kind == kind);
    found.sort_by(|a, b| (a.span.start, &a.pointer, &a.expected).cmp(&(b.span.start, &b.pointer, &b.expected)));
    // A value whose form two patterns demand is told once.
    let is_of_pattern = |one: &Violation| one.expected.as_str().starts_with("text that matches");
    found.dedup_by(|b, a| a == b || (a.pointer == b.pointer && is_of_pattern(a) && is_of_pattern(b)));
    found.truncate(MAX_VIOLATIONS);
    found
}

impl<'n> Examiner<'n> {
    fn invalid(&mut self, at: Span, pointer: &str, expected: Text, found: Text) {
        self.found.push(Violation::invalid(at, Text::of(pointer), expected, found));
    }

    /// Whether enough was found to stop.
    fn is_full(&self) -> bool {
        self.found.len() >= MAX_VIOLATIONS
    }

    /// Judges what stands around the elements.
    fn shell(&mut self, root: &Node<'_>) {
        let context = root.get("@context");
        match context {
            None => {
                self.invalid(root.opening(), "", Text::trusted("the member `@context`"), Text::trusted("none"));
            }
            Some(context) if context.string("") != Ok(CONTEXT) => {
                let expected =
                    crate::text!("`{}`, the context of {}", CONTEXT, VERSIONS.first().copied().unwrap_or(""));
                self.invalid(context.opening(), "/@context", expected, shown(context));
            }
            Some(_) => {}
        }
        let (Value::Mapping(members), Some(graph)) = (&root.value, root.get("@graph")) else { return };
        for member in members.iter().filter(|member| !matches!(&*member.key, "@context" | "@graph")) {
            let pointer = format!("/{}", step(&member.key));
            let expected = Text::trusted("`@context` and `@graph` alone");
            self.invalid(member.key_span, &pointer, expected, crate::text!("`{}`", &*member.key));
        }
        if !matches!(graph.value, Value::Sequence(_)) {
            self.invalid(graph.opening(), "/@graph", Text::trusted("a list of elements"), Text::trusted(graph.kind()));
        }
    }

    /// Judges the identifier of an object, which no other has, and that there is no second document.
    ///
    /// JSON-LD makes one of two objects with the same identifier. Where both say the same that is no more than odd.
    fn identity(&mut self, element: &Element<'n>, pointer: &str) {
        let key = if element.node.get("spdxId").is_some() { "spdxId" } else { "@id" };
        let span = element.node.get(key).map_or(element.node.span, |value| value.span);
        let pointer_to_id = || crate::text!("{}/{}", pointer, key);
        let source = "SPDX 3.0.1, Core, Element, spdxId";
        if !element.id.is_empty() {
            self.iri(element.node.get(key), &pointer_to_id());
            if let Some(first) = self.identifiers.get(&element.id) {
                let expected = Text::trusted("an identifier that no other element of the document has");
                let found = crate::text!("`{}` again", &*element.id);
                let violation = match render_json(first) == render_json(element.node) {
                    true => Violation::inconsistent(span, pointer_to_id(), expected, found),
                    false => Violation::invalid(span, pointer_to_id(), expected, found),
                };
                self.found.push(violation.by(source));
            } else {
                self.identifiers.insert(element.id.clone(), element.node);
            }
        }
        if element.class == "SpdxDocument" {
            self.documents += 1;
            if self.documents > 1 {
                self.found.push(documents(element.node, pointer, "one more"));
            }
        }
    }

    /// Judges an object and those inside it. The depth is bounded by that of the document.
    fn object(&mut self, node: &'n Node<'n>, place: Place<'_>, kind: Kind) {
        if self.is_full() {
            return;
        }
        let Value::Mapping(members) = &node.value else {
            return self.invalid(node.opening(), place.pointer, Text::trusted("an object"), Text::trusted(node.kind()));
        };
        let Some(element) = graph::element(node) else {
            return self.untyped(node, place);
        };
        self.identity(&element, place.pointer);
        let class = &*element.class;
        let schema = schema::spdx3();
        if !schema.is_known(class) {
            let is_extension = place.wanted.is_some_and(|(wanted, _)| wanted == "extension_Extension");
            // An extension may be of a class of its own, of which nothing is known here.
            if !(is_extension && class.contains(':')) {
                let at = node.get("type").or_else(|| node.get("@type")).unwrap_or(node);
                let pointer = format!("{}/type", place.pointer);
                let is_abstract = classes::is_class(class);
                let expected = if is_abstract { "a class that is not abstract" } else { "a class of SPDX 3.0.1" };
                self.invalid(at.span, &pointer, Text::trusted(expected), crate::text!("`{}`", class));
                return;
            }
        } else if kind == Kind::Invalid {
            let found = schema.judge(class, node, place.pointer);
            // The context stands beside the members of an only element.
            self.found.extend(found.into_iter().filter(|one| one.pointer.as_str() != "/@context"));
        }
        if let Some((wanted, source)) = place.wanted.filter(|(wanted, _)| !is_a(class, wanted)) {
            self.wrong_class(node, place.pointer, wanted, source, class);
        }
        self.contents(&element, place.pointer);
        for member in members {
            let Some((wanted, source)) = range(class, &member.key) else { continue };
            let pointer = format!("{}/{}", place.pointer, step(&member.key));
            match &member.value.value {
                Value::Sequence(items) => {
                    for (at, item) in items.iter().enumerate() {
                        let pointer = format!("{pointer}/{at}");
                        self.value(item, Place { pointer: &pointer, wanted: Some((wanted, source)) }, kind);
                    }
                }
                _ => self.value(&member.value, Place { pointer: &pointer, wanted: Some((wanted, source)) }, kind),
            }
        }
    }

    /// Judges a value that leads to an object: the object itself, or its identifier.
    fn value(&mut self, node: &'n Node<'n>, place: Place<'_>, kind: Kind) {
        match &node.value {
            Value::Mapping(_) => self.object(node, place, kind),
            Value::String(_) => self.reference(node, place),
            // The schema tells of the others.
            _ => {}
        }
    }

    /// Tells of an object that says not what it is.
    fn untyped(&mut self, node: &Node<'_>, place: Place<'_>) {
        self.invalid(node.opening(), place.pointer, Text::trusted("the member `type`"), Text::trusted("none"));
    }

    fn wrong_class(&mut self, node: &Node<'_>, pointer: &str, wanted: &str, source: &'static str, class: &str) {
        let violation = Violation::invalid(
            node.opening(),
            Text::of(pointer),
            crate::text!("an element of the class `{}`", wanted),
            crate::text!("one of the class `{}`", class),
        );
        self.found.push(violation.by(source));
    }
}

/// Returns that there is not one document.
fn documents(node: &Node<'_>, pointer: &str, found: &'static str) -> Violation {
    let expected = Text::trusted("exactly one `SpdxDocument`");
    let violation = Violation::invalid(node.opening(), Text::of(pointer), expected, Text::trusted(found));
    violation.by("SPDX 3.0.1, Core, SpdxDocument")
}

/// Returns a value as it is shown.
fn shown(node: &Node<'_>) -> Text {
    match &node.value {
        Value::String(text) => crate::text!("`{}`", &**text).shortened(80),
        _ => Text::trusted(node.kind()),
    }
}
