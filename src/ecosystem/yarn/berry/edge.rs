//! Which package needs which, and what each workspace asks for.

use std::collections::HashSet;

use super::{Entry, Lock, locator};
use crate::component::{LockedRequirement, Project, Scope};
use crate::document::{Member, Node};
use crate::text;

/// The version that yarn writes for a package that is used where it stands.
const USED_IN_PLACE: &str = "0.0.0-use.local";

impl<'a> Lock<'a> {
    /// Draws the edges of an entry, and makes a workspace a project.
    pub(super) fn connect(&mut self, entry: Entry<'a>) {
        let node = &entry.member.value;
        let mut requirements = Vec::new();
        let optional = self.optional(node);
        for dependency in self.members(node, "dependencies") {
            let range = match dependency.value.scalar("a dependency") {
                Ok(range) => range,
                Err(fault) => {
                    self.gap(fault);
                    continue;
                }
            };
            let component = self.find(&dependency.key, range, entry.locator);
            if component.is_none() && !self.names.contains(dependency.key.as_ref()) {
                let at = self.marked.original(dependency.key_span);
                self.missing.add(at, text!("an entry for `{}@{}`", dependency.key, range));
            }
            if let (Some(from), Some(to)) = (entry.component, component) {
                self.builder.needs(from, to);
            }
            if entry.workspace.is_some() {
                let is_optional = optional.contains(dependency.key.as_ref());
                requirements.push(LockedRequirement {
                    name: dependency.key.as_ref().into(),
                    specifier: Some(locator::as_in_manifest(range).into()),
                    scope: if is_optional { Scope::Optional } else { Scope::Unknown },
                    component,
                });
            }
        }
        if let Some(folder) = entry.workspace {
            let version = node.get("version").and_then(|node| node.scalar("`version`").ok());
            self.builder.project(Project {
                folder: self.file.path.parent().unwrap_or_default().join(folder.as_bytes()),
                name: Some(entry.name.into()),
                version: version.filter(|version| *version != USED_IN_PLACE).map(Into::into),
                component: entry.component,
                requirements,
                place: self.at(entry.member.key_span),
            });
        }
    }

    /// Returns the dependencies that `dependenciesMeta` calls optional.
    fn optional(&mut self, node: &'a Node<'a>) -> HashSet<&'a str> {
        let mut optional = HashSet::new();
        for meta in self.members(node, "dependenciesMeta") {
            match meta.value.flag("optional") {
                Ok(true) => {
                    optional.insert(meta.key.as_ref());
                }
                Ok(false) => {}
                Err(fault) => self.gap(fault),
            }
        }
        optional
    }

    /// Finds what a dependency is locked to: by its descriptor as it stands, with `npm:` (which versions up to
    /// 6 leave out) or bound to the package that asks (as paths are), else by its name alone.
    fn find(&self, name: &str, range: &str, parent: &str) -> Option<u32> {
        let mut descriptor = format!("{name}@{range}");
        if let Some(found) = self.descriptors.get(descriptor.as_str()) {
            return *found;
        }
        if let Some(found) = self.descriptors.get(format!("{name}@npm:{range}").as_str()) {
            return *found;
        }
        descriptor.push_str("::locator=");
        locator::escape(parent, &mut descriptor);
        if let Some(found) = self.descriptors.get(descriptor.as_str()) {
            return *found;
        }
        self.only.get(name)
    }

    fn members(&mut self, node: &'a Node<'a>, key: &str) -> &'a [Member<'a>] {
        node.optional_members(key).unwrap_or_else(|fault| {
            self.gap(fault);
            &[]
        })
    }
}
