//! Which package needs which: `dependencies` and `optionalDependencies` of the entries under `packages`
//! (version 5 and 6, where peers stand among them) or `snapshots` (version 9).

use std::collections::HashSet;

use super::{Lock, path};
use crate::document::{Fault, Member, Span, Value};
use crate::text;
use crate::text::Text;

impl<'a> Lock<'a> {
    /// Draws the edges that an entry of `snapshots` states.
    pub(super) fn snapshot(&mut self, member: &'a Member<'a>) {
        self.entry = member.span();
        if !matches!(member.value.value, Value::Null | Value::Mapping(_)) {
            return self.gap(member.value.unexpected("a snapshot to be a table"));
        }
        // pnpm lays the package over its snapshot, so what only the snapshot states would count, too.
        for key in ["resolution", "name", "version"] {
            if let Some(node) = member.value.get(key) {
                let expected = text!("`{}` under `packages` only", key);
                self.gap(Fault::new(node.span, expected, Text::trusted("it under `snapshots`")));
            }
        }
        let package = path::without_suffix(&member.key);
        if !self.packages.contains_key(package) {
            match self.folder(member) {
                Ok(handle) => {
                    self.packages.insert(package, vec![handle]);
                }
                Err(unread) => return self.gap(unread),
            }
        }
        self.needs(package, member);
    }

    /// Notes the packages that no snapshot is of: pnpm does not install them, and the file may have been cut off.
    pub(super) fn without_snapshot(&mut self, packages: &'a [Member<'a>], snapshots: &'a [Member<'a>]) {
        let known: HashSet<&str> = snapshots.iter().map(|snapshot| path::without_suffix(&snapshot.key)).collect();
        for package in packages.iter().filter(|package| !known.contains(path::without_suffix(&package.key))) {
            // One that could not be read is a gap already.
            if self.packages.get(package.key.as_ref()).is_some_and(|handles| !handles.is_empty()) {
                self.missing.add_unfinished(package.key_span, text!("`{}` under `snapshots`", package.key));
            }
        }
    }

    /// Draws the edges from the package under `key` that `member` states.
    pub(super) fn needs(&mut self, key: &str, member: &'a Member<'a>) {
        self.entry = member.span();
        // Only runtimes are several components, and they need nothing.
        let from = self.packages.get(key).and_then(|handles| handles.first()).copied();
        let mut drawn = HashSet::new();
        for group in ["dependencies", "optionalDependencies"] {
            let dependencies = match member.value.optional_members(group) {
                Ok(dependencies) => dependencies,
                Err(fault) => {
                    self.gap(fault);
                    continue;
                }
            };
            for dependency in dependencies {
                match (dependency.value.scalar("a dependency"), from) {
                    (Ok(reference), Some(from)) => {
                        self.need(from, &dependency.key, reference, dependency.value.span, &mut drawn);
                    }
                    (Ok(_), None) => {}
                    (Err(fault), _) => self.gap(fault),
                }
            }
        }
    }

    fn need(&mut self, from: u32, name: &str, reference: &str, at: Span, drawn: &mut HashSet<u32>) {
        if !path::refer(self.generation, name, reference, &mut self.reference) {
            return;
        }
        match self.packages.get(self.reference.as_str()) {
            Some(found) => once(found, drawn).iter().for_each(|to| self.builder.needs(from, *to)),
            None => self.missing.add(at, text!("`{}` under `packages`", self.reference)),
        }
    }

    /// Returns the components that a dependency's text, which stands at `at`, refers to.
    ///
    /// Where they are not there, pnpm calls the file broken (`ERR_PNPM_LOCKFILE_MISSING_DEPENDENCY`).
    pub(super) fn find(&mut self, name: &str, reference: &str, at: Span, drawn: &mut HashSet<u32>) -> &[u32] {
        if !path::refer(self.generation, name, reference, &mut self.reference) {
            return &[];
        }
        if !self.packages.contains_key(self.reference.as_str()) {
            self.missing.add(at, text!("`{}` under `packages`", self.reference));
        }
        self.packages.get(self.reference.as_str()).map_or(&[], |found| once(found, drawn))
    }
}

/// Returns all components of a package the first time, then one: a hostile file may name a runtime that is
/// one component for each platform as often as it has room for.
fn once<'h>(handles: &'h [u32], drawn: &mut HashSet<u32>) -> &'h [u32] {
    match handles {
        [first, _, ..] if !drawn.insert(*first) => std::slice::from_ref(first),
        _ => handles,
    }
}
