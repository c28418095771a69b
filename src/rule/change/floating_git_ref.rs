//! `change/floating-git-ref`: a git dependency follows a branch.

use std::collections::BTreeSet;

use crate::component::{Component, GitReference, Manifest, Place, RemoteUrl, Requirement, Source};
use crate::evidence::Evidence;
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule, package_subject, requirement_subject};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "change/floating-git-ref",
    level: Level::Deny,
    summary: "a git dependency follows a branch instead of a commit or a tag",
    why: "the next update takes whatever stands at the branch's tip, reviewed or not",
    help: "name a full commit id, or a tag (cargo, uv and poetry: `rev` or `tag`; npm, pnpm and yarn: `#COMMIT`; pip: `@COMMIT`)",
    page: include_str!("floating_git_ref.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Tree(judge),
};

/// Fails for each requirement that names a branch or nothing, and for each locked component that no
/// requirement here explains and that has no commit or follows a branch.
///
/// A warning is enough for what the project's own owner develops, as long as a lock file holds its commit: no stranger
/// decides what the next update takes. Giving up a commit or tag that was named before stays what it is.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let mut explained: BTreeSet<Dependency<'_>> = BTreeSet::new();
    let (locked, named) = (locked(context.now), context.before.map(named).unwrap_or_default());
    let level = |folder: &TreePath, dependency: &Dependency<'_>, repository: &RemoteUrl| {
        let is_own = context.known.is_at_home(folder, repository);
        if is_own && locked.contains(dependency) && !named.contains(dependency) { Level::Warn } else { Level::Deny }
    };
    for manifest in &context.now.manifests {
        for requirement in manifest.asked() {
            let Source::Git { repository, reference, .. } = &requirement.source else { continue };
            let dependency = (&*manifest.ecosystem, &*requirement.package, repository.place());
            if !requirement.inherited {
                match floating(reference) {
                    Some(what) => {
                        let level = level(&manifest.folder(), &dependency, repository);
                        answers.add(of_requirement(manifest, requirement, &what).at_most(level));
                    }
                    None => answers.pass(),
                }
            }
            explained.insert(dependency);
        }
    }
    for inventory in &context.now.inventories {
        for component in &inventory.components {
            let Source::Git { repository, reference, commit } = &component.source else { continue };
            let dependency = (&*inventory.ecosystem, &*component.name, repository.place());
            let is_explained = explained.contains(&dependency);
            match floating(reference) {
                Some(what) if !is_explained || commit.is_none() => {
                    let folder = inventory.path.parent().unwrap_or_default();
                    answers.add(of_component(component, &what).at_most(level(&folder, &dependency, repository)));
                }
                None if commit.is_none() && !is_pinned(reference) => {
                    answers.add(of_component(component, &Text::trusted("no commit")));
                }
                _ => answers.pass(),
            }
        }
    }
}

/// A package of a repository: ecosystem, name and place.
type Dependency<'a> = (&'a str, &'a str, Place);

/// Returns what lock files hold a commit of.
fn locked(evidence: &Evidence) -> BTreeSet<Dependency<'_>> {
    components(evidence).filter_map(|(dependency, _, commit)| commit.map(|_| dependency)).collect()
}

/// Returns what lock files or manifests name a commit or a tag of.
fn named(evidence: &Evidence) -> BTreeSet<Dependency<'_>> {
    let asked = evidence.manifests.iter().flat_map(|manifest| {
        manifest.asked().filter_map(|requirement| match &requirement.source {
            Source::Git { repository, reference, .. } => {
                Some(((&*manifest.ecosystem, &*requirement.package, repository.place()), reference))
            }
            _ => None,
        })
    });
    let held = components(evidence).map(|(dependency, reference, _)| (dependency, reference));
    asked.chain(held).filter(|(_, reference)| is_pinned(reference)).map(|(dependency, _)| dependency).collect()
}

/// Returns the components that come from repositories, with reference and commit.
fn components(evidence: &Evidence) -> impl Iterator<Item = (Dependency<'_>, &GitReference, Option<&str>)> {
    evidence.inventories.iter().flat_map(|inventory| {
        inventory.components.iter().filter_map(|component| match &component.source {
            Source::Git { repository, reference, commit } => {
                let dependency = (&*inventory.ecosystem, &*component.name, repository.place());
                Some((dependency, reference, commit.as_deref()))
            }
            _ => None,
        })
    })
}

/// Says what a reference follows, where it does not stay.
fn floating(reference: &GitReference) -> Option<Text> {
    match reference {
        GitReference::Branch(name) => Some(text!("the branch `{}`", name)),
        GitReference::Named(name) => Some(text!("`{}`, which may be a branch", name)),
        GitReference::Default => Some(Text::trusted("the default branch")),
        GitReference::Commit(_) | GitReference::Tag(_) | GitReference::Unstated => None,
    }
}

fn is_pinned(reference: &GitReference) -> bool {
    matches!(reference, GitReference::Commit(_) | GitReference::Tag(_))
}

fn of_requirement(manifest: &Manifest, requirement: &Requirement, what: &Text) -> Draft {
    let subject = requirement_subject(&manifest.ecosystem, requirement);
    draft(subject, &requirement.package, what, &requirement.source).at(Some(requirement.place.clone()))
}

fn of_component(component: &Component, what: &Text) -> Draft {
    draft(package_subject(component), &component.label(), what, &component.source).at(component.at(component.source_at))
}

fn draft(subject: Subject, label: &str, what: &Text, source: &Source) -> Draft {
    let repository = match source {
        Source::Git { repository, .. } => text!("{}", repository),
        _ => Text::default(),
    };
    Draft::fail(subject, text!("`{}` follows {} of a git repository", label, what))
        .label(text!("follows {}", what))
        .found(what.clone())
        .with("repository", repository)
        .fact(what.as_str())
}
