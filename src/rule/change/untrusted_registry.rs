//! `change/untrusted-registry`: components come from a registry that neither the base nor the policy knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{Component, Place, Source};
use crate::diff::Sighting;
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
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

/// Fails for each lock file and place that is not known. An ecosystem of which nothing is known yet is one
/// warning that lists all its places.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let mut unknown: BTreeMap<&str, BTreeMap<(Place, &crate::tree::TreePath), Vec<Sighting<'_>>>> = BTreeMap::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for inventory in &context.now.inventories {
        let ecosystem = inventory.ecosystem.as_ref();
        for component in &inventory.components {
            let Some(place) = component.origin() else { continue };
            if is_named(component, &place, context) {
                named.insert(ecosystem);
                answers.pass();
            } else if context.known.covers(ecosystem, component) {
                answers.pass();
            } else {
                unknown
                    .entry(ecosystem)
                    .or_default()
                    .entry((place, &inventory.path))
                    .or_default()
                    .push(Sighting { inventory, component });
            }
        }
    }
    for (ecosystem, places) in unknown {
        if context.known.ecosystem(ecosystem).is_none() && !named.contains(ecosystem) {
            answers.add(first_of_ecosystem(ecosystem, &places));
            continue;
        }
        for ((place, _), seen) in places {
            // Repositories are judged by `change/new-git-source`.
            if let Some(first) = seen.iter().find(|seen| !is_git(seen.component)) {
                answers.add(stranger(&place, *first, &seen));
            }
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

fn stranger(place: &Place, first: Sighting<'_>, seen: &[Sighting<'_>]) -> Draft {
    let labels: Vec<String> = seen.iter().map(|seen| seen.component.label()).collect();
    let others = match labels.len() - 1 {
        0 => String::new(),
        1 => " and another component".to_owned(),
        count => format!(" and {count} other components"),
    };
    let verb = if labels.len() == 1 { "comes" } else { "come" };
    let message = text!(
        "`{}`{} {} from `{}`, which nothing has named before",
        first.component.label(),
        Text::trusted(others),
        verb,
        place
    );
    Draft::fail(Subject::new("registry", text!("{}", place)), message)
        .at(first.component.at(first.component.source_at))
        .label(text!("`{}` is not known", place.host()))
        .found(text!("{}", place))
        .with("components", text!("{}", labels.join(", ")))
}

fn first_of_ecosystem(ecosystem: &str, places: &BTreeMap<(Place, &crate::tree::TreePath), Vec<Sighting<'_>>>) -> Draft {
    let mut lists: [BTreeSet<String>; 2] = Default::default();
    for ((place, _), seen) in places {
        let git = seen.iter().any(|seen| is_git(seen.component));
        let place = if git { place.parent() } else { place.clone() };
        if let Some(list) = lists.get_mut(usize::from(git)) {
            list.insert(format!("https://{}/", place.as_str()));
        }
    }
    let [registries, git] = &lists;
    let quoted =
        |list: &BTreeSet<String>| list.iter().map(|place| format!("\"{place}\"")).collect::<Vec<_>>().join(", ");
    let mut lines = "[sources]".to_owned();
    for (key, list) in [("registries", registries), ("git", git)] {
        if !list.is_empty() {
            lines.push_str(&format!("; {key} = [{}]", quoted(list)));
        }
    }
    let all: Vec<&str> = registries.iter().chain(git).map(String::as_str).collect();
    let first = places.values().flatten().next();
    Draft::fail(
        Subject::new("ecosystem", text!("{}", ecosystem)),
        text!("{} components come from {}, and nothing has named a source of them yet", ecosystem, all.join(", ")),
    )
    .at_most(Level::Warn)
    .at(first.and_then(|seen| seen.component.at(seen.component.source_at)))
    .help(text!("if these are right, write into {}: {}", crate::policy::POLICY_FILE, lines))
    .found(text!("{}", all.join(", ")))
    .with("policy", text!("{}", lines))
    .fact(all.join(" "))
}
