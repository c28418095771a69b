//! pnpm: `pnpm-lock.yaml` of version 5, 6 and 9.
//!
//! The format is documented by pnpm's own reader (`lockfile/fs` and `deps/path` in its repository) and by
//! the repository `pnpm/spec`. What pnpm's versions read differently is refused here, so that no file says
//! one thing to this reader and another to pnpm. `pnpm-lock.BRANCH.yaml` (a setting that few use),
//! `patchedDependencies`, `catalogs` and `time` are not read.

mod edge;
mod package;
mod path;
mod project;
mod resolution;

use std::collections::HashMap;

use crate::component::{Capability, InventoryBuilder};
use crate::document::{self, Fault, Node, Span, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, Gap, Missing, Spot};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "pnpm-lock",
    ecosystem: "npm",
    role: Role::Lock,
    names: &["pnpm-lock.yaml"],
    folder: None,
    capability: Capability {
        transitive: true,
        digests: true,
        // Version 5 and 6 record them, version 9 does not; an inventory has the answer of its own file.
        install_scripts: false,
        scope: true,
        licenses: false,
        edges: true,
        exact_requirements: true,
    },
    summary: "pnpm-lock.yaml of version 5, 6 and 9",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let documents = document::yaml(file.text)?;
    let documents = filled(file, &documents)?;
    let mut builder = InventoryBuilder::default();
    let mut install_scripts = true;
    for document in documents {
        document.members("a lock file")?;
        if let Some(span) = merge_key(document) {
            return Err(Fault::new(span, Text::trusted("plain keys"), Text::trusted("the merge key `<<`")).into());
        }
        let generation = Generation::of(document)?;
        install_scripts &= generation != Generation::Nine;
        let mut lock = Lock {
            file,
            generation,
            builder,
            gaps: Vec::new(),
            missing: Missing::default(),
            entry: document.span,
            packages: HashMap::new(),
            reference: String::new(),
        };
        lock.read(document)?;
        facts.gaps.append(&mut lock.gaps);
        builder = lock.builder;
    }
    let capability = Capability { install_scripts, ..FORMAT.capability };
    facts.inventories.push(builder.finish(file.path.clone(), FORMAT.id, FORMAT.ecosystem, capability));
    Ok(())
}

/// Returns the documents that hold something.
///
/// pnpm 11 writes two: its own dependencies in front, the project's behind (`lockfile/fs/src/yamlDocuments.ts`).
/// It takes the first for its own only where the file begins with `---`, and either may be empty where the
/// other is not. Any other number of documents is an error to every version of pnpm.
fn filled<'n, 'a>(file: &File<'_>, documents: &'n [Node<'a>]) -> Result<Vec<&'n Node<'a>>, Fault> {
    let begins_with_marker = file.text.starts_with("---\n") || file.text.starts_with("---\r\n");
    if let Some(excess) = documents.get(if begins_with_marker { 2 } else { 1 }) {
        let expected = "one document, or two of which the first begins with `---` on the first line";
        return Err(Fault::new(excess.span, Text::trusted(expected), Text::trusted("one more")));
    }
    let filled: Vec<_> = documents.iter().filter(|document| document.value != Value::Null).collect();
    if filled.is_empty() {
        let span = documents.first().map(|document| document.span).unwrap_or_default();
        return Err(Fault::new(span, Text::trusted("a lock file"), Text::trusted("nothing")));
    }
    Ok(filled)
}

/// Finds the key `<<`, which pnpm's YAML parser replaces by the mapping under it, and this one does not.
fn merge_key(node: &Node<'_>) -> Option<Span> {
    match &node.value {
        Value::Mapping(members) => members
            .iter()
            .find_map(|member| if member.key == "<<" { Some(member.key_span) } else { merge_key(&member.value) }),
        Value::Sequence(items) => items.iter().find_map(merge_key),
        _ => None,
    }
}

/// The three shapes the format has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    /// Version 5.0 to 5.4 (pnpm 3 to 7): keys `/name/1.0.0_peer@1.0.0`.
    Five,
    /// Version 6.0 and 6.1 (pnpm 8, and pnpm 7 by a setting): keys `/name@1.0.0(peer@1.0.0)`.
    Six,
    /// Version 9.0 (pnpm 9 and later): keys `name@1.0.0`, what they need under `snapshots`.
    Nine,
}

impl Generation {
    /// Reads `lockfileVersion`. As pnpm has it, only the first number tells whether a file can be read.
    ///
    /// 7.0 stood for five shapes in turn while pnpm 9 was in the making, 8 for none, and 12 is in the making.
    fn of(document: &Node<'_>) -> Result<Self, Unread> {
        let Some(node) = document.get("lockfileVersion") else {
            let found = Text::trusted("one without");
            return Err(Fault::new(document.span, Text::trusted("a lock file with `lockfileVersion`"), found).into());
        };
        let written = node.scalar("`lockfileVersion`")?;
        // pnpm 7 could write the nested specifiers of version 6 under version 5.
        let number = written.strip_suffix("-inlineSpecifiers").unwrap_or(written);
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        let is_minor = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
        match major {
            "5" if is_minor => Ok(Self::Five),
            "6" if is_minor => Ok(Self::Six),
            "9" if is_minor => Ok(Self::Nine),
            _ => Err(Unread::version(
                node.span,
                Text::trusted("a lock file of version 5, 6 or 9"),
                text!("version {}", written),
            )),
        }
    }
}

/// One document in the reading.
struct Lock<'a> {
    file: &'a File<'a>,
    generation: Generation,
    builder: InventoryBuilder,
    gaps: Vec<Gap>,
    missing: Missing,
    /// The entry that is being read.
    entry: Span,
    /// What each key under `packages` stands for: one component, or one for each platform.
    packages: HashMap<&'a str, Vec<u32>>,
    /// The key that is looked up, kept to save an allocation for each of many thousands.
    reference: String,
}

impl<'a> Lock<'a> {
    fn read(&mut self, document: &'a Node<'a>) -> Result<(), Fault> {
        let snapshots = document.optional_members("snapshots")?;
        if self.generation != Generation::Nine
            && let Some(node) = document.get("snapshots")
        {
            // pnpm 9 goes by this key and not by the version.
            let found = Text::trusted("`snapshots`, which version 9 has");
            return Err(Fault::new(node.span, Text::trusted("the keys of its version"), found));
        }
        let packages = document.optional_members("packages")?;
        self.packages.reserve(packages.len());
        for package in packages {
            self.entry = package.span();
            let handles = self.package(package).unwrap_or_else(|unread| {
                self.gap(unread);
                Vec::new()
            });
            self.packages.insert(&package.key, handles);
        }
        match self.generation {
            Generation::Five | Generation::Six => packages.iter().for_each(|package| self.needs(&package.key, package)),
            Generation::Nine => {
                snapshots.iter().for_each(|snapshot| self.snapshot(snapshot));
                self.without_snapshot(packages, snapshots);
            }
        }
        self.projects(document)?;
        self.gaps.extend(std::mem::take(&mut self.missing).gap(FactKind::Component, self.file.places));
        for entry in document.optional_members("overrides")? {
            self.builder.overridden(project::overridden_name(&entry.key));
        }
        Ok(())
    }

    fn gap(&mut self, unread: impl Into<Unread>) {
        self.gaps.push(self.file.gap_of_entry(FactKind::Component, unread.into(), self.entry));
    }

    fn spot(&self, span: Span) -> Spot {
        self.file.places.spot(span)
    }
}

#[cfg(test)]
mod tests;
