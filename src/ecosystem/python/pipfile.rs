//! `Pipfile` of Pipenv.
//!
//! The format is described in Pipenv's documentation, "Pipfile & Pipfile.lock".

use super::name::normalised;
use super::{ECOSYSTEM, git, requirement};
use crate::component::{
    Capability, GitReference, Manifest, RemoteUrl, Requirement, Scope, Setting, SettingKind, Source,
};
use crate::document::{self, Fault, Member, Node, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, GapReason};
use crate::text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "pipfile",
    ecosystem: ECOSYSTEM,
    role: Role::Manifest,
    names: &["Pipfile"],
    capability: Capability {
        transitive: false,
        digests: false,
        install_scripts: false,
        scope: true,
        licenses: false,
        edges: false,
        exact_requirements: false,
    },
    summary: "Pipfile",
    collect,
};

/// The tables that hold no packages.
const OTHER_TABLES: [&str; 5] = ["source", "requires", "scripts", "pipenv", "pipfile"];

/// The indexes that a file names.
#[derive(Default)]
pub(super) struct Sources(Vec<(Option<Box<str>>, Box<str>)>);

impl Sources {
    /// Returns the address of a named one.
    pub(super) fn named(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.as_deref() == Some(name)).map(|(_, url)| &**url)
    }

    /// Returns the address of the first, which is used where none is named.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first().map(|(_, url)| &**url)
    }
}

/// Reads a list of indexes, and notes them as settings.
pub(super) fn sources(items: &[Node<'_>], file: &File<'_>, facts: &mut Facts) -> Result<Sources, Fault> {
    let mut out = Sources::default();
    for item in items {
        let Some(node) = item.get("url") else { continue };
        let url = node.string("`url`")?;
        let (option, remote) = ("source".into(), RemoteUrl::new(url));
        let kind = match out.0.is_empty() {
            true => SettingKind::Index { url: remote, option },
            false => SettingKind::FurtherIndex { url: remote, option },
        };
        let mut note = |kind, at: &Node<'_>| {
            facts.settings.push(Setting { ecosystem: ECOSYSTEM.into(), kind, place: file.places.at(at.span) });
        };
        note(kind, node);
        if let Some(at) = item.get("verify_ssl").filter(|node| node.value == Value::Boolean(false)) {
            let option = text!("verify_ssl = false of {}", RemoteUrl::new(url));
            note(SettingKind::Unchecked { option, what: "the certificate of the index".into() }, at);
        }
        out.0.push((item.optional_string("name")?.map(Into::into), url.into()));
    }
    Ok(out)
}

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    let sources = sources(root.optional_items("source")?, file, facts)?;
    let mut requirements = Vec::new();
    for table in root.members("a manifest")?.iter().filter(|table| !OTHER_TABLES.contains(&&*table.key)) {
        let scope = match table.key.as_ref() {
            "packages" => Scope::Runtime,
            "dev-packages" => Scope::Dev,
            _ => Scope::Unknown,
        };
        for member in table.value.members("a table of packages")? {
            match requirement(file, member, scope, &sources) {
                Ok(requirement) => requirements.push(requirement),
                Err(fault) => {
                    facts.gaps.push(file.places.gap(FactKind::Requirement, GapReason::Malformed, fault));
                }
            }
        }
    }
    facts.manifests.push(Manifest { requirements, ..Manifest::new(file.path.clone(), ECOSYSTEM, FORMAT.id) });
    Ok(())
}

fn requirement(file: &File<'_>, member: &Member<'_>, scope: Scope, sources: &Sources) -> Result<Requirement, Fault> {
    let node = &member.value;
    let mut from = Source::Registry { registry: None };
    let specifier = match &node.value {
        Value::String(text) => Some(text.as_ref()),
        Value::Mapping(_) => {
            if let Some(repository) = node.optional_string("git")? {
                let reference = node.optional_string("ref")?.map_or(GitReference::Default, GitReference::guess);
                from = git::of(repository, reference);
            } else if let Some(url) = node.optional_string("file")? {
                from = requirement::source_of(url);
            } else if let Some(path) = node.optional_string("path")? {
                from = Source::Path { path: path.into() };
            } else if let Some(index) = node.optional_string("index")?.and_then(|name| sources.named(name)) {
                from = Source::Registry { registry: Some(RemoteUrl::new(index)) };
            }
            node.optional_string("version")?
        }
        _ => return Err(node.unexpected("a version or a table")),
    };
    let name = normalised(&member.key);
    Ok(Requirement {
        name: name.clone(),
        package: name,
        // `*` is any version.
        specifier: specifier.filter(|text| *text != "*").and_then(requirement::canonical),
        scope,
        source: from,
        inherited: false,
        place: file.places.at(member.key_span),
    })
}
