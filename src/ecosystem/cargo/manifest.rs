//! `Cargo.toml`: packages, workspaces, inheritance, renames, patches and targets.
//!
//! The format is documented in The Cargo Book, chapters "The Manifest Format" and "Workspaces".

use super::revision;
use crate::component::{Capability, GitReference, Manifest, RemoteUrl, Requirement, Scope, Source};
use crate::document::{self, Fault, Member, Node, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "cargo-manifest",
    ecosystem: "cargo",
    role: Role::Manifest,
    names: &["Cargo.toml"],
    capability: Capability {
        transitive: false,
        digests: false,
        install_scripts: false,
        scope: true,
        licenses: true,
        edges: false,
        exact_requirements: false,
    },
    summary: "Cargo.toml",
    collect,
};

/// The tables that hold requirements, with the older spelling cargo still reads.
const TABLES: [(&str, Scope); 5] = [
    ("dependencies", Scope::Runtime),
    ("build-dependencies", Scope::Build),
    ("build_dependencies", Scope::Build),
    ("dev-dependencies", Scope::Dev),
    ("dev_dependencies", Scope::Dev),
];

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::toml(file.text)?;
    let package = root.get("package").or_else(|| root.get("project"));
    let workspace = root.get("workspace");
    if package.is_none() && workspace.is_none() {
        let expected = Text::trusted("`[package]` or `[workspace]`");
        return Err(Fault::new(root.span, expected, Text::trusted("neither")).into());
    }
    let mut manifest = Manifest {
        workspace_root: workspace.is_some(),
        ..Manifest::new(file.path.clone(), FORMAT.ecosystem, FORMAT.id)
    };
    if let Some(package) = package {
        package.members("`package`")?;
        let Some(name) = package.get("name") else {
            let expected = Text::trusted("a package with `name`");
            return Err(Fault::new(package.span, expected, Text::trusted("one without")).into());
        };
        manifest.name = Some(name.string("`name`")?.into());
        manifest.place = file.places.at(name.span);
        manifest.version = own_string(package, "version")?;
        manifest.license = own_string(package, "license")?;
        manifest.repository = repository(package);
    }
    requirements(file, &root, &mut manifest.requirements)?;
    for target in root.optional_members("target")? {
        requirements(file, &target.value, &mut manifest.requirements)?;
    }
    for registry in root.optional_members("patch")? {
        for member in registry.value.members("a patched registry")? {
            manifest.replacements.push(requirement(file, member, Scope::Runtime)?);
        }
    }
    for member in root.optional_members("replace")? {
        manifest.replacements.push(requirement(file, member, Scope::Runtime)?);
    }
    if let Some(workspace) = workspace {
        workspace.members("`workspace`")?;
        manifest.repository = manifest.repository.or_else(|| repository(workspace.get("package")?));
        for member in workspace.optional_members("dependencies")? {
            manifest.inheritable.push(requirement(file, member, Scope::Runtime)?);
        }
        manifest.members = strings(workspace, "members")?;
        manifest.excluded_members = strings(workspace, "exclude")?;
        // Path dependencies below the root are members too.
        manifest.members.extend(manifest.requirements.iter().chain(&manifest.inheritable).filter_map(|requirement| {
            match &requirement.source {
                Source::Path { path } => Some(path.clone()),
                _ => None,
            }
        }));
    }
    facts.manifests.push(manifest);
    Ok(())
}

fn requirements(file: &File<'_>, table: &Node<'_>, out: &mut Vec<Requirement>) -> Result<(), Fault> {
    for (key, scope) in TABLES {
        for member in table.optional_members(key)? {
            out.push(requirement(file, member, scope)?);
        }
    }
    Ok(())
}

fn requirement(file: &File<'_>, member: &Member<'_>, scope: Scope) -> Result<Requirement, Fault> {
    let registry = Source::Registry { registry: None };
    let mut requirement = Requirement {
        name: member.key.as_ref().into(),
        package: member.key.as_ref().into(),
        specifier: None,
        scope,
        source: registry,
        inherited: false,
        place: file.places.at(member.key_span),
    };
    let node = &member.value;
    match &node.value {
        Value::String(text) => requirement.specifier = Some(text.as_ref().into()),
        Value::Mapping(_) => {
            if let Some(package) = node.optional_string("package")? {
                requirement.package = package.into();
            }
            requirement.specifier = node.optional_string("version")?.map(Into::into);
            requirement.inherited = node.flag("workspace")?;
            if node.flag("optional")? && requirement.scope == Scope::Runtime {
                requirement.scope = Scope::Optional;
            }
            if let Some(source) = source(node)? {
                requirement.source = source;
            }
        }
        _ => return Err(node.unexpected("a version or a table")),
    }
    Ok(requirement)
}

fn source(node: &Node<'_>) -> Result<Option<Source>, Fault> {
    if let Some(repository) = node.optional_string("git")? {
        let reference =
            match (node.optional_string("rev")?, node.optional_string("tag")?, node.optional_string("branch")?) {
                (Some(rev), _, _) => revision(rev),
                (_, Some(tag), _) => GitReference::Tag(tag.into()),
                (_, _, Some(branch)) => GitReference::Branch(branch.into()),
                _ => GitReference::Default,
            };
        let commit = match &reference {
            GitReference::Commit(commit) => Some(commit.clone()),
            _ => None,
        };
        return Ok(Some(Source::Git { repository: RemoteUrl::new(repository), reference, commit }));
    }
    if let Some(path) = node.optional_string("path")? {
        return Ok(Some(Source::Path { path: path.into() }));
    }
    Ok(node
        .optional_string("registry-index")?
        .map(|registry| Source::Registry { registry: Some(RemoteUrl::new(registry)) }))
}

/// Returns a string that the package states itself; one it inherits (`version.workspace = true`) stands elsewhere.
fn own_string(package: &Node<'_>, key: &str) -> Result<Option<Box<str>>, Fault> {
    match package.get(key) {
        Some(Node { value: Value::Mapping(_), .. }) => Ok(None),
        _ => Ok(package.optional_string(key)?.map(Into::into)),
    }
}

/// Returns the repository that a table names. A member that inherits it lies below the one that names it.
fn repository(table: &Node<'_>) -> Option<RemoteUrl> {
    own_string(table, "repository").ok().flatten().map(|url| RemoteUrl::new(&url))
}

fn strings(node: &Node<'_>, key: &str) -> Result<Vec<Box<str>>, Fault> {
    node.optional_items(key)?.iter().map(|item| item.string("a folder").map(Into::into)).collect()
}
