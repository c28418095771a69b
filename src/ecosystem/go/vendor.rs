//! `vendor/modules.txt`: which modules lie in the folder `vendor`, as `go mod vendor` writes it.
//!
//! Its lines are described in the Go Modules Reference, section "Vendoring", and by the go command's own reader,
//! `cmd/go/internal/modload/vendor.go`. What it says the project requires is compared with what `go.mod` does; a folder
//! of a whole workspace (`## workspace`) belongs to no single `go.mod`, and one that says nothing was written before
//! Go 1.14.

use super::ECOSYSTEM;
use super::replace::{is_module_path, is_version};
use crate::component::{Capability, Manifest, Requirement, Scope, Source};
use crate::document::{Fault, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::FactKind;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "go-vendor",
    ecosystem: ECOSYSTEM,
    role: Role::Manifest,
    names: &["**/vendor/modules.txt"],
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: false,
        exact_requirements: true,
    },
    summary: "vendor/modules.txt",
    collect,
};

/// A module with the marks below it.
struct Vendored<'a> {
    path: &'a str,
    /// Its version, and what takes its place.
    version: &'a str,
    is_folder: bool,
    is_explicit: bool,
    span: Span,
}

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let mut modules: Vec<Vendored<'_>> = Vec::new();
    let mut is_workspace = false;
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let content = line.trim_end();
        let span = Span { start, end: start + content.len() };
        start += line.len();
        if let Some(marks) = content.strip_prefix("## ") {
            let mut marks = marks.split(';').map(str::trim);
            match modules.last_mut() {
                Some(module) => module.is_explicit |= marks.any(|mark| mark == "explicit"),
                None => is_workspace |= marks.any(|mark| mark == "workspace"),
            }
        } else if let Some(module) = content.strip_prefix("# ") {
            match vendored(module, span) {
                Ok(module) => modules.extend(module),
                Err(fault) => facts.gaps.push(file.gap_of_entry(FactKind::Requirement, fault.into(), span)),
            }
        } else if !content.is_empty() && !is_module_path(content) {
            let fault = Fault::new(span, Text::trusted("a package or a module"), text!("`{}`", content));
            facts.gaps.push(file.gap_of_entry(FactKind::Requirement, fault.into(), span));
        }
    }
    modules.retain(|module| module.is_explicit);
    if !is_workspace && !modules.is_empty() {
        facts.manifests.push(manifest(file, &modules));
    }
    Ok(())
}

/// Reads `MODULE VERSION`, `MODULE VERSION => MODULE VERSION` or `MODULE VERSION => FOLDER`; `None` for a replacement
/// without a version on its left, which stands at the end once more.
fn vendored(line: &str, span: Span) -> Result<Option<Vendored<'_>>, Fault> {
    let (old, new) = match line.split_once(" => ") {
        Some((old, new)) => (old, Some(new)),
        None => (line, None),
    };
    let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
    let version = old.split_once(' ').map(|(_, version)| version);
    let is_sound = is_module_path(path) && version.is_none_or(is_version);
    match (is_sound, version, new) {
        (true, Some(_), new) => {
            let is_folder = new.is_some_and(|new| !new.contains(' '));
            Ok(Some(Vendored { path, version: rest, is_folder, is_explicit: false, span }))
        }
        (true, None, Some(_)) => Ok(None),
        _ => Err(Fault::new(span, Text::trusted("a module with its version"), text!("`{}`", line))),
    }
}

fn manifest(file: &File<'_>, modules: &[Vendored<'_>]) -> Manifest {
    let requirement = |module: &Vendored<'_>| Requirement {
        name: module.path.into(),
        package: module.path.into(),
        specifier: Some(module.version.into()),
        scope: Scope::Unknown,
        source: if module.is_folder {
            Source::Path { path: module.version.into() }
        } else {
            Source::Registry { registry: None }
        },
        inherited: false,
        place: file.places.at(module.span),
    };
    Manifest {
        requirements: modules.iter().map(requirement).collect(),
        repeats: file.path.parent().and_then(|folder| folder.parent()),
        ..Manifest::new(file.path.clone(), ECOSYSTEM, FORMAT.id)
    }
}
