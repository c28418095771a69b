//! Packages (SPDX 2.3, section 7).

use std::borrow::Cow;

use super::component::{CODE, Parted, checksums, hashes, read_members, said, stated};
use super::license::{Explained, Licenses};
use super::property::{self, MEMBER, OURS, Property, take};
use super::{party, place, purpose, reference, verification};
use crate::document::{Node, Object};
use crate::sbom::model::{Component, ComponentScope, Fields, Losses, Party, PartyKind, Reference, Stated, Words};
use crate::sbom::spdx2::{NO_ASSERTION, syntax};

/// The members of a package that stand as properties in the model.
static MEMBERS: &[&str] =
    &["sourceInfo", "licenseComments", "summary", "builtDate", "releaseDate", "validUntilDate", "attributionTexts"];

/// Those that one has beside whose files were looked at.
static ANALYZED_MEMBERS: &[&str] = &[
    "sourceInfo",
    "licenseComments",
    "summary",
    "builtDate",
    "releaseDate",
    "validUntilDate",
    "attributionTexts",
    "licenseInfoFromFiles",
    CODE,
];

/// Reads a package.
pub(super) fn read<'n>(fields: &Fields<'n, '_>, explained: &Explained<'n>) -> Component<'n> {
    // Files that were looked at say so themselves.
    fields.pass_over(&["filesAnalyzed"]);
    let mut properties = Vec::new();
    property::read(fields, &mut properties);
    let source = fields.text("sourceInfo");
    let places = source.as_deref().and_then(place::read);
    read_members(fields, if places.is_some() { &["sourceInfo"] } else { &[] }, &mut properties);
    properties.extend(fields.object(CODE).and_then(|code| verification::read(&code)));
    let word = fields.text("primaryPackagePurpose");
    let kind = word.as_deref().map(|word| match purpose::kind(word) {
        Some(kind) => Cow::Borrowed(kind),
        None => Cow::Owned(word.to_owned()),
    });
    let kind = Ours::kind(&mut properties).or(kind);
    let mut component = Component {
        id: fields.text("SPDXID").unwrap_or_default(),
        is_kind_stated: kind.is_some(),
        kind: kind.unwrap_or(Cow::Borrowed("library")),
        name: fields.text("name").unwrap_or_default(),
        version: stated(fields.text("versionInfo")),
        supplier: party::stated(fields.text("supplier")),
        producer: party::stated(fields.text("originator")),
        hashes: hashes(fields),
        declared: explained.stated(fields.text("licenseDeclared")),
        concluded: explained.stated(fields.text("licenseConcluded")),
        copyright: stated(fields.text("copyrightText")),
        description: fields.text("description"),
        comment: fields.text("comment"),
        download: stated(fields.text("downloadLocation")),
        file_name: fields.text("packageFileName"),
        places: places.unwrap_or_default(),
        span: fields.node().span,
        ..Component::default()
    };
    if let Some(url) = fields.text("homepage").filter(|url| !matches!(&**url, "NONE" | NO_ASSERTION)) {
        component.references.push(reference::reference(Cow::Borrowed("website"), None, url, None));
    }
    reference::read(fields, &mut component);
    Ours::read(&mut properties, &mut component);
    component.properties = properties;
    component
}

/// What SPDX 2 has no member for and the model has: annotations of ours.
pub(super) struct Ours;

impl Ours {
    /// Takes the kind of a component that no purpose says.
    fn kind<'n>(properties: &mut Vec<Property<'n>>) -> Option<Words<'n>> {
        take(properties, "portcullis:kind").into_iter().next()
    }

    /// Takes from the properties what belongs elsewhere.
    pub(super) fn read<'n>(properties: &mut Vec<Property<'n>>, component: &mut Component<'n>) {
        if !properties.iter().any(|(name, _)| name.starts_with(OURS)) {
            return;
        }
        let mut one = |name: &str| take(properties, name).into_iter().next();
        component.group = one("portcullis:group");
        component.publisher = one("portcullis:publisher");
        component.is_external = one("portcullis:external").is_some();
        component.scope = one("portcullis:scope").as_deref().and_then(ComponentScope::named);
        for name in take(properties, "portcullis:author") {
            component.authors.push(Party { kind: PartyKind::Person, name: Some(name), ..Party::default() });
        }
    }

    /// Writes them.
    fn properties<'n>(component: &'n Component<'_>, losses: &mut Losses) -> Vec<(&'n str, &'n str)> {
        let mut out = Vec::new();
        if component.is_kind_stated && purpose::purpose(&component.kind).is_none() {
            out.push(("portcullis:kind", &*component.kind));
        }
        out.extend(component.group.as_deref().map(|group| ("portcullis:group", group)));
        out.extend(component.publisher.as_deref().map(|publisher| ("portcullis:publisher", publisher)));
        out.extend(component.is_external.then_some(("portcullis:external", "true")));
        out.extend(component.scope.map(|scope| ("portcullis:scope", scope.word())));
        for author in &component.authors {
            out.extend(author.name.as_deref().map(|name| ("portcullis:author", name)));
            losses.note_if("components.authors", author.name.is_none());
            losses.note_many("components.authors.email", author.emails.len());
            losses.note_many("components.authors.url", author.urls.len());
        }
        out
    }
}

/// Writes a component as a package; `held` are the SHA1 digests of the files that it holds.
pub(super) fn node<'n>(
    component: &'n Component<'_>,
    id: &str,
    completeness: Vec<(&'static str, &'static str)>,
    held: Option<&Vec<&str>>,
    date: &'n str,
    licenses: &mut Licenses,
    losses: &mut Losses,
) -> Node<'n> {
    let stated = component.properties.iter().any(|(name, _)| name.strip_prefix(MEMBER) == Some(CODE));
    let is_analyzed = stated || held.is_some();
    let parted = Parted::of(&component.properties, if is_analyzed { ANALYZED_MEMBERS } else { MEMBERS });
    let code = match parted.text(CODE) {
        Some(text) => Some(verification::node(text)),
        None => held.map(|digests| verification::of(digests)),
    };
    let plain = |kind: &str| {
        let is_plain = |one: &&Reference<'_>| one.kind == kind && one.comment.is_none() && one.hashes.is_empty();
        component.references.iter().find(is_plain)
    };
    let home = plain("website").filter(|one| is_address(&one.url));
    let location = match &component.download {
        Stated::Absent => plain("distribution").filter(|one| is_address(&one.url)),
        _ => None,
    };
    let elsewhere: Vec<&Reference<'_>> = home.into_iter().chain(location).collect();
    let download = match (&component.download, location) {
        (Stated::Value(url), _) if !syntax::is_location(url) => {
            losses.note("components.download");
            NO_ASSERTION.into()
        }
        (_, Some(one)) => Node::from(&one.url),
        (stated, None) => said(stated).unwrap_or(NO_ASSERTION.into()),
    };
    let places = place::render(&component.places);
    let source = parted.text("sourceInfo");
    losses
        .note_many("components.places", if source.is_some() || places.is_none() { component.places.len() } else { 0 });
    let mut ours = Ours::properties(component, losses);
    ours.extend(completeness);
    let annotations = property::nodes(parted.others.iter().copied().chain(ours), date);
    let party = |stated: &Stated<Party<'_>>, what: &str, losses: &mut Losses| match stated {
        Stated::Absent => None,
        Stated::Unknown | Stated::Withheld | Stated::None => Some(NO_ASSERTION.to_owned()),
        Stated::Value(one) => Some(party::render(one, what, losses)),
    };
    let purpose = component.is_kind_stated.then(|| purpose::purpose(&component.kind).unwrap_or("OTHER"));
    let name = party::name(&component.name, losses);
    Object::new()
        .with("SPDXID", id.to_owned())
        .with_list("annotations", annotations)
        .with_list("attributionTexts", parted.list("attributionTexts"))
        .with_some("builtDate", parted.text("builtDate"))
        .with_list("checksums", checksums(&component.hashes, losses))
        .with_some("comment", component.comment.as_ref())
        .with_some("copyrightText", said(&component.copyright))
        .with_some("description", component.description.as_ref())
        .with("downloadLocation", download)
        .with_list("externalRefs", reference::nodes(component, &elsewhere, losses))
        .with("filesAnalyzed", is_analyzed)
        .with_some("homepage", home.map(|one| &one.url))
        .with_some("licenseComments", parted.text("licenseComments"))
        .with_some("licenseConcluded", licenses.expression(&component.concluded))
        .with_some("licenseDeclared", licenses.expression(&component.declared))
        .with_list("licenseInfoFromFiles", parted.list("licenseInfoFromFiles"))
        .with("name", name)
        .with_some("originator", party(&component.producer, "components.producer", losses))
        .with_some("packageFileName", component.file_name.as_ref())
        .with_some(CODE, code)
        .with_some("primaryPackagePurpose", purpose)
        .with_some("releaseDate", parted.text("releaseDate"))
        .with_some("sourceInfo", source.map(str::to_owned).or(places))
        .with_some("summary", parted.text("summary"))
        .with_some("supplier", party(&component.supplier, "components.supplier", losses))
        .with_some("validUntilDate", parted.text("validUntilDate"))
        .with_some("versionInfo", said(&component.version))
        .into()
}

/// Whether a text is an address on the web (section 7.11).
fn is_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
    })
}
