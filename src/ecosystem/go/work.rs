//! `go.work`: the modules of a workspace, and what it puts in the place of others.
//!
//! The format is documented in the Go Modules Reference, section "go.work files". A `replace` here counts for all modules
//! of the workspace and comes before those of their own files.

use super::replace::{Replacements, Target, replacement};
use super::syntax::{self, Directive};
use super::{CAPABILITY, ECOSYSTEM};
use crate::component::{Component, InventoryBuilder, LockedRequirement, Project, Relation, Scope};
use crate::document::{Fault, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::{FactKind, GapReason, Location};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "go-work",
    ecosystem: ECOSYSTEM,
    role: Role::Workspace,
    names: &["go.work"],
    capability: CAPABILITY,
    summary: "go.work",
    collect,
};

/// The directives that may be blocks.
const BLOCKS: [&str; 3] = ["godebug", "replace", "use"];

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let lines = syntax::parse(file.text, &BLOCKS);
    let mut replacements = Replacements::default();
    let mut has_version = false;
    if let Some(fault) = lines.cut_off {
        facts.gaps.push(file.places.gap(FactKind::Component, GapReason::Malformed, fault));
    }
    for fault in lines.faults {
        facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.clone().into(), fault.span));
    }
    for line in &lines.directives {
        has_version |= line.name == "go";
        if let Err(unread) = directive(line, &mut replacements) {
            facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, line.span));
        }
    }
    if !has_version {
        let whole = Span { start: 0, end: file.text.len() };
        let fault = Fault::new(Span::default(), Text::trusted("a `go` directive"), Text::trusted("none"));
        facts.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), whole));
    }
    add(file, &replacements, facts)
}

fn directive<'a>(line: &'a Directive<'a>, replacements: &mut Replacements<'a>) -> Result<(), Unread> {
    match line.name {
        "go" | "toolchain" | "godebug" => drop(line.argument("one word")?),
        "use" => drop(line.argument("a folder")?),
        "replace" => replacements.add(replacement(line)?, line).map_err(Unread::contradiction)?,
        name => {
            let expected = Text::trusted("a directive of `go.work` known here");
            return Err(Fault::new(line.span, expected, text!("`{}`", name)).into());
        }
    }
    Ok(())
}

/// Adds the modules that take the place of others. A folder lies in the tree, and has a file of its own.
fn add(file: &File<'_>, replacements: &Replacements<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let mut builder = InventoryBuilder::default();
    let mut requirements = Vec::new();
    for replacement in replacements.all() {
        let (Target::Module(new), at) = (replacement.new, replacement.span) else { continue };
        let place = file.places.at(at);
        let component = Component {
            instead_of: (new.path != replacement.old).then(|| replacement.old.into()),
            version_at: Some(file.places.spot(at)),
            source_at: Some(file.places.spot(at)),
            relation: Relation::Direct,
            ..Component::new(ECOSYSTEM, new.path, Some(new.version), replacement.new.source(), place)
        };
        let handle = builder.add(component, at).map_err(Unread::contradiction)?;
        requirements.push(LockedRequirement {
            name: replacement.old.into(),
            specifier: None,
            scope: Scope::Unknown,
            component: Some(handle),
        });
    }
    if requirements.is_empty() {
        return Ok(());
    }
    builder.project(Project { requirements, ..Project::new(Location::file(file.path.clone())) });
    facts.inventories.push(builder.finish(file.path.clone(), FORMAT.id, ECOSYSTEM, CAPABILITY));
    Ok(())
}
