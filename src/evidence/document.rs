//! A document as evidence: what it lists, as if a lock file pinned it, so that the rules about changes can judge two
//! documents as they judge two trees.

use std::collections::{BTreeMap, BTreeSet};

use super::Evidence;
use crate::component::{
    Capability, Component, GitReference, Inventory, Purl, Relation, RemoteUrl, Scope, Source, purl,
};
use crate::document::Lines;
use crate::fact::{Location, Spot};
use crate::sbom::model::{self, Bom, ComponentScope, End, RelationKind};
use crate::tree::TreePath;

/// What a document can tell of a component.
const CAPABILITY: Capability = Capability {
    transitive: true,
    digests: true,
    install_scripts: false,
    scope: true,
    licenses: true,
    edges: true,
    exact_requirements: false,
};

/// The ending of a directory's address in a registry's own.
const GIT: &str = "git+";

impl Evidence {
    /// Returns what a document lists: an inventory for each ecosystem of its purls. What bears no purl, and what the
    /// document is about, is left out.
    #[must_use]
    pub fn of_document(bom: &Bom<'_>, path: &TreePath, text: &str) -> Self {
        let lines = Lines::new(text);
        let direct: BTreeSet<usize> = bom
            .relations
            .iter()
            .filter(|relation| relation.kind == RelationKind::DependsOn)
            .filter_map(|relation| match (&relation.from, &relation.to) {
                (End::Component(from), End::Component(to)) if bom.roots.contains(from) => Some(*to),
                _ => None,
            })
            .collect();
        let mut inventories: BTreeMap<String, Inventory> = BTreeMap::new();
        for (at, listed) in bom.components.iter().enumerate().filter(|(at, _)| !bom.roots.contains(at)) {
            let Some(purl) = listed.purls.first().and_then(|purl| Purl::parse(purl).ok()) else { continue };
            let position = lines.position(listed.span.start);
            let place = Location { path: path.clone(), position: Some(position), width: 1 };
            let mut component = component(listed, &purl, place);
            let is_direct = direct.contains(&at);
            component.relation = if is_direct { Relation::Direct } else { Relation::Transitive };
            component.digest_at = Some(Spot { position, width: 1 });
            inventories
                .entry(purl.kind().to_owned())
                .or_insert_with(|| Inventory {
                    path: path.clone(),
                    format: "sbom".into(),
                    ecosystem: purl.kind().into(),
                    manifest: None,
                    capability: CAPABILITY,
                    components: Vec::new(),
                    projects: Vec::new(),
                    answers: BTreeMap::new(),
                    renamed: Vec::new(),
                    overridden: Vec::new(),
                })
                .components
                .push(component);
        }
        Self { inventories: inventories.into_values().collect(), ..Self::default() }
    }
}

fn component(listed: &model::Component<'_>, parsed: &Purl, place: Location) -> Component {
    let name = match parsed.namespace() {
        Some(namespace) => format!("{namespace}/{}", parsed.name()),
        None => parsed.name().to_owned(),
    };
    let version = listed.version.value().map(|version| &**version).or(parsed.version());
    let source = source(listed, parsed);
    Component {
        purl: purl(parsed.kind(), &name, version, &source),
        resolved: reference(listed, "distribution").map(RemoteUrl::new),
        digests: listed.hashes.iter().filter_map(model::Hash::digest).collect(),
        scope: match listed.scope {
            Some(ComponentScope::Required) => Scope::Runtime,
            Some(ComponentScope::Optional) => Scope::Optional,
            Some(ComponentScope::Excluded) => Scope::Dev,
            None => Scope::Unknown,
        },
        license: listed
            .licenses()
            .map(|all| all.iter().map(|one| one.label()).collect::<Vec<_>>().join(" AND ").into()),
        ..Component::new(parsed.kind(), &name, version, source, place)
    }
}

fn source(listed: &model::Component<'_>, parsed: &Purl) -> Source {
    let qualifier = |key: &str| parsed.qualifiers().get(key).map(String::as_str);
    if let Some(address) = qualifier("vcs_url") {
        let (repository, commit) = match address.rsplit_once('@') {
            Some((repository, commit)) if !commit.contains('/') => (repository, Some(commit)),
            _ => (address, None),
        };
        let repository = RemoteUrl::new(repository.strip_prefix(GIT).unwrap_or(repository));
        return Source::Git { repository, reference: GitReference::Unstated, commit: commit.map(Into::into) };
    }
    if let Some(address) = qualifier("download_url") {
        return Source::Archive { url: RemoteUrl::new(address) };
    }
    let registry = qualifier("repository_url").or_else(|| reference(listed, "distribution-intake"));
    Source::Registry { registry: registry.map(RemoteUrl::new) }
}

fn reference<'n>(listed: &'n model::Component<'_>, kind: &str) -> Option<&'n str> {
    listed.references.iter().find(|reference| reference.kind == kind).map(|reference| &*reference.url)
}
