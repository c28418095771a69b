//! `change/new-install-script`: something begins to run a script when it is installed.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{Component, Digests, InstallScript, Manifest, Relation, Source};
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule, package_subject};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/new-install-script",
    level: Level::Deny,
    summary: "a package that runs a script when it is installed is new, or begins to run one",
    why: "the script runs with the rights of whoever installs, before a line of the package is used",
    help: "read the script; install without scripts (`--ignore-scripts`), or let the package pass by `allow` in the policy",
    page: include_str!("new_install_script.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Changes(judge),
};

/// The events of the project's own manifest that count: `prepare` is left out, since nearly every project
/// that uses git hooks has one.
const EVENTS: [&str; 3] = ["preinstall", "install", "postinstall"];

fn judge(context: &Context<'_>, answers: &mut Answers) {
    let Some(before) = context.before else { return };
    let mut ran_before: BTreeSet<(&str, &str)> = BTreeSet::new();
    for inventory in &before.inventories {
        let running = inventory.components.iter().filter(|component| component.install_script == InstallScript::Runs);
        ran_before.extend(running.map(|component| (inventory.ecosystem.as_ref(), component.name.as_ref())));
    }
    let mut unrecorded: BTreeMap<Location, &str> = BTreeMap::new();
    for change in context.changes {
        let Some(after) = change.after else { continue };
        let component = after.component;
        match component.install_script {
            InstallScript::None => answers.pass(),
            InstallScript::Unrecorded => {
                unrecorded.insert(Location::file(after.inventory.path.clone()), &after.inventory.format);
            }
            InstallScript::Runs if ran_before.contains(&(&after.inventory.ecosystem, &component.name)) => {
                answers.pass();
            }
            InstallScript::Runs => answers.add(match change.before.map(|before| before.component) {
                Some(old) if has_its_contents(old, component) && old.install_script != InstallScript::Unrecorded => {
                    records(component)
                }
                Some(Component { install_script: InstallScript::None | InstallScript::Runs, .. }) => begins(component),
                Some(Component { install_script: InstallScript::Unrecorded, .. }) => {
                    let message =
                        text!("whether `{}` ran a script on installation before is not recorded", component.label());
                    Draft::not_determined(package_subject(component), message)
                        .at(component.location().cloned())
                        .at_most(Level::Allow)
                }
                None => comes(component),
            }),
        }
    }
    for (location, format) in unrecorded {
        let reason = text!("`{}` is of a format ({}) that does not record install scripts", location.path, format);
        answers.add(Draft::not_applicable(Subject::new("file", text!("{}", location.path)), reason).at(Some(location)));
    }
    for manifest in &context.now.manifests {
        own_scripts(manifest, before.manifests.iter().find(|old| old.path == manifest.path), answers);
    }
}

fn begins(component: &Component) -> Draft {
    draft(component, text!("`{}` begins to run a script when it is installed", component.label()))
}

/// The contents had their scripts all along. What changed is the record, which decides whether npm runs them; pnpm
/// up to version 8 rewrote it at will.
fn records(component: &Component) -> Draft {
    let message = text!(
        "`{}` is now recorded to run a script when it is installed, with the contents it had before",
        component.label()
    );
    draft(component, message).at_most(Level::Warn)
}

fn has_its_contents(old: &Component, new: &Component) -> bool {
    old.version == new.version && Digests::compare(&old.digests, &new.digests) == Digests::Equal
}

/// A package that a manifest names was chosen by somebody; one that another package brings was not.
fn comes(component: &Component) -> Draft {
    let draft = draft(component, text!("`{}` is new and runs a script when it is installed", component.label()));
    match component.relation {
        Relation::Direct | Relation::Member => draft.at_most(Level::Warn),
        Relation::Transitive | Relation::Unknown => draft,
    }
}

fn draft(component: &Component, message: text::Text) -> Draft {
    let from = match &component.source {
        Source::Git { repository, .. } => text!("{}", repository),
        _ => text!("{}", component.resolved.as_ref().map(ToString::to_string).unwrap_or_default()),
    };
    Draft::fail(package_subject(component), message)
        .at(component.location().cloned())
        .with("version", text!("{}", component.version.as_deref().unwrap_or_default()))
        .with("source", from)
}

/// The project's own manifest: a script that was not there before. A manifest that is new as a whole only warns.
fn own_scripts(manifest: &Manifest, before: Option<&Manifest>, answers: &mut Answers) {
    for script in manifest.install_scripts.iter().filter(|script| EVENTS.contains(&script.name.as_ref())) {
        if before.is_some_and(|before| before.install_scripts.iter().any(|old| old.name == script.name)) {
            answers.pass();
            continue;
        }
        let name = manifest.name.as_deref().unwrap_or_default();
        let subject = Subject::new("file", text!("{}", manifest.path)).named(text!("{}", name));
        let message = text!(
            "`{}` gains the script `{}`, which runs on installation: `{}`",
            manifest.path,
            script.name,
            script.command
        );
        let draft = Draft::fail(subject, message)
            .at(Some(script.place.clone()))
            .found(text!("{}", script.command))
            .fact(script.name.as_ref());
        answers.add(if before.is_none() { draft.at_most(Level::Warn) } else { draft });
    }
}
