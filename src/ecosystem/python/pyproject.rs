//! `pyproject.toml`: what a project asks for, by the standards' tables, poetry's and uv's.
//!
//! The tables are those of PEP 621 and PEP 735 (now "pyproject.toml specification" and "Dependency Groups" of the
//! packaging guide), of poetry's documentation, "The pyproject.toml file", and of uv's, "Settings".

use std::collections::HashMap;

use super::name::normalised;
use super::{ECOSYSTEM, git, requirement};
use crate::component::{
    Capability, GitReference, Manifest, RemoteUrl, Requirement, Scope, Setting, SettingKind, Source,
};
use crate::document::{self, Fault, Member, Node, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, GapReason, Location};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "pyproject",
    ecosystem: ECOSYSTEM,
    role: Role::Manifest,
    names: &["pyproject.toml"],
    capability: Capability {
        transitive: false,
        digests: false,
        install_scripts: false,
        scope: true,
        licenses: true,
        edges: false,
        exact_requirements: false,
    },
    summary: "pyproject.toml",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    let tool = root.get("tool");
    let (project, poetry, uv) =
        (root.get("project"), tool.and_then(|it| it.get("poetry")), tool.and_then(|it| it.get("uv")));
    let others = [root.get("dependency-groups"), root.get("build-system")];
    if [project, poetry, uv].into_iter().chain(others).all(|table| table.is_none()) {
        // It configures tools, and asks for nothing.
        return Ok(());
    }
    let head = project.or(poetry);
    let name_node = [project, poetry].into_iter().flatten().find_map(|table| table.get("name"));
    let name = name_node.map(|node| node.string("`name`")).transpose()?.map(normalised);
    let mut reader = Reader { file, facts, name: name.clone(), sources: HashMap::new(), requirements: Vec::new() };
    reader.sources(poetry, uv)?;
    if let Some(project) = project {
        reader.list(project.optional_items("dependencies")?, Scope::Runtime);
        for member in project.optional_members("optional-dependencies")? {
            reader.list(member.value.items("an extra")?, Scope::Optional);
        }
    }
    for member in root.optional_members("dependency-groups")? {
        reader.list(member.value.items("a group")?, Scope::Dev);
    }
    if let Some(build) = root.get("build-system") {
        reader.list(build.optional_items("requires")?, Scope::Build);
    }
    if let Some(poetry) = poetry {
        reader.poetry(poetry)?;
    }
    let (mut members, mut excluded) = (Vec::new(), Vec::new());
    let mut is_workspace = false;
    let mut replacements = Vec::new();
    if let Some(uv) = uv {
        reader.list(uv.optional_items("dev-dependencies")?, Scope::Dev);
        let asked = std::mem::take(&mut reader.requirements);
        reader.list(uv.optional_items("override-dependencies")?, Scope::Runtime);
        replacements = std::mem::replace(&mut reader.requirements, asked);
        if let Some(workspace) = uv.get("workspace") {
            is_workspace = true;
            members = strings(workspace, "members")?;
            excluded = strings(workspace, "exclude")?;
        }
    }
    let requirements = reader.requirements;
    let manifest = Manifest {
        name,
        version: own_string(head, "version"),
        license: own_string(head, "license"),
        repository: repository(project, poetry),
        requirements,
        is_partial: project.is_some_and(leaves_requirements_to_the_build),
        replacements,
        members,
        excluded_members: excluded,
        workspace_root: is_workspace,
        place: match name_node {
            Some(node) => file.places.at(node.span),
            None => Location::file(file.path.clone()),
        },
        ..Manifest::new(file.path.clone(), ECOSYSTEM, FORMAT.id)
    };
    facts.manifests.push(manifest);
    Ok(())
}

struct Reader<'a, 'f> {
    file: &'a File<'a>,
    facts: &'f mut Facts,
    /// The project's own name: its extras ask for each other under it.
    name: Option<Box<str>>,
    /// Where uv takes packages from that have a place of their own.
    sources: HashMap<Box<str>, Source>,
    requirements: Vec<Requirement>,
}

impl Reader<'_, '_> {
    fn list(&mut self, items: &[Node<'_>], scope: Scope) {
        for item in items {
            // A table includes another group, which is read by itself.
            if let Value::Mapping(_) = item.value {
                continue;
            }
            let parsed = item.string("a requirement").and_then(|text| {
                requirement::parse(text)
                    .ok_or_else(|| Fault::new(item.span, Text::trusted("a requirement"), text!("`{}`", text)))
            });
            match parsed {
                Ok(asked) => {
                    let source = asked.url.map(requirement::source_of);
                    let specifier = requirement::canonical(asked.specifier);
                    self.ask(asked.name, specifier, source, scope, item);
                }
                Err(fault) => self.gap(fault),
            }
        }
    }

    fn ask(
        &mut self,
        name: Box<str>,
        specifier: Option<Box<str>>,
        source: Option<Source>,
        scope: Scope,
        at: &Node<'_>,
    ) {
        if self.name.as_ref() == Some(&name) {
            return;
        }
        let source = source.or_else(|| self.sources.get(&name).cloned());
        self.requirements.push(Requirement {
            package: name.clone(),
            name,
            specifier,
            scope,
            source: source.unwrap_or(Source::Registry { registry: None }),
            inherited: false,
            place: self.file.places.at(at.span),
        });
    }

    fn gap(&mut self, fault: Fault) {
        self.facts.gaps.push(self.file.places.gap(FactKind::Requirement, GapReason::Malformed, fault));
    }

    fn note(&mut self, kind: SettingKind, at: &Node<'_>) {
        let place = self.file.places.at(at.span);
        self.facts.settings.push(Setting { ecosystem: ECOSYSTEM.into(), kind, place });
    }

    /// Reads poetry's tables: `dependencies`, the older `dev-dependencies`, and each group.
    fn poetry(&mut self, poetry: &Node<'_>) -> Result<(), Fault> {
        let indexes = named_urls(poetry.optional_items("source")?)?;
        self.poetry_table(poetry.optional_members("dependencies")?, Scope::Runtime, &indexes);
        self.poetry_table(poetry.optional_members("dev-dependencies")?, Scope::Dev, &indexes);
        for group in poetry.optional_members("group")? {
            let scope = if group.key == "main" { Scope::Runtime } else { Scope::Dev };
            self.poetry_table(group.value.optional_members("dependencies")?, scope, &indexes);
        }
        Ok(())
    }

    fn poetry_table(&mut self, members: &[Member<'_>], scope: Scope, indexes: &HashMap<Box<str>, Box<str>>) {
        for member in members.iter().filter(|member| member.key != "python") {
            let alternatives = match &member.value.value {
                Value::Sequence(items) => items.as_slice(),
                _ => std::slice::from_ref(&member.value),
            };
            for node in alternatives {
                match poetry_requirement(node, indexes) {
                    Ok((specifier, source)) => {
                        let is_optional = scope == Scope::Runtime && node.flag("optional").unwrap_or_default();
                        let scope = if is_optional { Scope::Optional } else { scope };
                        self.ask(normalised(&member.key), specifier, source, scope, node);
                    }
                    Err(fault) => self.gap(fault),
                }
            }
        }
    }

    /// Reads where packages come from: uv's sources of single packages, and both tools' indexes.
    fn sources(&mut self, poetry: Option<&Node<'_>>, uv: Option<&Node<'_>>) -> Result<(), Fault> {
        for item in poetry.map(|poetry| poetry.optional_items("source")).transpose()?.unwrap_or_default() {
            let Some(node) = item.get("url") else { continue };
            let url = RemoteUrl::new(node.string("`url`")?);
            let option = "tool.poetry.source".into();
            match item.optional_string("priority")? {
                // Only what names it is taken from it.
                Some("explicit") => {}
                Some("default") => self.note(SettingKind::Index { url, option }, node),
                _ => self.note(SettingKind::FurtherIndex { url, option }, node),
            }
        }
        let Some(uv) = uv else { return Ok(()) };
        self.uv_options(uv)?;
        if let Some(pip) = uv.get("pip") {
            self.uv_options(pip)?;
        }
        let indexes = named_urls(uv.optional_items("index")?)?;
        for member in uv.optional_members("sources")? {
            let node = match &member.value.value {
                Value::Sequence(items) => items.first(),
                _ => Some(&member.value),
            };
            if let Some(source) = node.map(|node| uv_source(node, &indexes)).transpose()?.flatten() {
                self.sources.insert(normalised(&member.key), source);
            }
        }
        Ok(())
    }

    fn uv_options(&mut self, uv: &Node<'_>) -> Result<(), Fault> {
        for item in uv.get("index").map(|node| node.items("`index`")).transpose()?.unwrap_or_default() {
            let Some(node) = item.get("url") else { continue };
            let url = RemoteUrl::new(node.string("`url`")?);
            let option = "tool.uv.index".into();
            if item.flag("default")? {
                self.note(SettingKind::Index { url, option }, node);
            } else if !item.flag("explicit")? {
                self.note(SettingKind::FurtherIndex { url, option }, node);
            }
        }
        if let Some(node) = uv.get("index-url") {
            let url = RemoteUrl::new(node.string("`index-url`")?);
            self.note(SettingKind::Index { url, option: "tool.uv.index-url".into() }, node);
        }
        for (key, option) in [("extra-index-url", "tool.uv.extra-index-url"), ("find-links", "tool.uv.find-links")] {
            for node in uv.optional_items(key)? {
                let text = node.string("an address")?;
                // A folder beside the project is part of what is reviewed.
                if text.contains("://") && !text.starts_with("file:") {
                    let url = RemoteUrl::new(text);
                    self.note(SettingKind::FurtherIndex { url, option: option.into() }, node);
                }
            }
        }
        for key in ["allow-insecure-host", "trusted-host"] {
            for node in uv.optional_items(key)? {
                let option = text!("tool.uv.{} {}", key, node.string("a host")?);
                self.note(SettingKind::Unchecked { option, what: "the certificate of the host".into() }, node);
            }
        }
        if let Some(node) = uv.get("index-strategy") {
            let strategy = node.string("`index-strategy`")?;
            if strategy.starts_with("unsafe") {
                let option = text!("tool.uv.index-strategy {}", strategy);
                self.note(SettingKind::Unchecked { option, what: "which index a name belongs to".into() }, node);
            }
        }
        for (key, unsafe_value) in [("verify-hashes", false), ("no-verify-hashes", true)] {
            if let Some(node) = uv.get(key).filter(|node| node.value == Value::Boolean(unsafe_value)) {
                let option = text!("tool.uv.pip.{} {}", key, unsafe_value.to_string());
                self.note(SettingKind::Unchecked { option, what: "the digests of archives".into() }, node);
            }
        }
        if let Some(node) = uv.get("require-hashes").filter(|node| node.value == Value::Boolean(true)) {
            self.note(SettingKind::Checked { option: "tool.uv.pip.require-hashes".into() }, node);
        }
        Ok(())
    }
}

/// Returns the addresses of indexes by their names.
fn named_urls(items: &[Node<'_>]) -> Result<HashMap<Box<str>, Box<str>>, Fault> {
    let mut out = HashMap::new();
    for item in items {
        if let (Some(name), Some(url)) = (item.optional_string("name")?, item.optional_string("url")?) {
            out.insert(name.into(), url.into());
        }
    }
    Ok(out)
}

/// Reads what a package of uv's `sources` is taken from.
fn uv_source(node: &Node<'_>, indexes: &HashMap<Box<str>, Box<str>>) -> Result<Option<Source>, Fault> {
    if let Some(repository) = node.optional_string("git")? {
        return Ok(Some(git::of(repository, reference(node)?)));
    }
    if let Some(url) = node.optional_string("url")? {
        return Ok(Some(requirement::source_of(url)));
    }
    if let Some(path) = node.optional_string("path")? {
        return Ok(Some(Source::Path { path: path.into() }));
    }
    if node.flag("workspace")? {
        return Ok(Some(Source::Member));
    }
    let index = node.optional_string("index")?.and_then(|name| indexes.get(name));
    Ok(index.map(|url| Source::Registry { registry: Some(RemoteUrl::new(url)) }))
}

/// Reads what `rev`, `tag` and `branch` ask of a repository.
fn reference(node: &Node<'_>) -> Result<GitReference, Fault> {
    Ok(match (node.optional_string("rev")?, node.optional_string("tag")?, node.optional_string("branch")?) {
        (Some(rev), _, _) => GitReference::guess(rev),
        (_, Some(tag), _) => GitReference::Tag(tag.into()),
        (_, _, Some(branch)) => GitReference::Branch(branch.into()),
        _ => GitReference::Default,
    })
}

/// Reads a requirement of poetry: versions, or a table with versions and a place.
fn poetry_requirement(
    node: &Node<'_>,
    indexes: &HashMap<Box<str>, Box<str>>,
) -> Result<(Option<Box<str>>, Option<Source>), Fault> {
    let any = |text: &str| text.trim() == "*" || text.trim().is_empty();
    match &node.value {
        Value::String(text) => Ok((Some(text.trim()).filter(|text| !any(text)).map(Into::into), None)),
        Value::Mapping(_) => {
            let specifier = node.optional_string("version")?.filter(|text| !any(text)).map(|text| text.trim().into());
            let source = if let Some(repository) = node.optional_string("git")? {
                Some(git::of(repository, reference(node)?))
            } else if let Some(url) = node.optional_string("url")? {
                Some(requirement::source_of(url))
            } else if let Some(path) = node.optional_string("path")?.or(node.optional_string("file")?) {
                Some(Source::Path { path: path.into() })
            } else {
                let index = node.optional_string("source")?.and_then(|name| indexes.get(name));
                index.map(|url| Source::Registry { registry: Some(RemoteUrl::new(url)) })
            };
            Ok((specifier, source))
        }
        _ => Err(node.unexpected("a version or a table")),
    }
}

/// Returns a string of the project's table, `None` where it is a table itself or computed by the build.
fn own_string(table: Option<&Node<'_>>, key: &str) -> Option<Box<str>> {
    match table?.get(key) {
        Some(Node { value: Value::String(text), .. }) => Some(text.as_ref().into()),
        _ => None,
    }
}

/// Whether the build adds dependencies that the file does not list (packaging guide, "dynamic").
fn leaves_requirements_to_the_build(project: &Node<'_>) -> bool {
    let fields = project.optional_items("dynamic").unwrap_or_default();
    fields.iter().any(|field| {
        matches!(&field.value, Value::String(name) if matches!(&**name, "dependencies" | "optional-dependencies"))
    })
}

/// The labels under which projects name their repository, in normal form (packaging guide, "Well-known Project URLs in
/// Metadata").
const REPOSITORY_LABELS: [&str; 4] = ["source", "repository", "sourcecode", "github"];

/// Returns the repository that a project names.
fn repository(project: Option<&Node<'_>>, poetry: Option<&Node<'_>>) -> Option<RemoteUrl> {
    let urls = project.and_then(|project| project.optional_members("urls").ok()).unwrap_or_default();
    let labelled = urls.iter().find_map(|member| {
        let label: String = member.key.chars().filter(char::is_ascii_alphanumeric).collect();
        match &member.value.value {
            Value::String(url) if REPOSITORY_LABELS.contains(&&*label.to_ascii_lowercase()) => {
                Some(url.as_ref().into())
            }
            _ => None,
        }
    });
    labelled.or_else(|| own_string(poetry, "repository")).map(|url: Box<str>| RemoteUrl::new(&url))
}

fn strings(node: &Node<'_>, key: &str) -> Result<Vec<Box<str>>, Fault> {
    node.optional_items(key)?.iter().map(|item| item.string("a folder").map(Into::into)).collect()
}
