//! `change/untrusted-registry`: components come from a registry that neither the base nor the policy knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{Component, Place, Source};
use crate::diff::Sighting;
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule, package_subject};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "change/untrusted-registry",
    level: Level::Deny,
    summary: "components come from a registry that nothing has named before",
    why: "who runs a registry decides what is installed from it",
    help: "take the component from a known registry, or name the new one under [sources] registries in the policy first",
    page: include_str!("untrusted_registry.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Tree(judge),
};

/// Fails for each component from a place that is not known. An ecosystem of which nothing is known yet is one warning
/// that lists all its places.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let mut unknown: BTreeMap<&str, Vec<(Sighting<'_>, Place)>> = BTreeMap::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for inventory in &context.now.inventories {
        let ecosystem = inventory.ecosystem.as_ref();
        for component in &inventory.components {
            let mut places = component.origins().peekable();
            if places.peek().is_none() {
                continue;
            }
            let mut stranger = None;
            for place in places {
                if is_named(component, &place, context) {
                    named.insert(ecosystem);
                } else if !context.known.has(ecosystem, component, &place) {
                    stranger.get_or_insert(place);
                }
            }
            match stranger {
                None => answers.pass(),
                Some(place) => {
                    unknown.entry(ecosystem).or_default().push((Sighting { inventory, component }, place));
                }
            }
        }
    }
    for (ecosystem, seen) in unknown {
        if context.known.ecosystem(ecosystem).is_none() && !named.contains(ecosystem) {
            answers.add(first_of_ecosystem(ecosystem, &seen));
            continue;
        }
        // Repositories are judged by `change/new-git-source`.
        for (seen, place) in seen.iter().filter(|(seen, _)| !is_git(seen.component)) {
            answers.add(stranger(seen.component, place));
        }
    }
}

fn is_git(component: &Component) -> bool {
    matches!(component.source, Source::Git { .. })
}

fn is_named(component: &Component, place: &Place, context: &Context<'_>) -> bool {
    let sources = &context.policy.sources;
    if is_git(component) { sources.trusts_git(place) } else { sources.trusts_registry(place) }
}

fn stranger(component: &Component, place: &Place) -> Draft {
    let place = text!("{}", place);
    Draft::fail(
        package_subject(component),
        text!("`{}` comes from `{}`, which nothing has named before", component.label(), place),
    )
    .at(component.at(component.source_at))
    .label(text!("`{}` is not known", place))
    .found(place.clone())
    .fact(place.as_str())
}

fn first_of_ecosystem(ecosystem: &str, seen: &[(Sighting<'_>, Place)]) -> Draft {
    let mut registries = BTreeSet::new();
    let mut git = BTreeSet::new();
    for component in seen.iter().map(|(seen, _)| seen.component) {
        for place in component.origins() {
            if is_git(component) {
                git.insert(format!("https://{}/", place.parent().as_str()));
            } else {
                registries.insert(format!("https://{}/", place.as_str()));
            }
        }
    }
    let quoted =
        |list: &BTreeSet<String>| list.iter().map(|place| format!("\"{place}\"")).collect::<Vec<_>>().join(", ");
    let mut lines = vec![Text::trusted("[sources]")];
    for (key, list) in [("registries", &registries), ("git", &git)] {
        if !list.is_empty() {
            lines.push(text!("{} = [{}]", key, quoted(list)));
        }
    }
    let lines = Text::trusted(lines.iter().map(Text::as_str).collect::<Vec<_>>().join("\n"));
    let all: Vec<&str> = registries.iter().chain(&git).map(String::as_str).collect();
    let message =
        text!("{} components come from {}, and nothing has named a source of them yet", ecosystem, all.join(", "));
    Draft::fail(Subject::new("ecosystem", text!("{}", ecosystem)), message)
        .at_most(Level::Warn)
        .at(seen.first().and_then(|(seen, _)| seen.component.at(seen.component.source_at)))
        .help(text!("if these are right, write into {}:\n{}", crate::policy::POLICY_FILE, lines))
        .found(text!("{}", all.join(", ")))
        .with("policy", lines)
        .fact(all.join(" "))
}
