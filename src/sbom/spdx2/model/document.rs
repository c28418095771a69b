//! The document itself (SPDX 2.3, section 6), and the order in which its parts are read and written.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::component::{checksum, hash, spelling};
use super::id;
use super::license::{Explained, Licenses};
use super::party::{self, Creator};
use super::property::{self, OURS, Property, take};
use super::{file, package, relations};
use crate::document::{Node, Object, render_json};
use crate::sbom::model::{
    Bom, End, Fields, Losses, Party, PartyKind, Reference, Relation, RelationKind, RelationScope, Unread, Words,
};
use crate::sbom::spdx2::revise::{NEWEST, revise};
use crate::sbom::spdx2::{DOCUMENT_ID, VERSION_PREFIX, syntax};
use crate::sbom::{Origin, Written};

/// The licence that the data of every document is under (section 6.2).
const DATA_LICENSE: &str = "CC0-1.0";

/// The time of a document that states none, though it must (section 6.9).
const NO_TIME: &str = "1970-01-01T00:00:00Z";

/// What says so.
const NO_TIME_COMMENT: &str = "no time is stated: the one that stands here means none";

/// The namespace of names that follow from what a document says (RFC 9562, section 5.5).
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0c_51e4_27a9_5d0b_9c1e_a4f3_80d2_7356);

/// Returns what a tree says.
pub(in crate::sbom::spdx2) fn read<'n>(root: &'n Node<'_>, _version: &str, unread: &'n Unread) -> Bom<'n> {
    let top = Fields::of(root, unread);
    top.pass_over(&["$schema", "spdxVersion", "SPDXID"]);
    let explained = Explained::read(&top);
    let mut bom = Bom {
        id: top.text("documentNamespace"),
        name: top.text("name"),
        data_license: top.text("dataLicense"),
        comment: top.text("comment"),
        ..Bom::default()
    };
    if let Some(creation) = top.object("creationInfo") {
        self::creation(&creation, &mut bom);
    }
    let mut properties = Vec::new();
    property::read(&top, &mut properties);
    ours(&mut properties, &mut bom);
    bom.properties = properties;
    bom.references.extend(top.objects("externalDocumentRefs").map(|one| other_document(&one)));
    let mut held = Vec::new();
    for fields in top.objects("packages") {
        let at = bom.components.len();
        held.extend(fields.texts("hasFiles").into_iter().map(|file| (at, file)));
        bom.components.push(package::read(&fields, &explained));
    }
    let mut needed = Vec::new();
    for fields in top.objects("files") {
        let at = bom.components.len();
        needed.extend(fields.texts("fileDependencies").into_iter().map(|file| (at, file)));
        bom.components.push(file::read(&fields, &explained));
    }
    relations::read(&top, held, &mut bom);
    dependencies(needed, &mut bom);
    bom.license_texts = explained.texts;
    bom
}

fn creation<'n>(creation: &Fields<'n, '_>, bom: &mut Bom<'n>) {
    let comment = creation.text("comment");
    bom.created = creation.text("created").filter(|time| {
        let is_none = time == NO_TIME && comment.as_deref().is_some_and(|comment| comment.contains(NO_TIME_COMMENT));
        !is_none
    });
    bom.comment = match (bom.comment.take(), comment.filter(|comment| comment != NO_TIME_COMMENT)) {
        (Some(one), Some(other)) => Some(Cow::Owned(format!("{one}\n\n{other}"))),
        (one, other) => one.or(other),
    };
    bom.license_list_version = creation.text("licenseListVersion");
    for text in creation.texts("creators") {
        match party::creator(text) {
            Creator::Party(party) => bom.authors.push(party),
            Creator::Tool(tool) => bom.tools.push(tool),
        }
    }
}

/// Takes from the properties of the document what belongs elsewhere.
fn ours<'n>(properties: &mut Vec<Property<'n>>, bom: &mut Bom<'n>) {
    if !properties.iter().any(|(name, _)| name.starts_with(OURS)) {
        return;
    }
    bom.edition = take(properties, "portcullis:edition").into_iter().find_map(|text| text.parse().ok());
    bom.lifecycles = take(properties, "portcullis:lifecycle");
    let supplier = take(properties, "portcullis:supplier").into_iter().next().map(party::creator);
    bom.supplier = supplier.and_then(|supplier| match supplier {
        Creator::Party(party) => Some(party),
        Creator::Tool(_) => None,
    });
    for (name, url) in properties.extract_if(.., |(name, _)| name.starts_with("portcullis:reference ")) {
        let kind = name.strip_prefix("portcullis:reference ").map(|kind| Cow::Owned(kind.to_owned()));
        bom.references.push(Reference { kind: kind.unwrap_or_default(), url, ..Reference::default() });
    }
}

/// Another document is a reference whose comment is the identifier that it has in this one.
fn other_document<'n>(fields: &Fields<'n, '_>) -> Reference<'n> {
    Reference {
        kind: Cow::Borrowed("bom"),
        other_kind: None,
        url: fields.text("spdxDocument").unwrap_or_default(),
        comment: fields.text("externalDocumentId"),
        hashes: fields.object("checksum").and_then(|one| hash(&one)).into_iter().collect(),
    }
}

/// Files that others need, as documents before 2.0 said it.
fn dependencies<'n>(needed: Vec<(usize, Words<'n>)>, bom: &mut Bom<'n>) {
    if needed.is_empty() {
        return;
    }
    let places: HashMap<String, usize> =
        bom.components.iter().enumerate().map(|(at, one)| (one.id.to_string(), at)).collect();
    for (from, file) in needed {
        let to = places.get(&*file).map_or_else(|| End::Elsewhere(file.clone()), |at| End::Component(*at));
        bom.relations.push(Relation {
            from: End::Component(from),
            kind: RelationKind::DependsOn,
            to,
            scope: RelationScope::Unstated,
            comment: None,
        });
    }
}

/// Returns the tree of a version that says what the model does.
///
/// It is made in the newest version and then brought to the one that is asked for, so that one place knows what a version
/// holds.
pub(in crate::sbom::spdx2) fn write<'n>(bom: &'n Bom<'_>, version: &'static str, origin: Origin) -> Written<'n> {
    let mut losses = Losses::default();
    let mut root = tree(bom, &mut losses);
    revise(&mut root, version, origin, &mut losses);
    Written { root, losses: losses.into_list() }
}

fn tree<'n>(bom: &'n Bom<'_>, losses: &mut Losses) -> Node<'n> {
    let (documents, others): (Vec<_>, Vec<_>) = bom.references.iter().partition(|one| is_document(one));
    let known: HashSet<String> = documents.iter().filter_map(|one| one.comment.as_deref().map(str::to_owned)).collect();
    let ids = id::all(bom);
    let mut relations = relations::write(bom, &ids, &known, losses);
    let mut licenses = Licenses::of(bom, known);
    let created = bom.created.as_deref().and_then(time);
    losses.note_if("document.created", bom.created.is_some() && created.is_none());
    let date = match (&created, bom.created.as_deref()) {
        (Some(time), Some(stated)) if time == stated => stated,
        _ => NO_TIME,
    };
    let mut packages = Vec::new();
    let mut files = Vec::new();
    let held = held(bom);
    for (at, (component, id)) in bom.components.iter().zip(&ids).enumerate() {
        let completeness = relations.completeness.remove(&at).unwrap_or_default();
        if file::suits(component) {
            files.push(file::node(component, id, completeness, date, &mut licenses, losses));
        } else {
            let held = held.get(&at);
            packages.push(package::node(component, id, completeness, held, date, &mut licenses, losses));
        }
    }
    beyond(bom, losses);
    let root = bom.roots.first().and_then(|at| bom.components.get(*at));
    let name = bom.name.as_ref().or(root.map(|root| &root.name)).filter(|name| !name.is_empty());
    let annotations = annotations(bom, &others, &relations, date, losses);
    let mut tree: Node<'n> = Object::new()
        .with("spdxVersion", format!("{VERSION_PREFIX}{NEWEST}"))
        .with("dataLicense", DATA_LICENSE)
        .with("SPDXID", DOCUMENT_ID)
        .with("name", party::name(name.map_or("", |name| &**name), losses))
        .with("documentNamespace", bom.id.as_deref().filter(|id| is_namespace(id)).unwrap_or_default())
        .with_some("comment", bom.comment.as_ref())
        .with("creationInfo", created_by(bom, created, losses))
        .with_list("externalDocumentRefs", documents.into_iter().map(document_reference).collect())
        .with_list("annotations", annotations)
        .with_list("packages", packages)
        .with_list("files", files)
        .with_list("relationships", relations.nodes)
        .with_list("hasExtractedLicensingInfos", licenses.nodes(bom, losses))
        .into();
    if !bom.id.as_deref().is_some_and(is_namespace) {
        name_after_content(&mut tree, bom.id.as_deref());
    }
    tree
}

/// Returns the SHA1 digests of the files that each package holds.
fn held<'n>(bom: &'n Bom<'_>) -> HashMap<usize, Vec<&'n str>> {
    let mut out: HashMap<usize, Vec<&'n str>> = HashMap::new();
    for relation in bom.relations.iter().filter(|relation| relation.kind == RelationKind::Contains) {
        let (End::Component(from), End::Component(to)) = (&relation.from, &relation.to) else { continue };
        if let Some(digest) = bom.components.get(*to).filter(|one| file::suits(one)).and_then(file::sha1) {
            out.entry(*from).or_default().push(digest);
        }
    }
    out
}

fn annotations<'n>(
    bom: &'n Bom<'_>,
    references: &[&'n Reference<'_>],
    relations: &relations::Written<'n>,
    date: &'n str,
    losses: &mut Losses,
) -> Vec<Node<'n>> {
    let mut own: Vec<(String, String)> = Vec::new();
    let mut ours = |name: &str, value: String| own.push((format!("{OURS}{name}"), value));
    if let Some(edition) = bom.edition {
        ours("edition", edition.to_string());
    }
    for phase in &bom.lifecycles {
        ours("lifecycle", phase.to_string());
    }
    if let Some(supplier) = &bom.supplier {
        ours("supplier", party::render(supplier, "document.supplier", losses));
    }
    for one in references {
        losses.note_many("references.hashes", one.hashes.len());
        losses.note_if("references.comment", one.comment.is_some());
        ours(&format!("reference {}", one.other_kind.as_ref().unwrap_or(&one.kind)), one.url.to_string());
    }
    let mut out = property::nodes(bom.properties.iter().map(|(name, value)| (&**name, &**value)), date);
    out.extend(own.into_iter().map(|(name, value)| property::owned(&name, &value, date)));
    out.extend(property::nodes(relations.of_document.iter().copied(), date));
    out
}

/// Counts what of a document SPDX 2 has no place for.
fn beyond(bom: &Bom<'_>, losses: &mut Losses) {
    losses.note_if("document.data-license", bom.data_license.as_deref().is_some_and(|id| id != DATA_LICENSE));
    losses.note_if("document.id", bom.id.as_deref().is_some_and(|id| !is_namespace(id)));
    losses.note_if("vulnerabilities", bom.vulnerabilities > 0);
    losses.note_if("signature", bom.is_signed);
}

fn created_by<'n>(bom: &'n Bom<'_>, created: Option<String>, losses: &mut Losses) -> Node<'n> {
    let is_software = |party: &&Party<'_>| party.kind == PartyKind::Software;
    let mut creators: Vec<Node<'n>> =
        bom.authors.iter().map(|author| Node::from(party::render(author, "document.authors", losses))).collect();
    losses.note_many("document.authors that are programs", bom.authors.iter().filter(is_software).count());
    creators.extend(bom.tools.iter().map(|tool| Node::from(party::render_tool(tool, losses))));
    if creators.is_empty() {
        // Somebody has to have made it: this program did.
        creators.push(property::ANNOTATOR.into());
    }
    let comment = created.is_none().then_some(NO_TIME_COMMENT);
    Object::new()
        .with_some("comment", comment)
        .with("created", created.unwrap_or_else(|| NO_TIME.to_owned()))
        .with("creators", creators)
        .with_some("licenseListVersion", bom.license_list_version.as_ref().filter(|version| is_list_version(version)))
        .into()
}

/// Whether a text is the version of a licence list: two numbers (section 6.7), or three in what tools write.
fn is_list_version(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns a time as SPDX 2 writes it: in UTC, in whole seconds (section 6.9).
fn time(stated: &str) -> Option<String> {
    let time: Timestamp = stated.parse().ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Whether an identifier is a URI without a fragment (section 6.5).
fn is_namespace(id: &str) -> bool {
    syntax::is_uri(id) && !id.contains(['#', '<', '>', '"', '{', '}', '|', '\\', '^', '`'])
}

/// Whether a reference of the document is one to another document of SPDX (section 6.6).
fn is_document(one: &Reference<'_>) -> bool {
    let [hash] = one.hashes.as_slice() else { return false };
    one.kind == "bom"
        && is_namespace(&one.url)
        && one.comment.as_deref().is_some_and(syntax::is_document)
        && spelling(hash).is_some()
}

fn document_reference<'n>(one: &'n Reference<'_>) -> Node<'n> {
    let checksum = one.hashes.first().and_then(|hash| Some(checksum(spelling(hash)?, &hash.value)));
    Object::new()
        .with_some("checksum", checksum)
        .with_some("externalDocumentId", one.comment.as_ref())
        .with("spdxDocument", &one.url)
        .into()
}

/// Gives a document without a namespace one that follows from what it says.
fn name_after_content(tree: &mut Node<'_>, id: Option<&str>) {
    let basis = match id {
        Some(id) => id.as_bytes().to_vec(),
        None => render_json(tree),
    };
    let name = Uuid::new_v5(&NAMESPACE, &basis).urn().to_string();
    tree.set("documentNamespace", name.into());
}
