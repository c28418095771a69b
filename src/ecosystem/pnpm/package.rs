//! The entries under `packages`: which components they are.
//!
//! Where pnpm takes name and version from is documented by `nameVerFromPkgSnapshot` in its `lockfile/utils`.

use super::path::{DependencyPath, Registry};
use super::resolution::{Origin, origins};
use super::{Generation, Lock, path};
use crate::component::{Component, InstallScript, Scope, Source};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::ecosystem::Unread;
use crate::text;
use crate::text::Text;

/// A package's name and version, and where the version stands.
pub(super) struct Identity<'a> {
    /// The name.
    pub(super) name: &'a str,
    /// The version, where it has one.
    pub(super) version: Option<&'a str>,
    /// Where the version stands.
    version_at: Option<Span>,
}

impl<'a> Lock<'a> {
    /// Adds the components that an entry stands for: one, or one for each platform where it is a runtime.
    pub(super) fn package(&mut self, member: &'a Member<'a>) -> Result<Vec<u32>, Unread> {
        let node = &member.value;
        if node.value != Value::Null {
            node.members("a package")?;
        }
        let path = path::parse(self.generation, &member.key).ok_or_else(|| self.no_key(member))?;
        let resolution = node.get("resolution").filter(|resolution| resolution.value != Value::Null);
        if let Some(resolution) = resolution {
            resolution.members("`resolution`")?;
        }
        let identity = self.identity(member, &path, resolution)?;
        let origins = origins(&path, &identity, member, resolution)?;
        let scope = self.scope(node)?;
        let install_script = match self.generation {
            Generation::Nine => InstallScript::Unrecorded,
            // Of an optional package pnpm assumes that it builds something, without looking (`requiresBuild`).
            _ if node.flag("optional")? => InstallScript::Unrecorded,
            _ if node.flag("requiresBuild")? => InstallScript::Runs,
            _ => InstallScript::None,
        };
        let mut handles = Vec::with_capacity(origins.len());
        for Origin { source, resolved, digests, digest_at, source_at } in origins {
            let place = self.file.places.at(member.key_span);
            let component = Component {
                resolved,
                digests,
                scope,
                install_script,
                version_at: identity.version_at.map(|span| self.spot(span)),
                digest_at: digest_at.map(|span| self.spot(span)),
                source_at: source_at.map(|span| self.spot(span)),
                ..Component::new("npm", identity.name, identity.version, source, place)
            };
            handles.push(
                self.builder.add(component, digest_at.unwrap_or(member.key_span)).map_err(Unread::contradiction)?,
            );
        }
        Ok(handles)
    }

    /// Adds the folder that a snapshot without an entry under `packages` stands for.
    ///
    /// pnpm fills in for tools that drop those entries (`convertToLockfileObject`), and for folders only.
    pub(super) fn folder(&mut self, member: &'a Member<'a>) -> Result<u32, Unread> {
        let path = path::parse(self.generation, &member.key).ok_or_else(|| self.no_key(member))?;
        let folder = path.location.and_then(|location| location.strip_prefix("file:"));
        let (Some(name), Some(folder)) = (path.name, folder.filter(|folder| !is_archive(folder))) else {
            let found = Text::trusted("none");
            return Err(Fault::new(member.key_span, text!("`{}` under `packages`", member.key), found).into());
        };
        let source = Source::Path { path: folder.into() };
        let component = Component {
            source_at: Some(self.spot(member.key_span)),
            ..Component::new("npm", name, path.location, source, self.file.places.at(member.key_span))
        };
        self.builder.add(component, member.key_span).map_err(Unread::contradiction)
    }

    fn no_key(&self, member: &Member<'_>) -> Fault {
        let expected = match self.generation {
            Generation::Five => "a key such as `/name/1.0.0`",
            Generation::Six => "a key such as `/name@1.0.0`",
            Generation::Nine => "a key such as `name@1.0.0`",
        };
        Fault::new(member.key_span, Text::trusted(expected), text!("`{}`", member.key))
    }

    /// Settles name and version between the key and the entry.
    ///
    /// pnpm fetches by the key and shows what the entry states, so where the key tells both they must agree.
    /// Only what has an address of its own may be told by the entry: there the key is that address.
    fn identity(
        &self,
        member: &'a Member<'a>,
        path: &DependencyPath<'a>,
        resolution: Option<&'a Node<'a>>,
    ) -> Result<Identity<'a>, Unread> {
        let node = &member.value;
        let name_node = node.get("name").filter(|name| name.value != Value::Null);
        let stated_name = name_node.map(|name| name.string("`name`")).transpose()?;
        let version_node = node.get("version").filter(|version| version.value != Value::Null);
        let stated_version = version_node.map(|version| version.scalar("`version`")).transpose()?;
        let has_address = resolution.is_some_and(|node| node.get("tarball").or_else(|| node.get("type")).is_some());
        let entry_wins = has_address && matches!(path.registry, Some(Registry::Host(_)));
        if !entry_wins {
            for (key, stated, at) in [(path.name, stated_name, name_node), (path.version, stated_version, version_node)]
            {
                if let (Some(key), Some(stated), Some(at)) = (key, stated, at)
                    && key != stated
                {
                    let expected = text!("`{}`, as the key has it", key);
                    return Err(Unread::contradiction(Fault::new(at.span, expected, text!("`{}`", stated))));
                }
            }
        }
        let Some(name) = stated_name.or(path.name).filter(|name| !name.is_empty()) else {
            let expected = Text::trusted("a package with `name`");
            return Err(Fault::new(member.key_span, expected, Text::trusted("one without")).into());
        };
        // A folder has the version that the key gives it, which is also what `pnpm list` shows.
        let folder = path.location.filter(|location| location.starts_with("file:"));
        let version = stated_version.or(path.version).or(folder);
        let version_at = version_node
            .map(|node| node.span)
            .or_else(|| path.version.map(|version| within_key(member, path.name.unwrap_or_default().len(), version)));
        Ok(Identity { name, version, version_at })
    }

    fn scope(&self, node: &Node<'_>) -> Result<Scope, Fault> {
        Ok(match self.generation {
            Generation::Nine => Scope::Unknown,
            _ if node.flag("dev")? => Scope::Dev,
            _ if node.flag("optional")? => Scope::Optional,
            _ => Scope::Runtime,
        })
    }
}

/// Returns where a part of a key stands, or the whole key where it is written with escapes.
fn within_key(member: &Member<'_>, from: usize, part: &str) -> Span {
    let Span { start, end } = member.key_span;
    let quotes = (end - start).saturating_sub(member.key.len());
    match member.key.get(from..).and_then(|rest| rest.find(part)) {
        Some(at) if quotes == 0 || quotes == 2 => {
            let start = start + quotes / 2 + from + at;
            Span { start, end: start + part.len() }
        }
        _ => member.key_span,
    }
}

/// Whether pnpm takes a `file:` for an archive rather than a folder (`LOCAL_TARBALL_RE`).
fn is_archive(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".tgz", ".tar.gz", ".tar"].iter().any(|ending| path.ends_with(ending))
}
