//! What no schema of CycloneDX can say: references that lead nowhere, and values that are not what they are given out as.
//!
//! What the schema of a version says already is left to it: the form of serial numbers, dates and licence identifiers.

mod places;

use std::collections::{HashMap, HashSet};

use crate::document::{Lines, Member, Node, Span, Value};
use crate::sbom::model::HashAlgorithm;
use crate::sbom::violation::step;
use crate::sbom::{Document, Violation, sound};
use crate::text::Text;
use places::Place;

/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// The most contradictions that are listed of one document.
const MAX_VIOLATIONS: usize = 1_000;

/// Returns where a document contradicts itself. Takes linear time.
pub(super) fn inconsistencies(document: &Document<'_>) -> Vec<Violation> {
    let root = &document.root;
    let mut references = HashMap::new();
    declared(root, &mut references);
    let serial = root.get("serialNumber").and_then(|node| node.string("").ok());
    let mut walk = Walk {
        lines: Lines::new(document.text),
        references,
        serial,
        dependents: HashMap::new(),
        names: Vec::new(),
        pointer: String::new(),
        found: Vec::new(),
    };
    if let Some(version) = root.get("version") {
        walk.version(version);
    }
    walk.down(root);
    walk.found
}

/// Gathers where each `bom-ref` stands first. The depth is bounded by that of the document.
fn declared<'n>(node: &'n Node<'_>, out: &mut HashMap<&'n str, Span>) {
    match &node.value {
        Value::Mapping(members) => {
            for member in members {
                match (&*member.key, &member.value.value) {
                    ("bom-ref", Value::String(id)) => drop(out.entry(id).or_insert(member.value.span)),
                    (key, _) if places::is_opaque(key) => {}
                    _ => declared(&member.value, out),
                }
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| declared(item, out)),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
    }
}

/// The way through a document.
struct Walk<'n> {
    lines: Lines<'n>,
    /// Where each `bom-ref` stands first.
    references: HashMap<&'n str, Span>,
    /// The serial number of the document.
    serial: Option<&'n str>,
    /// Where the dependencies of each reference stand first.
    dependents: HashMap<&'n str, Span>,
    /// The members that lead to where it is, outermost first.
    names: Vec<&'n str>,
    /// The pointer to where it is.
    pointer: String,
    found: Vec<Violation>,
}

impl<'n> Walk<'n> {
    fn down(&mut self, node: &'n Node<'_>) {
        if self.found.len() >= MAX_VIOLATIONS {
            return;
        }
        match &node.value {
            Value::Mapping(members) => {
                self.object(node, members);
                for member in members.iter().filter(|member| !places::is_opaque(&member.key)) {
                    let length = self.pointer.len();
                    self.pointer.push('/');
                    self.pointer.push_str(&step(&member.key));
                    self.names.push(&member.key);
                    self.member(&member.value);
                    self.down(&member.value);
                    self.names.pop();
                    self.pointer.truncate(length);
                }
            }
            Value::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    let length = self.pointer.len();
                    self.pointer.push_str(&format!("/{at}"));
                    if let Value::String(_) = item.value {
                        self.member(item);
                    }
                    self.down(item);
                    self.pointer.truncate(length);
                }
            }
            Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
        }
    }

    /// Judges an object as a whole.
    fn object(&mut self, node: &'n Node<'_>, members: &'n [Member<'_>]) {
        match *self.names.as_slice() {
            ["dependencies"] => self.dependency(node),
            [.., "hashes"] => self.hash(node),
            _ => {}
        }
        if members.iter().any(|member| member.key == "expression")
            && self.names.last() == Some(&"licenses")
            && let Some(node) = node.get("expression")
            && let Value::String(text) = &node.value
            && let Some(fault) = sound::expression_fault(text)
        {
            let expected = crate::text!("a licence expression by the SPDX licence list {}", sound::LICENSE_LIST);
            let pointer = format!("{}/expression", self.pointer);
            self.report_at(node.span, &pointer, expected, fault);
        }
    }

    /// Judges a string by the members that lead to it.
    fn member(&mut self, node: &'n Node<'_>) {
        let Value::String(text) = &node.value else { return };
        match places::place(&self.names) {
            Some(Place::Declares) => self.declares(node.span, text),
            Some(Place::Refers) => self.refers(node.span, text),
            Some(Place::Purl) => {
                if let Some(fault) = sound::purl_fault(text) {
                    self.report(node.span, Text::trusted("a package URL"), crate::text!("`{}`: {}", &**text, fault));
                }
            }
            Some(Place::Cpe) if !sound::is_cpe(text) => {
                let expected = Text::trusted("a CPE name: `cpe:/…` of 2.2, or `cpe:2.3:` and eleven values");
                self.report(node.span, expected, quoted(text));
            }
            Some(Place::Cpe) | None => {}
        }
    }

    fn declares(&mut self, span: Span, id: &str) {
        match self.references.get(id) {
            Some(first) if *first != span => {
                let place = self.lines.position(first.start);
                let found = crate::text!("`{}` again, which stands at {}:{}", id, place.line, place.column);
                self.report(span, Text::trusted("a `bom-ref` that stands once in the document"), found);
            }
            _ => {}
        }
    }

    fn refers(&mut self, span: Span, id: &str) {
        if self.references.contains_key(id) || self.serial == Some(id) {
            return;
        }
        if !id.starts_with("urn:cdx:") {
            let found = crate::text!("`{}`, which none has", id);
            self.report(span, Text::trusted("a `bom-ref` of this document, or a BOM-Link"), found);
        } else if !sound::is_bom_link(id) {
            let expected = Text::trusted("a BOM-Link: `urn:cdx:`, a UUID, `/` and a version, `#` and an element");
            self.report(span, expected, quoted(id));
        }
    }

    /// Judges what a thing needs: it is told once, and is not the thing itself.
    fn dependency(&mut self, node: &'n Node<'_>) {
        let Some(reference) = node.get("ref") else { return };
        let Value::String(id) = &reference.value else { return };
        match self.dependents.get(&**id) {
            Some(first) => {
                let place = self.lines.position(first.start);
                let found =
                    crate::text!("`{}` again, whose dependencies stand at {}:{}", &**id, place.line, place.column);
                let pointer = format!("{}/ref", self.pointer);
                self.report_at(reference.span, &pointer, Text::trusted("one entry for each `bom-ref`"), found);
            }
            None => drop(self.dependents.insert(id, reference.span)),
        }
        for (key, expected) in
            [("dependsOn", "what it needs beside itself"), ("provides", "what it provides beside itself")]
        {
            let Some(Node { value: Value::Sequence(items), .. }) = node.get(key) else { continue };
            let mut seen = HashSet::new();
            for (at, item) in items.iter().enumerate() {
                let Value::String(other) = &item.value else { continue };
                if other == id && seen.insert(other) {
                    let pointer = format!("{}/{key}/{at}", self.pointer);
                    self.report_at(item.span, &pointer, Text::trusted(expected), quoted(other));
                }
            }
        }
    }

    /// Judges whether a digest is as long as its algorithm makes it.
    fn hash(&mut self, node: &'n Node<'_>) {
        let (Some(algorithm), Some(content)) = (node.get("alg"), node.get("content")) else { return };
        let (Value::String(name), Value::String(text)) = (&algorithm.value, &content.value) else { return };
        let algorithm = HashAlgorithm::named(std::borrow::Cow::Borrowed(name));
        let Some(digits) = algorithm.spelling().and_then(|known| known.digits) else { return };
        let count = text.chars().count();
        if count != digits || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let expected = crate::text!("the {} hexadecimal digits of {}", digits, &**name);
            let found =
                if count == digits { quoted(text) } else { crate::text!("{} characters, `{}`", count, &**text) };
            let pointer = format!("{}/content", self.pointer);
            self.report_at(content.span, &pointer, expected, found);
        }
    }

    /// Judges the edition of the document, for which schemas up to 1.4 name no least number.
    fn version(&mut self, node: &Node<'_>) {
        let Value::Number(number) = &node.value else { return };
        if !number.parse::<u64>().is_ok_and(|number| number > 0) {
            self.report_at(node.span, "/version", Text::trusted("a whole number from 1"), quoted(number));
        }
    }

    fn report(&mut self, span: Span, expected: Text, found: Text) {
        let pointer = Text::of(&self.pointer);
        self.found.push(Violation::inconsistent(span, pointer, expected, found.shortened(2 * SHOWN)));
    }

    fn report_at(&mut self, span: Span, pointer: &str, expected: Text, found: Text) {
        self.found.push(Violation::inconsistent(span, Text::of(pointer), expected, found.shortened(2 * SHOWN)));
    }
}

fn quoted(text: &str) -> Text {
    crate::text!("`{}`", Text::of(text).shortened(SHOWN))
}

#[cfg(test)]
mod tests;
