//! `poetry.lock`, versions 1 and 2.
//!
//! The format is described by poetry's own reader and writer, `src/poetry/packages/locker.py`.

use std::collections::{HashMap, HashSet};

use super::name::normalised;
use super::{ECOSYSTEM, artifact, git, inventory, project_beside, required};
use crate::component::{
    Algorithm, Capability, Component, Digest, GitReference, InventoryBuilder, RemoteUrl, Scope, Source, version,
};
use crate::document::{self, Fault, Node, Span, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, GapReason};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "poetry-lock",
    ecosystem: ECOSYSTEM,
    role: Role::Lock,
    names: &["poetry.lock"],
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: true,
        licenses: false,
        edges: true,
        exact_requirements: false,
    },
    summary: "poetry.lock of version 1 and 2",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    let metadata = root.get("metadata");
    if root.get("package").is_none() && metadata.is_none() {
        return Err(Fault::new(root.span, Text::trusted("a lock file"), Text::trusted("nothing")).into());
    }
    let mut lock = Lock {
        file,
        builder: InventoryBuilder::default(),
        files: HashMap::new(),
        versions: HashMap::new(),
        by_name: HashMap::new(),
        entries: Vec::new(),
        has_scopes: false,
    };
    if let Some(metadata) = metadata {
        known_version(metadata)?;
        lock.files_of_version_1(metadata)?;
    }
    // Poetry writes it last: without it the file was cut off.
    if metadata.and_then(|metadata| metadata.get("content-hash")).is_none() {
        let end = Span { start: file.text.len(), end: file.text.len() };
        let expected = Text::trusted("`[metadata]` with `content-hash` at the end");
        let fault = Fault::new(end, expected, Text::trusted("none"));
        facts.gaps.push(file.places.gap(FactKind::Component, GapReason::Malformed, fault));
    }
    let packages = root.optional_items("package")?;
    for package in packages {
        if let Some(name) = package.optional_string("name").ok().flatten() {
            *lock.versions.entry(normalised(name)).or_default() += 1;
        }
    }
    for package in packages {
        if let Err(unread) = lock.add(package) {
            facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, package.span));
        }
    }
    for (from, node) in std::mem::take(&mut lock.entries) {
        if let Err(fault) = lock.needs(from, node) {
            facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), node.span));
        }
    }
    lock.builder.project(project_beside(file));
    let mut inventory = inventory(lock.builder, file, &FORMAT, "pyproject.toml");
    inventory.capability.scope = lock.has_scopes;
    facts.inventories.push(inventory);
    Ok(())
}

/// Refuses versions that this reader does not know: poetry itself takes any minor one.
fn known_version(metadata: &Node<'_>) -> Result<(), Unread> {
    let Some(node) = metadata.get("lock-version") else { return Ok(()) };
    let text = node.scalar("`lock-version`")?;
    match text.split('.').next() {
        Some("1" | "2") => Ok(()),
        _ => Err(Unread::version(node.span, Text::trusted("a lock file of version 1 or 2"), text!("version {}", text))),
    }
}

struct Lock<'a> {
    file: &'a File<'a>,
    builder: InventoryBuilder,
    /// The archives of each name, where they stand apart from the packages (version 1).
    files: HashMap<Box<str>, &'a [Node<'a>]>,
    /// How many packages bear each name.
    versions: HashMap<Box<str>, u32>,
    by_name: HashMap<Box<str>, Vec<(u32, &'a str)>>,
    entries: Vec<(u32, &'a Node<'a>)>,
    /// Whether packages say what they are needed for, as those of version 2.0 do not.
    has_scopes: bool,
}

impl<'a> Lock<'a> {
    fn files_of_version_1(&mut self, metadata: &'a Node<'a>) -> Result<(), Fault> {
        for key in ["files", "hashes"] {
            for member in metadata.optional_members(key)? {
                self.files.insert(normalised(&member.key), member.value.items("the archives of a package")?);
            }
        }
        Ok(())
    }

    fn add(&mut self, node: &'a Node<'a>) -> Result<(), Unread> {
        node.members("a package")?;
        let name = normalised(required(node, "name")?.string("`name`")?);
        let version_node = required(node, "version")?;
        let version = version_node.string("`version`")?;
        let source_node = node.get("source");
        let from = match source_node {
            Some(node) => source(node)?,
            None => Source::Registry { registry: None },
        };
        let spot = |node: &Node<'_>| Some(self.file.places.spot(node.span));
        let mut component = Component {
            version_at: spot(version_node),
            source_at: source_node.and_then(spot),
            ..Component::new(ECOSYSTEM, &name, Some(version), from, self.file.places.at(node.span))
        };
        if let Some(scope) = scope(node)? {
            component.scope = scope;
            self.has_scopes = true;
        }
        let own = node.get("files");
        let archives = match own {
            Some(own) => own.items("`files`")?,
            None => self.files.get(&name).copied().unwrap_or_default(),
        };
        // In version 1 the archives of all versions of a name stand together.
        let is_shared = own.is_none() && self.versions.get(&name).copied().unwrap_or_default() > 1;
        for archive in archives {
            self.archive(archive, is_shared.then_some(version), &mut component)?;
        }
        let handle = self.builder.add_once(component, node.span).map_err(Unread::contradiction)?;
        self.builder.answer(&format!("{name} {version}"), handle);
        self.by_name.entry(name).or_default().push((handle, version));
        self.entries.push((handle, node));
        Ok(())
    }

    fn archive(&self, node: &'a Node<'a>, of: Option<&str>, component: &mut Component) -> Result<(), Fault> {
        // The first versions of poetry wrote the bare digests.
        if let Value::String(hex) = &node.value {
            let digest = Digest::from_hex(Algorithm::Sha256, hex)
                .ok_or_else(|| node.unexpected("a SHA-256 digest of 64 hexadecimal digits"))?;
            component.digest_at.get_or_insert(self.file.places.spot(node.span));
            component.digests.push(digest.of_any_artifact());
            return Ok(());
        }
        let file = artifact::file_name(required(node, "file")?.string("`file`")?);
        if of.is_some_and(|version| !file.contains(version)) {
            return Ok(());
        }
        let digests = artifact::hash(node)?.into_iter().collect();
        artifact::note(component, file, node.get("url"), digests, self.file.places, node.span)
    }

    /// Draws the edges of a package. What no platform of the project needs is asked for, and not locked.
    fn needs(&mut self, from: u32, node: &'a Node<'a>) -> Result<(), Fault> {
        for member in node.optional_members("dependencies")? {
            let name = normalised(&member.key);
            let Some(candidates) = self.by_name.get(&name) else { continue };
            let alternatives = match &member.value.value {
                Value::Sequence(items) => items.as_slice(),
                _ => std::slice::from_ref(&member.value),
            };
            let mut needed = HashSet::new();
            for asked in alternatives {
                let asked = match &asked.value {
                    Value::String(text) => Some(text.as_ref()),
                    Value::Mapping(_) => asked.optional_string("version")?,
                    _ => return Err(asked.unexpected("a version or a table")),
                };
                let fits = |locked: &str| {
                    candidates.len() == 1
                        || asked.is_none_or(|asked| version::satisfies(ECOSYSTEM, locked, asked) != Some(false))
                };
                needed.extend(candidates.iter().filter(|(_, locked)| fits(locked)).map(|(handle, _)| *handle));
                // What was found for one alternative need not be looked for again.
                if needed.len() == candidates.len() {
                    break;
                }
            }
            let mut needed: Vec<u32> = needed.into_iter().collect();
            needed.sort_unstable();
            needed.into_iter().for_each(|to| self.builder.needs(from, to));
        }
        Ok(())
    }
}

/// Returns what a package is needed for: by its `groups` (version 2.1) or its `category` (version 1).
fn scope(node: &Node<'_>) -> Result<Option<Scope>, Fault> {
    let is_main = match (node.get("groups"), node.optional_string("category")?) {
        (Some(groups), _) => {
            let mut is_main = false;
            for group in groups.items("`groups`")? {
                is_main |= group.string("a group")? == "main";
            }
            is_main
        }
        (None, Some(category)) => category == "main",
        (None, None) => return Ok(None),
    };
    Ok(Some(match (is_main, node.flag("optional")?) {
        (true, true) => Scope::Optional,
        (true, false) => Scope::Runtime,
        (false, _) => Scope::Dev,
    }))
}

fn source(node: &Node<'_>) -> Result<Source, Fault> {
    let kind = node.optional_string("type")?.unwrap_or("legacy");
    let url = required(node, "url")?.string("`url`")?;
    Ok(match kind {
        "git" => {
            let reference = match node.optional_string("reference")? {
                None | Some("HEAD") => GitReference::Default,
                Some(reference) => GitReference::guess(reference),
            };
            let commit = node.optional_string("resolved_reference")?.map(Into::into);
            match git::of(url, reference) {
                Source::Git { repository, reference, commit: asked } => {
                    Source::Git { repository, reference, commit: commit.or(asked) }
                }
                other => other,
            }
        }
        "legacy" => Source::Registry { registry: Some(RemoteUrl::new(url)) },
        "url" => Source::Archive { url: RemoteUrl::new(url) },
        "file" | "directory" => Source::Path { path: url.into() },
        _ => {
            let expected = Text::trusted("a source of type git, legacy, url, file or directory");
            return Err(Fault::new(node.span, expected, text!("the type `{}`", kind)));
        }
    })
}
