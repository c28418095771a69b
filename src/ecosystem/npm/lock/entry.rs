//! One package of a lock file: the fields that both layouts share.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Lock;
use super::scopes::Scopes;
use crate::component::{Component, Digest, InstallScript, LockedRequirement, RemoteUrl, Scope, Source, is_commit};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::ecosystem::Unread;
use crate::text;
use crate::text::Text;

/// What an entry states, each field where it is there and not null.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields<'a> {
    pub(super) name: Option<&'a Node<'a>>,
    pub(super) version: Option<&'a Node<'a>>,
    pub(super) resolved: Option<&'a Node<'a>>,
    pub(super) link: Option<&'a Node<'a>>,
    pub(super) bundled: Option<&'a Node<'a>>,
    pub(super) dependencies: Option<&'a Node<'a>>,
    requires: Option<&'a Node<'a>>,
    integrity: Option<&'a Node<'a>>,
    license: Option<&'a Node<'a>>,
    install_script: Option<&'a Node<'a>>,
    dev: Option<&'a Node<'a>>,
    optional: Option<&'a Node<'a>>,
    dev_optional: Option<&'a Node<'a>>,
    peer: Option<&'a Node<'a>>,
    dev_dependencies: Option<&'a Node<'a>>,
    optional_dependencies: Option<&'a Node<'a>>,
    peer_dependencies: Option<&'a Node<'a>>,
}

impl<'a> Fields<'a> {
    /// Reads the fields of an entry.
    ///
    /// # Errors
    /// A fault when the entry is no table.
    pub(super) fn of(entry: &'a Node<'a>) -> Result<Self, Fault> {
        let mut fields = Self::default();
        for Member { key, value, .. } in entry.members("a package")? {
            let field = match &**key {
                "name" => &mut fields.name,
                "version" => &mut fields.version,
                "resolved" => &mut fields.resolved,
                "link" => &mut fields.link,
                "inBundle" | "bundled" => &mut fields.bundled,
                "dependencies" => &mut fields.dependencies,
                "requires" => &mut fields.requires,
                "integrity" => &mut fields.integrity,
                "license" => &mut fields.license,
                "hasInstallScript" => &mut fields.install_script,
                "dev" => &mut fields.dev,
                "optional" => &mut fields.optional,
                "devOptional" => &mut fields.dev_optional,
                "peer" => &mut fields.peer,
                "devDependencies" => &mut fields.dev_dependencies,
                "optionalDependencies" => &mut fields.optional_dependencies,
                "peerDependencies" => &mut fields.peer_dependencies,
                _ => continue,
            };
            if value.value != Value::Null {
                *field = Some(value);
            }
        }
        Ok(fields)
    }

    /// Returns the address the package was taken from. npm 6 writes `false` for a bundled one.
    pub(super) fn address(&self) -> Result<Option<&'a str>, Fault> {
        match self.resolved {
            Some(Node { value: Value::Boolean(false), .. }) => Ok(None),
            node => string(node, "`resolved`"),
        }
    }

    /// Returns what the package asks for in version 2 and 3.
    pub(super) fn tables(&self) -> [Table<'a>; 4] {
        [
            Table { node: self.dependencies, what: "`dependencies`", scope: Scope::Runtime },
            Table { node: self.dev_dependencies, what: "`devDependencies`", scope: Scope::Dev },
            Table { node: self.optional_dependencies, what: "`optionalDependencies`", scope: Scope::Optional },
            Table { node: self.peer_dependencies, what: "`peerDependencies`", scope: Scope::Peer },
        ]
    }

    /// Whether the package asks for anything.
    pub(super) fn asks(&self) -> bool {
        self.tables().iter().any(|table| table.node.is_some())
    }

    /// Returns what the package asks for in version 1; `true` in its place says only that there is such a field.
    pub(super) fn requires(&self) -> Table<'a> {
        let node = self.requires.filter(|node| !matches!(node.value, Value::Boolean(_)));
        Table { node, what: "`requires`", scope: Scope::Unknown }
    }

    fn scope(&self) -> Result<Scope, Fault> {
        let dev = flag(self.dev, "`dev`")?;
        let optional = flag(self.optional, "`optional`")? | flag(self.dev_optional, "`devOptional`")?;
        let peer = flag(self.peer, "`peer`")?;
        // An optional dependency of a development dependency bears both flags.
        Ok(match (dev, optional, peer) {
            (true, _, _) => Scope::Dev,
            (_, true, _) => Scope::Optional,
            (_, _, true) => Scope::Peer,
            _ => Scope::Runtime,
        })
    }
}

/// Returns a string that need not be there; an empty one says nothing.
pub(super) fn string<'a>(node: Option<&'a Node<'a>>, what: &str) -> Result<Option<&'a str>, Fault> {
    Ok(node.map(|node| node.string(what)).transpose()?.filter(|text| !text.is_empty()))
}

/// Returns a flag that is false where it is absent.
pub(super) fn flag(node: Option<&Node<'_>>, what: &str) -> Result<bool, Fault> {
    node.map_or(Ok(false), |node| node.boolean(what))
}

/// Who an entry says it is.
pub(super) struct Identity<'a> {
    pub(super) name: &'a str,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) source: Source,
    pub(super) address: Option<&'a str>,
    pub(super) source_at: Option<Span>,
}

impl<'a> Lock<'a, '_> {
    /// Adds the component of an entry and returns its handle, none where it contradicts an earlier one.
    ///
    /// What is wrong with a field that does not say who the component is becomes a gap beside the component.
    pub(super) fn add(&mut self, who: Identity<'a>, fields: &Fields<'a>, key: Span) -> Option<u32> {
        let integrity = digests(fields.integrity, &who.source);
        let digests = self.noted(integrity).unwrap_or_default();
        let scope = self.noted(fields.scope()).unwrap_or(Scope::Unknown);
        let install_script = match flag(fields.install_script, "`hasInstallScript`") {
            _ if !self.capability.install_scripts => InstallScript::Unrecorded,
            Ok(true) => InstallScript::Runs,
            Ok(false) => InstallScript::None,
            Err(fault) => {
                self.gap(fault);
                InstallScript::Unrecorded
            }
        };
        let license = match fields.license {
            Some(Node { value: Value::String(license), .. }) => Some(license.as_ref().into()),
            _ => None,
        };
        let places = self.file.places;
        let remote = who.address.filter(|_| !matches!(who.source, Source::Path { .. } | Source::Member));
        let component = Component {
            resolved: remote.map(RemoteUrl::new),
            scope,
            install_script,
            license,
            version_at: fields.version.filter(|_| who.version.is_some()).map(|node| places.spot(node.span)),
            digest_at: fields.integrity.filter(|_| !digests.is_empty()).map(|node| places.spot(node.span)),
            source_at: who.source_at.map(|span| places.spot(span)),
            digests,
            ..Component::new("npm", who.name, who.version.as_deref(), who.source, places.at(key))
        };
        let span = fields.integrity.map_or(key, |node| node.span);
        self.builder.add(component, span).map_err(|fault| self.gap(Unread::contradiction(fault))).ok()
    }

    /// Draws the edges of a component to the packages its requirements mean, and hands out these.
    pub(super) fn connect(
        &mut self,
        handle: Option<u32>,
        tables: &[Table<'a>],
        scopes: &Scopes<'a>,
        mut take: impl FnMut(Asked<'a>),
    ) {
        // "Entries in optionalDependencies will override entries of the same name in dependencies" (npm's manual).
        let optional: HashSet<&str> = tables
            .iter()
            .filter(|table| table.scope == Scope::Optional)
            .filter_map(|table| table.node?.members(table.what).ok())
            .flat_map(|members| members.iter().map(|member| &*member.key))
            .collect();
        for Table { node, what, scope } in tables.iter().copied() {
            let Some(members) = node.and_then(|node| self.noted(node.members(what))) else { continue };
            for member in members {
                if scope == Scope::Runtime && optional.contains(&*member.key) {
                    continue;
                }
                let Some(specifier) = self.noted(member.value.string("a requirement")) else { continue };
                let component = scopes.find(&member.key);
                let requirement = Asked { name: &member.key, specifier, scope, component };
                if let (Some(from), Some(to)) = (handle, component) {
                    self.builder.needs(from, to);
                    if self.builder.component(to).is_some_and(|found| *found.name != *member.key) {
                        self.builder.renamed(requirement.into());
                    }
                }
                take(requirement);
            }
        }
    }
}

/// A table of requirements.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    node: Option<&'a Node<'a>>,
    what: &'static str,
    scope: Scope,
}

/// A requirement as an entry states it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    name: &'a str,
    specifier: &'a str,
    scope: Scope,
    component: Option<u32>,
}

impl From<Asked<'_>> for LockedRequirement {
    fn from(asked: Asked<'_>) -> Self {
        Self {
            name: asked.name.into(),
            specifier: Some(asked.specifier.into()),
            scope: asked.scope,
            component: asked.component,
        }
    }
}

fn digests(integrity: Option<&Node<'_>>, source: &Source) -> Result<Vec<Digest>, Fault> {
    let Some(node) = integrity else { return Ok(Vec::new()) };
    let text = node.string("`integrity`")?;
    // "For git dependencies, this is the commit sha" (npm's manual, on version 1): no digest of an artifact.
    if matches!(source, Source::Git { .. }) && is_commit(text) {
        return Ok(Vec::new());
    }
    Digest::from_integrity(text).ok_or_else(|| {
        Fault::new(
            node.span,
            Text::trusted("Subresource Integrity of md5 to sha512, such as `sha512-` with base64"),
            text!("`{}`", text),
        )
    })
}
