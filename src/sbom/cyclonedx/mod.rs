//! CycloneDX 1.6 as JSON (ECMA-424), written.

pub mod xml;

use std::io;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::catalog::{Catalog, Merged};
use super::{Document, Format, list, unlocked};
use crate::component::{Algorithm, Component, InstallScript, Manifest, Relation, Scope, Source};
use crate::evidence::Evidence;
use crate::fact::Location;
use crate::text::{Text, find, hex, printable_json};
use crate::tree::TreePath;

pub(super) static JSON: Format =
    Format { id: "cyclonedx-json", versions: &["1.6"], summary: "CycloneDX as JSON", write };

/// The namespace of serial numbers: a document's number follows from its contents (RFC 9562, section 5.5).
const NAMESPACE: Uuid = Uuid::from_u128(0x7b9d_2f0e_3c41_5a8e_9f66_d1a0_54c7_be12);

/// The reference of the component the document is about.
const ROOT: &str = "root";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    /// Filled in when the rest is written, as the next is.
    components: [(); 0],
    dependencies: [(); 0],
    compositions: Vec<Composition>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    lifecycles: [Lifecycle; 1],
    tools: Tools,
    component: RootEntry<'a>,
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools {
    components: [Tool; 1],
}

#[derive(Serialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct RootEntry<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<License>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Self>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<License>,
    purl: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<ExternalReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
    evidence: EntryEvidence<'a>,
}

#[derive(Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum License {
    Expression { expression: String, acknowledgement: &'static str },
    Named { license: NamedLicense },
}

#[derive(Serialize)]
struct NamedLicense {
    name: String,
    acknowledgement: &'static str,
}

#[derive(Serialize)]
struct ExternalReference {
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: Stated,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Stated {
    Relation(Relation),
    Word(&'static str),
    Text(String),
}

#[derive(Serialize)]
struct EntryEvidence<'a> {
    occurrences: Vec<Occurrence<'a>>,
}

#[derive(Serialize)]
struct Occurrence<'a> {
    location: &'a TreePath,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<&'a str>,
}

#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assemblies: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<&'static str>,
}

/// What stands in place of the serial number until it is known: as long as one.
const UNNUMBERED: Uuid = Uuid::nil();

fn write(document: &Document<'_>) -> io::Result<Vec<Vec<u8>>> {
    let unlocked = unlocked::components(document.evidence);
    let catalog = Catalog::of(document.evidence, &unlocked);
    let frame = printable_json(serde_json::to_vec_pretty(&bom(document, &catalog))?);
    let (top, rest) = split_in(&frame, "components")?;
    let (middle, bottom) = split_in(rest, "dependencies")?;
    let entries: Vec<&Merged<'_>> = catalog.ordered().collect();
    let mut parts = vec![top.to_vec()];
    parts.extend(list::render(&entries, |merged| entry(merged))?.into_iter().map(printable_json));
    parts.push(middle.to_vec());
    parts.extend(
        list::render(&dependents(&catalog), |from| dependency(from, &catalog))?.into_iter().map(printable_json),
    );
    parts.push([bottom, b"\n"].concat());
    number(&mut parts);
    Ok(parts)
}

/// Splits a document inside the empty list that is its member of this name.
fn split_in<'a>(frame: &'a [u8], member: &str) -> io::Result<(&'a [u8], &'a [u8])> {
    // Only members of the document itself stand on a line of this depth; in a string no line ends.
    let opening = format!("\n  \"{member}\": [");
    let at = find(frame, opening.as_bytes());
    at.and_then(|at| frame.split_at_checked(at + opening.len())).ok_or_else(|| io::Error::other("no list in the frame"))
}

/// Puts the serial number in its place.
fn number(parts: &mut [Vec<u8>]) {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    let number = Uuid::new_v5(&NAMESPACE, hex(&hash.finalize()).as_bytes()).urn().to_string();
    let placeholder = UNNUMBERED.urn().to_string();
    // It stands near the top; nothing before it comes from the tree.
    let Some(top) = parts.first_mut() else { return };
    let at = find(top, placeholder.as_bytes());
    if let Some(slot) = at.and_then(|at| top.get_mut(at..at + number.len())) {
        slot.copy_from_slice(number.as_bytes());
    }
}

fn bom<'a>(document: &'a Document<'a>, catalog: &'a Catalog<'a>) -> Bom<'a> {
    let evidence = document.evidence;
    let nested = catalog.projects.iter().filter(|project| !project.is_root);
    let root = RootEntry {
        kind: "application",
        reference: ROOT.to_owned(),
        name: &document.root.name,
        version: document.root.version.as_deref(),
        licenses: document.root.license.as_deref().map(license).into_iter().collect(),
        components: nested
            .clone()
            .map(|project| RootEntry {
                kind: "application",
                reference: project.reference.clone(),
                name: &project.name,
                version: project.version,
                licenses: Vec::new(),
                components: Vec::new(),
                properties: Vec::new(),
            })
            .collect(),
        properties: gaps(evidence),
    };
    Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: UNNUMBERED.urn().to_string(),
        version: 1,
        metadata: Metadata {
            timestamp: document.timestamp,
            lifecycles: [Lifecycle { phase: "pre-build" }],
            tools: Tools {
                components: [Tool {
                    kind: "application",
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            component: root,
        },
        components: [],
        dependencies: [],
        compositions: compositions(evidence),
    }
}

fn entry<'a>(merged: &'a Merged<'a>) -> Entry<'a> {
    let component = merged.first;
    let mut properties = vec![Property { name: "portcullis:relation", value: Stated::Relation(merged.relation) }];
    if component.install_script == InstallScript::Runs {
        properties.push(Property { name: "portcullis:install-script", value: Stated::Word("runs") });
    }
    if !matches!(component.source, Source::Registry { .. }) {
        properties.push(Property { name: "portcullis:source", value: Stated::Word(source_kind(&component.source)) });
    }
    for digest in &component.digests {
        let value = match digest.artifact.as_deref().filter(|_| !digest.is_of_any_artifact()) {
            Some(artifact) => format!("{artifact} {digest}"),
            None if digest.artifact.is_some() || algorithm(digest.algorithm).is_none() => digest.to_string(),
            None => continue,
        };
        properties.push(Property { name: "portcullis:digest", value: Stated::Text(value) });
    }
    Entry {
        kind: "library",
        reference: &merged.reference,
        name: &component.name,
        version: component.version.as_deref(),
        scope: match merged.scope {
            Scope::Runtime => Some("required"),
            Scope::Optional | Scope::Peer => Some("optional"),
            Scope::Build | Scope::Dev => Some("excluded"),
            Scope::Unknown => None,
        },
        hashes: component
            .digests
            .iter()
            .filter(|digest| digest.artifact.is_none())
            .filter_map(|digest| Some(Hash { alg: algorithm(digest.algorithm)?, content: &digest.hex }))
            .collect(),
        licenses: component.license.as_deref().map(license).into_iter().collect(),
        purl: &component.purl,
        external_references: references(component),
        properties,
        evidence: EntryEvidence { occurrences: occurrences(&merged.places) },
    }
}

fn occurrences<'a>(places: &[&'a Location]) -> Vec<Occurrence<'a>> {
    let mut out: Vec<Occurrence<'_>> = places
        .iter()
        .map(|place| Occurrence { location: &place.path, line: place.position.map(|position| position.line) })
        .collect();
    out.dedup_by(|a, b| (a.location, a.line) == (b.location, b.line));
    out
}

fn references(component: &Component) -> Vec<ExternalReference> {
    let mut out = Vec::new();
    match &component.source {
        Source::Git { repository, .. } => {
            out.push(ExternalReference { kind: "vcs", url: iri(repository.without_prefix()) });
        }
        Source::Registry { registry: Some(registry) } if component.resolved.is_none() => {
            out.push(ExternalReference { kind: "distribution-intake", url: iri(registry.without_prefix()) });
        }
        _ => {}
    }
    if let Some(resolved) = &component.resolved {
        out.push(ExternalReference { kind: "distribution", url: iri(resolved.without_prefix()) });
    }
    out
}

/// Percent-encodes what may not stand in an IRI reference (RFC 3987), and writes scp's form of an address out.
fn iri(text: &str) -> String {
    let text = match text.split_once(':') {
        Some((host, path)) if !text.contains("://") && host.contains('@') => format!("ssh://{host}/{path}"),
        _ => text.to_owned(),
    };
    let is_plain = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    if text.bytes().all(is_plain) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                out.push_str(&format!("%{:02X}", u32::from(character)));
            }
            c if c.is_control() || crate::text::is_unseen(c) => {
                c.to_string().bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
            }
            c => out.push(c),
        }
    }
    out
}

/// What needs others.
struct Dependent<'a> {
    reference: &'a str,
    needs: &'a [usize],
    projects: Vec<&'a str>,
}

fn dependents<'a>(catalog: &'a Catalog<'a>) -> Vec<Dependent<'a>> {
    let nested = catalog.projects.iter().filter(|project| !project.is_root);
    let root = Dependent {
        reference: ROOT,
        needs: &catalog.of_root,
        projects: nested.clone().map(|project| project.reference.as_str()).collect(),
    };
    let of = |reference: &'a str, needs: &'a Vec<usize>| Dependent { reference, needs, projects: Vec::new() };
    std::iter::once(root)
        .chain(nested.map(|project| of(&project.reference, &project.needs)))
        .chain(catalog.ordered().filter(|entry| entry.tells_edges).map(|entry| of(&entry.reference, &entry.needs)))
        .collect()
}

fn dependency<'a>(from: &Dependent<'a>, catalog: &'a Catalog<'a>) -> Dependency<'a> {
    let needed = from.needs.iter().filter_map(|at| catalog.entries.get(*at));
    let mut depends_on: Vec<&str> = needed.map(|entry| &*entry.reference).collect();
    depends_on.sort_unstable();
    depends_on.dedup();
    depends_on.extend(&from.projects);
    Dependency { reference: from.reference, depends_on }
}

/// States what the document lists in full. Of the edges nothing is known where a lock file does not have them.
fn compositions(evidence: &Evidence) -> Vec<Composition> {
    let aggregate = completeness(evidence);
    if evidence.inventories.iter().all(|inventory| inventory.capability.edges) {
        return vec![Composition { aggregate, assemblies: vec![ROOT], dependencies: vec![ROOT] }];
    }
    vec![
        Composition { aggregate, assemblies: vec![ROOT], dependencies: Vec::new() },
        Composition { aggregate: "unknown", assemblies: Vec::new(), dependencies: vec![ROOT] },
    ]
}

/// States whether the document lists everything: not where something could not be read, nor where a manifest
/// asks for components that no lock file pins.
fn completeness(evidence: &Evidence) -> &'static str {
    if !evidence.gaps.is_empty() || asks_without_lock(evidence).next().is_some() {
        return "incomplete";
    }
    if evidence.inventories.is_empty() { "unknown" } else { "complete" }
}

fn asks_without_lock(evidence: &Evidence) -> impl Iterator<Item = &Manifest> {
    unlocked::unlocked(evidence).filter(|manifest| !manifest.requirements.is_empty())
}

fn gaps(evidence: &Evidence) -> Vec<Property> {
    let unread = evidence.gaps.iter().map(|gap| gap.message());
    let unlocked = asks_without_lock(evidence).map(|manifest| crate::text!("`{}` has no lock file", manifest.path));
    unread
        .chain(unlocked)
        .map(|message: Text| Property { name: "portcullis:gap", value: Stated::Text(message.to_string()) })
        .collect()
}

/// Returns a licence as CycloneDX has it: an expression where it is one (SPDX, annex D), else a name.
fn license(text: &str) -> License {
    let acknowledgement = "declared";
    match spdx::Expression::parse(text) {
        Ok(_) => License::Expression { expression: text.to_owned(), acknowledgement },
        Err(_) => License::Named { license: NamedLicense { name: text.to_owned(), acknowledgement } },
    }
}

/// Returns the name CycloneDX has for an algorithm, `None` where it has none.
fn algorithm(algorithm: Algorithm) -> Option<&'static str> {
    Some(match algorithm {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha1 => "SHA-1",
        Algorithm::Sha256 => "SHA-256",
        Algorithm::H1 => return None,
        Algorithm::Sha384 => "SHA-384",
        Algorithm::Sha512 => "SHA-512",
    })
}

fn source_kind(source: &Source) -> &'static str {
    match source {
        Source::Registry { .. } => "registry",
        Source::Archive { .. } => "archive",
        Source::Git { .. } => "git",
        Source::Path { .. } => "path",
        Source::Member => "member",
        Source::Bundled => "bundled",
    }
}
