//! An SPDX 2 tree brought to the other version.
//!
//! What the two say in different words is said anew; whatever else a version does not know is taken out, and counted.

use super::model::relation;
use super::{NO_ASSERTION, VERSION_PREFIX};
use crate::document::Node;
use crate::sbom::model::Losses;
use crate::sbom::{Origin, Written, schema};

/// The newest version, in which trees are made.
pub(super) const NEWEST: &str = "2.3";

/// What 2.3 brought, by the member that leads there.
static NEW_MEMBERS: &[&str] = &["primaryPackagePurpose", "builtDate", "releaseDate", "validUntilDate"];

/// The algorithms that 2.3 brought (section 7.10).
pub(super) static NEW_ALGORITHMS: &[&str] =
    &["SHA3-256", "SHA3-384", "SHA3-512", "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3", "ADLER32"];

/// The types of references that 2.3 brought (annex F).
pub(super) static NEW_REFERENCES: &[&str] = &["advisory", "fix", "url", "swid", "gitoid"];

/// Returns a tree in another version.
pub(super) fn to_version<'n>(mut root: Node<'n>, version: &'static str) -> Written<'n> {
    let mut losses = Losses::default();
    revise(&mut root, version, Origin::Document, &mut losses);
    Written { root, losses: losses.into_list() }
}

/// Brings a tree to another version.
pub(super) fn revise(root: &mut Node<'_>, version: &'static str, origin: Origin, losses: &mut Losses) {
    root.set("spdxVersion", format!("{VERSION_PREFIX}{version}").into());
    if version == "2.2" {
        to_2_2(root, losses);
    } else {
        to_2_3(root);
    }
    if origin == Origin::Document
        && let Some(schema) = schema::spdx(version)
    {
        schema.fit(root, losses);
    }
}

fn to_2_2(root: &mut Node<'_>, losses: &mut Losses) {
    for package in root.items_mut("packages").into_iter().flatten() {
        for key in NEW_MEMBERS {
            losses.note_if(&format!("packages[].{key}"), package.take(key).is_some());
        }
        checksums(package, "packages[]", losses);
        for one in package.items_mut("externalRefs").into_iter().flatten() {
            reference_to_2_2(one);
        }
        require(package, &["licenseConcluded", "licenseDeclared", "copyrightText"]);
    }
    for file in root.items_mut("files").into_iter().flatten() {
        checksums(file, "files[]", losses);
        require(file, &["licenseConcluded", "copyrightText"]);
        require_list(file, "licenseInfoInFiles");
    }
    for snippet in root.items_mut("snippets").into_iter().flatten() {
        require(snippet, &["licenseConcluded", "copyrightText"]);
        require_list(snippet, "licenseInfoInSnippets");
    }
    for one in root.items_mut("relationships").into_iter().flatten() {
        relationship_to_2_2(one, losses);
    }
    for one in root.items_mut("hasExtractedLicensingInfos").into_iter().flatten() {
        // Until 2.3 a licence must have a name, which may be said to be unknown.
        require(one, &["name"]);
    }
}

/// Takes out the digests of algorithms that 2.2 does not know.
fn checksums(element: &mut Node<'_>, path: &str, losses: &mut Losses) {
    let Some(list) = element.items_mut("checksums") else { return };
    let before = list.len();
    list.retain(|one| !text(one, "algorithm").is_some_and(|name| NEW_ALGORITHMS.contains(&name)));
    losses.note_many(&format!("{path}.checksums[] of algorithms that 2.3 brought"), before - list.len());
    if list.is_empty() {
        drop(element.take("checksums"));
    }
}

fn reference_to_2_2(one: &mut Node<'_>) {
    let is_new = text(one, "referenceType").is_some_and(|kind| NEW_REFERENCES.contains(&kind));
    match text(one, "referenceCategory") {
        Some("PACKAGE-MANAGER") => one.set("referenceCategory", "PACKAGE_MANAGER".into()),
        Some("PERSISTENT-ID" | "PERSISTENT_ID") => one.set("referenceCategory", "OTHER".into()),
        Some("SECURITY") if is_new => one.set("referenceCategory", "OTHER".into()),
        _ => {}
    }
}

/// A type that 2.2 does not know becomes `OTHER`, with the type in the comment.
fn relationship_to_2_2(one: &mut Node<'_>, losses: &mut Losses) {
    let Some(word) = text(one, "relationshipType") else { return };
    let is_known = |version: &str| relation::TYPES.iter().any(|(known, since, _)| *known == word && *since <= version);
    if is_known("2.2") || !is_known("2.3") {
        return;
    }
    let comment = match text(one, "comment") {
        Some(comment) => format!("{word}: {comment}"),
        None => word.to_owned(),
    };
    losses.note(&format!("relationships[] {word}"));
    one.set("comment", comment.into());
    one.set("relationshipType", "OTHER".into());
}

fn to_2_3(root: &mut Node<'_>) {
    for package in root.items_mut("packages").into_iter().flatten() {
        for one in package.items_mut("externalRefs").into_iter().flatten() {
            if text(one, "referenceCategory") == Some("PACKAGE_MANAGER") {
                one.set("referenceCategory", "PACKAGE-MANAGER".into());
            }
            let is_persistent = text(one, "referenceType").is_some_and(|kind| matches!(kind, "swh" | "gitoid"));
            if is_persistent && text(one, "referenceCategory") == Some("OTHER") {
                one.set("referenceCategory", "PERSISTENT-ID".into());
            }
        }
    }
    // What packages tell by pointers into files, 2.3 tells by the files' own names.
    if let Some(described) = root.take("describesPackages")
        && root.get("documentDescribes").is_none()
    {
        root.set("documentDescribes", described);
    }
}

/// Sees to it that something is said of each member.
fn require(element: &mut Node<'_>, keys: &[&'static str]) {
    for key in keys {
        if element.get(key).is_none() {
            element.set(key, NO_ASSERTION.into());
        }
    }
}

fn require_list(element: &mut Node<'_>, key: &'static str) {
    if element.items_mut(key).is_none_or(|list| list.is_empty()) {
        element.set(key, vec![Node::from(NO_ASSERTION)].into());
    }
}

/// Returns the text under a key.
pub(super) fn text<'t>(node: &'t Node<'_>, key: &str) -> Option<&'t str> {
    node.get(key).and_then(|node| node.string("").ok())
}
