//! `packages` of version 2 and 3: a table from folders, relative to the lock file's own, to packages.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::entry::{Fields, Identity, flag, string};
use super::scopes::Scopes;
use super::{Lock, folder_source};
use crate::component::Source;
use crate::component::npm::locked_source;
use crate::document::{Fault, Member, Node, Span};
use crate::text;
use crate::text::Text;

/// Reads `packages`.
///
/// # Errors
/// A fault when it is no table.
pub(super) fn read<'a>(lock: &mut Lock<'a, '_>, root: &'a Node<'a>, packages: &'a Node<'a>) -> Result<(), Fault> {
    let members = packages.members("`packages`")?;
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(members.len());
    for member in members {
        lock.entry = member.span();
        let entry = Entry::of(member);
        entries.extend(lock.noted(entry));
    }
    let links: HashMap<&str, &str> = entries.iter().filter_map(Entry::link).collect();
    for entry in &mut entries {
        if matches!(entry.kind, Kind::Package | Kind::Inner | Kind::Folder) {
            lock.entry = entry.whole;
            let identity = entry.identity(&links);
            entry.handle = lock.noted(identity).and_then(|who| lock.add(who, &entry.fields, entry.key));
        }
    }
    if entries.iter().any(|entry| entry.kind == Kind::Link) {
        // The project itself is always there. Entries that cannot be read are known as well, so that a link to
        // one is no second gap.
        let unread = std::iter::once("").chain(members.iter().map(|member| &*member.key)).map(|path| (path, None));
        let handles: HashMap<&str, Option<u32>> =
            unread.chain(entries.iter().map(|entry| (entry.path, entry.handle))).collect();
        for entry in entries.iter_mut().filter(|entry| entry.kind == Kind::Link) {
            lock.entry = entry.whole;
            let target = entry.target(&handles);
            entry.handle = lock.noted(target).flatten();
        }
    }
    if !entries.iter().any(|entry| entry.kind == Kind::Root) {
        lock.root_project(root, None, Vec::new());
    }
    connect(lock, root, &entries);
    Ok(())
}

/// One folder of the tree.
struct Entry<'a> {
    path: &'a str,
    key: Span,
    whole: Span,
    kind: Kind,
    fields: Fields<'a>,
    handle: Option<u32>,
}

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The project itself.
    Root,
    /// A symbolic link to another entry.
    Link,
    /// `…/node_modules/NAME`.
    Package,
    /// A folder inside an installed package.
    Inner,
    /// A folder of the project's own, or one beside it.
    Folder,
}

impl<'a> Entry<'a> {
    fn of(member: &'a Member<'a>) -> Result<Self, Fault> {
        let path: &str = &member.key;
        let fields = Fields::of(&member.value)?;
        let kind = if path.is_empty() {
            Kind::Root
        } else if flag(fields.link, "`link`")? {
            Kind::Link
        } else if installed(path).is_some() {
            Kind::Package
        } else if path.split('/').any(|part| part == "node_modules") {
            Kind::Inner
        } else {
            Kind::Folder
        };
        Ok(Self { path, key: member.key_span, whole: member.span(), kind, fields, handle: None })
    }

    fn identity(&self, links: &HashMap<&str, &'a str>) -> Result<Identity<'a>, Fault> {
        // npm leaves the name out where the folder bears it; of `..` only a link in the file tells.
        let name = string(self.fields.name, "`name`")?
            .or_else(|| name_of_folder(self.path))
            .or_else(|| links.get(self.path).copied())
            .ok_or_else(|| Fault::new(self.key, Text::trusted("the folder of a package"), text!("`{}`", self.path)))?;
        let version = string(self.fields.version, "`version`")?.map(Cow::Borrowed);
        let address = self.fields.address()?;
        let bundled = flag(self.fields.bundled, "`inBundle`")?;
        let source = match (address.map(locked_source), self.kind) {
            // npm states no address for a folder of the project's own, or its path.
            (None | Some(Source::Path { .. }), Kind::Folder) => folder_source(self.path),
            (Some(source), _) => source,
            (None, Kind::Inner) => Source::Bundled,
            (None, _) if bundled => Source::Bundled,
            (None, _) => Source::Registry { registry: None },
        };
        let source_at = self.fields.resolved.map(|node| node.span);
        Ok(Identity { name, version, source, address, source_at })
    }

    /// Returns where a link leads and the name it gives to what is there.
    fn link(&self) -> Option<(&'a str, &'a str)> {
        let target = self.fields.resolved.filter(|_| self.kind == Kind::Link)?;
        Some((target.string("`resolved`").ok()?, name_of_folder(self.path)?))
    }

    /// Returns the handle of the entry a link leads to, none where that is the project itself or has a gap.
    fn target(&self, handles: &HashMap<&str, Option<u32>>) -> Result<Option<u32>, Fault> {
        let Some(node) = self.fields.resolved else {
            return Err(Fault::new(self.key, Text::trusted("a link with `resolved`"), Text::trusted("one without")));
        };
        let path = node.string("`resolved`")?;
        handles.get(path).copied().ok_or_else(|| {
            // npm cannot go on without it either.
            Fault::new(node.span, Text::trusted("the path of another entry"), text!("`{}`", path))
        })
    }
}

/// Returns the folder and the name of `FOLDER/node_modules/NAME`, none where a path ends otherwise.
fn installed(path: &str) -> Option<(&str, &str)> {
    let (before, last) = path.rsplit_once('/')?;
    let (before, name) = match before.rsplit_once('/') {
        Some((before, scope)) if scope.starts_with('@') => (before, path.get(before.len() + 1..)?),
        _ => (before, last),
    };
    let folder = match before.strip_suffix("node_modules")? {
        "" => "",
        folder => folder.strip_suffix('/').filter(|folder| !folder.is_empty())?,
    };
    (!last.is_empty()).then_some((folder, name))
}

/// Returns the name npm gives to a folder whose entry states none: its last part, with a scope before it.
fn name_of_folder(path: &str) -> Option<&str> {
    let (before, last) = path.rsplit_once('/').unwrap_or(("", path));
    let scope = before.rsplit('/').next().filter(|scope| scope.starts_with('@'));
    let name = scope.and_then(|scope| path.get(path.len() - last.len() - 1 - scope.len()..)).unwrap_or(last);
    (!matches!(last, "" | "." | ".." | "node_modules")).then_some(name)
}

/// Draws the edges and makes the root and each folder of the project's own a project.
fn connect<'a>(lock: &mut Lock<'a, '_>, root: &'a Node<'a>, entries: &[Entry<'a>]) {
    let mut scopes = Scopes::default();
    let mut folders: Vec<&str> = Vec::new();
    for (folder, step) in steps(entries) {
        while folders.last().is_some_and(|outer| !is_within(folder, outer)) {
            folders.pop();
            scopes.close();
        }
        if folders.last() != Some(&folder) {
            folders.push(folder);
            scopes.open();
        }
        match step {
            Step::Declare(name, handle) => scopes.declare(name, handle),
            Step::Connect(entry) => {
                lock.entry = entry.whole;
                // Only projects list what they ask for; of packages the edges tell it.
                let is_project = matches!(entry.kind, Kind::Root | Kind::Folder);
                let mut asked = Vec::new();
                lock.connect(entry.handle, &entry.fields.tables(), &scopes, |one| {
                    if is_project {
                        asked.push(one);
                    }
                });
                match (entry.kind, entry.handle) {
                    (Kind::Root, _) => lock.root_project(root, Some((&entry.fields, entry.key)), asked),
                    (Kind::Folder, Some(handle)) => lock.member(entry.path, handle, entry.key, asked),
                    _ => {}
                }
            }
        }
    }
}

/// What happens in a folder on the walk through the tree.
#[derive(Clone, Copy)]
enum Step<'e, 'a> {
    /// Its `node_modules` holds a package.
    Declare(&'a str, Option<u32>),
    /// The package in it asks for others.
    Connect(&'e Entry<'a>),
}

/// Returns the walk: each folder before those inside it, what it holds before what it asks for.
fn steps<'e, 'a>(entries: &'e [Entry<'a>]) -> Vec<(&'a str, Step<'e, 'a>)> {
    let mut steps: Vec<(&str, Step<'_, '_>)> = Vec::with_capacity(2 * entries.len());
    for entry in entries {
        if let Some((folder, name)) = installed(entry.path) {
            steps.push((folder, Step::Declare(name, entry.handle)));
        }
        let is_project = matches!(entry.kind, Kind::Root | Kind::Folder);
        if entry.kind != Kind::Link && (is_project || entry.fields.asks()) {
            steps.push((entry.path, Step::Connect(entry)));
        }
    }
    let asks = |step: &Step<'_, '_>| matches!(step, Step::Connect(_));
    steps.sort_by(|(a, x), (b, y)| {
        is_outside(a).cmp(&is_outside(b)).then_with(|| by_parts(a, b)).then(asks(x).cmp(&asks(y)))
    });
    steps
}

/// Compares two paths part by part, so that a folder stands right before what lies below it.
fn by_parts(a: &str, b: &str) -> Ordering {
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        Some((a, b)) => (a != b'/', a).cmp(&(b != b'/', b)),
        None => a.len().cmp(&b.len()),
    }
}

/// Whether a folder lies outside the lock file's own, going by its first part.
fn is_outside(folder: &str) -> bool {
    folder == ".." || folder.starts_with("../") || folder.starts_with('/')
}

/// Whether a folder is another one or lies below it.
fn is_within(folder: &str, outer: &str) -> bool {
    if outer.is_empty() {
        return !is_outside(folder);
    }
    folder.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
