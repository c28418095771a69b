//! Evidence as the model of a document.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::catalog::{Catalog, Merged};
use super::{Filter, Root, Subject, installed, unlocked};
use crate::component::{
    Algorithm, Component as Pinned, InstallScript, InstalledKind, Manifest, Relation as How, Scope, Source,
};
use crate::evidence::Evidence;
use crate::fact::Location;
use crate::sbom::merge;
use crate::sbom::model::{
    Aggregate, Bom, Completeness, Component, ComponentScope, End, Facet, FoundAt, Hash, HashAlgorithm, License,
    Reference, Relation, RelationKind, RelationScope, Tool, Words,
};
use crate::text::{Text, hex};

/// The namespace of document identifiers: a document's follows from its contents (RFC 9562, section 5.5).
const NAMESPACE: Uuid = Uuid::from_u128(0x7b9d_2f0e_3c41_5a8e_9f66_d1a0_54c7_be12);

/// The reference of the component the document is about.
const ROOT: &str = "root";

/// What a document is to be made of.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What is known of the tree.
    pub evidence: &'a Evidence,
    /// The component the document is about.
    pub root: &'a Root,
    /// The time it states, in RFC 3339, where the user gave one.
    pub created: Option<&'a str>,
    /// What is left out.
    pub filter: &'a Filter,
    /// Documents of suppliers that are taken in, each with its name.
    pub suppliers: &'a [(String, Bom<'a>)],
}

/// Gives `f` what a document of a tree says.
pub fn with_bom<R>(request: &Request<'_>, f: impl FnOnce(&Bom<'_>) -> R) -> R {
    let unlocked = unlocked::components(request.evidence);
    let catalog = Catalog::of(request.evidence, &unlocked);
    let mut bom = model(request, &catalog);
    for (name, supplier) in request.suppliers {
        merge(&mut bom, supplier.clone(), name);
    }
    bom.id = Some(Cow::Owned(identifier(&bom)));
    let out = f(&bom);
    // The process ends soon: to free what a large tree holds, value by value, would take a tenth of the time.
    std::mem::forget(bom);
    std::mem::forget(catalog);
    out
}

fn model<'a>(request: &Request<'a>, catalog: &'a Catalog<'a>) -> Bom<'a> {
    let Request { evidence, root, created, filter, suppliers: _ } = *request;
    let nested: Vec<_> = catalog.projects.iter().filter(|project| !project.is_root).collect();
    let system = installed::components(evidence);
    let first_entry = 1 + nested.len() + system.len();
    let mut components = vec![subject(evidence, root, filter)];
    components.extend(nested.iter().map(|project| Component {
        id: Cow::Borrowed(&project.reference),
        kind: Cow::Borrowed("application"),
        is_kind_stated: true,
        name: Cow::Borrowed(&project.name),
        version: project.version.map(Cow::Borrowed).into(),
        ..Component::default()
    }));
    components.extend(system);
    let entries: Vec<(usize, &Merged<'a>)> = catalog.ordered().filter(|(_, entry)| filter.lists(entry.scope)).collect();
    // The place of each entry in the order of the document.
    let mut place: Vec<Option<usize>> = vec![None; catalog.entries.len()];
    for (at, (entry, _)) in entries.iter().enumerate() {
        if let Some(slot) = place.get_mut(*entry) {
            *slot = Some(first_entry + at);
        }
    }
    components.extend(entries.iter().map(|(_, entry)| component(entry)));
    let mut relations = Vec::new();
    let mut needs = |from: usize, entries: &[usize], projects: std::ops::Range<usize>| {
        let mut to: Vec<usize> = entries.iter().filter_map(|entry| place.get(*entry).copied().flatten()).collect();
        to.sort_unstable();
        to.dedup();
        to.extend(projects);
        if to.is_empty() {
            relations.push(relation(from, RelationKind::DependsOn, End::None));
        }
        relations.extend(to.into_iter().map(|to| relation(from, RelationKind::DependsOn, End::Component(to))));
    };
    match root.kind {
        Subject::Project => needs(0, &catalog.of_root, 1..first_entry),
        Subject::System | Subject::Image => needs(0, &catalog.needed_by_none(), 1..first_entry),
    }
    for (at, project) in nested.iter().enumerate() {
        needs(1 + at, &project.needs, 0..0);
    }
    for (at, (_, entry)) in entries.iter().enumerate().filter(|(_, (_, entry))| entry.tells_edges) {
        needs(first_entry + at, &entry.needs, 0..0);
    }
    relations.extend((1..=nested.len()).map(|to| relation(0, RelationKind::Contains, End::Component(to))));
    Bom {
        name: Some(Cow::Borrowed(&root.name)),
        edition: Some(1),
        created: created.map(Cow::Borrowed),
        tools: vec![Tool {
            vendor: None,
            name: Cow::Borrowed(env!("CARGO_PKG_NAME")),
            version: Some(Cow::Borrowed(env!("CARGO_PKG_VERSION"))),
        }],
        lifecycles: vec![Cow::Borrowed(root.kind.lifecycle())],
        components,
        roots: vec![0],
        relations,
        completeness: completeness(evidence, filter),
        ..Bom::default()
    }
}

fn relation<'a>(from: usize, kind: RelationKind<'a>, to: End<'a>) -> Relation<'a> {
    Relation { from: End::Component(from), kind, to, scope: RelationScope::Unstated, comment: None }
}

fn subject<'a>(evidence: &'a Evidence, root: &'a Root, filter: &'a Filter) -> Component<'a> {
    Component {
        id: Cow::Borrowed(ROOT),
        kind: Cow::Borrowed(root.kind.kind()),
        is_kind_stated: true,
        name: Cow::Borrowed(&root.name),
        version: root.version.as_deref().map(Cow::Borrowed).into(),
        declared: root.license.as_deref().map(|text| vec![license(text)]).into(),
        properties: gaps(evidence).into_iter().chain(left_out(filter)).chain(installed::of_root(evidence)).collect(),
        ..Component::default()
    }
}

fn component<'a>(merged: &'a Merged<'a>) -> Component<'a> {
    let pinned = merged.first;
    Component {
        id: Cow::Borrowed(&merged.reference),
        kind: Cow::Borrowed(match pinned.installed.as_ref().map(|installed| installed.kind) {
            Some(InstalledKind::Application) => "application",
            Some(InstalledKind::Library) | None => "library",
        }),
        is_kind_stated: true,
        name: Cow::Borrowed(&pinned.name),
        version: pinned.version.as_deref().map(Cow::Borrowed).into(),
        purls: vec![Cow::Borrowed(&pinned.purl)],
        supplier: pinned.installed.as_deref().and_then(installed::supplier).into(),
        hashes: hashes(pinned),
        declared: pinned.license.as_deref().map(|text| vec![license(text)]).into(),
        scope: match merged.scope {
            Scope::Runtime => Some(ComponentScope::Required),
            Scope::Optional | Scope::Peer => Some(ComponentScope::Optional),
            Scope::Build | Scope::Dev => Some(ComponentScope::Excluded),
            Scope::Unknown => None,
        },
        references: references(pinned),
        places: places(&merged.places),
        properties: properties(merged),
        ..Component::default()
    }
}

fn hashes(pinned: &Pinned) -> Vec<Hash<'_>> {
    let of_package = pinned.digests.iter().filter(|digest| digest.artifact.is_none());
    of_package
        .filter_map(|digest| {
            let algorithm = HashAlgorithm::named(Cow::Borrowed(algorithm(digest.algorithm)?));
            Some(Hash { algorithm, value: Cow::Borrowed(&digest.hex) })
        })
        .collect()
}

/// Returns the name of an algorithm, `None` where no format has it.
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

fn properties<'a>(merged: &'a Merged<'a>) -> Vec<(Words<'a>, Words<'a>)> {
    let pinned = merged.first;
    let word = |name: &'static str, value: &'static str| (Cow::Borrowed(name), Cow::Borrowed(value));
    let mut out = match &pinned.installed {
        Some(installed) => installed::properties(installed),
        None => vec![word(
            "portcullis:relation",
            match merged.relation {
                How::Member => "member",
                How::Direct => "direct",
                How::Transitive => "transitive",
                How::Unknown => "unknown",
            },
        )],
    };
    if pinned.install_script == InstallScript::Runs {
        out.push(word("portcullis:install-script", "runs"));
    }
    let source = match &pinned.source {
        Source::Registry { .. } => None,
        Source::Archive { .. } => Some("archive"),
        Source::Git { .. } => Some("git"),
        Source::Path { .. } => Some("path"),
        Source::Member => Some("member"),
        Source::Bundled => Some("bundled"),
    };
    out.extend(source.map(|source| word("portcullis:source", source)));
    for digest in &pinned.digests {
        let value = match digest.artifact.as_deref().filter(|_| !digest.is_of_any_artifact()) {
            Some(artifact) => format!("{artifact} {digest}"),
            None if digest.artifact.is_some() || algorithm(digest.algorithm).is_none() => digest.to_string(),
            None => continue,
        };
        out.push((Cow::Borrowed("portcullis:digest"), Cow::Owned(value)));
    }
    out
}

pub(super) fn places<'a>(places: &[&'a Location]) -> Vec<FoundAt<'a>> {
    let place = |place: &&'a Location| FoundAt {
        path: place.path.to_string().into(),
        line: place.position.map(|position| position.line.into()),
    };
    let mut out: Vec<FoundAt<'a>> = places.iter().map(place).collect();
    out.dedup();
    out
}

fn references(pinned: &Pinned) -> Vec<Reference<'_>> {
    let reference = |kind: &'static str, url: &str| Reference {
        kind: Cow::Borrowed(kind),
        url: Cow::Owned(iri(url)),
        ..Reference::default()
    };
    let mut out = Vec::new();
    match &pinned.source {
        Source::Git { repository, .. } => out.push(reference("vcs", repository.without_prefix())),
        Source::Registry { registry: Some(registry) } if pinned.resolved.is_none() => {
            out.push(reference("distribution-intake", registry.without_prefix()));
        }
        _ => {}
    }
    out.extend(pinned.resolved.as_ref().map(|resolved| reference("distribution", resolved.without_prefix())));
    out
}

/// Percent-encodes what may not stand in an IRI reference (RFC 3987), and writes scp's form of an address out.
pub(super) fn iri(text: &str) -> String {
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

/// Returns a licence: an expression where it is one (SPDX, annex D), else a name.
fn license(text: &str) -> License<'_> {
    match spdx::Expression::parse(text) {
        Ok(_) => License::Expression(Cow::Borrowed(text)),
        Err(_) => License::Named { name: Cow::Borrowed(text), url: None, text: None },
    }
}

/// States what the document lists in full: not everything where something could not be read, nor where a manifest asks for
/// components that no lock file pins. Of the edges nothing is known where a lock file does not have them.
fn completeness(evidence: &Evidence, filter: &Filter) -> Vec<Completeness> {
    let is_left_out = !filter.words().is_empty();
    let contents = if is_left_out || !evidence.gaps.is_empty() || asks_without_lock(evidence).next().is_some() {
        Aggregate::Incomplete
    } else if evidence.inventories.is_empty() {
        Aggregate::Unknown
    } else {
        Aggregate::Complete
    };
    let has_edges = evidence.inventories.iter().all(|inventory| inventory.capability.edges);
    let dependencies = if has_edges { contents } else { Aggregate::Unknown };
    vec![
        Completeness { of: Some(0), what: Facet::Contents, aggregate: contents },
        Completeness { of: Some(0), what: Facet::Dependencies, aggregate: dependencies },
    ]
}

fn asks_without_lock(evidence: &Evidence) -> impl Iterator<Item = &Manifest> {
    unlocked::unlocked(evidence).filter(|manifest| !manifest.requirements.is_empty())
}

fn left_out<'a>(filter: &Filter) -> impl Iterator<Item = (Words<'a>, Words<'a>)> + use<'a> {
    filter.words().into_iter().map(|words| (Cow::Borrowed("portcullis:left-out"), Text::of(&words).to_string().into()))
}

fn gaps<'a>(evidence: &Evidence) -> Vec<(Words<'a>, Words<'a>)> {
    let unread = evidence.gaps.iter().map(|gap| gap.message());
    let unlocked = asks_without_lock(evidence).map(|manifest| crate::text!("`{}` has no lock file", manifest.path));
    unread
        .chain(unlocked)
        .map(|message: Text| (Cow::Borrowed("portcullis:gap"), Cow::Owned(message.to_string())))
        .collect()
}

/// Returns an identifier that follows from what the document says.
fn identifier(bom: &Bom<'_>) -> String {
    let mut hash = Sha256::new();
    let mut feed = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(text);
    };
    bom.tools.iter().for_each(|tool| feed(tool.version.as_deref().unwrap_or_default()));
    feed(bom.created.as_deref().unwrap_or_default());
    for one in &bom.components {
        feed(&one.id);
        feed(&one.name);
        feed(one.version.value().map_or("", |version| version));
        one.hashes.iter().for_each(|hash| feed(&hash.value));
        one.declared.value().into_iter().flatten().for_each(|license| feed(license.label()));
        feed(one.scope.map_or("", ComponentScope::word));
        one.references.iter().for_each(|reference| feed(&reference.url));
        for place in &one.places {
            feed(&place.path);
            feed(&place.line.unwrap_or_default().to_string());
        }
        for (name, value) in &one.properties {
            feed(name);
            feed(value);
        }
    }
    for relation in &bom.relations {
        let place = |end: &End<'_>| match end {
            End::Component(at) => u64::try_from(*at).unwrap_or(u64::MAX),
            End::Document | End::None | End::Unknown | End::Elsewhere(_) => u64::MAX,
        };
        hash.update(place(&relation.from).to_le_bytes());
        hash.update(place(&relation.to).to_le_bytes());
    }
    Uuid::new_v5(&NAMESPACE, hex(&hash.finalize()).as_bytes()).urn().to_string()
}
