//! Packages in `node_modules`, by the `package.json` in each folder.
//!
//! npm's manual, "package.json", documents the fields. A `package.json` without a name and a version is that of no
//! package (many hold but a `type`), and says nothing. Up to version 6 npm noted there where it took a package from.

use std::collections::{HashMap, HashSet};

use crate::component::npm::locked_source;
use crate::component::{Capability, Digest, Package};
use crate::document::{self, Fault, Node, Value};
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands};
use crate::ecosystem::{File, Unread};
use crate::fact::FactKind;
use crate::tree::TreePath;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "node-modules",
    ecosystem: "npm",
    stands: Stands::Anywhere(&["node_modules/*/package.json", "node_modules/@*/*/package.json"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "package.json of packages in node_modules",
    read: Reader::Text(read),
    resolve: Some(resolve),
    gives_way_to: &[],
    files: FileLists::None,
};

fn read(file: &File<'_>, packages: &mut Packages) -> Result<(), Unread> {
    let root = document::json(file.text)?;
    root.members("a package.json")?;
    let (Some(name), Some(version)) = (root.optional_string("name")?, root.optional_string("version")?) else {
        return Ok(());
    };
    if name.is_empty() || version.is_empty() {
        return Ok(());
    }
    let place = root.get("name").map_or_else(|| file.places.at(root.span), |node| file.places.at(node.span));
    let mut package = Package::new(name, Some(version), place);
    if let Some(folder) = folder_name(file.path).filter(|folder| *folder != name) {
        // Installed under another name than its own, it is needed by that.
        package.provides.push(folder.into());
    }
    if let Some(address) = root.optional_string("_resolved")?.filter(|address| !address.is_empty()) {
        package.source = locked_source(address);
    }
    package.license = license(&root);
    package.installed.maintainer = root.get("author").and_then(person);
    let mut gap =
        |fault: Fault| packages.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), root.opening()));
    if let Some(node) = root.get("_integrity").filter(|node| node.value != Value::Null) {
        match node.string("`_integrity`").map(Digest::from_integrity) {
            Ok(Some(digests)) => package.digests = digests,
            Ok(None) => gap(node.unexpected("digests as Subresource Integrity writes them")),
            Err(fault) => gap(fault),
        }
    }
    for table in ["dependencies", "optionalDependencies"] {
        match root.optional_members(table) {
            Ok(members) => package.needs.extend(members.iter().map(|member| vec![member.key.as_ref().into()])),
            // In the first years it was a list at times, which npm reads as nothing.
            Err(_) if root.get(table).is_some_and(|node| matches!(node.value, Value::Sequence(_))) => {}
            Err(fault) => gap(fault),
        }
    }
    package.needs.sort();
    package.needs.dedup();
    packages.packages.push(package);
    Ok(())
}

/// How many folders above a package are looked into for what it needs.
const MAX_HOMES: usize = 16;

fn is_modules(folder: &TreePath) -> bool {
    folder.file_name() == b"node_modules"
}

/// Draws the edges that Node draws: what a package needs is looked for in `node_modules` of its own folder, then of each
/// folder above it. A need that is found so becomes one by place; the others stay needs by name.
///
/// Where pnpm put links into `node_modules`, only the names are left.
pub(in crate::ecosystem) fn resolve(packages: &mut [Package]) {
    let mut by_folder: HashMap<TreePath, usize> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        by_folder.extend(package.place.path.parent().map(|folder| (folder, at)));
    }
    let holders: HashSet<TreePath> =
        by_folder.keys().flat_map(TreePath::ancestors).filter(is_modules).filter_map(|it| it.parent()).collect();
    for package in packages {
        let Some(folder) = package.place.path.parent() else { continue };
        // Most folders above hold no packages.
        let homes: Vec<TreePath> = folder
            .ancestors()
            .filter(|above| above.file_name() != b"node_modules" && holders.contains(above))
            .take(MAX_HOMES)
            .collect();
        let find = |name: &str| {
            homes.iter().find_map(|above| {
                let place = name.split('/').fold(above.child(b"node_modules"), |at, part| at.child(part.as_bytes()));
                by_folder.get(&place).copied()
            })
        };
        let mut found = Vec::new();
        package.needs.retain(|names| match names.iter().find_map(|name| find(name)) {
            Some(at) => {
                found.push(at);
                false
            }
            None => true,
        });
        package.needs_at.extend(found);
        package.needs_at.sort_unstable();
        package.needs_at.dedup();
    }
}

/// Returns the name of the folder in `node_modules`, with its scope.
fn folder_name(path: &TreePath) -> Option<&str> {
    let path = std::str::from_utf8(path.as_bytes()).ok()?;
    let (_, name) = path.strip_suffix("/package.json")?.rsplit_once("node_modules/")?;
    Some(name)
}

/// Returns the licence as it is stated: an expression, or in the forms of the first years, a table or a list of those that
/// one may choose from.
fn license(root: &Node<'_>) -> Option<Box<str>> {
    let one = |node: &Node<'_>| -> Option<String> {
        let text = node.get("type").or_else(|| node.get("name")).unwrap_or(node).string("a licence").ok()?;
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    let of = |node: &Node<'_>| match &node.value {
        Value::Sequence(items) => {
            let names: Vec<String> = items.iter().filter_map(one).collect();
            (!names.is_empty()).then(|| names.join(" OR "))
        }
        _ => one(node),
    };
    root.get("license").and_then(of).or_else(|| root.get("licenses").and_then(of)).map(Into::into)
}

/// Returns a person: a text, or a table of `name` and `email`.
fn person(node: &Node<'_>) -> Option<Box<str>> {
    let text = |node: &Node<'_>| {
        node.string("a person").ok().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (name, address) = (node.get("name").and_then(text), node.get("email").and_then(text));
    match (name, address) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>").into()),
        (name, address) => name.or(address).or_else(|| text(node)).map(Into::into),
    }
}
