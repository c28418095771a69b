//! Files (SPDX 2.3, section 8).

use std::borrow::Cow;

use super::component::{Parted, checksums, hashes, read_members, said, stated};
use super::license::{Explained, Licenses};
use super::property;
use crate::document::{Node, Object};
use crate::sbom::model::{Component, Fields, Losses, Party, PartyKind, Stated};

/// The members of a file that stand as properties in the model.
static MEMBERS: &[&str] = &["licenseComments", "noticeText", "attributionTexts", "fileTypes"];

/// The kind of a component that is a file.
pub(super) const KIND: &str = "file";

/// Reads a file.
pub(super) fn read<'n>(fields: &Fields<'n, '_>, explained: &Explained<'n>) -> Component<'n> {
    let mut properties = Vec::new();
    property::read(fields, &mut properties);
    read_members(fields, &[], &mut properties);
    let mut component = Component {
        id: fields.text("SPDXID").unwrap_or_default(),
        is_kind_stated: true,
        kind: Cow::Borrowed(KIND),
        name: fields.text("fileName").unwrap_or_default(),
        hashes: hashes(fields),
        declared: explained.found(fields.texts("licenseInfoInFiles")),
        concluded: explained.stated(fields.text("licenseConcluded")),
        copyright: stated(fields.text("copyrightText")),
        comment: fields.text("comment"),
        authors: fields
            .texts("fileContributors")
            .into_iter()
            .map(|name| Party { kind: PartyKind::Unstated, name: Some(name), ..Party::default() })
            .collect(),
        span: fields.node().span,
        ..Component::default()
    };
    super::package::Ours::read(&mut properties, &mut component);
    component.properties = properties;
    component
}

/// Whether a component can be written as a file: nothing is said of it that only a package has, and it has the digest
/// that every file must have (section 8.4).
pub(super) fn suits(component: &Component<'_>) -> bool {
    component.kind == KIND
        && component.is_kind_stated
        && sha1(component).is_some()
        && component.version == Stated::Absent
        && component.supplier == Stated::Absent
        && component.producer == Stated::Absent
        && component.download == Stated::Absent
        && component.purls.is_empty()
        && component.cpes.is_empty()
        && component.identifiers.is_empty()
        && component.references.is_empty()
        && component.places.is_empty()
        && component.authors.iter().all(|one| one.emails.is_empty() && one.urls.is_empty() && one.name.is_some())
        && component.publisher.is_none()
        && component.group.is_none()
        && component.scope.is_none()
        && component.description.is_none()
        && component.file_name.is_none()
        && !component.is_external
}

/// Returns the digest by SHA1.
pub(super) fn sha1<'n>(component: &'n Component<'_>) -> Option<&'n str> {
    let digests = component.hashes.iter().filter(|hash| hash.algorithm.name() == "SHA-1");
    let mut values = digests.map(|hash| &*hash.value);
    values.find(|value| value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Writes a component as a file.
pub(super) fn node<'n>(
    component: &'n Component<'_>,
    id: &str,
    completeness: Vec<(&'static str, &'static str)>,
    date: &'n str,
    licenses: &mut Licenses,
    losses: &mut Losses,
) -> Node<'n> {
    let parted = Parted::of(&component.properties, MEMBERS);
    let annotations = property::nodes(parted.others.iter().copied().chain(completeness), date);
    let found: Vec<Node<'n>> = match &component.declared {
        Stated::Value(list) => licenses.list(list).into_iter().map(Node::from).collect(),
        other => licenses.expression(other).into_iter().map(Node::from).collect(),
    };
    let contributors = component.authors.iter().filter_map(|one| one.name.as_ref()).map(Node::from).collect();
    Object::new()
        .with("SPDXID", id.to_owned())
        .with_list("annotations", annotations)
        .with_list("attributionTexts", parted.list("attributionTexts"))
        .with_list("checksums", checksums(&component.hashes, losses))
        .with_some("comment", component.comment.as_ref())
        .with_some("copyrightText", said(&component.copyright))
        .with_list("fileContributors", contributors)
        .with("fileName", &component.name)
        .with_list("fileTypes", parted.list("fileTypes"))
        .with_some("licenseComments", parted.text("licenseComments"))
        .with_some("licenseConcluded", licenses.expression(&component.concluded))
        .with_list("licenseInfoInFiles", found)
        .with_some("noticeText", parted.text("noticeText"))
        .into()
}
