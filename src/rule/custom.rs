//! The user's own rules, judged by CEL over one change or one component at a time.

use serde_json::{Value, json};

use super::answer::{Answers, Draft};
use super::component_subject;
use super::judge::Context;
use crate::component::{Component, InstallScript, Source};
use crate::diff::{Change, Sighting};
use crate::fact::Location;
use crate::finding::Subject;
use crate::policy::{Custom, CustomSubject};
use crate::text;
use crate::text::Text;

/// The domain of the policy's own rules.
pub(super) const DOMAIN: &str = "custom";

pub(super) fn judge(rule: &Custom, context: &Context<'_>, answers: &mut Answers) {
    match rule.on {
        CustomSubject::Component => {
            for inventory in &context.now.inventories {
                for component in &inventory.components {
                    let seen = Sighting { inventory, component };
                    answer(rule, &component_value(Some(seen)), seen, component.location().cloned(), answers);
                }
            }
        }
        CustomSubject::Change if context.before.is_none() => {
            let reason = Text::trusted("there is nothing to compare with: give --base, --staged or --baseline");
            answers.add(Draft::not_applicable(Subject::new("rule", text!("{}", rule.rule_id())), reason));
        }
        CustomSubject::Change => {
            for change in context.changes {
                let value = || change_value(change);
                match (change.after, change.before) {
                    (Some(after), _) => {
                        let at = after.component.location().cloned();
                        answer(rule, &value(), after, at, answers);
                    }
                    // What is gone has no line any more.
                    (None, Some(before)) => {
                        let at = Some(Location::file(before.inventory.path.clone()));
                        answer(rule, &value(), before, at, answers);
                    }
                    (None, None) => {}
                }
            }
        }
    }
}

fn answer(rule: &Custom, value: &Value, seen: Sighting<'_>, at: Option<Location>, answers: &mut Answers) {
    let subject = component_subject(seen.component);
    match rule.matches(value) {
        Ok(false) => answers.pass(),
        Ok(true) => answers
            .add(Draft::fail(subject, rule.message_for(value)).at(at).with("condition", text!("{}", rule.condition))),
        Err(why) => answers.add(
            Draft::not_determined(
                subject,
                text!("the condition of `{}` could not be evaluated: {}", rule.rule_id(), why),
            )
            .at(at)
            .help(Text::trusted("mend the condition of the rule in the policy, or let it ask first (`has`, `size`)"))
            // What could not be told before and fails now is new.
            .fact(why.as_str())
            .with("condition", text!("{}", rule.condition)),
        ),
    }
}

/// Returns what an expression sees of a change. What is not there is empty, not absent, so that an expression
/// need not ask first.
fn change_value(change: &Change<'_>) -> Value {
    json!({
        "kind": change.kind().word(),
        "before": component_value(change.before),
        "after": component_value(change.after),
        "fields": change.fields.iter().map(|field| field.word()).collect::<Vec<_>>(),
    })
}

fn component_value(seen: Option<Sighting<'_>>) -> Value {
    let component = seen.map(|seen| seen.component);
    let text = |of: fn(&Component) -> Option<String>| component.and_then(of).unwrap_or_default();
    json!({
        "purl": text(|component| Some(component.purl.to_string())),
        "name": text(|component| Some(component.name.to_string())),
        "version": text(|component| component.version.as_deref().map(str::to_owned)),
        "ecosystem": seen.map(|seen| seen.inventory.ecosystem.to_string()).unwrap_or_default(),
        "path": seen.map(|seen| text!("{}", seen.inventory.path).to_string()).unwrap_or_default(),
        "license": text(|component| component.license.as_deref().map(str::to_owned)),
        "resolved": text(|component| component.resolved.as_ref().map(ToString::to_string)),
        "scope": text(|component| word(&component.scope)),
        "relation": text(|component| word(&component.relation)),
        "install_script": component.is_some_and(|component| component.install_script == InstallScript::Runs),
        "digests": component.map(|component| component.digests.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap_or_default(),
        "source": source_value(component),
    })
}

fn source_value(component: Option<&Component>) -> Value {
    let (kind, url, commit) = match component.map(|component| &component.source) {
        Some(Source::Registry { registry }) => ("registry", registry.as_ref().map(ToString::to_string), None),
        Some(Source::Archive { url }) => ("archive", Some(url.to_string()), None),
        Some(Source::Git { repository, commit, .. }) => {
            ("git", Some(repository.to_string()), commit.as_deref().map(str::to_owned))
        }
        Some(Source::Path { path }) => ("path", Some(path.to_string()), None),
        Some(Source::Member) => ("member", None, None),
        Some(Source::Bundled) => ("bundled", None, None),
        None => ("", None, None),
    };
    let host = component.and_then(Component::origin).map(|place| place.host().to_owned());
    json!({ "kind": kind, "url": url.unwrap_or_default(), "host": host.unwrap_or_default(), "commit": commit.unwrap_or_default() })
}

/// Returns the word of a unit variant, as snapshots write it.
fn word<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned))
}
