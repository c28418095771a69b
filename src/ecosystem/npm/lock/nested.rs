//! `dependencies` of version 1 (and of version 2 without `packages`): packages nested as they lie on disk.

use std::borrow::Cow;

use super::entry::{Fields, Identity, flag, string};
use super::scopes::Scopes;
use super::{Lock, folder_source};
use crate::component::npm::{locked_source, specifier, tarball};
use crate::component::{RemoteUrl, Source};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::ecosystem::Unread;
use crate::text;
use crate::text::Text;

/// Reads `dependencies`.
///
/// # Errors
/// A fault when it is no table.
pub(super) fn read<'a>(
    lock: &mut Lock<'a, '_>,
    root: &'a Node<'a>,
    dependencies: Option<&'a Node<'a>>,
) -> Result<(), Fault> {
    // This version records neither.
    lock.capability.install_scripts = false;
    lock.capability.licenses = false;
    let members = dependencies.map_or(Ok(&[][..]), |node| node.members("`dependencies`"))?;
    // What the project itself asks for stands in its manifest only: what is installed at the top answers that.
    lock.root_project(root, None, Vec::new());
    let mut scopes = Scopes::default();
    let entries = open(lock, members, &mut scopes);
    for member in members {
        if let Some(handle) = scopes.find(&member.key) {
            lock.builder.answer(&member.key, handle);
        }
    }
    // An own stack, as deep as the document is: `document::limits` bounds it.
    let mut levels = vec![entries.into_iter()];
    while let Some(level) = levels.last_mut() {
        let Some(entry) = level.next() else {
            levels.pop();
            scopes.close();
            continue;
        };
        let nested = entry.fields.dependencies.and_then(|node| lock.noted(node.members("`dependencies`")));
        levels.push(open(lock, nested.unwrap_or_default(), &mut scopes).into_iter());
        entry.connect(lock, &scopes);
    }
    Ok(())
}

/// Adds the packages of one level and makes them visible to each other and to those below them.
fn open<'a>(lock: &mut Lock<'a, '_>, members: &'a [Member<'a>], scopes: &mut Scopes<'a>) -> Vec<Entry<'a>> {
    scopes.open();
    let mut entries = Vec::with_capacity(members.len());
    for Member { key, key_span, value } in members {
        let fields = Fields::of(value);
        let entry = lock.noted(fields).map(|fields| {
            let identity = if key.is_empty() {
                Err(Fault::new(*key_span, Text::trusted("the name of a package"), text!("`{}`", key)).into())
            } else {
                identity(key, &fields)
            };
            let handle = lock.noted(identity).and_then(|who| lock.add(who, &fields, *key_span));
            Entry { key: *key_span, fields, handle }
        });
        scopes.declare(key, entry.as_ref().and_then(|entry| entry.handle));
        entries.extend(entry);
    }
    entries
}

struct Entry<'a> {
    key: Span,
    fields: Fields<'a>,
    handle: Option<u32>,
}

impl<'a> Entry<'a> {
    fn connect(&self, lock: &mut Lock<'a, '_>, scopes: &Scopes<'a>) {
        let mut asked = Vec::new();
        lock.connect(self.handle, &[self.fields.requires()], scopes, |one| asked.push(one));
        if let (Some(handle), Some(folder)) = (self.handle, self.folder()) {
            lock.member(folder, handle, self.key, asked);
        }
    }

    /// Returns the folder of a package that is one beside the project's own.
    fn folder(&self) -> Option<&'a str> {
        match &self.fields.version?.value {
            Value::String(version) => local_folder(version).filter(|folder| !matches!(*folder, "" | ".")),
            _ => None,
        }
    }
}

/// Reads who an entry is: its `version` is a version, an alias or an address.
fn identity<'a>(key: &'a str, fields: &Fields<'a>) -> Result<Identity<'a>, Unread> {
    let stated = string(fields.version, "`version`")?;
    let resolved = fields.address()?;
    let bundled = flag(fields.bundled, "`bundled`")?;
    let resolved_at = fields.resolved.map(|node| node.span);
    let alias = stated.and_then(alias);
    if let Some(address) = stated.filter(|text| alias.is_none() && text.contains([':', '/'])) {
        let source = source_of(address);
        if let Some((other, at)) = resolved.zip(resolved_at).filter(|(other, _)| locked_source(other) != source) {
            let fault =
                Fault::new(at, text!("one address for `{}`, `{}`", key, address), text!("another, `{}`", other));
            return Err(Unread::contradiction(fault));
        }
        // npm infers the version from the name of a registry's tarball, too.
        let version = tarball(&RemoteUrl::new(address)).and_then(|tarball| tarball.version).map(Cow::Owned);
        let source_at = fields.version.map(|node| node.span);
        return Ok(Identity { name: key, version, source, address: Some(address), source_at });
    }
    let source = match resolved {
        Some(address) => locked_source(address),
        None if bundled => Source::Bundled,
        None => Source::Registry { registry: None },
    };
    let (name, version) = alias.unwrap_or((key, stated));
    Ok(Identity { name, version: version.map(Cow::Borrowed), source, address: resolved, source_at: resolved_at })
}

/// Reads `npm:NAME@VERSION`.
fn alias(version: &str) -> Option<(&str, Option<&str>)> {
    let name = specifier(version).package?;
    let rest = version.strip_prefix("npm:")?.strip_prefix(name)?;
    Some((name, rest.strip_prefix('@')))
}

/// Returns the source of an address in place of a version.
fn source_of(address: &str) -> Source {
    match (local_folder(address), locked_source(address)) {
        (Some(folder), _) => folder_source(folder),
        // `OWNER/NAME#COMMIT`: a path would begin with `file:`.
        (None, Source::Path { .. }) if !address.starts_with("file:") => specifier(address).source,
        (None, source) => source,
    }
}

/// Returns the folder of `file:FOLDER`, none where that is an archive by its name (as `npm-package-arg` has it).
fn local_folder(version: &str) -> Option<&str> {
    let path = version.strip_prefix("file:")?;
    let name = path.to_ascii_lowercase();
    (![".tgz", ".tar.gz", ".tar"].iter().any(|suffix| name.ends_with(suffix))).then_some(path)
}
