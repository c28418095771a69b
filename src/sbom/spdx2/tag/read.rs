//! Tags and values read into the tree that SPDX 2.3 JSON has.
//!
//! A tag that is not known, or stands where it says nothing, becomes a member under its own name, so that it is neither
//! dropped nor taken for something else; it is told as well.

use std::collections::{BTreeMap, HashMap};

use super::element::Element;
use super::lines::{Line, lines};
use super::table::{self, Form, Tag};
use super::values::{checksum, hull, member, string};
use crate::document::{Fault, Node, Span, Value};
use crate::sbom::Violation;
use crate::text::Text;

/// How many stray tags are told of one document.
const MAX_TOLD: usize = 1_000;

/// Which element the tags that may stand in several belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Document,
    Package,
    File,
    Snippet,
}

/// A document that is being read.
struct Reader<'a> {
    document: Element<'a>,
    creation: Element<'a>,
    documents: Vec<Element<'a>>,
    packages: Vec<Element<'a>>,
    files: Vec<Element<'a>>,
    snippets: Vec<Element<'a>>,
    licenses: Vec<Element<'a>>,
    relationships: Vec<Element<'a>>,
    annotations: Vec<Element<'a>>,
    reviews: Vec<Element<'a>>,
    /// For each package the files that stand behind it.
    held: BTreeMap<usize, Vec<usize>>,
    scope: Scope,
    is_2_2: bool,
    strays: Vec<Violation>,
}

/// Returns the tree of a document, and the tags that stand where they say nothing.
///
/// # Errors
/// A fault at what is no tag and value.
pub(super) fn document(text: &str) -> Result<(Node<'_>, Vec<Violation>), Fault> {
    let lines = lines(text)?;
    let version = lines.iter().find(|line| line.tag.text == "SPDXVersion").map(|line| line.value.text);
    let mut reader = Reader {
        document: Element::default(),
        creation: Element::default(),
        documents: Vec::new(),
        packages: Vec::new(),
        files: Vec::new(),
        snippets: Vec::new(),
        licenses: Vec::new(),
        relationships: Vec::new(),
        annotations: Vec::new(),
        reviews: Vec::new(),
        held: BTreeMap::new(),
        scope: Scope::Document,
        is_2_2: version == Some("SPDX-2.2"),
        strays: Vec::new(),
    };
    for line in lines {
        reader.read(line);
    }
    Ok(reader.finish(text.len()))
}

impl<'a> Reader<'a> {
    fn read(&mut self, line: Line<'a>) {
        let tag = line.tag.text;
        match tag {
            "PackageName" => {
                self.scope = Scope::Package;
                self.packages.push(Element::default());
            }
            "FileName" => {
                self.scope = Scope::File;
                if let Some(package) = self.packages.len().checked_sub(1) {
                    self.held.entry(package).or_default().push(self.files.len());
                }
                self.files.push(Element::default());
            }
            "SnippetSPDXID" => {
                self.scope = Scope::Snippet;
                self.snippets.push(Element::default());
            }
            "LicenseID" => self.licenses.push(Element::default()),
            "Annotator" => self.annotations.push(Element::default()),
            "Reviewer" => self.reviews.push(Element::default()),
            "Relationship" => return self.relationship(line),
            "ExternalDocumentRef" => return self.other_document(line),
            _ => {}
        }
        let known = |list: &'static [Tag]| list.iter().find(|(name, ..)| *name == tag);
        let lists: [(&'static [Tag], Option<&mut Element<'a>>); 8] = [
            (table::DOCUMENT, Some(&mut self.document)),
            (table::CREATION, Some(&mut self.creation)),
            (table::PACKAGE, self.packages.last_mut()),
            (table::FILE, self.files.last_mut()),
            (table::SNIPPET, self.snippets.last_mut()),
            (table::LICENSE, self.licenses.last_mut()),
            (table::ANNOTATION, self.annotations.last_mut()),
            (table::REVIEW, self.reviews.last_mut()),
        ];
        let put = lists.into_iter().find_map(|(list, element)| {
            let (_, key, form) = known(list)?;
            Some(match element {
                Some(element) => element.put(line, key, *form, self.is_2_2),
                None => Err(Text::trusted("a tag of an element that was begun")),
            })
        });
        match put {
            Some(Ok(())) => return,
            Some(Err(expected)) => return self.stray(line, expected),
            None => {}
        }
        let is_done = match tag {
            "SPDXID" => {
                let element = match self.scope {
                    Scope::Document => Some(&mut self.document),
                    Scope::Package => self.packages.last_mut(),
                    Scope::File => self.files.last_mut(),
                    Scope::Snippet => self.snippets.last_mut(),
                };
                element.is_some_and(|element| element.put(line, "SPDXID", Form::Text, false).is_ok())
            }
            "RelationshipComment" => self.relationships.last_mut().is_some_and(|one| one.comment(line)),
            "ExternalRefComment" => {
                let references = self.packages.last_mut().and_then(|package| package.list("externalRefs"));
                let last = references.and_then(|list| list.last_mut());
                last.is_some_and(|node| match &mut node.value {
                    Value::Mapping(members) if !members.iter().any(|member| member.key == "comment") => {
                        members.push(member("comment", line.tag.span(), string(line.value)));
                        true
                    }
                    _ => false,
                })
            }
            _ => {
                let project = table::PROJECT.iter().find(|(name, ..)| *name == tag);
                let file = self.files.last_mut();
                match (project, file) {
                    (Some((_, key, _)), Some(file)) => file.project(line, key),
                    _ => false,
                }
            }
        };
        if !is_done {
            self.stray(line, Text::trusted("a tag of SPDX, once in its element"));
        }
    }

    /// Keeps a tag under its own name, and tells of it.
    fn stray(&mut self, line: Line<'a>, expected: Text) {
        let found = crate::text!("`{}: {}`", line.tag.text, line.value.text).shortened(80);
        if self.strays.len() < MAX_TOLD {
            self.strays.push(Violation::invalid(line.tag.span(), Text::of(line.tag.text), expected, found));
        }
        let element = match self.scope {
            Scope::Document => None,
            Scope::Package => self.packages.last_mut(),
            Scope::File => self.files.last_mut(),
            Scope::Snippet => self.snippets.last_mut(),
        };
        element.unwrap_or(&mut self.document).push_item(line.tag.text, line.tag.span(), string(line.value));
    }

    /// `SPDXRef-A CONTAINS SPDXRef-B`
    fn relationship(&mut self, line: Line<'a>) {
        let parts = line.value.word().and_then(|(from, rest)| rest.word().map(|(kind, to)| (from, kind, to)));
        let Some((from, kind, to)) = parts.filter(|(.., to)| !to.text.contains(char::is_whitespace)) else {
            return self.stray(line, Text::trusted("an element, a type of relationship and another element"));
        };
        let at = line.tag.span();
        self.relationships.push(Element::of(vec![
            member("spdxElementId", at, string(from)),
            member("relationshipType", kind.span(), string(kind)),
            member("relatedSpdxElement", to.span(), string(to)),
        ]));
    }

    /// `DocumentRef-spdx-tool-1.2 http://… SHA1: d6a7…`
    fn other_document(&mut self, line: Line<'a>) {
        let parts = line.value.word().and_then(|(id, rest)| rest.word().map(|(address, rest)| (id, address, rest)));
        let parts = parts.and_then(|(id, address, rest)| Some((id, address, checksum(rest)?)));
        let Some((id, address, checksum)) = parts else {
            return self.stray(line, Text::trusted("an identifier, an address and a digest, `SHA1: …`"));
        };
        self.documents.push(Element::of(vec![
            member("externalDocumentId", line.tag.span(), string(id)),
            member("spdxDocument", address.span(), string(address)),
            member("checksum", checksum.span, checksum),
        ]));
    }

    fn finish(mut self, end: usize) -> (Node<'a>, Vec<Violation>) {
        self.annotate();
        let ids: Vec<Option<Node<'a>>> = self.files.iter().map(|file| file.get("SPDXID").cloned()).collect();
        for (package, files) in &self.held {
            let held: Vec<Node<'a>> = files.iter().filter_map(|file| ids.get(*file).cloned().flatten()).collect();
            if let Some(package) = self.packages.get_mut(*package).filter(|_| !held.is_empty()) {
                let span = hull(&held);
                package.members.push(member("hasFiles", span, Node { span, value: Value::Sequence(held) }));
            }
        }
        self.snippets.iter_mut().for_each(Element::point);
        let mut document = self.document;
        document.members.append(&mut document.strays);
        if !self.creation.members.is_empty() {
            let creation = self.creation.node();
            document.members.push(member("creationInfo", creation.span, creation));
        }
        for (key, elements) in [
            ("externalDocumentRefs", self.documents),
            ("packages", self.packages),
            ("files", self.files),
            ("snippets", self.snippets),
            ("hasExtractedLicensingInfos", self.licenses),
            ("relationships", self.relationships),
            ("annotations", self.annotations),
            ("revieweds", self.reviews),
        ] {
            if !elements.is_empty() {
                let nodes: Vec<Node<'a>> = elements.into_iter().map(Element::node).collect();
                let span = hull(&nodes);
                document.members.push(member(key, span, Node { span, value: Value::Sequence(nodes) }));
            }
        }
        (Node { span: Span { start: 0, end }, value: Value::Mapping(document.members) }, self.strays)
    }

    /// Puts each annotation where its reference says; one that leads nowhere stays with the document, reference and all.
    fn annotate(&mut self) {
        let id = |element: &Element<'a>| element.get("SPDXID").and_then(|id| id.string("").ok()).map(str::to_owned);
        let mut places: HashMap<String, (usize, usize)> = HashMap::new();
        for (list, elements) in [&self.packages, &self.files, &self.snippets].into_iter().enumerate() {
            for (at, element) in elements.iter().enumerate() {
                if let Some(id) = id(element) {
                    places.entry(id).or_insert((list, at));
                }
            }
        }
        let document = id(&self.document);
        let mut own = Vec::new();
        for mut annotation in std::mem::take(&mut self.annotations) {
            let reference = annotation.get("SPDXREF").and_then(|id| id.string("").ok()).map(str::to_owned);
            let place = reference.as_ref().and_then(|id| places.get(id)).copied();
            let element = match place {
                Some((0, at)) => self.packages.get_mut(at),
                Some((1, at)) => self.files.get_mut(at),
                Some((_, at)) => self.snippets.get_mut(at),
                None => None,
            };
            if element.is_some() || (reference.is_some() && reference == document) {
                annotation.members.retain(|member| member.key != "SPDXREF");
            }
            match element {
                Some(element) => {
                    let node = annotation.node();
                    element.push_to_list("annotations", node.span, node);
                }
                None => own.push(annotation),
            }
        }
        self.annotations = own;
    }
}
