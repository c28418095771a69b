//! XML read into the shape of JSON.

use std::borrow::Cow;

use super::shape::{self, Shape};
use super::{Read, value};
use crate::document::xml::{Content, Element};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::sbom::model::Losses;
use crate::sbom::schema::cyclonedx::{VERSIONS, Version};
use crate::sbom::schema::xsd::{Builtin, Complex, Declaration, Model, Schema};
use crate::text::Text;

pub(super) fn read<'e>(root: &'e Element<'_>) -> Result<Read<'e>, Fault> {
    let Some(version) = Version::of(root) else {
        let known: Vec<&str> = VERSIONS.iter().map(|version| version.version).collect();
        let expected = crate::text!("a document of CycloneDX {}", known.join(", "));
        let found = crate::text!("`{}` in the namespace `{}`", root.local(), root.namespace().unwrap_or_default());
        return Err(Fault::new(root.start_tag(), expected, found));
    };
    let schema = version.schema().map_err(Fault::clone)?;
    let Some(declaration) = schema.element(root.local()) else {
        let found = crate::text!("`{}`", root.local());
        return Err(Fault::new(root.start_tag(), Text::trusted("the element `bom`"), found));
    };
    let mut reader = Reader { schema, lost: Losses::default() };
    let mut node = reader.value(root, declaration);
    let string = |key: &'static str, value: &'static str| {
        let node = Node { span: root.start_tag(), value: Value::String(Cow::Borrowed(value)) };
        Member { key: Cow::Borrowed(key), key_span: root.start_tag(), value: node }
    };
    if let Value::Mapping(members) = &mut node.value {
        members.splice(0..0, [string("bomFormat", "CycloneDX"), string("specVersion", version.version)]);
    }
    Ok(Read { node, lost: reader.lost.into_list() })
}

struct Reader {
    schema: &'static Schema,
    lost: Losses,
}

impl Reader {
    fn value<'e>(&mut self, element: &'e Element<'_>, declaration: &'static Declaration) -> Node<'e> {
        match shape::shape(self.schema, declaration) {
            Shape::Value(kind) => {
                self.other_attributes(element, None);
                self.text_only(element);
                scalar(kind, element)
            }
            Shape::Marked(complex, kind) => {
                let mut members = self.attributes(element, complex);
                self.text_only(element);
                let text = scalar(kind, element);
                let key = shape::text_member(element.local());
                let is_absent = key == "value" && matches!(&text.value, Value::String(text) if text.is_empty());
                if !is_absent {
                    members.push(Member { key: Cow::Borrowed(key), key_span: text.span, value: text });
                }
                Node { span: element.span(), value: Value::Mapping(members) }
            }
            Shape::Reference => {
                let reference = element.attribute(None, "ref");
                self.other_attributes(element, Some(&["ref"]));
                self.elements_only(element);
                element.elements().for_each(|inner| self.lost_element(element, inner));
                let span = reference.map_or(element.start_tag(), |reference| reference.value_span());
                let text = reference.map_or(Cow::Borrowed(""), |reference| Cow::Borrowed(reference.value.as_ref()));
                Node { span, value: Value::String(text) }
            }
            Shape::List(model) => {
                self.other_attributes(element, None);
                let items = self.items(element, model);
                Node { span: element.span(), value: Value::Sequence(items) }
            }
            Shape::Tools(complex, model) => {
                let is_old =
                    element.elements().any(|inner| inner.local() == "tool") || element.elements().next().is_none();
                if !is_old {
                    return self.record(element, complex, Some(model));
                }
                self.other_attributes(element, None);
                let items = self.items(element, model);
                Node { span: element.span(), value: Value::Sequence(items) }
            }
            Shape::Party(model) => {
                self.other_attributes(element, None);
                let mut items = self.items(element, model);
                // JSON has the members of the person alone, and a name could be that of an organization.
                let is_person =
                    element.elements().next().is_some_and(|inner| matches!(inner.local(), "individual" | "contact"));
                let told =
                    ["email", "phone"].iter().any(|key| items.first().is_some_and(|item| item.get(key).is_some()));
                if is_person && !told {
                    self.lost.note(crate::text!("that `{}` is a person", element.local()).as_str());
                }
                let rest = items.len().saturating_sub(1);
                (0..rest)
                    .for_each(|_| self.lost.note(crate::text!("a second element in `{}`", element.local()).as_str()));
                items.truncate(1);
                items.pop().unwrap_or_else(|| Node { span: element.span(), value: Value::Mapping(Vec::new()) })
            }
            Shape::Dependency(model) => {
                let mut items = Vec::new();
                self.dependency(element, model, &mut items);
                // Only a list has dependencies in it, which asks for them itself.
                items.pop().unwrap_or_else(|| Node { span: element.span(), value: Value::Null })
            }
            Shape::Mixed(complex, model) if element.elements().next().is_some() => {
                self.record(element, complex, Some(model))
            }
            Shape::Mixed(..) => {
                self.other_attributes(element, None);
                scalar(Some(Builtin::Token), element)
            }
            Shape::Record(complex, model) => self.record(element, complex, model),
        }
    }

    /// Returns what stands inside a list, in order.
    fn items<'e>(&mut self, element: &'e Element<'_>, model: &'static Model) -> Vec<Node<'e>> {
        self.elements_only(element);
        let mut items = Vec::with_capacity(element.content().len() / 2);
        for inner in element.elements() {
            let Some((_, declaration)) = self.declared(inner, model) else {
                self.lost_element(element, inner);
                continue;
            };
            if let Shape::Dependency(model) = shape::shape(self.schema, declaration) {
                self.dependency(inner, model, &mut items);
                continue;
            }
            let node = self.value(inner, declaration);
            let wrapper = shape::wrapper(element.local(), inner.local());
            // Before 1.5 an expression is a text without attributes.
            let wrapper = wrapper.or_else(|| match (&node.value, element.local(), inner.local()) {
                (Value::String(_), "licenses", "expression") => Some("expression"),
                _ => None,
            });
            items.push(match wrapper {
                None => node,
                Some(key) => {
                    let span = node.span;
                    let member = Member { key: Cow::Borrowed(key), key_span: inner.start_tag(), value: node };
                    Node { span, value: Value::Mapping(vec![member]) }
                }
            });
        }
        items
    }

    fn record<'e>(
        &mut self,
        element: &'e Element<'_>,
        complex: &'static Complex,
        model: Option<&'static Model>,
    ) -> Node<'e> {
        let mut members = self.attributes(element, complex);
        self.elements_only(element);
        for inner in element.elements() {
            let declared = model.and_then(|model| self.declared(inner, model));
            let key = declared.and_then(|(_, declaration)| shape::member(element.local(), &declaration.name));
            let (Some((is_list, declaration)), Some(key)) = (declared, key) else {
                self.lost_element(element, inner);
                continue;
            };
            let is_list = shape::is_list(element.local(), is_list, &declaration.name);
            let node = self.value(inner, declaration);
            // The class of data stands in an element of its own, with the direction of its flow.
            if let (Value::Mapping(inside), "dataflow") = (&node.value, element.local())
                && key == "classification"
            {
                members.extend(inside.iter().cloned());
                continue;
            }
            match (members.iter_mut().find(|member| member.key == key), is_list) {
                (None, false) => {
                    members.push(Member { key: Cow::Borrowed(key), key_span: inner.start_tag(), value: node });
                }
                (None, true) => {
                    let (span, value) = (node.span, Value::Sequence(flat(node)));
                    let value = Node { span, value };
                    members.push(Member { key: Cow::Borrowed(key), key_span: inner.start_tag(), value });
                }
                (Some(Member { value: Node { span, value: Value::Sequence(items) }, .. }), true) => {
                    span.end = node.span.end;
                    items.extend(flat(node));
                }
                (Some(_), _) => {
                    self.lost.note(crate::text!("a second `{}` of `{}`", inner.local(), element.local()).as_str());
                }
            }
        }
        Node { span: element.span(), value: Value::Mapping(members) }
    }

    /// Reads a dependency, and behind it those nested deeper than JSON has them.
    fn dependency<'e>(&mut self, element: &'e Element<'_>, model: &'static Model, out: &mut Vec<Node<'e>>) {
        self.other_attributes(element, Some(&["ref"]));
        self.elements_only(element);
        let mut members = Vec::new();
        let mut push = |key: &'static str, span: Span, value: Value<'e>| {
            members.push(Member { key: Cow::Borrowed(key), key_span: span, value: Node { span, value } });
        };
        if let Some(reference) = element.attribute(None, "ref") {
            push("ref", reference.value_span(), Value::String(Cow::Borrowed(&reference.value)));
        }
        let (mut depends_on, mut provides, mut deeper) = (Vec::new(), Vec::new(), Vec::new());
        for inner in element.elements() {
            let reference = inner.attribute(None, "ref");
            let (true, Some(reference)) = (self.declared(inner, model).is_some(), reference) else {
                self.lost_element(element, inner);
                continue;
            };
            let node = Node { span: reference.value_span(), value: Value::String(Cow::Borrowed(&reference.value)) };
            if inner.local() == "dependency" {
                depends_on.push(node);
                if inner.elements().next().is_some() {
                    deeper.push(inner);
                } else {
                    self.other_attributes(inner, Some(&["ref"]));
                    self.elements_only(inner);
                }
            } else {
                provides.push(node);
                self.other_attributes(inner, Some(&["ref"]));
                self.elements_only(inner);
            }
        }
        if !depends_on.is_empty() {
            push("dependsOn", element.span(), Value::Sequence(depends_on));
        }
        if !provides.is_empty() {
            push("provides", element.span(), Value::Sequence(provides));
        }
        out.push(Node { span: element.span(), value: Value::Mapping(members) });
        for inner in deeper {
            self.dependency(inner, model, out);
        }
    }

    /// Returns whether the element may be repeated, and its declaration.
    fn declared(&self, element: &Element<'_>, model: &'static Model) -> Option<(bool, &'static Declaration)> {
        if element.namespace() != Some(self.schema.target()) {
            return None;
        }
        let mut elements = model.elements();
        let (position, declaration) = elements.find(|(_, declaration)| declaration.name == element.local())?;
        Some((position.is_repeated_itself, declaration))
    }

    fn attributes<'e>(&mut self, element: &'e Element<'_>, complex: &'static Complex) -> Vec<Member<'e>> {
        let mut members = Vec::with_capacity(element.attributes().len() + element.content().len() / 2);
        for attribute in element.attributes() {
            let local = attribute.name().local();
            let is_own = attribute.name().namespace().is_none();
            let Some(declared) = complex.attributes.iter().find(|declared| is_own && declared.name == local) else {
                self.lost_attribute(element, attribute.name().prefix(), local);
                continue;
            };
            let value = value::typed(self.schema.primitive(declared.kind), Cow::Borrowed(&attribute.value));
            let key = Cow::Borrowed(shape::attribute_member(&declared.name));
            members.push(Member {
                key,
                key_span: attribute.span(),
                value: Node { span: attribute.value_span(), value },
            });
        }
        members
    }

    /// Counts the attributes that are none of `known`.
    fn other_attributes(&mut self, element: &Element<'_>, known: Option<&[&str]>) {
        for attribute in element.attributes() {
            let name = attribute.name();
            let is_known = name.namespace().is_none() && known.is_some_and(|known| known.contains(&name.local()));
            if !is_known {
                self.lost_attribute(element, name.prefix(), name.local());
            }
        }
    }

    fn lost_attribute(&mut self, element: &Element<'_>, prefix: &str, local: &str) {
        let colon = if prefix.is_empty() { "" } else { ":" };
        self.lost.note(crate::text!("the attribute `{}{}{}` of `{}`", prefix, colon, local, element.local()).as_str());
    }

    /// Counts an element that has no place, and what it says with all that is inside, as one.
    fn lost_element(&mut self, parent: &Element<'_>, element: &Element<'_>) {
        let prefix = element.name().prefix();
        let colon = if prefix.is_empty() { "" } else { ":" };
        self.lost.note(
            crate::text!("the element `{}{}{}` of `{}`", prefix, colon, element.local(), parent.local()).as_str(),
        );
    }

    /// Counts what is neither an element nor space between them.
    fn elements_only(&mut self, element: &Element<'_>) {
        for content in element.content() {
            match content {
                Content::Element(_) => {}
                Content::Text(run) if run.is_space() => {}
                Content::Text(_) => self.lost.note(crate::text!("text in `{}`", element.local()).as_str()),
                Content::Comment(_) => self.lost.note("a comment"),
                Content::Instruction(_) => self.lost.note("a processing instruction"),
            }
        }
    }

    /// Counts what is no text.
    fn text_only(&mut self, element: &Element<'_>) {
        for content in element.content() {
            match content {
                Content::Text(_) => {}
                Content::Element(inner) => self.lost_element(element, inner),
                Content::Comment(_) => self.lost.note("a comment"),
                Content::Instruction(_) => self.lost.note("a processing instruction"),
            }
        }
    }
}

/// Returns the items of a list, or what is no list as the one item.
fn flat(node: Node<'_>) -> Vec<Node<'_>> {
    match node.value {
        Value::Sequence(items) => items,
        value => vec![Node { span: node.span, value }],
    }
}

/// Returns the text of an element as its type has it.
fn scalar<'e>(kind: Option<Builtin>, element: &'e Element<'_>) -> Node<'e> {
    let start = element.runs().next().map_or(element.start_tag(), |run| run.span());
    let end = element.runs().last().map_or(start.end, |run| run.span().end);
    Node { span: Span { start: start.start, end }, value: value::typed(kind, element.text()) }
}
