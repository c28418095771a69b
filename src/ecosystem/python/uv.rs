//! `uv.lock`, version 1 in all its revisions.
//!
//! The format is described by uv's own reader, `crates/uv-resolver/src/lock/mod.rs`; uv's documentation, "Locking and
//! syncing", says what the file is for.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::name::normalised;
use super::{ECOSYSTEM, artifact, git, inventory, required, requirement};
use crate::component::{
    Capability, Component, GitReference, InventoryBuilder, LockedRequirement, Project, RemoteUrl, Scope, Source,
};
use crate::document::{self, Fault, Node, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, Gap, Missing};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "uv-lock",
    ecosystem: ECOSYSTEM,
    role: Role::Lock,
    names: &["uv.lock"],
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: true,
        licenses: false,
        edges: true,
        exact_requirements: false,
    },
    summary: "uv.lock of version 1",
    collect,
};

/// The version that is read here. Revisions add keys that older readers may pass over.
const VERSION: &str = "1";

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    let Some(version) = root.get("version") else {
        return Err(Fault::new(root.span, Text::trusted("a lock file with `version`"), Text::trusted("none")).into());
    };
    let number = version.scalar("`version`")?;
    if number != VERSION {
        let expected = text!("a lock file of version {}", VERSION);
        return Err(Unread::version(version.span, expected, text!("version {}", number)));
    }
    let manifest = root.get("manifest");
    let mut lock = Lock {
        file,
        builder: InventoryBuilder::default(),
        members: HashSet::new(),
        by_name: HashMap::new(),
        unread: HashSet::new(),
        entries: Vec::new(),
    };
    if let Some(manifest) = manifest {
        for member in manifest.optional_items("members")? {
            lock.members.insert(normalised(member.string("a member")?));
        }
        for overridden in manifest.optional_items("overrides")? {
            if let Some(name) = overridden.optional_string("name")? {
                lock.builder.overridden(&normalised(name));
            }
        }
    }
    for package in root.optional_items("package")?.iter().chain(root.optional_items("distribution")?) {
        if let Err(unread) = lock.add(package) {
            lock.unread.extend(package.optional_string("name").ok().flatten().map(normalised));
            facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, package.span));
        }
    }
    lock.connect(manifest.is_some(), &mut facts.gaps);
    facts.inventories.push(inventory(lock.builder, file, &FORMAT, "pyproject.toml"));
    Ok(())
}

struct Lock<'a> {
    file: &'a File<'a>,
    builder: InventoryBuilder,
    /// The workspace's members, where there are several.
    members: HashSet<Box<str>>,
    by_name: HashMap<Box<str>, Vec<Candidate<'a>>>,
    /// The names of packages that cannot be read, which are gaps of their own.
    unread: HashSet<Box<str>>,
    entries: Vec<Entry<'a>>,
}

/// A package that a dependency may mean.
struct Candidate<'a> {
    handle: u32,
    version: Option<&'a str>,
    source: Source,
}

struct Entry<'a> {
    handle: u32,
    node: &'a Node<'a>,
    name: Box<str>,
    version: Option<&'a str>,
    /// The folder of a member as the lock file writes it.
    member: Option<&'a str>,
}

/// The tables of a package that say what it needs.
const TABLES: [(&str, Scope); 2] = [("optional-dependencies", Scope::Optional), ("dev-dependencies", Scope::Dev)];

impl<'a> Lock<'a> {
    fn add(&mut self, node: &'a Node<'a>) -> Result<(), Unread> {
        node.members("a package")?;
        let name = normalised(required(node, "name")?.string("`name`")?);
        let version = node.optional_string("version")?;
        let source_node = required(node, "source")?;
        let folder = folder(source_node)?;
        let is_member = |folder: &str| folder == "." || self.members.contains(&name);
        let member = folder.filter(|folder| is_member(folder));
        let from = match (member, folder) {
            (Some(_), _) => Source::Member,
            (None, Some(folder)) => Source::Path { path: folder.into() },
            (None, None) => source(source_node)?,
        };
        let place = self.file.places.at(node.span);
        let mut component = Component::new(ECOSYSTEM, &name, version, from, place);
        component.version_at = node.get("version").map(|node| self.file.places.spot(node.span));
        component.source_at = Some(self.file.places.spot(source_node.span));
        let source_archive = node.get("sdist").into_iter();
        for archive in source_archive.chain(node.optional_items("wheels")?) {
            self.archive(archive, &mut component)?;
        }
        let source = component.source.clone();
        let handle = self.builder.add_once(component, node.span).map_err(Unread::contradiction)?;
        self.by_name.entry(name.clone()).or_default().push(Candidate { handle, version, source });
        self.entries.push(Entry { handle, node, name, version, member });
        Ok(())
    }

    fn archive(&self, node: &'a Node<'a>, component: &mut Component) -> Result<(), Fault> {
        node.members("an archive")?;
        let address = node.get("url").or_else(|| node.get("path")).or_else(|| node.get("filename"));
        let named = node.get("filename").or(address);
        // Of a package from an address of its own the archive is that address.
        let file = match (named, &component.source) {
            (Some(named), _) => artifact::file_name(named.string("the name of an archive")?).to_owned(),
            (None, Source::Archive { url }) => artifact::file_name(url.as_str()).to_owned(),
            (None, _) => String::new(),
        };
        let digests = artifact::hash(node)?.into_iter().collect();
        artifact::note(component, &file, node.get("url"), digests, self.file.places, node.span)
    }

    /// Draws the edges, and makes each member a project.
    fn connect(&mut self, has_manifest: bool, gaps: &mut Vec<Gap>) {
        let mut missing = Missing::default();
        let mut has_member = false;
        for entry in std::mem::take(&mut self.entries) {
            if let Err(fault) = self.needs(&entry, &mut missing) {
                gaps.push(self.file.gap_of_entry(FactKind::Component, fault.into(), entry.node.span));
            }
            has_member |= entry.member.is_some();
        }
        // uv lists the project itself, and each member of a workspace.
        let end = Span { start: self.file.text.len(), end: self.file.text.len() };
        let mut members: Vec<&Box<str>> = self.members.iter().filter(|name| !self.is_listed(name)).collect();
        members.sort();
        for name in members {
            missing.add_unfinished(end, text!("the member `{}`", name));
        }
        if !has_member && !has_manifest && !self.by_name.is_empty() {
            missing.add_unfinished(end, Text::trusted("the project itself"));
        }
        gaps.extend(missing.gap(FactKind::Component, self.file.places));
    }

    fn is_listed(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.unread.contains(name)
    }

    fn needs(&mut self, entry: &Entry<'a>, missing: &mut Missing) -> Result<(), Fault> {
        let mut tables = vec![(entry.node.optional_items("dependencies")?, Scope::Runtime)];
        for (key, scope) in TABLES {
            for member in entry.node.optional_members(key)? {
                tables.push((member.value.items("a group")?, scope));
            }
        }
        let asked = asked(entry.node)?;
        let mut requirements = Vec::new();
        for (dependency, scope) in tables.iter().flat_map(|(items, scope)| items.iter().map(move |it| (it, *scope))) {
            let name = normalised(required(dependency, "name")?.string("`name`")?);
            let component = self.find(dependency, &name)?;
            match component {
                Some(component) => self.builder.needs(entry.handle, component),
                None if !self.unread.contains(&name) => missing.add(dependency.span, text!("a package `{}`", name)),
                None => {}
            }
            // Of several specifiers for several platforms it is not said which this answers.
            let specifier = match asked.get(&name).map(Vec::as_slice) {
                Some([only]) => only.clone(),
                _ => None,
            };
            requirements.push(LockedRequirement { name, specifier, scope, component });
        }
        let Some(folder) = entry.member else { return Ok(()) };
        // What no platform of the project needs is asked for, and not locked.
        let answered: HashSet<Box<str>> = requirements.iter().map(|it| it.name.clone()).collect();
        for (name, specifiers) in asked.into_iter().filter(|(name, _)| !answered.contains(name)) {
            let specifier = specifiers.into_iter().flatten().next().unwrap_or_default();
            requirements.push(LockedRequirement {
                name,
                specifier: Some(specifier),
                scope: Scope::Unknown,
                component: None,
            });
        }
        let beside = self.file.path.parent().unwrap_or_default();
        self.builder.project(Project {
            folder: beside.join(folder.as_bytes()),
            name: Some(entry.name.clone()),
            version: entry.version.map(Into::into),
            component: Some(entry.handle),
            requirements,
            place: self.file.places.at(entry.node.span),
        });
        Ok(())
    }

    /// Finds the package a dependency means: by name, and by version and source where several bear it.
    fn find(&self, dependency: &Node<'_>, name: &str) -> Result<Option<u32>, Fault> {
        let version = dependency.optional_string("version")?;
        let from = match dependency.get("source") {
            Some(node) if folder(node)?.is_none() => Some(source(node)?),
            _ => None,
        };
        let means = |candidate: &&Candidate<'_>| {
            version.is_none_or(|version| candidate.version == Some(version))
                && from.as_ref().is_none_or(|from| candidate.source == *from)
        };
        let candidate = self.by_name.get(name).and_then(|candidates| candidates.iter().find(means));
        Ok(candidate.map(|candidate| candidate.handle))
    }
}

/// Specifiers by the name they are for; `None` is one that asks for no version.
type Specifiers = BTreeMap<Box<str>, Vec<Option<Box<str>>>>;

/// Returns what a package asked for when it was locked: the specifiers under each name.
fn asked(package: &Node<'_>) -> Result<Specifiers, Fault> {
    let mut out = Specifiers::new();
    let Some(metadata) = package.get("metadata") else { return Ok(out) };
    let mut lists = vec![metadata.optional_items("requires-dist")?];
    for member in metadata.optional_members("requires-dev")? {
        lists.push(member.value.items("a group")?);
    }
    for node in lists.into_iter().flatten() {
        let name = normalised(required(node, "name")?.string("`name`")?);
        let specifier = node.optional_string("specifier")?.and_then(requirement::canonical);
        let known = out.entry(name).or_default();
        if !known.contains(&specifier) && known.len() < 8 {
            known.push(specifier);
        }
    }
    Ok(out)
}

/// Returns the folder of a source that is one: `editable`, `virtual` or `directory`.
fn folder<'a>(source: &'a Node<'_>) -> Result<Option<&'a str>, Fault> {
    for key in ["editable", "virtual", "directory"] {
        if let Some(folder) = source.optional_string(key)? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// Reads a source that is no folder.
fn source(node: &Node<'_>) -> Result<Source, Fault> {
    if let Some(registry) = node.optional_string("registry")? {
        return Ok(Source::Registry { registry: Some(RemoteUrl::new(registry)) });
    }
    if let Some(address) = node.optional_string("git")? {
        return Ok(repository(address));
    }
    if let Some(url) = node.optional_string("url")? {
        return Ok(Source::Archive { url: RemoteUrl::new(url) });
    }
    if let Some(path) = node.optional_string("path")? {
        return Ok(Source::Path { path: path.into() });
    }
    Err(Fault::new(node.span, Text::trusted("a source that uv knows"), Text::trusted("another")))
}

/// Reads `URL?rev=…&subdirectory=…#COMMIT`; the query says what was asked (`rev`, `tag` or `branch`).
fn repository(address: &str) -> Source {
    let (address, commit) =
        address.split_once('#').map_or((address, None), |(address, commit)| (address, Some(commit)));
    let (repository, query) = address.split_once('?').unwrap_or((address, ""));
    let mut reference = GitReference::Default;
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = value.replace("%2F", "/").replace("%2f", "/");
        match key {
            "rev" => reference = GitReference::guess(&value),
            "tag" => reference = GitReference::Tag(value.into()),
            "branch" => reference = GitReference::Branch(value.into()),
            _ => {}
        }
    }
    match git::of(repository, reference) {
        Source::Git { repository, reference, .. } => {
            Source::Git { repository, reference, commit: commit.map(Into::into) }
        }
        other => other,
    }
}
