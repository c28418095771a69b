//! `go.mod`: the modules of a build, in the very versions.
//!
//! The format is documented in the Go Modules Reference, section "go.mod files". Up to Go 1.16 the file names only what
//! the module's own packages need; the rest follows from the files of the others, which are not here.

use std::collections::HashSet;

use super::replace::{Module, Replacements, Target, module, module_path, replacement, version};
use super::syntax::{self, Directive, Word};
use super::{CAPABILITY, ECOSYSTEM};
use crate::component::{
    Component, InventoryBuilder, LockedRequirement, Manifest, Project, Relation, Requirement, Scope, Source,
};
use crate::document::{Fault, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, GapReason, Location};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "go-mod",
    ecosystem: ECOSYSTEM,
    role: Role::Lock,
    names: &["go.mod"],
    capability: CAPABILITY,
    summary: "go.mod",
    collect,
};

/// The directives that may be blocks.
const BLOCKS: [&str; 8] = ["module", "godebug", "require", "exclude", "replace", "retract", "tool", "ignore"];

/// A `require` directive.
struct Required<'a> {
    module: Module<'a>,
    version_span: Span,
    is_indirect: bool,
    span: Span,
}

/// What was read of a file so far.
#[derive(Default)]
struct Read<'a> {
    module: Option<&'a Word<'a>>,
    seen: HashSet<&'a str>,
    required: Vec<Required<'a>>,
    replacements: Replacements<'a>,
}

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let lines = syntax::parse(file.text, &BLOCKS);
    let mut read = Read::default();
    if let Some(fault) = lines.cut_off {
        facts.gaps.push(file.places.gap(FactKind::Component, GapReason::Malformed, fault));
    }
    for fault in lines.faults {
        facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.clone().into(), fault.span));
    }
    for line in &lines.directives {
        if let Err(unread) = directive(line, &mut read) {
            facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, line.span));
        }
    }
    if read.module.is_none() && !read.seen.contains("module") {
        let whole = Span { start: 0, end: file.text.len() };
        let fault = Fault::new(Span::default(), Text::trusted("a `module` directive"), Text::trusted("none"));
        facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), whole));
    }
    add(file, &read, facts);
    Ok(())
}

fn directive<'a>(line: &'a Directive<'a>, read: &mut Read<'a>) -> Result<(), Unread> {
    let is_first = read.seen.insert(line.name);
    match line.name {
        "module" | "go" | "toolchain" if !is_first => {
            let expected = text!("`{}` once", line.name);
            return Err(Unread::contradiction(Fault::new(line.span, expected, Text::trusted("a second time"))));
        }
        "module" => {
            let word = line.argument("a path")?;
            module_path(word)?;
            read.module = Some(word);
        }
        "go" => {
            let word = line.argument("a version")?;
            if !word.text.starts_with(|first: char| first.is_ascii_digit()) {
                let expected = Text::trusted("a version of the form 1.23");
                return Err(Fault::new(word.span, expected, text!("`{}`", *word.text)).into());
            }
        }
        "toolchain" | "godebug" | "tool" | "ignore" => drop(line.argument("one word")?),
        "require" => {
            let (module, version) = module(line)?;
            let is_indirect = is_indirect(line.comment);
            read.required.push(Required { module, version_span: version.span, is_indirect, span: line.span });
        }
        "exclude" => drop(module(line)?),
        "replace" => {
            let replacement = replacement(line)?;
            read.replacements.add(replacement, line).map_err(Unread::contradiction)?;
        }
        "retract" => retract(line)?,
        name => {
            let expected = Text::trusted("a directive of `go.mod` known here");
            return Err(Fault::new(line.span, expected, text!("`{}`", name)).into());
        }
    }
    Ok(())
}

/// Whether the comment at the end of a line says `indirect`, as `modfile` reads it.
fn is_indirect(comment: &str) -> bool {
    let mut words = comment.split_whitespace();
    match (words.next(), words.next()) {
        (Some("indirect"), None) => true,
        (first, Some(_)) => first == Some("indirect;"),
        _ => false,
    }
}

/// Reads `VERSION` or `[VERSION, VERSION]`, which say something of this module's own versions only.
fn retract(line: &Directive<'_>) -> Result<(), Fault> {
    let is = |word: &Word<'_>, mark: &str| word.text == mark;
    match line.arguments.as_slice() {
        [one] => drop(version(one)?),
        [open, low, comma, high, close] if is(open, "[") && is(comma, ",") && is(close, "]") => {
            version(low)?;
            version(high)?;
        }
        arguments => {
            return Err(line.fault(Text::trusted("`retract` with a version or `[VERSION, VERSION]`"), arguments.len()));
        }
    }
    Ok(())
}

fn add(file: &File<'_>, read: &Read<'_>, facts: &mut Facts) {
    let mut builder = InventoryBuilder::default();
    let (mut locked, mut asked) = (Vec::new(), Vec::new());
    let folder = file.path.parent().unwrap_or_default();
    let name: Option<Box<str>> = read.module.map(|word| word.text.as_ref().into());
    let place = read.module.map_or_else(|| Location::file(file.path.clone()), |word| file.places.at(word.span));
    for required in &read.required {
        let component = component(file, required, read);
        let source = component.source.clone();
        match builder.add(component, required.span) {
            Ok(handle) => {
                let specifier = Some(written(required, read));
                let name: Box<str> = required.module.path.into();
                asked.push(Requirement {
                    name: name.clone(),
                    package: name.clone(),
                    specifier: specifier.clone(),
                    scope: Scope::Unknown,
                    source,
                    inherited: false,
                    place: file.places.at(required.span),
                });
                locked.push(LockedRequirement { name, specifier, scope: Scope::Unknown, component: Some(handle) });
            }
            Err(fault) => {
                let gap = file.gap_of_entry(FactKind::Component, Unread::contradiction(fault), required.span);
                facts.gaps.push(gap);
            }
        }
    }
    builder.project(Project {
        folder: Some(folder),
        name: name.clone(),
        requirements: locked,
        ..Project::new(place.clone())
    });
    facts.inventories.push(builder.finish(file.path.clone(), FORMAT.id, ECOSYSTEM, CAPABILITY));
    facts.manifests.push(Manifest {
        name,
        requirements: asked,
        place,
        ..Manifest::new(file.path.clone(), ECOSYSTEM, FORMAT.id)
    });
}

/// Returns a required module, or what takes its place.
fn component(file: &File<'_>, required: &Required<'_>, read: &Read<'_>) -> Component {
    let spot = |span: Span| Some(file.places.spot(span));
    let place = file.places.at(required.span);
    let Module { path, version } = required.module;
    let component = match read.replacements.of(required.module) {
        None => {
            let source = Source::Registry { registry: None };
            let version_at = spot(required.version_span);
            Component { version_at, ..Component::new(ECOSYSTEM, path, Some(version), source, place) }
        }
        Some(replacement) => {
            let (name, version) = match replacement.new {
                Target::Module(new) => (new.path, new.version),
                Target::Folder(_) => (path, version),
            };
            // The line that decides what is built is that of the replacement.
            let place = if name == path && matches!(replacement.new, Target::Folder(_)) {
                place
            } else {
                file.places.at(replacement.span)
            };
            Component {
                instead_of: (name != path).then(|| path.into()),
                version_at: spot(replacement.span),
                source_at: spot(replacement.span),
                ..Component::new(ECOSYSTEM, name, Some(version), replacement.new.source(), place)
            }
        }
    };
    let relation = if required.is_indirect { Relation::Transitive } else { Relation::Direct };
    Component { relation, ..component }
}

/// Returns what a requirement comes to: its version, and what takes its place.
fn written(required: &Required<'_>, read: &Read<'_>) -> Box<str> {
    let version = required.module.version;
    match read.replacements.of(required.module) {
        Some(replacement) => format!("{version} => {}", replacement.new.written()).into(),
        None => version.into(),
    }
}
