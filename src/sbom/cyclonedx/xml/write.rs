//! The shape of JSON written as XML.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Written;
use super::shape::{self, Shape};
use super::value;
use crate::document::xml::{Writer, is_allowed};
use crate::document::{Fault, Member, Node, Value};
use crate::sbom::model::Losses;
use crate::sbom::schema::cyclonedx::{VERSIONS, Version};
use crate::sbom::schema::xsd::{Builtin, Complex, Declaration, Model, Schema, Type};

pub(super) fn write(node: &Node<'_>, version: &str) -> Result<Written, Fault> {
    let Some(version) = Version::named(version) else {
        let known: Vec<&str> = VERSIONS.iter().map(|version| version.version).collect();
        let expected = crate::text!("one of the versions {}", known.join(", "));
        return Err(Fault::new(node.span, expected, crate::text!("`{}`", version)));
    };
    let schema = version.schema().map_err(Fault::clone)?;
    node.members("the document")?;
    let mut emitter = Emitter { schema, writer: Writer::new(), depth: 0, lost: Losses::default() };
    if let Some(declaration) = schema.element("bom") {
        emitter.writer.start("bom");
        emitter.writer.attribute("xmlns", version.namespace);
        emitter.inside(declaration, node);
        emitter.writer.end("bom");
        emitter.writer.break_line();
    }
    Ok(Written { xml: emitter.writer.finish(), lost: emitter.lost.into_list() })
}

struct Emitter {
    schema: &'static Schema,
    writer: Writer,
    depth: usize,
    lost: Losses,
}

impl Emitter {
    fn element(&mut self, declaration: &'static Declaration, node: &Node<'_>) {
        // The schema of JSON asks of some addresses and names no more than that they are text.
        if let (Type::Simple(number), Value::String(text)) = (declaration.kind, &node.value)
            && self.schema.text(number, text).is_err()
        {
            return self.lost.note(crate::text!("`{}` that is none in XML", declaration.name).as_str());
        }
        self.start(&declaration.name);
        self.inside(declaration, node);
        self.end(&declaration.name);
    }

    fn start(&mut self, name: &str) {
        self.depth += 1;
        self.indent();
        self.writer.start(name);
    }

    fn end(&mut self, name: &str) {
        self.writer.end(name);
        self.depth = self.depth.saturating_sub(1);
    }

    fn indent(&mut self) {
        self.writer.break_line();
        self.writer.text(&"  ".repeat(self.depth));
    }

    /// Begins the line of an end tag.
    fn close(&mut self) {
        self.indent();
    }

    /// Writes the attributes and the content of an element that was begun.
    fn inside(&mut self, declaration: &'static Declaration, node: &Node<'_>) {
        let name = declaration.name.as_str();
        match (shape::shape(self.schema, declaration), &node.value) {
            (Shape::Value(kind), Value::String(_) | Value::Number(_) | Value::Boolean(_) | Value::Datetime(_)) => {
                self.text(name, kind, node);
            }
            (Shape::Mixed(..), Value::String(_)) => self.text(name, Some(Builtin::Token), node),
            (Shape::Marked(complex, kind), Value::Mapping(members)) => {
                let mut told = self.attributes(complex, members);
                let key = shape::text_member(name);
                if let Some(text) = node.get(key) {
                    told.insert(key);
                    if key == "value" && matches!(&text.value, Value::String(text) if text.is_empty()) {
                        self.lost.note(crate::text!("an empty `value` of `{}`", name).as_str());
                    }
                    self.text(name, kind, text);
                }
                self.untold(name, members, &told);
            }
            (Shape::Marked(_, kind), Value::String(_)) => self.text(name, kind, node),
            (Shape::Reference, Value::String(reference)) => self.attribute("ref", reference),
            (Shape::List(model) | Shape::Tools(_, model), Value::Sequence(items)) => self.items(name, model, items),
            (Shape::Party(model), Value::Mapping(members)) => {
                let is_person = members.iter().any(|member| matches!(member.key.as_ref(), "email" | "phone"));
                let person = if name == "asserter" { "contact" } else { "individual" };
                self.one_of(name, model, if is_person { person } else { "organization" }, node);
            }
            (Shape::Party(model), Value::String(_)) => self.one_of(name, model, "ref", node),
            (Shape::Dependency(model), Value::Mapping(members)) => self.dependency(model, members),
            (Shape::Tools(complex, model) | Shape::Mixed(complex, model), Value::Mapping(members)) => {
                self.record(name, complex, Some(model), members);
            }
            (Shape::Record(complex, model), Value::Mapping(members)) => self.record(name, complex, model, members),
            _ => self.lost.note(crate::text!("{} in `{}`", node.kind(), name).as_str()),
        }
    }

    fn items(&mut self, name: &str, model: &'static Model, items: &[Node<'_>]) {
        // Data is told by its classes alone, or with the flows, never by some of both.
        let is_classes = name == "data" && items.iter().all(is_class);
        for item in items {
            let (mut element, mut inner) = match name {
                "data" => (Some(if is_classes { "classification" } else { "dataflow" }), item),
                _ => alternative(name, item),
            };
            let has = |wanted: &str| model.elements().any(|(_, declaration)| declaration.name == wanted);
            if element == Some("expression-detailed") && !has("expression-detailed") {
                element = Some("expression");
            }
            let mut elements = model.elements().map(|(_, declaration)| declaration);
            let declaration = match element {
                Some(element) => elements.find(|declaration| declaration.name == element),
                None => elements.next(),
            };
            let Some(declaration) = declaration else {
                self.lost.note(crate::text!("`{}` of `{}`", element.unwrap_or("an item"), name).as_str());
                continue;
            };
            // Before 1.5 an expression is a text without attributes.
            if let (Some("expression"), Shape::Value(_), Some(text)) =
                (element, shape::shape(self.schema, declaration), item.get("expression"))
            {
                inner = text;
            }
            self.element(declaration, inner);
            // What stands beside the one member that XML has.
            if let (Value::Mapping(members), false) = (&item.value, std::ptr::eq(item, inner)) {
                for member in members.iter().filter(|member| !std::ptr::eq(&member.value, inner)) {
                    self.lost.note(crate::text!("`{}` of an item of `{}`", member.key, name).as_str());
                }
            }
        }
        if !items.is_empty() {
            self.close();
        }
    }

    fn one_of(&mut self, name: &str, model: &'static Model, element: &str, node: &Node<'_>) {
        match model.elements().find(|(_, declaration)| declaration.name == element) {
            Some((_, declaration)) => {
                self.element(declaration, node);
                self.close();
            }
            None => self.lost.note(crate::text!("`{}` of `{}`", element, name).as_str()),
        }
    }

    fn dependency(&mut self, model: &'static Model, members: &[Member<'_>]) {
        let mut has_content = false;
        for member in members.iter().filter(|member| member.key == "ref") {
            match &member.value.value {
                Value::String(reference) => self.attribute("ref", reference),
                _ => self.lost.note(crate::text!("{} in `ref`", member.value.kind()).as_str()),
            }
        }
        for member in members {
            let element = match member.key.as_ref() {
                "ref" => continue,
                "dependsOn" => "dependency",
                "provides" => "provides",
                key => {
                    self.lost.note(crate::text!("`{}` of `dependency`", key).as_str());
                    continue;
                }
            };
            let is_known = model.elements().any(|(_, declaration)| declaration.name == element);
            let Value::Sequence(items) = &member.value.value else {
                self.lost.note(crate::text!("{} in `{}`", member.value.kind(), member.key).as_str());
                continue;
            };
            if items.is_empty() {
                self.lost.note(crate::text!("an empty list `{}` of `dependency`", member.key).as_str());
            }
            for item in items {
                match &item.value {
                    Value::String(reference) if is_known => {
                        self.start(element);
                        self.attribute("ref", reference);
                        self.end(element);
                        has_content = true;
                    }
                    _ => self.lost.note(crate::text!("{} in `{}` of `dependency`", item.kind(), member.key).as_str()),
                }
            }
        }
        if has_content {
            self.close();
        }
    }

    fn record(&mut self, name: &str, complex: &'static Complex, model: Option<&'static Model>, members: &[Member<'_>]) {
        let mut told = self.attributes(complex, members);
        let mut has_content = false;
        let mut state = None;
        while let Some(model) = model {
            // A class of data is an element with the direction of the flow as its attribute.
            let is_flow = |declaration: &Declaration| name == "dataflow" && declaration.name == "classification";
            let key = |declaration: &'static Declaration| shape::member(name, &declaration.name);
            let next = model.next_of(state, |declaration| {
                let key = shape::member(name, &declaration.name);
                key.is_some_and(|key| !told.contains(key) && members.iter().any(|member| member.key == key))
            });
            let Some((place, position, declaration)) = next else { break };
            let Some(key) = key(declaration) else { break };
            state = Some(place);
            told.insert(key);
            let Some(member) = members.iter().find(|member| member.key == key) else { continue };
            has_content = true;
            if is_flow(declaration) {
                told.insert("flow");
                self.flow(&declaration.name, members, &member.value);
                continue;
            }
            let is_list = shape::is_list(name, position.is_repeated_itself, &declaration.name);
            match &member.value.value {
                Value::Sequence(items) if is_list => {
                    self.repeated(name, declaration, position.is_repeated_itself, items);
                }
                _ => self.element(declaration, &member.value),
            }
        }
        if has_content {
            self.close();
        }
        self.untold(name, members, &told);
    }

    /// Writes a list that has no element of its own.
    fn repeated(&mut self, parent: &str, declaration: &'static Declaration, is_repeated: bool, items: &[Node<'_>]) {
        if let Shape::List(model) = shape::shape(self.schema, declaration) {
            self.start(&declaration.name);
            self.items(&declaration.name, model, items);
            self.end(&declaration.name);
            return;
        }
        if items.is_empty() {
            self.lost.note(crate::text!("an empty list `{}` of `{}`", declaration.name, parent).as_str());
        }
        let allowed = if is_repeated { items.len() } else { 1 };
        for item in items.iter().take(allowed) {
            self.element(declaration, item);
        }
        for _ in items.iter().skip(allowed) {
            self.lost.note(crate::text!("a second `{}` of `{}`", declaration.name, parent).as_str());
        }
    }

    fn flow(&mut self, name: &str, members: &[Member<'_>], class: &Node<'_>) {
        self.start(name);
        if let Some(flow) = members.iter().find(|member| member.key == "flow") {
            match &flow.value.value {
                Value::String(flow) => self.attribute("flow", flow),
                _ => self.lost.note(crate::text!("{} in `flow`", flow.value.kind()).as_str()),
            }
        }
        self.text(name, Some(Builtin::NormalizedString), class);
        self.end(name);
    }

    /// Writes the members that are attributes, and returns their keys.
    fn attributes<'m>(&mut self, complex: &'static Complex, members: &'m [Member<'_>]) -> HashSet<&'m str>
    where
        'static: 'm,
    {
        let mut told = HashSet::new();
        for declared in &complex.attributes {
            let key = shape::attribute_member(&declared.name);
            let Some(member) = members.iter().find(|member| member.key == key) else { continue };
            told.insert(key);
            match self.written(key, self.schema.primitive(declared.kind), &member.value) {
                Some(value) => self.attribute(&declared.name, &value),
                None => self.lost.note(crate::text!("{} in `{}`", member.value.kind(), key).as_str()),
            }
        }
        told
    }

    /// Counts the members that were not written.
    fn untold(&mut self, name: &str, members: &[Member<'_>], told: &HashSet<&str>) {
        for member in members.iter().filter(|member| !told.contains(member.key.as_ref())) {
            let is_stated = name == "bom" && matches!(member.key.as_ref(), "bomFormat" | "specVersion");
            if !is_stated {
                self.lost.note(crate::text!("`{}` of `{}`", member.key, name).as_str());
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let value = self.allowed(value);
        self.writer.attribute(name, &value);
    }

    fn text(&mut self, name: &str, kind: Option<Builtin>, node: &Node<'_>) {
        match self.written(name, kind, node) {
            Some(text) => {
                let text = self.allowed(&text);
                if !text.is_empty() {
                    self.writer.text(&text);
                }
            }
            None => self.lost.note(crate::text!("{} in `{}`", node.kind(), name).as_str()),
        }
    }

    /// Returns a value as XML writes it, and counts the white space that its type does not keep; `None` for a list or table.
    fn written<'n>(&mut self, name: &str, kind: Option<Builtin>, node: &'n Node<'_>) -> Option<Cow<'n, str>> {
        let text = match &node.value {
            Value::Number(number) => value::decimal(kind, number),
            Value::String(text) | Value::Datetime(text) => Cow::Borrowed(text.as_ref()),
            Value::Boolean(true) => Cow::Borrowed("true"),
            Value::Boolean(false) => Cow::Borrowed("false"),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => return None,
        };
        if kind.is_some_and(|kind| kind.normalized(&text) != text) {
            self.lost.note(crate::text!("white space in `{}`", name).as_str());
        }
        Some(text)
    }

    /// Returns a text with the characters that no XML may hold replaced, and counts them.
    fn allowed<'v>(&mut self, text: &'v str) -> Cow<'v, str> {
        if text.chars().all(is_allowed) {
            return Cow::Borrowed(text);
        }
        for _ in text.chars().filter(|character| !is_allowed(*character)) {
            self.lost.note("a character that XML does not allow");
        }
        Cow::Owned(text.replace(|character| !is_allowed(character), "\u{fffd}"))
    }
}

/// Returns the element that an item of a list is written as, where there are several, and the node that it holds.
fn alternative<'n, 't>(list: &str, item: &'n Node<'t>) -> (Option<&'static str>, &'n Node<'t>) {
    let has = |key: &str| item.get(key).is_some();
    match list {
        "licenses" => match item.get("license") {
            Some(license) => (Some("license"), license),
            None if has("expressionDetails") || has("licensing") || has("properties") => {
                (Some("expression-detailed"), item)
            }
            None => (Some("expression"), item),
        },
        "datasets" => match item.get("ref") {
            Some(reference) => (Some("ref"), reference),
            None => (Some("dataset"), item),
        },
        "copyright" => match item.get("text") {
            Some(text) => (Some("text"), text),
            None => (Some("text"), item),
        },
        "environmentVars" if matches!(item.value, Value::Mapping(_)) => (Some("environmentVar"), item),
        "environmentVars" => (Some("value"), item),
        "patents" if has("familyId") => (Some("patentFamily"), item),
        "patents" => (Some("patent"), item),
        _ => (None, item),
    }
}

/// Whether data has nothing but a class and the direction of its flow.
fn is_class(item: &Node<'_>) -> bool {
    let is_known = |member: &Member<'_>| matches!(member.key.as_ref(), "flow" | "classification");
    item.members("data").is_ok_and(|members| members.iter().all(is_known))
}
