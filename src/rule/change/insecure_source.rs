//! `change/insecure-source`: a component is fetched without encryption.

use std::collections::BTreeSet;

use crate::component::{Component, Place, RemoteUrl, Source};
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule, package_subject, requirement_subject};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/insecure-source",
    level: Level::Deny,
    summary: "a component is fetched without encryption",
    why: "whoever stands between the registry and the build can replace what is fetched",
    help: "use https or ssh",
    page: include_str!("insecure_source.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-319" }],
    judge: Judge::Tree(judge),
};

/// Fails for each locked component, and each requirement no locked one answers, with an address of a scheme
/// that does not encrypt.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let mut failed: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut told: BTreeSet<Place> = BTreeSet::new();
    for inventory in &context.now.inventories {
        for component in &inventory.components {
            match unencrypted_component(component) {
                Some(url) => {
                    failed.insert((&inventory.ecosystem, &component.name));
                    told.insert(url.place());
                    let draft = draft(package_subject(component), &component.label(), url);
                    answers.add(draft.at(component.at(component.source_at)));
                }
                None => answers.pass(),
            }
        }
    }
    for manifest in &context.now.manifests {
        for requirement in manifest.asked() {
            let Some(url) = address(&requirement.source).filter(|url| url.is_unencrypted()) else { continue };
            if !failed.contains(&(manifest.ecosystem.as_ref(), requirement.package.as_ref())) && !requirement.inherited
            {
                let subject = requirement_subject(&manifest.ecosystem, requirement);
                answers.add(draft(subject, &requirement.package, url).at(Some(requirement.place.clone())));
            }
        }
    }
    settings(context, &told, answers);
}

/// Fails for each index over such an address that a file names, unless a component from it was told of.
fn settings(context: &Context<'_>, told: &BTreeSet<Place>, answers: &mut Answers) {
    for setting in &context.now.settings {
        let Some(url) = setting.kind.url() else { continue };
        if !url.is_unencrypted() {
            answers.pass();
        } else if !told.contains(&url.place()) {
            let subject = Subject::new("index", text!("{}", url)).named(text!("{}", url.place()));
            answers.add(
                Draft::fail(subject, text!("an index is asked over {}: `{}`", url.scheme(), url))
                    .at(Some(setting.place.clone()))
                    .label(text!("{}: is not encrypted", url.scheme()))
                    .found(text!("{}", url))
                    .fact(url.scheme()),
            );
        }
    }
}

fn unencrypted_component(component: &Component) -> Option<&RemoteUrl> {
    component.resolved.iter().chain(address(&component.source)).find(|url| url.is_unencrypted())
}

fn address(source: &Source) -> Option<&RemoteUrl> {
    match source {
        Source::Registry { registry } => registry.as_ref(),
        Source::Archive { url } | Source::Git { repository: url, .. } => Some(url),
        Source::Path { .. } | Source::Member | Source::Bundled => None,
    }
}

fn draft(subject: Subject, label: &str, url: &RemoteUrl) -> Draft {
    Draft::fail(subject, text!("`{}` is fetched over {}: `{}`", label, url.scheme(), url))
        .label(text!("{}: is not encrypted", url.scheme()))
        .found(text!("{}", url))
        .fact(url.scheme())
}
