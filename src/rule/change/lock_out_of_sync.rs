//! `change/lock-out-of-sync`: a manifest and its lock file disagree.

use std::collections::BTreeSet;

use crate::component::link::manifest_of;
use crate::component::{
    DigestList, Inventory, LockedRequirement, Manifest, Project, Requirement, Scope, Source, version,
};
use crate::ecosystem::Role;
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "change/lock-out-of-sync",
    level: Level::Warn,
    summary: "a manifest and its lock file disagree",
    why: "the next installation changes the lock file, and with it what was reviewed",
    help: "let the package manager write the lock file anew, and commit it",
    page: include_str!("lock_out_of_sync.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1357" }],
    judge: Judge::Tree(judge),
};

/// One requirement on which manifest and lock file disagree.
struct Disagreement {
    name: String,
    what: Text,
    place: Option<Location>,
}

/// Fails for each project whose manifest asks for what its lock file does not hold, or the other way round.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    for inventory in &context.now.inventories {
        for project in &inventory.projects {
            let own = manifest_of(inventory, project, &context.now.manifests);
            for manifest in own.into_iter().chain(repeated(inventory, project, context)) {
                let mut found = disagreements(inventory, project, manifest, context);
                if manifest.path == inventory.path {
                    found.extend(undigested(inventory, context));
                }
                let Some(first) = found.first() else {
                    answers.pass();
                    continue;
                };
                answers.add(draft(&other_file(inventory, manifest, context), manifest, first, &found));
            }
        }
    }
}

fn draft(lock_file: &TreePath, manifest: &Manifest, first: &Disagreement, all: &[Disagreement]) -> Draft {
    let others = match all.len() - 1 {
        0 => String::new(),
        1 => " and on another requirement".to_owned(),
        count => format!(" and on {count} other requirements"),
    };
    let message = text!(
        "`{}` and `{}` disagree on `{}`{}: {}",
        manifest.path,
        *lock_file,
        first.name,
        Text::trusted(others),
        first.what
    );
    let list: Vec<String> = all.iter().map(|one| format!("{}: {}", one.name, one.what)).collect();
    let place = first.place.clone().unwrap_or_else(|| Location::file(manifest.path.clone()));
    let mut draft = Draft::fail(Subject::new("file", text!("{}", manifest.path)), message)
        .at(Some(place))
        .with_related([Location::file(lock_file.clone())])
        .label(first.what.clone())
        .with(
            "requirements",
            Text::trusted(list.iter().map(|line| text!("{}", line).to_string()).collect::<Vec<_>>().join("; ")),
        );
    for one in all {
        draft = draft.fact(format!("{} {}", one.name, one.what));
    }
    draft
}

/// Returns the manifests that repeat what a project asks for.
fn repeated<'a>(inventory: &Inventory, project: &Project, context: &Context<'a>) -> impl Iterator<Item = &'a Manifest> {
    context.now.manifests.iter().filter(move |manifest| {
        manifest.ecosystem == inventory.ecosystem && manifest.repeats.is_some() && manifest.repeats == project.folder
    })
}

/// Returns the file that a manifest disagrees with: the lock file, or where both are one, that of its digests.
fn other_file(inventory: &Inventory, manifest: &Manifest, context: &Context<'_>) -> TreePath {
    let digests = digest_lists(inventory, context).next().filter(|_| manifest.path == inventory.path);
    digests.map_or_else(|| inventory.path.clone(), |list| list.path.clone())
}

/// Returns the lists of digests in the folder of a lock file.
fn digest_lists<'a>(inventory: &Inventory, context: &Context<'a>) -> impl Iterator<Item = &'a DigestList> {
    let folder = inventory.path.parent();
    context.now.digest_lists.iter().filter(move |list| list.path.parent() == folder)
}

/// Returns the components of which the file of digests beside their lock file says nothing.
fn undigested(inventory: &Inventory, context: &Context<'_>) -> Vec<Disagreement> {
    let folder = inventory.path.parent().unwrap_or_default();
    // In a workspace the digests may stand beside any of its projects.
    let is_shared = context.now.lock_files.iter().any(|file| {
        file.ecosystem == inventory.ecosystem
            && file.role == Role::Workspace
            && file.path.parent().is_some_and(|above| folder.below(&above).is_some())
    });
    let lists: BTreeSet<&TreePath> = digest_lists(inventory, context).map(|list| &list.path).collect();
    let is_unread = context.now.gaps.iter().any(|gap| lists.contains(&gap.location.path));
    if is_shared || is_unread || lists.is_empty() {
        return Vec::new();
    }
    let missing = inventory.components.iter().filter(|it| it.source.is_digested() && it.digests.is_empty());
    let what = Text::trusted("there is no digest of it");
    missing.map(|it| Disagreement { name: it.label(), what: what.clone(), place: it.location().cloned() }).collect()
}

fn disagreements(
    inventory: &Inventory,
    project: &Project,
    manifest: &Manifest,
    context: &Context<'_>,
) -> Vec<Disagreement> {
    let elsewhere = names_settled_elsewhere(inventory, context);
    let mut out = Vec::new();
    for requirement in manifest.requirements.iter().filter(|requirement| is_locked(manifest, requirement)) {
        if elsewhere.contains(requirement.package.as_ref()) || elsewhere.contains(requirement.name.as_ref()) {
            continue;
        }
        let answers = locked(inventory, project, requirement);
        let what = if answers.is_empty() {
            Some(Text::trusted("the lock file does not have it"))
        } else {
            // One package may be asked for in several versions: any answer that fits will do.
            let mismatches: Vec<Option<Text>> =
                answers.iter().map(|locked| mismatch(inventory, requirement, locked)).collect();
            if mismatches.iter().any(Option::is_none) { None } else { mismatches.into_iter().flatten().next() }
        };
        let place = Some(requirement.place.clone());
        out.extend(what.map(|what| Disagreement { name: requirement.package.to_string(), what, place }));
    }
    // What the build adds is known to the lock file alone.
    let only_locked = if manifest.is_partial { &[] } else { project.requirements.as_slice() };
    for locked in only_locked {
        let name = package_name(inventory, locked);
        let is_asked = |requirement: &Requirement| requirement.name == locked.name || *requirement.package == *name;
        let is_elsewhere = elsewhere.contains(name.as_str()) || elsewhere.contains(locked.name.as_ref());
        if !manifest.requirements.iter().any(is_asked) && !is_elsewhere && !is_local(inventory, locked) {
            out.push(Disagreement { name, what: Text::trusted("only the lock file asks for it"), place: None });
        }
    }
    out
}

/// Returns the names of which requirements and lock file need not agree: those that the project replaces by others, and
/// those of its own members.
fn names_settled_elsewhere<'a>(inventory: &'a Inventory, context: &Context<'a>) -> BTreeSet<&'a str> {
    let manifests = context.now.manifests.iter().filter(|manifest| manifest.ecosystem == inventory.ecosystem);
    let replaced = manifests.clone().flat_map(|manifest| &manifest.replacements);
    let replaced = replaced.flat_map(|replacement| [replacement.package.as_ref(), replacement.name.as_ref()]);
    let members = manifests.filter_map(|manifest| manifest.name.as_deref());
    inventory.overridden.iter().map(AsRef::as_ref).chain(replaced).chain(members).collect()
}

/// Whether a requirement must stand in a lock file: what lies beside the project, and what others are to
/// bring, need not; and no lock file of Python holds what builds the project.
fn is_locked(manifest: &Manifest, requirement: &Requirement) -> bool {
    if *manifest.ecosystem == *"pypi" && requirement.scope == Scope::Build {
        return false;
    }
    let from_elsewhere = !matches!(requirement.source, Source::Path { .. } | Source::Member);
    from_elsewhere && requirement.scope != Scope::Peer && !(requirement.inherited && requirement.specifier.is_none())
}

/// Returns what may answer a requirement: what the lock file has under its name, and under its package's.
fn locked<'a>(inventory: &Inventory, project: &'a Project, requirement: &Requirement) -> Vec<&'a LockedRequirement> {
    let may_answer = |locked: &&LockedRequirement| {
        let is_known = locked.component.is_some() || locked.specifier.is_some();
        let by_package = locked.component.is_some() && package_name(inventory, locked) == *requirement.package;
        by_package || (is_known && locked.name == requirement.name)
    };
    let answers: Vec<_> = project.requirements.iter().filter(may_answer).collect();
    // An alias has an entry of its own, which the package's other entries do not answer for.
    let own: Vec<_> = answers.iter().copied().filter(|locked| locked.name == requirement.name).collect();
    if own.is_empty() { answers } else { own }
}

fn package_name(inventory: &Inventory, locked: &LockedRequirement) -> String {
    locked
        .component
        .and_then(|index| inventory.component(index))
        .map_or_else(|| locked.name.to_string(), |component| component.name.to_string())
}

fn is_local(inventory: &Inventory, locked: &LockedRequirement) -> bool {
    // A runtime (`devEngines`, `packageManager`) is asked for elsewhere than among the dependencies.
    if locked.specifier.as_deref().is_some_and(|specifier| specifier.starts_with("runtime:")) {
        return true;
    }
    let Some(component) = locked.component.and_then(|index| inventory.component(index)) else { return true };
    matches!(component.source, Source::Path { .. } | Source::Member)
}

/// Says how a requirement and what answers it differ.
fn mismatch(inventory: &Inventory, requirement: &Requirement, locked: &LockedRequirement) -> Option<Text> {
    let component = locked.component.and_then(|index| inventory.component(index));
    // The names of the project's own members are settled elsewhere: this is none of them.
    if matches!(requirement.source, Source::Registry { .. })
        && component.is_some_and(|component| component.source == Source::Member)
    {
        return Some(Text::trusted("the manifest asks a registry for it, the lock file has it as part of the project"));
    }
    let asked = requirement.specifier.as_deref()?;
    if locked.specifier.as_deref() == Some(asked) {
        return None;
    }
    let version = component.and_then(|component| component.version.as_deref());
    let satisfied = version.and_then(|version| version::satisfies(&inventory.ecosystem, version, asked));
    match (&locked.specifier, satisfied) {
        (Some(known), _) if inventory.capability.exact_requirements => {
            Some(text!("the manifest asks for `{}`, the lock file for `{}`", asked, known))
        }
        (_, Some(true)) | (None, None) => None,
        (Some(known), None) => Some(text!("the manifest asks for `{}`, the lock file for `{}`", asked, known)),
        (_, Some(false)) => {
            Some(text!("the manifest asks for `{}`, the lock file has {}", asked, version.unwrap_or_default()))
        }
    }
}
