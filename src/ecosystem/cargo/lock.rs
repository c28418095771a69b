//! `Cargo.lock`, versions 1 to 4.
//!
//! The format is documented by cargo's own reader, `core/resolver/encode.rs`.

use std::collections::{HashMap, HashSet};

use super::source;
use crate::component::{
    Algorithm, Capability, Component, Digest, InventoryBuilder, LockedRequirement, Project, Scope, Source,
};
use crate::document::{self, Fault, Node, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, Gap, Missing, Spot};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "cargo-lock",
    ecosystem: "cargo",
    role: Role::Lock,
    names: &["Cargo.lock"],
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: true,
        exact_requirements: false,
    },
    summary: "Cargo.lock of version 1 to 4",
    collect,
};

/// The newest version that is read here (cargo 1.78 and later write it).
const NEWEST: u32 = 4;

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    // Cargo writes the version even where there is no package; up to version 2 there is always one.
    if ["version", "package", "root"].iter().all(|key| root.get(key).is_none()) {
        return Err(Fault::new(root.span, Text::trusted("a lock file"), Text::trusted("nothing")).into());
    }
    known_version(&root)?;
    let checksums = checksums_of_version_1(&root)?;
    let mut lock = Lock {
        file,
        builder: InventoryBuilder::default(),
        checksums,
        by_name: HashMap::new(),
        unread: HashSet::new(),
        entries: Vec::new(),
    };
    let legacy_root = root.get("root");
    for package in root.optional_items("package")?.iter().chain(legacy_root) {
        match lock.add(package) {
            Ok(()) => {}
            Err(Unread { reason, fault }) => {
                lock.unread.extend(package.optional_string("name").ok().flatten());
                facts.gaps.push(file.places.gap(FactKind::Component, reason, fault));
            }
        }
    }
    lock.connect(&mut facts.gaps)?;
    facts.inventories.push(lock.builder.finish(file.path.clone(), FORMAT.id, FORMAT.ecosystem, FORMAT.capability));
    Ok(())
}

/// Refuses versions that this reader does not know: what they mean cannot be guessed.
fn known_version(root: &Node<'_>) -> Result<(), Unread> {
    let Some(version) = root.get("version") else { return Ok(()) };
    let number = version.scalar("`version`")?;
    match number.parse::<u32>() {
        Ok(1..=NEWEST) => Ok(()),
        _ => Err(Unread::version(
            version.span,
            text!("a lock file of version 1 to {}", NEWEST),
            text!("version {}", number),
        )),
    }
}

/// Reads `[metadata]` of version 1: `"checksum NAME VERSION (SOURCE)" = "HEX"`.
fn checksums_of_version_1<'a>(root: &'a Node<'_>) -> Result<HashMap<&'a str, &'a Node<'a>>, Fault> {
    let members = root.optional_members("metadata")?;
    Ok(members
        .iter()
        .filter_map(|member| member.key.strip_prefix("checksum ").map(|key| (key, &member.value)))
        .collect())
}

struct Lock<'a> {
    file: &'a File<'a>,
    builder: InventoryBuilder,
    checksums: HashMap<&'a str, &'a Node<'a>>,
    by_name: HashMap<&'a str, Vec<Candidate<'a>>>,
    /// The names of packages that cannot be read, which are gaps of their own.
    unread: HashSet<&'a str>,
    entries: Vec<Entry<'a>>,
}

/// A package that a dependency may mean.
struct Candidate<'a> {
    handle: u32,
    version: &'a str,
    source: Option<&'a str>,
}

struct Entry<'a> {
    handle: u32,
    node: &'a Node<'a>,
    name: &'a str,
    version: &'a str,
    is_member: bool,
}

impl<'a> Lock<'a> {
    fn add(&mut self, node: &'a Node<'a>) -> Result<(), Unread> {
        node.members("a package")?;
        let (name, _) = required(node, "name")?;
        let (version, version_node) = required(node, "version")?;
        let source_text = node.optional_string("source")?;
        let source_node = node.get("source");
        let from = match (source_text, source_node) {
            (Some(text), Some(node)) => source(text)
                .ok_or_else(|| node.unexpected("a source that cargo writes (registry, sparse, git, path)"))?,
            _ => Source::Member,
        };
        let (digests, digest_at) = self.digests(node, name, version, source_text)?;
        let component = Component {
            digests,
            version_at: Some(self.spot(version_node.span)),
            digest_at: digest_at.map(|span| self.spot(span)),
            source_at: source_node.map(|node| self.spot(node.span)),
            ..Component::new(FORMAT.ecosystem, name, Some(version), from, self.file.places.at(node.span))
        };
        let is_member = component.source == Source::Member;
        // As cargo: "package `x` is specified twice in the lockfile".
        let handle = self.builder.add_once(component, node.span).map_err(Unread::contradiction)?;
        self.by_name.entry(name).or_default().push(Candidate { handle, version, source: source_text });
        self.entries.push(Entry { handle, node, name, version, is_member });
        Ok(())
    }

    fn digests(
        &self,
        node: &'a Node<'a>,
        name: &str,
        version: &str,
        source: Option<&str>,
    ) -> Result<(Vec<Digest>, Option<Span>), Fault> {
        let in_metadata =
            || source.and_then(|source| self.checksums.get(format!("{name} {version} ({source})").as_str()).copied());
        let Some(checksum) = node.get("checksum").or_else(in_metadata) else { return Ok((Vec::new(), None)) };
        let text = checksum.string("`checksum`")?;
        if text == "<none>" {
            return Ok((Vec::new(), None));
        }
        match Digest::from_hex(Algorithm::Sha256, text) {
            Some(digest) => Ok((vec![digest], Some(checksum.span))),
            None => Err(Fault::new(
                checksum.span,
                Text::trusted("a SHA-256 digest of 64 hexadecimal digits"),
                text!("`{}`", text),
            )),
        }
    }

    /// Draws the edges, and makes each package without a source a project.
    fn connect(&mut self, gaps: &mut Vec<Gap>) -> Result<(), Fault> {
        let mut missing = Missing::default();
        for entry in std::mem::take(&mut self.entries) {
            let mut requirements = Vec::new();
            for dependency in entry.node.optional_items("dependencies")? {
                let text = dependency.string("a dependency")?;
                let (name, component) = self.find(text);
                match component {
                    Some(component) => self.builder.needs(entry.handle, component),
                    // Cargo never writes such a file, and chooses a version anew: it may have been cut off.
                    None if !self.unread.contains(name) => {
                        missing.add(dependency.span, text!("a package `{}`", text));
                    }
                    None => {}
                }
                if entry.is_member {
                    requirements.push(LockedRequirement {
                        name: name.into(),
                        specifier: None,
                        scope: Scope::Unknown,
                        component,
                    });
                }
            }
            if entry.is_member {
                self.builder.project(Project {
                    folder: None,
                    name: Some(entry.name.into()),
                    version: Some(entry.version.into()),
                    component: Some(entry.handle),
                    requirements,
                    place: self.file.places.at(entry.node.span),
                });
            }
        }
        gaps.extend(missing.gap(FactKind::Component, self.file.places));
        Ok(())
    }

    /// Finds the package a dependency means: `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`.
    fn find(&self, dependency: &'a str) -> (&'a str, Option<u32>) {
        let mut words = dependency.splitn(3, ' ');
        let name = words.next().unwrap_or(dependency);
        let version = words.next();
        let source = words.next().and_then(|word| word.strip_prefix('(')?.strip_suffix(')'));
        let means = |candidate: &&Candidate<'_>| {
            version.is_none_or(|version| version == candidate.version)
                && source.is_none_or(|source| candidate.source == Some(without_commit(source, candidate.source)))
        };
        let candidate = self.by_name.get(name).and_then(|candidates| candidates.iter().find(means));
        (name, candidate.map(|candidate| candidate.handle))
    }

    fn spot(&self, span: Span) -> Spot {
        self.file.places.spot(span)
    }
}

/// A dependency may name a git source without the commit that the package itself states.
fn without_commit<'a>(named: &'a str, candidate: Option<&'a str>) -> &'a str {
    match candidate {
        Some(full) if full.split('#').next() == Some(named) => full,
        _ => named,
    }
}

fn required<'a>(node: &'a Node<'a>, key: &str) -> Result<(&'a str, &'a Node<'a>), Fault> {
    match node.get(key) {
        Some(value) => Ok((value.string(&format!("`{key}`"))?, value)),
        None => Err(Fault::new(node.span, text!("a package with `{}`", key), Text::trusted("one without"))),
    }
}
