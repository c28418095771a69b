//! Components as packages, files and their kin.

use super::party::identifier;
use super::{Writer, element, entry, extension, property};
use crate::document::{Node, Object};
use crate::sbom::model::{Component, Hash, Reference, Stated, Words};
use crate::sbom::spdx3::vocabulary::{
    AUTHOR, EXTERNAL, FOUND_AT, GROUP, IDENTIFIERS, PUBLISHER, PURPOSE, SCOPE, UNKNOWN, WITHHELD, known_purpose,
    other_reference, purpose, reference_type,
};

impl<'n> Writer<'n> {
    /// Returns the element of the component at a place, and adds what it leads to.
    pub(super) fn component(&mut self, at: usize) -> Option<Node<'n>> {
        let component = self.bom.components.get(at)?;
        let id = self.components.get(at)?.clone();
        let supplier = component.supplier.value().map(|party| self.party(party));
        let producer = component.producer.value().map(|party| self.party(party));
        let authors: Vec<String> = component.authors.iter().map(|party| self.party(party)).collect();
        let mut makers: Vec<String> = producer.into_iter().chain(authors.iter().cloned()).collect();
        makers.dedup();

        // A file has neither version nor address in SPDX 3: one that does is a package.
        let is_file = component.kind == "file"
            && component.version.value().is_none()
            && component.download == Stated::Absent
            && component.is_kind_stated;
        let (primary, further) = self.purposes(component, is_file);
        let properties = self.properties(component, authors);
        let (home, references) = self.home_and_references(component, is_file);
        self.licenses(component, &id);
        if !is_file || component.file_name.as_ref() != Some(&component.name) {
            self.file(component, at, &id);
        }
        let package = |text: Option<&'n str>| text.filter(|_| !is_file);
        let purl = component.purls.first().filter(|_| !is_file);
        let purls = component.purls.iter().skip(usize::from(purl.is_some()));
        let identifiers =
            purls.map(|purl| identifier("packageUrl", purl, None)).chain(identifiers(component)).collect();
        let copyright = spoken(&component.copyright);
        let node = element(if is_file { "software_File" } else { "software_Package" }, id)
            .with("name", &component.name)
            .with_some("description", component.description.as_ref())
            .with_some("comment", component.comment.as_ref())
            .with_list("externalIdentifier", identifiers)
            .with_list("externalRef", references)
            .with_list("extension", extension(properties))
            .with_list("verifiedUsing", hashes(&component.hashes))
            .with_list("originatedBy", makers.into_iter().map(Node::from).collect())
            .with_some("suppliedBy", supplier)
            .with_some("software_primaryPurpose", primary)
            .with_list("software_additionalPurpose", further)
            .with_some("software_copyrightText", copyright)
            .with_some("software_downloadLocation", package(spoken(&component.download)))
            .with_some("software_homePage", home)
            .with_some("software_packageUrl", purl)
            .with_some("software_packageVersion", package(spoken_value(&component.version)));
        Some(node.into())
    }

    /// Returns what a component is for in the first place, and what else.
    fn purposes(&mut self, component: &Component<'n>, is_file: bool) -> (Option<&'static str>, Vec<Node<'n>>) {
        let told = component.properties.iter().filter(|(name, _)| name == PURPOSE);
        let mut told: Vec<&'static str> = told.filter_map(|(_, value)| known_purpose(value)).collect();
        let primary = match &*component.kind {
            // What a file is for stands first among what is told of it.
            _ if is_file => (!told.is_empty()).then(|| told.remove(0)),
            _ if !component.is_kind_stated => None,
            kind => {
                let known = purpose(kind);
                self.losses.note_if(&format!("components.kind {kind}"), known.is_none());
                known
            }
        };
        (primary, told.into_iter().map(Node::from).collect())
    }

    fn properties(&self, component: &'n Component<'n>, authors: Vec<String>) -> Vec<Node<'n>> {
        let mut out = Vec::new();
        out.extend(component.group.as_ref().map(|group| property(GROUP, group)));
        out.extend(component.publisher.as_ref().map(|publisher| property(PUBLISHER, publisher)));
        out.extend(component.scope.map(|scope| property(SCOPE, scope.word())));
        out.extend(component.is_external.then(|| property(EXTERNAL, "true")));
        out.extend(authors.into_iter().map(|author| property(AUTHOR, author)));
        out.extend(component.places.iter().map(|place| {
            let line = place.line.map(|line| line.to_string()).unwrap_or_default();
            property(FOUND_AT, format!("{line}:{}", place.path))
        }));
        let is_said = |(name, value): &&(Words<'n>, Words<'n>)| name == PURPOSE && known_purpose(value).is_some();
        let others = component.properties.iter().filter(|one| !is_said(one));
        out.extend(others.map(|(name, value)| entry(name, &**value)));
        out.extend(silences(component));
        out
    }

    /// Returns the page of a component, and the references beside it.
    fn home_and_references(
        &mut self,
        component: &'n Component<'n>,
        is_file: bool,
    ) -> (Option<&'n Words<'n>>, Vec<Node<'n>>) {
        let references = component.references.as_slice();
        match references.split_first() {
            Some((first, rest))
                if first.kind == "website" && first.comment.is_none() && first.hashes.is_empty() && !is_file =>
            {
                (Some(&first.url), self.references(rest, "components.references.hashes"))
            }
            _ => (None, self.references(references, "components.references.hashes")),
        }
    }

    pub(super) fn references(&mut self, references: &'n [Reference<'n>], of_hashes: &str) -> Vec<Node<'n>> {
        let mut out = Vec::with_capacity(references.len());
        for reference in references {
            self.losses.note_many(of_hashes, reference.hashes.len());
            let word = reference.other_kind.as_ref().filter(|_| reference.kind == "other").unwrap_or(&reference.kind);
            let (kind, comment) = match reference_type(word) {
                Some(kind) => (kind, reference.comment.as_ref().map(Node::from)),
                None if word == "other" => ("other", reference.comment.as_ref().map(Node::from)),
                // What it leads to is told by the comment.
                None => {
                    let comment = match &reference.comment {
                        Some(comment) => format!("{word}: {comment}"),
                        None => word.to_string(),
                    };
                    self.losses.note_if("references.kind", other_reference(word).is_none());
                    ("other", Some(comment.into()))
                }
            };
            out.push(
                Object::new()
                    .with("type", "ExternalRef")
                    .with_some("comment", comment)
                    .with("externalRefType", kind)
                    .with("locator", vec![Node::from(&reference.url)])
                    .into(),
            );
        }
        out
    }

    /// Adds the file that a component is distributed as, where only its name is known.
    fn file(&mut self, component: &'n Component<'n>, at: usize, of: &str) {
        let Some(name) = &component.file_name else { return };
        if self.distributions.contains(&(at, &**name)) {
            return;
        }
        let id = self.iris.of_element("", "file");
        self.files.push(element("software_File", id.clone()).with("name", name).into());
        let relationship = self.relationship("Relationship", "hasDistributionArtifact", of, vec![id.into()]);
        self.relationships.push(relationship.into());
    }
}

fn identifiers<'n>(component: &'n Component<'n>) -> impl Iterator<Item = Node<'n>> {
    let cpes = component.cpes.iter().map(|cpe| {
        let kind = if cpe.starts_with("cpe:2.3:") { "cpe23" } else { "cpe22" };
        identifier(kind, cpe, None)
    });
    let others =
        component.identifiers.iter().map(|(kind, value)| match IDENTIFIERS.iter().find(|known| **known == *kind) {
            Some(kind) => identifier(kind, value, None),
            None => identifier("other", value, Some(&**kind).filter(|kind| *kind != "other")),
        });
    cpes.chain(others)
}

fn hashes<'n>(hashes: &'n [Hash<'n>]) -> Vec<Node<'n>> {
    hashes
        .iter()
        .map(|hash| {
            let known = hash.algorithm.spelling().and_then(|spelling| spelling.spdx3);
            let name = hash.algorithm.name();
            Object::new()
                .with("type", "Hash")
                .with_some("comment", Some(name).filter(|name| known.is_none() && *name != "other"))
                .with("algorithm", known.unwrap_or("other"))
                .with("hashValue", &hash.value)
                .into()
        })
        .collect()
}

/// Returns what is stated, in the words that SPDX has where nothing is.
fn spoken<'n>(stated: &'n Stated<Words<'n>>) -> Option<&'n str> {
    match stated {
        Stated::Value(text) => Some(text),
        Stated::Unknown => Some("NOASSERTION"),
        Stated::None => Some("NONE"),
        Stated::Absent | Stated::Withheld => None,
    }
}

/// Returns the value that is stated: a word in its place would be taken for one.
fn spoken_value<'n>(stated: &'n Stated<Words<'n>>) -> Option<&'n str> {
    stated.value().map(|text| &**text)
}

/// Returns what a component says not to tell, as CycloneDX does, but for what its properties say already.
fn silences<'n>(component: &'n Component<'n>) -> Vec<Node<'n>> {
    fn word<T>(stated: &Stated<T>) -> Option<&'static str> {
        match stated {
            Stated::Unknown => Some(UNKNOWN),
            Stated::Withheld => Some(WITHHELD),
            Stated::Absent | Stated::None | Stated::Value(_) => None,
        }
    }
    let declared = word(&component.declared).filter(|name| *name == WITHHELD);
    [
        ("version", word(&component.version)),
        ("supplier", word(&component.supplier)),
        ("producer", word(&component.producer)),
        ("license", declared),
    ]
    .into_iter()
    .filter_map(|(what, name)| Some((what, name?)))
    .filter(|(what, name)| !component.properties.iter().any(|(key, value)| key == name && value == what))
    .map(|(what, name)| property(name, what))
    .collect()
}
