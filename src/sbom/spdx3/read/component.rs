//! Packages, files and their kin as components.

use std::borrow::Cow;

use super::{Reader, many};
use crate::document::{Node, Value};
use crate::sbom::model::{
    Component, ComponentScope, Fields, FoundAt, Hash, HashAlgorithm, Party, Reference, Stated, Words, words,
};
use crate::sbom::spdx3::graph::{Element, reference_id};
use crate::sbom::spdx3::vocabulary::{
    AUTHOR, EXTERNAL, FOUND_AT, GROUP, IDENTIFIERS, PUBLISHER, PURPOSE, SCOPE, UNKNOWN, WITHHELD, kind,
    other_reference, reference_kind,
};

impl<'n> Reader<'n> {
    pub(super) fn component(&self, element: &Element<'n>) -> Component<'n> {
        let fields = self.fields(element);
        let mut component = Component {
            id: element.id.clone(),
            name: fields.text("name").unwrap_or_default(),
            version: or_silence(fields.text("software_packageVersion")),
            purls: fields.text("software_packageUrl").into_iter().collect(),
            hashes: self.hashes(&fields),
            copyright: or_silence(fields.text("software_copyrightText")),
            description: fields.text("description"),
            comment: fields.text("comment"),
            download: or_silence(fields.text("software_downloadLocation")),
            span: element.node.span,
            ..Component::default()
        };
        if component.description.is_none() {
            component.description = fields.text("summary");
        }
        self.kind(element, &fields, &mut component);
        self.identifiers(&fields, &mut component);
        let home = fields.text("software_homePage");
        let home = home.map(|url| Reference { kind: Cow::Borrowed("website"), url, ..Reference::default() });
        component.references = home.into_iter().chain(self.references(&fields)).collect();
        let mut authors = Vec::new();
        self.own_properties_of(self.properties(&fields), &mut component, &mut authors);
        self.parties(&fields, &authors, &mut component);
        silences(&mut component);
        component
    }

    /// Notes what a component is. A file is one whatever its purpose, which is told beside it.
    fn kind(&self, element: &Element<'n>, fields: &Fields<'n, 'n>, component: &mut Component<'n>) {
        let purpose = fields.text("software_primaryPurpose");
        let class = match &*element.class {
            "software_File" => Some("file"),
            "ai_AIPackage" => Some("machine-learning-model"),
            "dataset_DatasetPackage" => Some("data"),
            "build_Build" => Some("build"),
            _ => None,
        };
        let further = match (class, purpose) {
            (Some(class), purpose) => {
                component.kind = Cow::Borrowed(class);
                purpose.filter(|purpose| kind(purpose.clone()) != class)
            }
            (None, purpose) => {
                component.is_kind_stated = purpose.is_some();
                component.kind = purpose.map_or(Cow::Borrowed("library"), kind);
                None
            }
        };
        component.is_kind_stated |= class.is_some();
        let additional = many(fields.get("software_additionalPurpose")).iter().filter_map(words);
        component.properties.extend(further.into_iter().chain(additional).map(|word| (Cow::Borrowed(PURPOSE), word)));
    }

    fn identifiers(&self, fields: &Fields<'n, 'n>, component: &mut Component<'n>) {
        for identifier in self.identifier_fields(fields) {
            let kind = identifier.text("externalIdentifierType").unwrap_or_default();
            let Some(value) = identifier.text("identifier") else { continue };
            match &*kind {
                "packageUrl" if component.purls.contains(&value) => {}
                "packageUrl" => component.purls.push(value),
                "cpe22" | "cpe23" => component.cpes.push(value),
                known if IDENTIFIERS.contains(&known) => component.identifiers.push((kind, value)),
                _ => {
                    let kind = identifier.text("comment").unwrap_or(kind);
                    component.identifiers.push((kind, value));
                }
            }
        }
        for identifier in many(fields.get("software_contentIdentifier")) {
            let Some(element) = self.resolve(identifier) else { continue };
            let fields = self.fields(&element);
            let kind = fields.text("software_contentIdentifierType");
            if let (Some(kind), Some(value)) = (kind, fields.text("software_contentIdentifierValue")) {
                component.identifiers.push((kind, value));
            }
        }
    }

    /// Returns the members of the external identifiers of an element.
    pub(super) fn identifier_fields(&self, fields: &Fields<'n, 'n>) -> Vec<Fields<'n, 'n>> {
        let listed = many(fields.get("externalIdentifier")).iter();
        listed.filter_map(|one| self.resolve(one)).map(|one| self.fields(&one)).collect()
    }

    fn hashes(&self, fields: &Fields<'n, 'n>) -> Vec<Hash<'n>> {
        let methods = many(fields.get("verifiedUsing")).iter().filter_map(|one| self.resolve(one));
        methods
            .filter(|method| method.class == "Hash")
            .filter_map(|method| {
                let fields = self.fields(&method);
                let algorithm = fields.text("algorithm")?;
                let algorithm = if algorithm == "other" {
                    HashAlgorithm::named(fields.text("comment").unwrap_or(algorithm))
                } else {
                    HashAlgorithm::named(algorithm)
                };
                Some(Hash { algorithm, value: fields.text("hashValue")? })
            })
            .collect()
    }

    /// Returns the external references of an element, one for each place.
    pub(super) fn references(&self, fields: &Fields<'n, 'n>) -> Vec<Reference<'n>> {
        let mut out = Vec::new();
        for reference in many(fields.get("externalRef")).iter().filter_map(|one| self.resolve(one)) {
            let fields = self.fields(&reference);
            let written = fields.text("externalRefType").unwrap_or(Cow::Borrowed("other"));
            let mut comment = fields.text("comment");
            let (kind, other_kind) = match reference_kind(&written) {
                Some(kind) => (kind, None),
                None if written == "other" => match comment.as_deref().and_then(word_of_comment) {
                    Some((word, rest)) => {
                        comment = rest.map(|rest| Cow::Owned(rest.to_owned()));
                        (word, None)
                    }
                    None => ("other", None),
                },
                None => ("other", Some(written)),
            };
            for url in many(fields.get("locator")).iter().filter_map(words) {
                out.push(Reference {
                    kind: Cow::Borrowed(kind),
                    other_kind: other_kind.clone(),
                    url,
                    comment: comment.clone(),
                    hashes: Vec::new(),
                });
            }
        }
        out
    }

    /// Takes what stands for members of the model out of the properties of a component.
    fn own_properties_of(
        &self,
        properties: Vec<(Words<'n>, Words<'n>)>,
        component: &mut Component<'n>,
        authors: &mut Vec<Words<'n>>,
    ) {
        for (name, value) in properties {
            let scope = ComponentScope::named(&value);
            match &*name {
                GROUP => component.group = Some(value),
                PUBLISHER => component.publisher = Some(value),
                EXTERNAL if value == "true" => component.is_external = true,
                SCOPE if scope.is_some() => component.scope = scope,
                AUTHOR if self.graph.find(&value).is_some() => authors.push(value),
                FOUND_AT if found_at(&value).is_some() => component.places.extend(found_at(&value)),
                _ => component.properties.push((name, value)),
            }
        }
    }

    /// Notes who supplied a component, who made it and who wrote it.
    fn parties(&self, fields: &Fields<'n, 'n>, authors: &[Words<'n>], component: &mut Component<'n>) {
        // One that the document does not hold stays unread.
        let is_here = |key: &str| many(fields.node().get(key)).iter().any(|agent| self.resolve(agent).is_some());
        if is_here("suppliedBy") {
            component.supplier = many(fields.get("suppliedBy")).iter().find_map(|agent| self.party(agent)).into();
        }
        component.authors =
            authors.iter().filter_map(|id| self.graph.find(id)).map(|agent| self.agent(agent)).collect();
        if !is_here("originatedBy") {
            return;
        }
        let is_author = |agent: &&Node<'n>| reference_id(agent).is_some_and(|id| authors.contains(&id));
        let makers = many(fields.get("originatedBy")).iter().filter(|agent| !is_author(agent));
        let mut makers = makers.filter_map(|agent| self.party(agent));
        component.producer = makers.next().into();
        component.authors.extend(makers.collect::<Vec<Party<'n>>>());
    }
}

/// Returns what is stated, or said to be unknown or not there in the words that SPDX has for it.
fn or_silence(text: Option<Words<'_>>) -> Stated<Words<'_>> {
    match text.as_deref() {
        None => Stated::Absent,
        Some("NOASSERTION") => Stated::Unknown,
        Some("NONE") => Stated::None,
        Some(_) => text.into(),
    }
}

/// Notes what a component says not to tell, by properties of CycloneDX.
fn silences(component: &mut Component<'_>) {
    let says = |name: &str, what: &str| {
        let same = |value: &str| value.replace([' ', '_'], "-").eq_ignore_ascii_case(what);
        component.properties.iter().any(|(key, value)| key == name && same(value))
    };
    fn silent<T>(stated: &Stated<T>, is_withheld: bool, is_unknown: bool) -> Option<Stated<T>> {
        match stated {
            Stated::Absent if is_withheld => Some(Stated::Withheld),
            Stated::Absent if is_unknown => Some(Stated::Unknown),
            _ => None,
        }
    }
    let version = silent(&component.version, says(WITHHELD, "version"), says(UNKNOWN, "version"));
    let supplier = silent(&component.supplier, says(WITHHELD, "supplier"), says(UNKNOWN, "supplier"));
    let producer = silent(&component.producer, says(WITHHELD, "producer"), says(UNKNOWN, "producer"));
    let declared = silent(&component.declared, says(WITHHELD, "license"), says(UNKNOWN, "license"));
    component.version = version.unwrap_or_else(|| std::mem::take(&mut component.version));
    component.supplier = supplier.unwrap_or_else(|| std::mem::take(&mut component.supplier));
    component.producer = producer.unwrap_or_else(|| std::mem::take(&mut component.producer));
    component.declared = declared.unwrap_or_else(|| std::mem::take(&mut component.declared));
}

/// Returns the word of CycloneDX that a comment begins with, and the rest.
fn word_of_comment(comment: &str) -> Option<(&'static str, Option<&str>)> {
    match comment.split_once(": ") {
        Some((word, rest)) => other_reference(word).map(|word| (word, Some(rest))),
        None => other_reference(comment).map(|word| (word, None)),
    }
}

/// Returns a place that is written as a line, a colon and a path.
fn found_at<'n>(text: &str) -> Option<FoundAt<'n>> {
    let (line, path) = text.split_once(':')?;
    let line = if line.is_empty() { None } else { Some(line.parse().ok()?) };
    Some(FoundAt { path: Cow::Owned(path.to_owned()), line })
}

/// Whether an object has no members but these.
pub(super) fn has_only(node: &Node<'_>, keys: &[&str]) -> bool {
    matches!(&node.value, Value::Mapping(members) if members.iter().all(|member| keys.contains(&&*member.key)))
}
