//! What `cargo auditable` leaves in a program: the packages it was built of, as compressed JSON in a section of its own.
//!
//! The format is documented by the project, `cargo-auditable/PARSING.md`. What only building needed is not in the
//! program, and is left out. Of a package that came from no registry the record does not say where from.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::component::{Capability, InstalledKind, Package, Source};
use crate::document::{self, Fault, Node};
use crate::ecosystem::installed::{Damage, FileLists, Opened, Packages, Reader, Record, Stands};
use crate::executable::{self, Executable};
use crate::fact::{GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "cargo-auditable",
    ecosystem: "cargo",
    stands: Stands::Executables,
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: true,
        exact_requirements: false,
    },
    summary: "packages that cargo auditable lists in programs",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

/// The section, in every format.
const SECTION: &[u8] = b".dep-v0";

/// How the list calls the registry that cargo uses unless it is told another.
const DEFAULT_REGISTRY: &str = concat!("crates", ".io");

/// How large the list may be, compressed and not: the bound of the format's own reader. One of 1,000 packages has 100 KiB.
const MAX_BYTES: u64 = 8 << 20;

fn read(opened: &mut Opened<'_>, packages: &mut Packages) -> Result<(), Damage> {
    let mut seen: Vec<String> = Vec::new();
    for program in Executable::read(opened.contents)? {
        let Some(section) = program.section(SECTION) else { continue };
        if section.size > MAX_BYTES {
            return Err(too_large());
        }
        let compressed = executable::bytes(opened.contents, section.offset, section.size)?;
        let json = decompressed(&compressed)?;
        // A program for several processors was built of the same packages for each.
        if !seen.contains(&json) {
            let root = document::json(&json).map_err(|fault| damage(&json, fault))?;
            add(&root, opened.path, packages).map_err(|fault| damage(&json, fault))?;
            seen.push(json);
        }
    }
    Ok(())
}

fn too_large() -> Damage {
    let expected = text!("a list of packages of at most {} MiB", MAX_BYTES >> 20);
    Damage { reason: GapReason::TooLarge, expected, found: Text::trusted("more") }
}

fn decompressed(compressed: &[u8]) -> Result<String, Damage> {
    let mut json = Vec::new();
    let malformed = |found: Text| Damage::malformed(Text::trusted("a list of packages, compressed by zlib"), found);
    ZlibDecoder::new(compressed)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut json)
        .map_err(|error| malformed(text!("{}", error.to_string())))?;
    if u64::try_from(json.len()).is_ok_and(|size| size > MAX_BYTES) {
        return Err(too_large());
    }
    String::from_utf8(json).map_err(|_not_utf8| malformed(Text::trusted("bytes that are no UTF-8 text")))
}

/// Turns a fault of the JSON into one of the program, which has no lines.
fn damage(json: &str, fault: Fault) -> Damage {
    let near = json.get(fault.span.start..fault.span.end).unwrap_or_default();
    let found = match near {
        "" => fault.found,
        near => text!("{} (`{}`)", fault.found, near).shortened(200),
    };
    Damage::malformed(text!("{} in the list of packages", fault.expected), found)
}

fn add(root: &Node<'_>, path: &TreePath, packages: &mut Packages) -> Result<(), Fault> {
    let first = packages.packages.len();
    let listed = root.get("packages").ok_or_else(|| root.unexpected("a table with `packages`"))?.items("`packages`")?;
    // Where each of the list became a package.
    let mut places: Vec<Option<usize>> = Vec::with_capacity(listed.len());
    let mut read = Vec::new();
    for node in listed {
        let package = package(node, path)?;
        places.push(package.is_some().then_some(first + read.len()));
        read.extend(package.map(|package| (package, node)));
    }
    for (package, node) in &mut read {
        for number in node.optional_items("dependencies")? {
            let place = number.scalar("a dependency")?.parse().ok().and_then(|number: usize| places.get(number));
            match place {
                Some(place) => package.needs_at.extend(*place),
                None => return Err(number.unexpected("the place of a package in the list")),
            }
        }
    }
    packages.packages.extend(read.into_iter().map(|(package, _)| package));
    Ok(())
}

/// Reads one package, `None` where only building needed it.
fn package(node: &Node<'_>, path: &TreePath) -> Result<Option<Package>, Fault> {
    let required = |key: &str| match node.optional_string(key)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(Fault::new(node.opening(), text!("a package with `{}`", key), Text::trusted("one without"))),
    };
    let (name, version, source) = (required("name")?, required("version")?, required("source")?);
    if node.optional_string("kind")? == Some("build") {
        return Ok(None);
    }
    let mut package = Package::new(name, Some(version), Location::file(path.clone()));
    package.source = match source {
        DEFAULT_REGISTRY | "registry" => Source::Registry { registry: None },
        "local" => Source::Member,
        _ => Source::Bundled,
    };
    if node.flag("root")? {
        package.installed.kind = InstalledKind::Application;
    }
    Ok(Some(package))
}
