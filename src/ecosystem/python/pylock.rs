//! `pylock.toml`, version 1.
//!
//! The format is PEP 751, now "pylock.toml Specification" of the packaging guide.

use std::collections::HashMap;

use super::name::normalised;
use super::{ECOSYSTEM, artifact, git, inventory, project_beside};
use crate::component::{Algorithm, Capability, Component, Digest, GitReference, InventoryBuilder, RemoteUrl, Source};
use crate::document::{self, Fault, Node, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::FactKind;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "pylock",
    ecosystem: ECOSYSTEM,
    role: Role::Lock,
    names: &["pylock.toml", "pylock.*.toml"],
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: true,
        exact_requirements: false,
    },
    summary: "pylock.toml of version 1",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    let Some(version) = root.get("lock-version") else {
        let expected = Text::trusted("a lock file with `lock-version`");
        return Err(Fault::new(root.span, expected, Text::trusted("none")).into());
    };
    // "If a tool supports the major version but not the minor version, a tool SHOULD warn when an unknown key is seen."
    let text = version.string("`lock-version`")?;
    if text.split('.').next() != Some("1") {
        let expected = Text::trusted("a lock file of version 1");
        return Err(Unread::version(version.span, expected, text!("version {}", text)));
    }
    let mut lock = Lock { file, builder: InventoryBuilder::default(), by_name: HashMap::new() };
    let mut entries = Vec::new();
    for package in root.optional_items("packages")? {
        match lock.add(package) {
            Ok(handle) => entries.push((handle, package)),
            Err(unread) => facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, package.span)),
        }
    }
    for (from, package) in entries {
        if let Err(fault) = lock.needs(from, package) {
            facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), package.span));
        }
    }
    lock.builder.project(project_beside(file));
    facts.inventories.push(inventory(lock.builder, file, &FORMAT, "pyproject.toml"));
    Ok(())
}

struct Lock<'a> {
    file: &'a File<'a>,
    builder: InventoryBuilder,
    by_name: HashMap<Box<str>, Vec<(u32, Option<&'a str>)>>,
}

impl<'a> Lock<'a> {
    fn add(&mut self, node: &'a Node<'a>) -> Result<u32, Unread> {
        node.members("a package")?;
        let Some(name_node) = node.get("name") else {
            let expected = Text::trusted("a package with `name`");
            return Err(Fault::new(node.span, expected, Text::trusted("one without")).into());
        };
        let name = normalised(name_node.string("`name`")?);
        let version = node.optional_string("version")?;
        let (from, source_node) = source(node)?;
        let spot = |node: &Node<'_>| self.file.places.spot(node.span);
        let mut component = Component {
            version_at: node.get("version").map(spot),
            source_at: source_node.map(spot),
            ..Component::new(ECOSYSTEM, &name, version, from, self.file.places.at(node.span))
        };
        let archives = [node.get("archive"), node.get("sdist")].into_iter().flatten();
        for archive in archives.chain(node.optional_items("wheels")?) {
            self.archive(archive, &mut component)?;
        }
        let handle = self.builder.add(component, node.span).map_err(Unread::contradiction)?;
        self.builder.answer(&format!("{name} {}", version.unwrap_or_default()), handle);
        self.by_name.entry(name).or_default().push((handle, version));
        Ok(handle)
    }

    fn archive(&self, node: &'a Node<'a>, component: &mut Component) -> Result<(), Fault> {
        node.members("an archive")?;
        let address = node.optional_string("url")?.or(node.optional_string("path")?).unwrap_or_default();
        let file = match node.optional_string("name")? {
            Some(name) => name,
            None => artifact::file_name(address),
        };
        let mut digests: Vec<(Digest, Span)> = Vec::new();
        let stated = node.optional_members("hashes")?;
        for member in stated {
            let text = member.value.string("a digest")?;
            // Any algorithm of Python's hashlib may stand here; those that are known are compared.
            let Some(algorithm) = Algorithm::named(&member.key) else { continue };
            let digest = Digest::from_hex(algorithm, text).ok_or_else(|| {
                Fault::new(member.value.span, text!("a digest of {}", algorithm.name()), text!("`{}`", text))
            })?;
            digests.push((digest, member.value.span));
        }
        if let (true, Some(first)) = (digests.is_empty(), stated.first()) {
            let expected = Text::trusted("a digest of sha256, sha384 or sha512");
            return Err(Fault::new(first.key_span, expected, text!("one of {}", first.key)));
        }
        artifact::note(component, file, node.get("url"), digests, self.file.places, node.span)
    }

    fn needs(&mut self, from: u32, node: &'a Node<'a>) -> Result<(), Fault> {
        for dependency in node.optional_items("dependencies")? {
            let Some(name) = dependency.optional_string("name")? else { continue };
            let version = dependency.optional_string("version")?;
            let candidates = self.by_name.get(&normalised(name)).map(Vec::as_slice).unwrap_or_default();
            let found = candidates.iter().find(|(_, known)| version.is_none() || *known == version);
            if let Some((to, _)) = found {
                self.builder.needs(from, *to);
            }
        }
        Ok(())
    }
}

fn source<'a, 'b>(node: &'b Node<'a>) -> Result<(Source, Option<&'b Node<'a>>), Fault> {
    if let Some(vcs) = node.get("vcs") {
        let kind = vcs.optional_string("type")?.unwrap_or("git");
        let commit = vcs.optional_string("commit-id")?;
        let asked = vcs.optional_string("requested-revision")?;
        let address = vcs.optional_string("url")?.or(vcs.optional_string("path")?).unwrap_or_default();
        // A repository of another kind is told by its scheme, as pip writes it.
        let address = if kind == "git" { address.to_owned() } else { format!("{kind}+{address}") };
        let reference = asked.map_or(GitReference::Unstated, GitReference::guess);
        let from = match git::of(&address, reference) {
            Source::Git { repository, reference, .. } => {
                Source::Git { repository, reference, commit: commit.map(Into::into) }
            }
            other => other,
        };
        return Ok((from, Some(vcs)));
    }
    if let Some(directory) = node.get("directory") {
        let path = directory.optional_string("path")?.unwrap_or(".");
        let from = if path == "." { Source::Member } else { Source::Path { path: path.into() } };
        return Ok((from, Some(directory)));
    }
    if let Some(archive) = node.get("archive") {
        let from = match archive.optional_string("url")? {
            Some(url) => Source::Archive { url: RemoteUrl::new(url) },
            None => Source::Path { path: archive.optional_string("path")?.unwrap_or_default().into() },
        };
        return Ok((from, Some(archive)));
    }
    let registry = node.optional_string("index")?.map(RemoteUrl::new);
    Ok((Source::Registry { registry }, node.get("index")))
}
