//! A component of the model written as CycloneDX has it.

use std::borrow::Cow;

use super::edges::Edges;
use super::licenses;
use crate::document::{Node, Object};
use crate::sbom::model::{
    Bom, Component, ComponentScope, FoundAt, Hash, License, Losses, Party, Reference, Stated, Words,
};

/// The property under which an identifier stands for which CycloneDX has no place (the `cdx:cisa` taxonomy).
pub(super) const IDENTIFIER: &str = "cdx:cisa:component-identifier";

/// The property that says what a component does not tell, though asked (the `cdx:cisa` taxonomy).
pub(super) const UNKNOWN: &str = "cdx:cisa:unknown-information";

/// The property that says what a component withholds (the `cdx:cisa` taxonomy).
pub(super) const WITHHELD: &str = "cdx:cisa:withheld-information";

/// The property that names the file of a component (the taxonomy of BSI TR-03183).
pub(super) const FILE_NAME: &str = "bsi:component:filename";

/// The property that names what holds a component and does not stand around it.
pub(super) const HELD_BY: &str = "portcullis:contained-by";

/// The kinds of components that CycloneDX names.
const KINDS: &[&str] = &[
    "application",
    "framework",
    "library",
    "container",
    "platform",
    "operating-system",
    "device",
    "device-driver",
    "firmware",
    "file",
    "machine-learning-model",
    "data",
    "cryptographic-asset",
];

/// Returns the component at a place of the list, with those inside it.
pub(super) fn node<'n>(bom: &'n Bom<'_>, at: usize, edges: &Edges, losses: &mut Losses) -> Node<'n> {
    let Some(component) = bom.components.get(at) else { return Object::new().into() };
    let inside = edges.inside.get(&at).into_iter().flatten();
    let inside: Vec<Node<'n>> = inside.map(|inner| node(bom, *inner, edges, losses)).collect();
    let held_by = edges.held_by.get(&at).into_iter().flatten().filter_map(|holder| bom.components.get(*holder));
    let mut properties = properties(&component.properties);
    properties.extend(held_by.map(|holder| property(HELD_BY, &holder.id)));
    properties.extend(said_otherwise(component));
    count(component, losses);
    let kind = if KINDS.contains(&&*component.kind) { &*component.kind } else { "library" };
    let (authors, author) = authors(component);
    Object::new()
        .with("type", kind)
        .with_some("bom-ref", Some(&component.id).filter(|id| !id.is_empty()))
        .with_some("supplier", component.supplier.value().map(organization))
        .with_some("manufacturer", component.producer.value().map(organization))
        .with_list("authors", authors)
        .with_some("author", author)
        .with_some("publisher", component.publisher.as_ref())
        .with_some("group", component.group.as_ref())
        .with("name", &component.name)
        .with_some("version", component.version.value())
        .with_some("description", component.description.as_ref())
        .with_some("scope", component.scope.map(ComponentScope::word))
        .with_list("hashes", hashes(&component.hashes, losses))
        .with_list("licenses", licenses::nodes(bom, component, losses))
        .with_some("copyright", component.copyright.value())
        .with_some("cpe", component.cpes.first())
        .with_some("purl", component.purls.first())
        .with_list("omniborId", identified(component, "gitoid"))
        .with_list("swhid", identified(component, "swhid"))
        .with_some("isExternal", component.is_external.then_some(true))
        .with_list("components", inside)
        .with_list("externalReferences", references(&component.references, component.download.value()))
        .with_list("properties", properties)
        .with_some("evidence", evidence(&component.places))
        .into()
}

/// Counts what of a component CycloneDX has no place for.
fn count(component: &Component<'_>, losses: &mut Losses) {
    losses.note_if("components.comment", component.comment.is_some());
    let is_kind_known = KINDS.contains(&&*component.kind);
    losses.note_if("components.kind", !is_kind_known);
    losses.note_if("components.copyright NONE", component.copyright == Stated::None);
    losses.note_if("components.copyright NOASSERTION", component.copyright == Stated::Unknown);
    losses.note_if("components.download NONE", component.download == Stated::None);
    losses
        .note_if("components.licenses NONE", component.declared == Stated::None || component.concluded == Stated::None);
}

/// Returns what is said by properties, because it has no member of its own.
fn said_otherwise<'n>(component: &'n Component<'_>) -> Vec<Node<'n>> {
    let mut out = Vec::new();
    let mut silent = |what: &'static str, is_unknown: bool, is_withheld: bool| {
        let name = if is_withheld { WITHHELD } else { UNKNOWN };
        // What was read from such a property stands there still.
        let is_there = component.properties.iter().any(|(key, value)| key == name && value == what);
        if (is_unknown || is_withheld) && !is_there {
            out.push(property(name, what));
        }
    };
    silent("version", component.version == Stated::Unknown, component.version == Stated::Withheld);
    silent("supplier", component.supplier == Stated::Unknown, component.supplier == Stated::Withheld);
    silent("producer", component.producer == Stated::Unknown, component.producer == Stated::Withheld);
    silent("license", component.declared == Stated::Unknown, component.declared == Stated::Withheld);
    let has = |name: &str, value: &str| component.properties.iter().any(|(key, known)| key == name && known == value);
    let purls = component.purls.iter().skip(1);
    let others = component.identifiers.iter().filter(|(kind, _)| !matches!(&**kind, "gitoid" | "swhid"));
    let more = purls.chain(component.cpes.iter().skip(1)).chain(others.map(|(_, value)| value));
    out.extend(more.filter(|value| !has(IDENTIFIER, value)).map(|value| property(IDENTIFIER, value)));
    if let Some(name) = component.file_name.as_deref().filter(|name| !has(FILE_NAME, name)) {
        out.push(property(FILE_NAME, name));
    }
    out
}

fn property<'n>(name: &'static str, value: &'n str) -> Node<'n> {
    Object::new().with("name", name).with("value", value).into()
}

fn identified<'n>(component: &'n Component<'_>, wanted: &str) -> Vec<Node<'n>> {
    component.identifiers.iter().filter(|(kind, _)| kind == wanted).map(|(_, value)| value.into()).collect()
}

/// Returns people as a list, and one without an address as the plain name that he was.
fn authors<'n>(component: &'n Component<'_>) -> (Vec<Node<'n>>, Option<Node<'n>>) {
    match component.authors.as_slice() {
        [Party { name: Some(name), emails, urls, .. }] if emails.is_empty() && urls.is_empty() => {
            (Vec::new(), Some(name.into()))
        }
        all => (all.iter().map(person).collect(), None),
    }
}

pub(super) fn person<'n>(party: &'n Party<'_>) -> Node<'n> {
    Object::new().with_some("name", party.name.as_ref()).with_some("email", party.emails.first()).into()
}

pub(super) fn organization<'n>(party: &'n Party<'_>) -> Node<'n> {
    let contacts = party.emails.iter().map(|email| Object::new().with("email", email).into()).collect();
    Object::new()
        .with_some("name", party.name.as_ref())
        .with_list("url", party.urls.iter().map(Node::from).collect())
        .with_list("contact", contacts)
        .into()
}

fn hashes<'n>(hashes: &'n [Hash<'_>], losses: &mut Losses) -> Vec<Node<'n>> {
    let mut out = Vec::with_capacity(hashes.len());
    for hash in hashes {
        match hash.algorithm.spelling().and_then(|known| known.cyclonedx) {
            Some(name) => out.push(Object::new().with("alg", name).with("content", &hash.value).into()),
            None => losses.note(&format!("hashes of {}", hash.algorithm.name())),
        }
    }
    out
}

/// Returns references, and where something can be had that none of them leads to.
pub(super) fn references<'n>(references: &'n [Reference<'_>], download: Option<&'n Words<'_>>) -> Vec<Node<'n>> {
    let mut ignored = Losses::default();
    let mut out: Vec<Node<'n>> = references
        .iter()
        .map(|reference| {
            Object::new()
                .with("type", &reference.kind)
                .with("url", &reference.url)
                .with_some("comment", reference.comment.as_ref().or(reference.other_kind.as_ref()))
                .with_list("hashes", hashes(&reference.hashes, &mut ignored))
                .into()
        })
        .collect();
    if let Some(url) = download.filter(|url| !references.iter().any(|known| known.url == ***url)) {
        let is_repository = ["git+", "hg+", "svn+", "bzr+", "git:"].iter().any(|scheme| url.starts_with(scheme));
        let kind = if is_repository { "vcs" } else { "distribution" };
        out.push(Object::new().with("type", kind).with("url", url).into());
    }
    out
}

pub(super) fn properties<'n>(properties: &'n [(Words<'_>, Words<'_>)]) -> Vec<Node<'n>> {
    properties.iter().map(|(name, value)| Object::new().with("name", name).with("value", value).into()).collect()
}

fn evidence<'n>(places: &'n [FoundAt<'_>]) -> Option<Node<'n>> {
    let occurrences: Vec<Node<'n>> = places
        .iter()
        .map(|place| Object::new().with("location", &place.path).with_some("line", place.line).into())
        .collect();
    (!occurrences.is_empty()).then(|| Object::new().with("occurrences", occurrences).into())
}

/// Returns the licence of the document's own data.
pub(super) fn data_license<'n>(id: &'n Words<'_>) -> Node<'n> {
    licenses::node(&License::Expression(Cow::Borrowed(id)), None, None)
}
