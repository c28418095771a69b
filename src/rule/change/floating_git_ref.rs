//! `change/floating-git-ref`: a git dependency follows a branch.

use std::collections::BTreeSet;

use crate::component::{Component, GitReference, Manifest, Place, Requirement, Source};
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule, package_subject, requirement_subject};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "change/floating-git-ref",
    level: Level::Deny,
    summary: "a git dependency follows a branch instead of a commit or a tag",
    why: "the next update takes whatever stands at the branch's tip, reviewed or not",
    help: "name a full commit id, or a tag (cargo: `rev` or `tag`; npm, pnpm and yarn: `#COMMIT`)",
    page: include_str!("floating_git_ref.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Tree(judge),
};

/// Fails for each requirement that names a branch or nothing, and for each locked component that no
/// requirement here explains and that has no commit or follows a branch.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let mut explained: BTreeSet<(&str, &str, Place)> = BTreeSet::new();
    for manifest in &context.now.manifests {
        for requirement in manifest.requirements.iter().chain(&manifest.inheritable).chain(&manifest.replacements) {
            let Source::Git { repository, reference, .. } = &requirement.source else { continue };
            explained.insert((&manifest.ecosystem, &requirement.package, repository.place()));
            if requirement.inherited {
                continue;
            }
            match floating(reference) {
                Some(what) => answers.add(of_requirement(manifest, requirement, &what)),
                None => answers.pass(),
            }
        }
    }
    for inventory in &context.now.inventories {
        for component in &inventory.components {
            let Source::Git { repository, reference, commit } = &component.source else { continue };
            let is_explained = explained.contains(&(&inventory.ecosystem, &component.name, repository.place()));
            match floating(reference) {
                Some(what) if !is_explained || commit.is_none() => answers.add(of_component(component, &what)),
                None if commit.is_none() && !is_pinned(reference) => {
                    answers.add(of_component(component, &Text::trusted("no commit")));
                }
                _ => answers.pass(),
            }
        }
    }
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
