//! Statements turned into the tree that SPDX 2.3 JSON has.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

use super::graph::{Graph, Object, Resource, Statement};
use super::table::{self, Form, Property};
use super::{TERMS, license};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::sbom::model::HashAlgorithm;
use crate::sbom::spdx2::shape::{Shape, scalar, shape};
use crate::sbom::spdx2::{NO_ASSERTION, NONE};
use crate::text::Text;

/// What begins the address of a type of references.
const REFERENCES: &str = "http://spdx.org/rdf/references/";

/// How often each statement may be read, on average.
const READ_AGAIN: usize = 16;

/// What is known of a document while its elements are read.
struct Reader<'g, 'a> {
    graph: &'g Graph<'a>,
    /// Its own namespace.
    namespace: String,
    /// The identifiers of the documents that it refers to, by their namespace.
    documents: HashMap<String, String>,
    is_2_2: bool,
    /// How much may still be read: a resource that many others name is read for each of them.
    budget: Cell<usize>,
}

/// Returns the tree of a document.
///
/// # Errors
/// A fault where there is no document among the resources, or more than one.
pub(super) fn document<'a>(graph: &Graph<'a>, span: Span) -> Result<Node<'a>, Fault> {
    let mut documents = graph.resources().iter().filter(|one| is(one, "SpdxDocument"));
    let expected = || Text::trusted("one resource of the type SpdxDocument");
    let root = documents.next().ok_or_else(|| Fault::new(span, expected(), Text::trusted("none")))?;
    if let Some(other) = documents.next() {
        return Err(Fault::new(other.span, expected(), Text::trusted("another one")));
    }
    let (namespace, id) = root.id.split_once('#').unwrap_or((&root.id, ""));
    let version = text_of(root, "specVersion");
    let mut reader = Reader {
        graph,
        namespace: namespace.to_owned(),
        documents: HashMap::new(),
        is_2_2: version.is_some_and(|version| version.trim() == "SPDX-2.2"),
        budget: Cell::new(READ_AGAIN * (graph.len() + READ_AGAIN)),
    };
    for one in graph.resources().iter().filter(|one| is(one, "ExternalDocumentRef")) {
        let address = one.statements.iter().find(|said| said.property == "spdxDocument");
        if let (Some(Object::Resource(address)), Some(id)) = (address.map(|said| &said.object), document_id(one)) {
            reader.documents.insert(address.trim_end_matches('#').to_owned(), id);
        }
    }
    let mut members = vec![
        made("SPDXID", root.span, Value::String(Cow::Owned(id.to_owned()))),
        made("documentNamespace", root.span, Value::String(Cow::Owned(namespace.to_owned()))),
    ];
    if root.id.starts_with("_:") {
        members.clear();
    }
    members.extend(reader.members(
        root,
        table::DOCUMENT,
        &["relationship", "hasExtractedLicensingInfo", "referencesFile"],
    ));
    let mut lists: Vec<(&'static str, Vec<Node<'a>>)> = Vec::new();
    for (kind, key, table) in [
        ("Package", "packages", table::PACKAGE),
        ("File", "files", table::FILE),
        ("Snippet", "snippets", table::SNIPPET),
    ] {
        // One that stands in another document is only named here.
        let own = graph.resources().iter().filter(|one| is(one, kind) && !one.statements.is_empty());
        lists.push((key, own.map(|one| reader.element(one, table)).collect()));
    }
    let licenses =
        graph.resources().iter().filter(|one| is(one, "ExtractedLicensingInfo") && !one.statements.is_empty());
    lists.push(("hasExtractedLicensingInfos", licenses.map(|one| reader.license(one)).collect()));
    lists.push(("relationships", reader.relationships()));
    for (key, nodes) in lists {
        if let (Some(first), Some(last)) = (nodes.first(), nodes.last()) {
            let span = Span { start: first.span.start, end: last.span.end.max(first.span.end) };
            members.push(made(key, span, Value::Sequence(nodes)));
        }
    }
    if reader.budget.get() == 0 {
        let expected = crate::text!("statements that are read at most {} times each", READ_AGAIN);
        return Err(Fault::new(span, expected, Text::trusted("resources that stand in many others")));
    }
    Ok(Node { span, value: Value::Mapping(members) })
}

impl<'a> Reader<'_, 'a> {
    /// Returns a package, file or snippet.
    fn element(&self, resource: &Resource<'a>, table: &'static [Property]) -> Node<'a> {
        let mut members = Vec::new();
        if let Some(id) = self.id(&resource.id) {
            members.push(made("SPDXID", resource.span, Value::String(Cow::Owned(id))));
        }
        members.extend(self.members(resource, table, &["relationship"]));
        Node { span: resource.span, value: Value::Mapping(members) }
    }

    fn license(&self, resource: &Resource<'a>) -> Node<'a> {
        let mut members: Vec<Member<'a>> = self.members(resource, table::LICENSE, &[]).collect();
        if !members.iter().any(|member| member.key == "licenseId")
            && let Some((_, id)) = resource.id.split_once('#')
        {
            members.push(made("licenseId", resource.span, Value::String(Cow::Owned(id.to_owned()))));
        }
        Node { span: resource.span, value: Value::Mapping(members) }
    }

    /// Returns what is said of a resource, each member once; what no table knows stands under its own name.
    fn members(
        &self,
        resource: &Resource<'a>,
        table: &'static [Property],
        elsewhere: &[&str],
    ) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let mut out: Vec<Member<'a>> = Vec::new();
        let mut places: HashMap<&'a str, usize> = HashMap::new();
        for said in &resource.statements {
            if !self.spend(1) {
                break;
            }
            if elsewhere.contains(&said.property) {
                continue;
            }
            let known = table.iter().find(|(name, ..)| *name == said.property);
            let (key, value) = match known {
                Some((_, key, form)) => (*key, self.value(said, key, *form)),
                None => (said.property, self.unknown(said)),
            };
            let node = Node { span: said.span, value };
            match places.get(key).and_then(|at| out.get_mut(*at)) {
                Some(member) => {
                    let list = &mut member.value;
                    list.span.end = list.span.end.max(said.span.end);
                    match &mut list.value {
                        Value::Sequence(items) => items.push(node),
                        _ => {
                            let first = std::mem::replace(&mut list.value, Value::Null);
                            list.value = Value::Sequence(vec![Node { span: list.span, value: first }, node]);
                        }
                    }
                }
                None => {
                    let is_list = known.is_some() && shape(key) == Shape::List;
                    let value =
                        if is_list { Node { span: said.span, value: Value::Sequence(vec![node]) } } else { node };
                    places.insert(key, out.len());
                    out.push(Member { key: Cow::Borrowed(key), key_span: said.property_span, value });
                }
            }
        }
        out.into_iter()
    }

    /// Takes from what may still be read; says whether there was enough.
    fn spend(&self, amount: usize) -> bool {
        let left = self.budget.get().saturating_sub(amount);
        self.budget.set(left);
        left > 0
    }

    fn value(&self, said: &Statement<'a>, key: &str, form: Form) -> Value<'a> {
        let words = || match &said.object {
            Object::Text(text) => text.trim().to_owned(),
            Object::Resource(id) => id.clone(),
        };
        let own = |text: String| Value::String(Cow::Owned(text));
        match (form, &said.object) {
            (Form::Text, Object::Text(text)) => {
                // Only what is written in prose may begin or end with a blank.
                let is_prose = text.trim() == &**text || key.ends_with("omment") || key.ends_with("ext");
                if is_prose { scalar(key, text.clone()) } else { scalar(key, Cow::Owned(text.trim().to_owned())) }
            }
            (Form::Text, Object::Resource(id)) => own(term(id).unwrap_or_else(|| id.clone())),
            (Form::Word, _) => own(word(&words())),
            (Form::Category, _) => {
                let word = word(&words());
                let mark = if self.is_2_2 { "_" } else { "-" };
                own(word.replace(['_', '-'], mark))
            }
            (Form::ReferenceType, _) => own(self.reference_type(&words())),
            (Form::Algorithm, _) => {
                let name = words();
                let name = name.rsplit("checksumAlgorithm_").next().unwrap_or_default();
                let known = HashAlgorithm::named(Cow::Borrowed(name)).spelling().and_then(|known| known.spdx2);
                own(known.unwrap_or(name).to_owned())
            }
            (Form::License, object) => {
                let expression = license::expression(self.graph, object);
                self.spend(expression.as_ref().map_or(usize::MAX, |text| text.len() / READ_AGAIN));
                own(expression.unwrap_or_default())
            }
            (Form::Element, _) => {
                let id = words();
                own(self.id(&id).unwrap_or(id))
            }
            (Form::Document, _) => own(words().trim_end_matches('#').to_owned()),
            (Form::Object(table), Object::Resource(id)) => {
                let Some(resource) = self.graph.get(id) else { return own(id.clone()) };
                // The tables hold no other than themselves: the depth is theirs.
                let mut members: Vec<Member<'a>> = self.members(resource, table, &[]).collect();
                if key == "externalDocumentRefs" && !members.iter().any(|member| member.key == "externalDocumentId") {
                    let id = document_id(resource);
                    members.extend(id.map(|id| made("externalDocumentId", resource.span, own(id))));
                }
                Value::Mapping(members)
            }
            (Form::Object(_), Object::Text(text)) => Value::String(text.clone()),
        }
    }

    fn unknown(&self, said: &Statement<'a>) -> Value<'a> {
        match &said.object {
            Object::Text(text) => Value::String(text.clone()),
            Object::Resource(id) => Value::String(Cow::Owned(id.clone())),
        }
    }

    /// Returns the identifier of an element by its address: within this document, or within one that it refers to.
    fn id(&self, address: &str) -> Option<String> {
        if let Some(term) = term(address) {
            return Some(term);
        }
        let (namespace, id) = address.split_once('#')?;
        if namespace.is_empty() || namespace == self.namespace {
            return Some(id.to_owned());
        }
        let document = self.documents.get(namespace)?;
        Some(format!("{document}:{id}"))
    }

    fn reference_type(&self, address: &str) -> String {
        if let Some(word) = address.strip_prefix(REFERENCES) {
            return word.to_owned();
        }
        match address.split_once('#') {
            Some((namespace, name)) if namespace == self.namespace => name.to_owned(),
            _ => address.to_owned(),
        }
    }

    /// Returns the relationships that elements state of themselves.
    fn relationships(&self) -> Vec<Node<'a>> {
        let mut out = Vec::new();
        for resource in self.graph.resources() {
            for said in resource.statements.iter().filter(|said| said.property == "relationship") {
                let Object::Resource(id) = &said.object else { continue };
                let Some(relationship) = self.graph.get(id) else { continue };
                let from = self.id(&resource.id).unwrap_or_else(|| resource.id.clone());
                let mut members = vec![made("spdxElementId", said.property_span, Value::String(Cow::Owned(from)))];
                members.extend(self.members(relationship, table::RELATIONSHIP, &[]));
                out.push(Node { span: said.span, value: Value::Mapping(members) });
            }
        }
        out
    }
}

fn is(resource: &Resource<'_>, kind: &str) -> bool {
    resource.types.iter().any(|known| known == kind)
}

fn made<'a>(key: &'static str, span: Span, value: Value<'a>) -> Member<'a> {
    let span = Span { start: span.start, end: span.end };
    Member { key: Cow::Borrowed(key), key_span: span, value: Node { span, value } }
}

fn text_of<'g>(resource: &'g Resource<'_>, property: &str) -> Option<&'g str> {
    resource.statements.iter().find_map(|said| match &said.object {
        Object::Text(text) if said.property == property => Some(&**text),
        _ => None,
    })
}

/// Returns the identifier of another document, as it states it or as its address ends.
fn document_id(resource: &Resource<'_>) -> Option<String> {
    let stated = text_of(resource, "externalDocumentId").map(|id| id.trim().to_owned());
    stated.or_else(|| resource.id.split_once('#').map(|(_, id)| id.to_owned()))
}

/// Returns what the vocabulary says of nothing in particular.
fn term(address: &str) -> Option<String> {
    match address.strip_prefix(TERMS)? {
        "none" => Some(NONE.to_owned()),
        "noassertion" => Some(NO_ASSERTION.to_owned()),
        _ => None,
    }
}

/// Returns a word of the vocabulary as JSON writes it: of `relationshipType_dependsOn` it is `DEPENDS_ON`.
fn word(address: &str) -> String {
    let name = address.rsplit('#').next().unwrap_or(address).trim();
    let name = name.split_once('_').map_or(name, |(_, name)| name);
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
