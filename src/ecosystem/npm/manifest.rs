//! `package.json`, as npm, pnpm and yarn read it.
//!
//! The fields are documented in npm's manual, "package.json"; `resolutions` in yarn's and `pnpm.overrides` in
//! pnpm's manual. What none of them reads may have any form.

use std::collections::{HashMap, HashSet};

use crate::component::npm::specifier;
use crate::component::{Capability, Manifest, RemoteUrl, Requirement, Scope, Script};
use crate::document::{self, Fault, Member, Node, Value};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, Gap, GapReason, Location};

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "npm-manifest",
    ecosystem: "npm",
    role: Role::Manifest,
    names: &["package.json"],
    capability: Capability {
        transitive: false,
        digests: false,
        install_scripts: true,
        scope: true,
        licenses: true,
        edges: false,
        exact_requirements: false,
    },
    summary: "package.json",
    collect,
};

/// The tables that hold requirements.
const TABLES: [(&str, Scope); 4] = [
    ("dependencies", Scope::Runtime),
    ("devDependencies", Scope::Dev),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Peer),
];

/// The scripts that `npm install` runs in the project itself, in that order (npm's manual, "scripts").
const INSTALL_SCRIPTS: [&str; 4] = ["preinstall", "install", "postinstall", "prepare"];

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let root = document::json(file.text)?;
    root.members("a manifest")?;
    let mut reader = Reader { file, root: &root, gaps: &mut facts.gaps };
    let requirements = reader.requirements();
    let replacements = reader.replacements(&requirements);
    let manifest = Manifest {
        name: reader.string("name"),
        version: reader.string("version"),
        license: match root.get("license").map(|node| &node.value) {
            Some(Value::String(license)) => Some(license.as_ref().into()),
            // Packages of the first years have tables and lists here, which are no expression.
            _ => None,
        },
        repository: repository(&root),
        requirements,
        replacements,
        members: reader.workspaces(),
        workspace_root: stated(&root, "workspaces").is_some(),
        install_scripts: reader.install_scripts(),
        place: match root.get("name") {
            Some(name) => file.places.at(name.span),
            None => Location::file(file.path.clone()),
        },
        ..Manifest::new(file.path.clone(), FORMAT.ecosystem, FORMAT.id)
    };
    facts.manifests.push(manifest);
    Ok(())
}

/// Returns the repository that a manifest names, by an address or by `OWNER/NAME` on the host of npm's short form.
fn repository(root: &Node<'_>) -> Option<RemoteUrl> {
    let node = root.get("repository")?;
    let node = node.get("url").unwrap_or(node);
    let Value::String(text) = &node.value else { return None };
    let is_short = !text.contains(':') && text.split('/').count() == 2;
    Some(if is_short { RemoteUrl::new(&format!("github:{text}")) } else { RemoteUrl::new(text) })
}

/// Returns the value under a key; null and false count as absent, as they do for npm.
fn stated<'a, 'b>(node: &'b Node<'a>, key: &str) -> Option<&'b Node<'a>> {
    node.get(key).filter(|node| !matches!(node.value, Value::Null | Value::Boolean(false)))
}

struct Reader<'a, 'g> {
    file: &'a File<'a>,
    root: &'a Node<'a>,
    gaps: &'g mut Vec<Gap>,
}

impl<'a> Reader<'a, '_> {
    /// Returns a value, or notes why there is none; the rest of the file is still read.
    fn noted<T>(&mut self, outcome: Result<T, Fault>) -> Option<T> {
        let gap = |fault| self.gaps.push(self.file.places.gap(FactKind::Requirement, GapReason::Malformed, fault));
        outcome.map_err(gap).ok()
    }

    fn string(&mut self, key: &str) -> Option<Box<str>> {
        let text = self.root.optional_string(key);
        self.noted(text).flatten().map(Into::into)
    }

    /// Returns the members of a table; an empty list is an empty table, as old packages write it.
    fn table(&mut self, of: &'a Node<'a>, key: &str) -> &'a [Member<'a>] {
        match stated(of, key) {
            None => &[],
            Some(Node { value: Value::Sequence(items), .. }) if items.is_empty() => &[],
            Some(node) => self.noted(node.members(&format!("`{key}`"))).unwrap_or_default(),
        }
    }

    fn requirements(&mut self) -> Vec<Requirement> {
        let mut requirements = Vec::new();
        // "Entries in optionalDependencies will override entries of the same name in dependencies" (npm's manual).
        let optional: HashSet<&str> = match stated(self.root, "optionalDependencies").map(|node| &node.value) {
            Some(Value::Mapping(members)) => members.iter().map(|member| &*member.key).collect(),
            _ => HashSet::new(),
        };
        for (key, scope) in TABLES {
            for member in self.table(self.root, key) {
                if scope == Scope::Runtime && optional.contains(&*member.key) {
                    continue;
                }
                if let Some(text) = self.noted(member.value.string("a requirement")) {
                    requirements.push(self.requirement(&member.key, text, scope, member));
                }
            }
        }
        requirements
    }

    fn requirement(&self, name: &str, text: &str, scope: Scope, at: &Member<'_>) -> Requirement {
        let asked = specifier(text);
        Requirement {
            name: name.into(),
            package: asked.package.unwrap_or(name).into(),
            specifier: Some(text.into()),
            scope,
            source: asked.source,
            inherited: false,
            place: self.file.places.at(at.key_span),
        }
    }

    /// Returns what replaces other packages wherever they are needed: npm's `overrides`, yarn's `resolutions`
    /// and pnpm's `pnpm.overrides`.
    fn replacements(&mut self, requirements: &[Requirement]) -> Vec<Requirement> {
        let known: HashMap<&str, &Requirement> =
            requirements.iter().rev().map(|requirement| (&*requirement.name, requirement)).collect();
        let mut out = Vec::new();
        for member in self.table(self.root, "overrides") {
            self.replacement(member, selected(&member.key), &known, &mut out);
        }
        for member in self.table(self.root, "resolutions") {
            self.replacement(member, selected(last_of_path(&member.key)), &known, &mut out);
        }
        if let Some(pnpm) = stated(self.root, "pnpm") {
            for member in self.table(pnpm, "overrides") {
                self.replacement(member, selected(&member.key), &known, &mut out);
            }
        }
        out
    }

    fn replacement(
        &mut self,
        member: &'a Member<'a>,
        name: &'a str,
        known: &HashMap<&str, &Requirement>,
        out: &mut Vec<Requirement>,
    ) {
        let node = &member.value;
        match &node.value {
            Value::String(text) => {
                let mut replacement = self.requirement(name, text, Scope::Runtime, member);
                // `$NAME` repeats what the project itself asks for.
                if let Some(same) = text.strip_prefix('$').and_then(|name| known.get(name)) {
                    replacement.package = same.package.clone();
                    replacement.source = same.source.clone();
                }
                out.push(replacement);
            }
            // What is needed below a package; `.` is the package itself. As deep as the document at most.
            Value::Mapping(inner) => {
                for inner in inner {
                    let name = if inner.key == "." { name } else { selected(&inner.key) };
                    self.replacement(inner, name, known, out);
                }
            }
            _ => {
                self.noted::<()>(Err(node.unexpected("a version, an address or a table")));
            }
        }
    }

    fn workspaces(&mut self) -> Vec<Box<str>> {
        let Some(node) = stated(self.root, "workspaces") else { return Vec::new() };
        let list = match &node.value {
            Value::Mapping(_) => stated(node, "packages"),
            _ => Some(node),
        };
        let items = list.and_then(|list| self.noted(list.items("`workspaces`"))).unwrap_or_default();
        items.iter().filter_map(|item| self.noted(item.string("a folder"))).map(Into::into).collect()
    }

    fn install_scripts(&mut self) -> Vec<Script> {
        let scripts = self.table(self.root, "scripts");
        let mut out = Vec::new();
        for name in INSTALL_SCRIPTS {
            let Some(member) = scripts.iter().find(|member| member.key == name) else { continue };
            let command = self.noted(member.value.string(&format!("`{name}`"))).unwrap_or_default();
            // An empty command runs nothing.
            if !command.is_empty() {
                let place = self.file.places.at(member.key_span);
                out.push(Script { name: name.into(), command: command.into(), place });
            }
        }
        out
    }
}

/// Returns the name of the package that a selector means: the last of `PARENT>CHILD`, without a version.
///
/// A `>` also stands in versions: pnpm takes one for a separator unless a blank, `|` or `@` is before it.
fn selected(selector: &str) -> &str {
    let separator = selector
        .char_indices()
        .zip(selector.chars().skip(1))
        .filter(|((_, before), character)| *character == '>' && !matches!(before, ' ' | '|' | '@'));
    let last = separator.last().and_then(|((at, before), _)| selector.get(at + before.len_utf8() + 1..));
    let last = last.unwrap_or(selector).trim();
    let version = last.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
    version.and_then(|version| last.get(..version)).unwrap_or(last)
}

/// Returns the last package of `PARENT/**/@SCOPE/CHILD@VERSION`, the form of yarn's `resolutions`.
fn last_of_path(path: &str) -> &str {
    let start = |end: usize| path.get(..end).and_then(|before| before.rfind('/')).map_or(0, |at| at + 1);
    let last = start(path.len());
    let before = start(last.saturating_sub(1));
    let is_scope = path.get(before..).is_some_and(|rest| rest.starts_with('@'))
        && path.get(before..last).is_some_and(|scope| !scope.trim_start_matches('@').contains('@'));
    path.get(if is_scope { before } else { last }..).unwrap_or(path)
}
