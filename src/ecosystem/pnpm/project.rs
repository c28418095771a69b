//! The projects of a lock file: `importers`, or the top level where there is but one.

use std::collections::{HashMap, HashSet};

use super::Lock;
use crate::component::{LockedRequirement, Project, Scope};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::fact::Location;
use crate::text::Text;

/// What a project asks for.
const GROUPS: [(&str, Scope); 3] =
    [("dependencies", Scope::Runtime), ("devDependencies", Scope::Dev), ("optionalDependencies", Scope::Optional)];

/// What pnpm 11 asks for on its own account: itself, and packages that configure it. No manifest's
/// dependencies name them, so they are a project without a folder. They run where the project is built.
const OWN_GROUPS: [(&str, Scope); 2] =
    [("configDependencies", Scope::Build), ("packageManagerDependencies", Scope::Build)];

impl<'a> Lock<'a> {
    /// Adds the projects of a document.
    pub(super) fn projects(&mut self, document: &'a Node<'a>) -> Result<(), Fault> {
        match document.get("importers").filter(|importers| importers.value != Value::Null) {
            Some(importers) => {
                for member in importers.members("`importers`")? {
                    self.importer(&member.key, &member.value, Some(member.key_span));
                }
            }
            None => self.importer(".", document, None),
        }
        Ok(())
    }

    fn importer(&mut self, id: &str, node: &'a Node<'a>, at: Option<Span>) {
        self.entry = node.span;
        if !matches!(node.value, Value::Null | Value::Mapping(_)) {
            return self.gap(node.unexpected("a project to be a table"));
        }
        let place = match at {
            Some(span) => self.file.places.at(span),
            None => Location::file(self.file.path.clone()),
        };
        let own = OWN_GROUPS.iter().any(|(group, _)| node.get(group).is_some());
        if own {
            let requirements = self.requirements(node, &OWN_GROUPS);
            self.project(None, requirements, place.clone());
        }
        if !own || GROUPS.iter().any(|(group, _)| node.get(group).is_some()) {
            let folder = self.file.path.parent().unwrap_or_default().join(id.as_bytes());
            let requirements = self.requirements(node, &GROUPS);
            self.project(folder, requirements, place);
        }
    }

    fn project(
        &mut self,
        folder: Option<crate::tree::TreePath>,
        requirements: Vec<LockedRequirement>,
        place: Location,
    ) {
        self.builder.project(Project { folder, requirements, ..Project::new(place) });
    }

    fn requirements(&mut self, node: &'a Node<'a>, groups: &[(&str, Scope)]) -> Vec<LockedRequirement> {
        let mut requirements = Vec::new();
        let mut listed = HashSet::new();
        let specifiers = self.members(node, "specifiers");
        let specifiers: HashMap<&str, &Node<'_>> =
            specifiers.iter().map(|member| (member.key.as_ref(), &member.value)).collect();
        for (group, scope) in groups {
            for member in self.members(node, group) {
                match dependency(member, &specifiers) {
                    Ok((specifier, reference, at)) => {
                        let requirement = |component| LockedRequirement {
                            name: member.key.as_ref().into(),
                            specifier: specifier.map(Into::into),
                            scope: *scope,
                            component,
                        };
                        match self.find(&member.key, reference, at, &mut listed) {
                            [] => requirements.push(requirement(None)),
                            found => requirements.extend(found.iter().map(|handle| requirement(Some(*handle)))),
                        }
                    }
                    Err(fault) => self.gap(fault),
                }
            }
        }
        requirements
    }

    fn members(&mut self, node: &'a Node<'a>, key: &str) -> &'a [Member<'a>] {
        node.optional_members(key).unwrap_or_else(|fault| {
            self.gap(fault);
            &[]
        })
    }
}

/// Reads a dependency of a project: `{specifier, version}`, or a version with the specifier elsewhere. Returns the
/// specifier, the version and where that stands.
fn dependency<'a>(
    member: &'a Member<'a>,
    specifiers: &HashMap<&str, &'a Node<'a>>,
) -> Result<(Option<&'a str>, &'a str, Span), Fault> {
    let node = &member.value;
    let (specifier, version) = match &node.value {
        Value::Mapping(_) => (node.get("specifier"), node.get("version")),
        _ => (specifiers.get(member.key.as_ref()).copied(), Some(node)),
    };
    let Some(version) = version else {
        let found = Text::trusted("one without");
        return Err(Fault::new(node.span, Text::trusted("a dependency with `version`"), found));
    };
    let specifier = specifier.map(|node| node.scalar("`specifier`")).transpose()?;
    Ok((specifier, version.scalar("`version`")?, version.span))
}

/// Returns the name whose version an entry of `overrides` dictates: `NAME`, `NAME@RANGE`, `PARENT>NAME@RANGE`
/// (pnpm's `config/parse-overrides`).
pub(super) fn overridden_name(selector: &str) -> &str {
    let arrow = selector.match_indices('>').map(|(at, _)| at).find(|at| {
        selector.get(..*at).and_then(|before| before.chars().next_back()).is_some_and(|c| !matches!(c, ' ' | '|' | '@'))
    });
    let target = arrow.and_then(|at| selector.get(at + 1..)).unwrap_or(selector);
    let end = target.get(1..).and_then(|rest| rest.find('@')).map_or(target.len(), |at| at + 1);
    target.get(..end).unwrap_or(target)
}
