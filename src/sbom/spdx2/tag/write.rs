//! A tree written as tags and values, in the order of the specification.
//!
//! A member that no tag says is written under its own name. Of `crossRefs` only the addresses are written, as
//! `LicenseCrossReference`: there is no tag for the rest.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::lines::{TEXT, TEXT_END};
use super::table::{self, Form, Tag};
use crate::document::{Node, Value, render_json};
use crate::sbom::spdx2::DOCUMENT_ID;

/// Members that are written elsewhere, or say nothing beside the format.
static PASSED_OVER: &[&str] = &[
    "$schema",
    "SPDXID",
    "creationInfo",
    "externalDocumentRefs",
    "packages",
    "files",
    "snippets",
    "hasExtractedLicensingInfos",
    "relationships",
    "annotations",
    "revieweds",
    "documentDescribes",
    "describesPackages",
    "hasFiles",
    "artifactOfs",
    "crossRefs",
];

/// Writes a tree.
pub(super) fn render(root: &Node<'_>) -> Vec<u8> {
    let mut out = Writer::default();
    out.element(root, table::DOCUMENT, Some(("SPDXID", 2)));
    for one in items(root, "externalDocumentRefs") {
        let checksum = one.get("checksum").map(checksum).unwrap_or_default();
        let line = format!("{} {} {checksum}", text(one, "externalDocumentId"), text(one, "spdxDocument"));
        out.line("ExternalDocumentRef", &line);
    }
    if let Some(creation) = root.get("creationInfo") {
        out.element(creation, table::CREATION, None);
    }
    for one in items(root, "revieweds") {
        out.section();
        out.element(one, table::REVIEW, None);
    }
    let files = items(root, "files");
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        places.entry(text(file, "SPDXID")).or_insert(at);
    }
    let packages = items(root, "packages");
    // A file stands behind the first package that holds it.
    let mut held: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut inside: HashSet<usize> = HashSet::new();
    let mut beside: Vec<(&str, &str)> = Vec::new();
    for (package, node) in packages.iter().enumerate() {
        for id in items(node, "hasFiles") {
            let id = id.string("").unwrap_or_default();
            match places.get(id) {
                Some(file) if inside.insert(*file) => held.entry(package).or_default().push(*file),
                _ => beside.push((text(node, "SPDXID"), id)),
            }
        }
    }
    for (at, file) in files.iter().enumerate() {
        if !inside.contains(&at) {
            out.file(file);
        }
    }
    for (at, package) in packages.iter().enumerate() {
        out.section();
        out.element(package, table::PACKAGE, Some(("SPDXID", 1)));
        for file in held.get(&at).into_iter().flatten().filter_map(|file| files.get(*file)) {
            out.file(file);
        }
    }
    for snippet in items(root, "snippets") {
        out.section();
        out.element(snippet, table::SNIPPET, None);
    }
    for license in items(root, "hasExtractedLicensingInfos") {
        out.section();
        out.element(license, table::LICENSE, None);
        let known: BTreeSet<&str> = items(license, "seeAlsos").iter().filter_map(|one| one.string("").ok()).collect();
        for url in items(license, "crossRefs").iter().map(|one| text(one, "url")).filter(|url| !url.is_empty()) {
            if !known.contains(url) {
                out.line("LicenseCrossReference", url);
            }
        }
    }
    out.relationships(root, &beside);
    out.annotations(root, text(root, "SPDXID"));
    for list in ["packages", "files", "snippets"] {
        for element in items(root, list) {
            out.annotations(element, text(element, "SPDXID"));
        }
    }
    out.text.into_bytes()
}

/// The text that is being written.
#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    fn section(&mut self) {
        self.text.push('\n');
    }

    /// Writes a tag and its value, between marks where one line would not hold it as it is.
    fn line(&mut self, tag: &str, value: &str) {
        self.text.push_str(tag);
        self.text.push_str(": ");
        let is_plain = !value.contains(['\n', '\r']) && value.trim() == value && !value.starts_with(TEXT);
        if is_plain && !value.is_empty() {
            self.text.push_str(value);
        } else {
            self.text.push_str(TEXT);
            // Nothing inside a text can say that it does not end here.
            self.text.push_str(&value.replace(TEXT_END, "< /text>"));
            self.text.push_str(TEXT_END);
        }
        self.text.push('\n');
    }

    /// Writes the members of an element; the identifier at its place among them.
    fn element(&mut self, node: &Node<'_>, table: &[Tag], id: Option<(&str, usize)>) {
        for (at, (tag, key, form)) in table.iter().enumerate() {
            if let Some((id, _)) = id.filter(|(_, place)| *place == at) {
                self.id(node, id);
            }
            if let Some(value) = node.get(key) {
                self.value(tag, value, *form);
            }
        }
        let Value::Mapping(members) = &node.value else { return };
        for member in members {
            let key = &*member.key;
            let is_known = PASSED_OVER.contains(&key) || table.iter().any(|(_, known, _)| *known == key);
            if !is_known {
                self.unknown(key, &member.value);
            }
        }
    }

    fn id(&mut self, node: &Node<'_>, key: &str) {
        if let Some(id) = node.get(key) {
            self.scalar("SPDXID", id);
        }
    }

    fn value(&mut self, tag: &str, value: &Node<'_>, form: Form) {
        let list = match &value.value {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        match form {
            Form::Text | Form::Flag => self.scalar(tag, value),
            Form::Item => list.iter().for_each(|item| self.scalar(tag, item)),
            Form::Checksum => list.iter().for_each(|item| self.line(tag, &checksum(item))),
            Form::Code => self.line(tag, &code(value)),
            Form::Reference => list.iter().for_each(|item| self.reference(tag, item)),
            Form::Bytes | Form::Lines => {
                let unit = if form == Form::Bytes { "offset" } else { "lineNumber" };
                for item in list {
                    let number = |key: &str| item.get(key)?.get(unit)?.scalar(key).ok();
                    if let (Some(first), Some(last)) = (number("startPointer"), number("endPointer")) {
                        self.line(tag, &format!("{first}:{last}"));
                    }
                }
            }
        }
    }

    fn scalar(&mut self, tag: &str, value: &Node<'_>) {
        match &value.value {
            Value::String(text) | Value::Number(text) | Value::Datetime(text) => self.line(tag, text),
            Value::Boolean(truth) => self.line(tag, if *truth { "true" } else { "false" }),
            Value::Null => {}
            Value::Sequence(_) | Value::Mapping(_) => self.json(tag, value),
        }
    }

    /// Writes a member that no tag says, each item of a list apart.
    fn unknown(&mut self, key: &str, value: &Node<'_>) {
        let tag: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        let tag = if tag.is_empty() { "Unknown" } else { &tag };
        match &value.value {
            Value::Sequence(items) => items.iter().for_each(|item| self.scalar(tag, item)),
            _ => self.scalar(tag, value),
        }
    }

    fn json(&mut self, tag: &str, value: &Node<'_>) {
        let json = String::from_utf8(render_json(value)).unwrap_or_default();
        self.line(tag, json.trim_end());
    }

    fn reference(&mut self, tag: &str, item: &Node<'_>) {
        let category = text(item, "referenceCategory").replace('_', "-");
        self.line(tag, &format!("{category} {} {}", text(item, "referenceType"), text(item, "referenceLocator")));
        if let Some(comment) = item.get("comment") {
            self.scalar("ExternalRefComment", comment);
        }
    }

    fn file(&mut self, file: &Node<'_>) {
        self.section();
        self.element(file, table::FILE, Some(("SPDXID", 1)));
        for project in items(file, "artifactOfs") {
            self.element(project, table::PROJECT, None);
        }
    }

    fn relationships(&mut self, root: &Node<'_>, beside: &[(&str, &str)]) {
        let document = Some(text(root, "SPDXID")).filter(|id| !id.is_empty()).unwrap_or(DOCUMENT_ID);
        let all = items(root, "relationships");
        let mut known: HashSet<(&str, &str, &str)> = HashSet::new();
        if !all.is_empty() {
            self.section();
        }
        for one in all {
            let ends = (text(one, "spdxElementId"), text(one, "relationshipType"), text(one, "relatedSpdxElement"));
            known.insert(ends);
            self.line("Relationship", &format!("{} {} {}", ends.0, ends.1, ends.2));
            if let Some(comment) = one.get("comment") {
                self.scalar("RelationshipComment", comment);
            }
        }
        // Tags say this by relationships alone.
        let described = ["documentDescribes", "describesPackages"]
            .into_iter()
            .flat_map(|key| items(root, key))
            .filter_map(|id| id.string("").ok())
            .map(|id| (document, "DESCRIBES", id));
        let contained = beside.iter().map(|(package, file)| (*package, "CONTAINS", *file));
        for ends in described.chain(contained) {
            if known.insert(ends) {
                self.line("Relationship", &format!("{} {} {}", ends.0, ends.1, ends.2));
            }
        }
    }

    fn annotations(&mut self, element: &Node<'_>, id: &str) {
        for one in items(element, "annotations") {
            self.section();
            self.element(one, table::ANNOTATION, None);
            if one.get("SPDXREF").is_none() {
                self.line("SPDXREF", id);
            }
        }
    }
}

fn checksum(node: &Node<'_>) -> String {
    format!("{}: {}", text(node, "algorithm"), text(node, "checksumValue"))
}

fn code(node: &Node<'_>) -> String {
    let value = text(node, "packageVerificationCodeValue");
    let files: Vec<&str> =
        items(node, "packageVerificationCodeExcludedFiles").iter().filter_map(|one| one.string("").ok()).collect();
    if files.is_empty() { value.to_owned() } else { format!("{value} (excludes: {})", files.join(", ")) }
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> &'n str {
    node.get(key).and_then(|node| node.scalar("").ok()).unwrap_or_default()
}

fn items<'n, 'a>(node: &'n Node<'a>, key: &str) -> &'n [Node<'a>] {
    match node.get(key) {
        Some(Node { value: Value::Sequence(items), .. }) => items,
        _ => &[],
    }
}
