//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.
//!
//! The format is documented in npm's manual, "package-lock.json", section "File Format"; where that is silent,
//! npm's own reader decides (`shrinkwrap.js` and `load-virtual.js` of its library arborist). Version 3 lists
//! the folders of the installed tree, version 1 nests packages as they nest on disk, version 2 has both.

mod entry;
mod nested;
mod packages;
mod scopes;

use entry::{Asked, Fields, string};

use crate::component::{Capability, InventoryBuilder, Project, Source};
use crate::document::{self, Fault, Node, Span, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, Gap, Location};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "npm-lock",
    ecosystem: "npm",
    role: Role::Lock,
    names: &["package-lock.json", "npm-shrinkwrap.json"],
    folder: None,
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: true,
        scope: true,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "package-lock.json and npm-shrinkwrap.json of version 1 to 3",
    collect,
};

/// The newest version that is read here (npm 7 and later read and write it).
const NEWEST: u32 = 3;

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::json(file.text)?;
    root.members("a lock file")?;
    let version = known_version(&root)?;
    let mut lock = Lock {
        file,
        gaps: &mut facts.gaps,
        entry: root.span,
        builder: InventoryBuilder::default(),
        capability: FORMAT.capability,
    };
    match (stated(&root, "packages"), stated(&root, "dependencies"), version) {
        // npm 7 and later look at nothing else where `packages` is there, whatever version the file claims.
        (Some(packages), _, _) => packages::read(&mut lock, &root, packages)?,
        (None, _, Some(3)) | (None, None, Some(2)) => return Err(missing(&root, "a lock file with `packages`").into()),
        (None, None, None) => {
            return Err(missing(&root, "a lock file with `lockfileVersion`, `packages` or `dependencies`").into());
        }
        // A project without dependencies has version 1 and nothing else.
        (None, dependencies, _) => nested::read(&mut lock, &root, dependencies)?,
    }
    let Lock { builder, capability, .. } = lock;
    facts.inventories.push(builder.finish(file.path.clone(), FORMAT.id, FORMAT.ecosystem, capability));
    Ok(())
}

/// Returns the version a lock file states, and refuses those that this reader does not know.
fn known_version(root: &Node<'_>) -> Result<Option<u32>, Unread> {
    let Some(version) = stated(root, "lockfileVersion") else { return Ok(None) };
    let number = version.scalar("`lockfileVersion`")?;
    match number.parse::<u32>() {
        Ok(known @ 1..=NEWEST) => Ok(Some(known)),
        _ => Err(Unread::version(
            version.span,
            text!("a lock file of version 1 to {}", NEWEST),
            text!("version {}", number),
        )),
    }
}

/// Returns the value under a key; null counts as absent, as it does for npm.
fn stated<'a, 'b>(node: &'b Node<'a>, key: &str) -> Option<&'b Node<'a>> {
    node.get(key).filter(|node| node.value != Value::Null)
}

fn missing(root: &Node<'_>, expected: &str) -> Fault {
    Fault::new(root.span, Text::trusted(expected), Text::trusted("one without"))
}

/// A lock file while it is read.
struct Lock<'a, 'g> {
    file: &'a File<'a>,
    gaps: &'g mut Vec<Gap>,
    /// The entry that is being read; the whole file in version 1, whose entries lie in each other.
    entry: Span,
    builder: InventoryBuilder,
    capability: Capability,
}

impl<'a> Lock<'a, '_> {
    /// Notes what cannot be known; the rest of the file is still read.
    fn gap(&mut self, unread: impl Into<Unread>) {
        self.gaps.push(self.file.gap_of_entry(FactKind::Component, unread.into(), self.entry));
    }

    /// Returns a value, or notes why there is none.
    fn noted<T>(&mut self, outcome: Result<T, impl Into<Unread>>) -> Option<T> {
        outcome.map_err(|unread| self.gap(unread)).ok()
    }

    fn folder(&self) -> TreePath {
        self.file.path.parent().unwrap_or_default()
    }

    /// Adds the project the lock file belongs to, by its own entry where there is one.
    fn root_project(&mut self, root: &'a Node<'a>, entry: Option<(&Fields<'a>, Span)>, asked: Vec<Asked<'a>>) {
        let mut text = |own: Option<&'a Node<'a>>, key: &str| {
            let text = string(own.or_else(|| stated(root, key)), &format!("`{key}`"));
            self.noted(text).flatten().map(Into::into)
        };
        let (name, version) = match entry {
            Some((fields, _)) => (text(fields.name, "name"), text(fields.version, "version")),
            None => (text(None, "name"), text(None, "version")),
        };
        let place = match entry {
            Some((_, key)) => self.file.places.at(key),
            None => Location::file(self.file.path.clone()),
        };
        let folder = Some(self.folder());
        let requirements = asked.into_iter().map(Into::into).collect();
        self.builder.project(Project { folder, name, version, component: None, requirements, place });
    }

    /// Makes a folder that is part of the project one of its own.
    fn member(&mut self, path: &str, handle: u32, key: Span, asked: Vec<Asked<'a>>) {
        let folder = self.folder().join(path.as_bytes());
        let Some(component) = self.builder.component(handle).filter(|component| component.source == Source::Member)
        else {
            return;
        };
        let (name, version) = (Some(component.name.clone()), component.version.clone());
        let requirements = asked.into_iter().map(Into::into).collect();
        let place = self.file.places.at(key);
        self.builder.project(Project { folder, name, version, component: Some(handle), requirements, place });
    }
}

/// Returns the source of a folder: part of the project unless it lies outside the lock file's own folder.
fn folder_source(path: &str) -> Source {
    match TreePath::root().join(path.as_bytes()) {
        Some(_) => Source::Member,
        None => Source::Path { path: path.into() },
    }
}
