//! `Pipfile.lock` of Pipenv, `pipfile-spec` 6.
//!
//! The format is described in Pipenv's documentation, "Pipfile & Pipfile.lock".

use std::collections::BTreeMap;

use super::name::normalised;
use super::{ECOSYSTEM, artifact, git, inventory, project_beside, requirement};
use crate::component::{Capability, Component, GitReference, InventoryBuilder, RemoteUrl, Scope, Source};
use crate::document::{self, Fault, Member, Node};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::FactKind;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "pipfile-lock",
    ecosystem: ECOSYSTEM,
    role: Role::Lock,
    names: &["Pipfile.lock"],
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: true,
        licenses: false,
        edges: false,
        exact_requirements: false,
    },
    summary: "Pipfile.lock",
    collect,
};

/// The one version of the format that Pipenv has written since 2017.
const SPEC: &str = "6";

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::json(file.text)?;
    let Some(meta) = root.get("_meta") else {
        return Err(Fault::new(root.span, Text::trusted("a lock file with `_meta`"), Text::trusted("none")).into());
    };
    if let Some(spec) = meta.get("pipfile-spec") {
        let found = spec.scalar("`pipfile-spec`")?;
        if found != SPEC {
            return Err(Unread::version(spec.span, text!("`pipfile-spec` {}", SPEC), text!("{}", found)));
        }
    }
    let sources = super::pipfile::sources(meta.optional_items("sources")?, file, facts)?;
    let mut builder = InventoryBuilder::default();
    let mut answered = BTreeMap::new();
    for category in root.members("a lock file")?.iter().filter(|category| category.key != "_meta") {
        let scope = match category.key.as_ref() {
            "default" => Scope::Runtime,
            "develop" => Scope::Dev,
            _ => Scope::Unknown,
        };
        for member in category.value.members("a category")? {
            match component(file, member, &sources) {
                Ok(component) => {
                    let component = Component { scope, ..component };
                    let (name, version) = (component.name.clone(), component.version.clone());
                    match builder.add(component, member.span()) {
                        Ok(handle) => {
                            answered.insert((name, version), handle);
                        }
                        Err(fault) => {
                            let unread = Unread::contradiction(fault);
                            facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, member.span()));
                        }
                    }
                }
                Err(fault) => facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), member.span())),
            }
        }
    }
    for ((name, version), handle) in answered {
        builder.answer(&format!("{name} {}", version.as_deref().unwrap_or_default()), handle);
    }
    builder.project(project_beside(file));
    facts.inventories.push(inventory(builder, file, &FORMAT, "Pipfile"));
    Ok(())
}

fn component(file: &File<'_>, member: &Member<'_>, sources: &super::pipfile::Sources) -> Result<Component, Fault> {
    let node = &member.value;
    node.members("a package")?;
    let name = normalised(&member.key);
    let version = node.optional_string("version")?;
    // Pipenv writes `*` or nothing for what is needed on no machine like its own, and pins no version of it.
    let version = match version.filter(|text| *text != "*").map(|text| (requirement::pinned(text), text)) {
        None => None,
        Some((Some(version), _)) => Some(version),
        Some((None, found)) => {
            let at = node.get("version").map_or(node.span, |node| node.span);
            return Err(Fault::new(at, Text::trusted("one version, as in `==1.0`"), text!("`{}`", found)));
        }
    };
    let (from, source_node) = source(node, sources)?;
    let spot = |node: &Node<'_>| file.places.spot(node.span);
    let mut component = Component {
        version_at: node.get("version").map(spot),
        source_at: source_node.map(spot),
        ..Component::new(ECOSYSTEM, &name, version, from, file.places.at(member.span()))
    };
    for hash in node.optional_items("hashes")? {
        let digest = artifact::digest(hash.string("a digest")?, hash.span)?;
        component.digest_at.get_or_insert(file.places.spot(hash.span));
        component.digests.push(digest.of_any_artifact());
    }
    Ok(component)
}

fn source<'a, 'b>(
    node: &'b Node<'a>,
    sources: &super::pipfile::Sources,
) -> Result<(Source, Option<&'b Node<'a>>), Fault> {
    if let Some(repository) = node.optional_string("git")? {
        let reference = node.optional_string("ref")?.map_or(GitReference::Default, GitReference::guess);
        return Ok((git::of(repository, reference), node.get("git")));
    }
    if let Some(url) = node.optional_string("file")? {
        return Ok((requirement::source_of(url), node.get("file")));
    }
    if let Some(path) = node.optional_string("path")? {
        return Ok((Source::Path { path: path.into() }, node.get("path")));
    }
    let registry = match node.optional_string("index")? {
        Some(index) => sources.named(index),
        None => sources.first(),
    };
    Ok((Source::Registry { registry: registry.map(RemoteUrl::new) }, node.get("index")))
}
