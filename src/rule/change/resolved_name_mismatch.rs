//! `change/resolved-name-mismatch`: a lock entry resolves to another package than its key says.

use crate::component::{Component, Inventory, LockedRequirement, RemoteUrl, Source, npm};
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Answers, Context, Draft, Judge, Rule, package_subject};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "change/resolved-name-mismatch",
    level: Level::Deny,
    summary: "a lock entry resolves to another package than its key says",
    why: "the reviewer reads the key, the package manager installs what the address names",
    help: "restore the address, or let the package manager write the entry anew",
    page: include_str!("resolved_name_mismatch.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Tree(judge),
};

/// Fails when the address of a registry's tarball names another package or version than its entry, and when a
/// requirement of one name is answered by a package of another without saying so.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    for inventory in &context.now.inventories {
        for component in &inventory.components {
            answers.add(address(component));
        }
        for locked in inventory.projects.iter().flat_map(|project| &project.requirements).chain(&inventory.renamed) {
            answers.add(name(inventory, locked, context));
        }
    }
}

/// Compares an entry with the address it resolves to.
fn address(component: &Component) -> Answer {
    let Some((url, tarball)) = component.resolved.as_ref().and_then(|url| Some((url, npm::tarball(url)?))) else {
        return Answer::Nothing;
    };
    if tarball.name != *component.name {
        let message = text!("`{}` resolves to the package `{}`", component.label(), tarball.name);
        return draft(component, url, message).fact(tarball.name).into();
    }
    // Build metadata does not reach the file's name.
    let plain = |version: &str| version.split('+').next().unwrap_or(version).to_owned();
    let expected = component.version.as_deref().map(plain);
    match tarball.version.as_deref().map(plain) {
        found if found == expected => Answer::Pass,
        Some(found) => {
            let message = text!("`{}` resolves to version {}", component.label(), found);
            draft(component, url, message).fact(found).into()
        }
        None => {
            let message = text!("`{}` resolves to a file of another name", component.label());
            draft(component, url, message).fact(url.as_str()).into()
        }
    }
}

fn draft(component: &Component, url: &RemoteUrl, message: Text) -> Draft {
    Draft::fail(package_subject(component), message)
        .at(component.at(component.source_at))
        .label(text!("expected an address of `{}`", component.label()))
        .with("expected", text!("{}", component.label()))
        .found(text!("{}", url))
}

/// Compares the name that is asked for with the name of what answers.
fn name(inventory: &Inventory, locked: &LockedRequirement, context: &Context<'_>) -> Answer {
    let Some(component) = locked.component.and_then(|index| inventory.component(index)) else { return Answer::Nothing };
    if *inventory.ecosystem != *"npm" || component.name == locked.name {
        return Answer::Nothing;
    }
    let asked = locked.specifier.as_deref().unwrap_or_default();
    let npm::Specifier { package, source } = npm::specifier(asked);
    // An alias says so itself (`npm:NAME@RANGE`); a catalog, an override or a place that is no registry may bear any name.
    let is_explained = package.is_some()
        || !matches!(source, Source::Registry { .. })
        || asked.starts_with("catalog:")
        || !matches!(component.source, Source::Registry { .. } | Source::Archive { .. })
        || is_replaced(inventory, &locked.name, context);
    if is_explained {
        return Answer::Pass;
    }
    let message = text!("the requirement `{}` is answered by the package `{}`", locked.name, component.label());
    Draft::fail(package_subject(component), message)
        .at(component.location().cloned())
        .label(text!("expected the package `{}`", locked.name))
        .with("expected", text!("{}", locked.name))
        .found(text!("{}", component.name))
        .fact(locked.name.as_ref())
        .into()
}

/// Whether the project replaces a name by another, in a manifest or in the lock file.
fn is_replaced(inventory: &Inventory, name: &str, context: &Context<'_>) -> bool {
    inventory.overridden.iter().any(|overridden| **overridden == *name)
        || context.now.manifests.iter().any(|manifest| {
            manifest.ecosystem == inventory.ecosystem
                && manifest.replacements.iter().any(|replaced| *replaced.name == *name)
        })
}
