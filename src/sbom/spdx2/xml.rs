//! SPDX 2 as XML: its JSON in elements, an element an item where a member is a list.

use std::borrow::Cow;

use super::json::version;
use super::shape::{Shape, scalar, shape};
use super::{FAMILY, VERSIONS, rules};
use crate::document::xml::{Content, Element};
use crate::document::{Fault, Member, Node, Span, Value, render_json};
use crate::sbom::Names;
use crate::sbom::format::{Claim, Format, Parsed};
use crate::text::Text;

pub(in crate::sbom) static XML: Format = Format {
    id: "spdx-xml",
    summary: "SPDX 2 as XML",
    names: Names { certain: &["*.spdx.xml"], possible: &["sbom.xml", "*.sbom.xml"] },
    family: &FAMILY,
    reads: VERSIONS,
    writes: &[],
    claim,
    read,
    render: |root, _version, _losses| render_json(root),
    keeps_text: true,
    straight: None,
    beyond: None,
    judge: rules::judge,
};

fn claim(parsed: &Parsed<'_>) -> Option<Claim> {
    let Parsed::Xml(root) = parsed else { return None };
    let is_document = root.namespace().is_none() && matches!(root.local(), "Document" | "SpdxDocument");
    if !is_document {
        return None;
    }
    let inner = unwrapped(root);
    let stated = inner.elements().find(|one| matches!(one.local(), "spdxVersion" | "specVersion"));
    let stated = stated.map(Element::text).unwrap_or_default();
    let stated = stated.trim();
    Some(version(stated).map_or_else(|| Claim::UnknownVersion(Text::of(stated)), Claim::Version))
}

/// Returns the document without the element that the first ones stood in.
fn unwrapped<'e, 'a>(root: &'e Element<'a>) -> &'e Element<'a> {
    let inner = root.elements().find(|inner| inner.local() == "Document");
    inner.filter(|_| root.local() == "SpdxDocument").unwrap_or(root)
}

fn read(parsed: Parsed<'_>) -> Result<Node<'_>, Fault> {
    match parsed {
        Parsed::Xml(root) => Ok(node(unwrapped(&root), "")),
        _ => Err(Fault::new(Default::default(), Text::trusted("XML"), Text::trusted("another syntax"))),
    }
}

/// Returns what an element says as the member `key`. The depth is bounded by that of the document.
fn node<'a>(element: &Element<'a>, key: &str) -> Node<'a> {
    if element.elements().next().is_none() && element.attributes().is_empty() {
        return text(element, key);
    }
    let mut members: Vec<Member<'a>> = Vec::new();
    let mut places: std::collections::HashMap<&'a str, usize> = std::collections::HashMap::new();
    for attribute in element.attributes() {
        // There are none in SPDX: told as members that it does not know.
        let value = Node { span: attribute.value_span(), value: Value::String(attribute.value.clone()) };
        members.push(Member { key: Cow::Borrowed(attribute.name().local()), key_span: attribute.span(), value });
    }
    for content in element.content() {
        match content {
            Content::Element(inner) => {
                let key = inner.local();
                let value = node(inner, key);
                let is_list = shape(key) == Shape::List;
                let is_empty = is_list && matches!(&value.value, Value::String(text) if text.is_empty());
                let span = inner.span();
                let value = (!is_empty).then_some(value);
                match places.get(key).and_then(|at| members.get_mut(*at)) {
                    Some(member) => add(&mut member.value, value, span.end),
                    None => {
                        let mut list = Node { span, value: Value::Sequence(Vec::new()) };
                        let value = match value {
                            Some(value) if !is_list => value,
                            value => {
                                add(&mut list, value, span.end);
                                list
                            }
                        };
                        places.insert(key, members.len());
                        members.push(Member { key: Cow::Borrowed(key), key_span: inner.start_tag(), value });
                    }
                }
            }
            Content::Text(run) if !run.is_space() => {
                let value = Node { span: run.span(), value: Value::String(run.text.clone()) };
                members.push(Member { key: Cow::Borrowed("#text"), key_span: run.span(), value });
            }
            Content::Text(_) | Content::Comment(_) | Content::Instruction(_) => {}
        }
    }
    Node { span: element.span(), value: Value::Mapping(members) }
}

/// Adds an item to a list, or makes one of the value that stands there.
fn add<'a>(list: &mut Node<'a>, item: Option<Node<'a>>, end: usize) {
    if !matches!(list.value, Value::Sequence(_)) {
        let first = std::mem::replace(&mut list.value, Value::Null);
        list.value = Value::Sequence(vec![Node { span: list.span, value: first }]);
    }
    list.span.end = end;
    if let Value::Sequence(items) = &mut list.value {
        items.extend(item);
    }
}

/// Returns the text of an element as the value of the member `key`.
fn text<'a>(element: &Element<'a>, key: &str) -> Node<'a> {
    let mut runs = element.runs();
    let (text, span) = match (runs.next(), runs.next()) {
        (None, _) => (Cow::Borrowed(""), element.span()),
        (Some(run), None) => (run.text.clone(), run.span()),
        (Some(first), Some(second)) => {
            let mut text = format!("{}{}", first.text, second.text);
            let mut end = second.span().end;
            for run in runs {
                text.push_str(&run.text);
                end = run.span().end;
            }
            (Cow::Owned(text), Span { start: first.span().start, end })
        }
    };
    Node { span, value: scalar(key, text) }
}
