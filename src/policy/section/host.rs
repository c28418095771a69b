//! `[host]`: what is expected of hosts, beside the built-in facts.

use std::collections::BTreeMap;

use super::super::host::{Chosen, FactSetting, HostPolicy, Value as Expected, table};
use super::super::{Catalogue, Origin, Policy, PolicyError, Sourced, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::{Node, Value};
use crate::finding::Level;
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "host", summary: "what is expected of hosts", read, weakened, show };

/// The keys of the section.
const KEYS: [&str; 4] = ["facts", "live", "metadata-reachable", "profile"];

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for member in cursor.try_members(node, "[host]")? {
        let value = &member.value;
        match &*member.key {
            "live" => {
                let required = match cursor.try_string(value, "`live`")? {
                    "required" => true,
                    "optional" => false,
                    _ => return Err(cursor.unfit(value, "`required` or `optional`")),
                };
                policy.host.live_required = Some(cursor.sourced(required, value.span));
            }
            "metadata-reachable" => {
                let Value::Boolean(is_reachable) = value.value else {
                    return Err(cursor.unfit(value, "`true` or `false`"));
                };
                policy.host.metadata_reachable = Some(cursor.sourced(is_reachable, value.span));
            }
            "profile" => {
                let named = Chosen::named(cursor.try_string(value, "`profile`")?);
                let names: Vec<String> = Chosen::names().iter().map(|name| format!("`{name}`")).collect();
                let Some(profile) = named else {
                    return Err(cursor.unfit(value, &format!("a profile: {}", names.join(", "))));
                };
                policy.host.profile = Some(cursor.sourced(profile, value.span));
            }
            "facts" => {
                for fact in cursor.try_members(value, "[host.facts]")? {
                    if table().fact(&fact.key).is_none() {
                        let known = table().facts.iter().map(|fact| fact.id.as_str());
                        return Err(cursor.unknown_key(fact, "[host.facts]", known));
                    }
                    let setting = policy.host.facts.entry(fact.key.to_string()).or_default();
                    set(cursor, &fact.value, setting)?;
                }
            }
            _ => return Err(cursor.unknown_key(member, "[host]", KEYS)),
        }
    }
    Ok(())
}

/// Reads what is said of a fact: a level, or a table of a level and a value.
fn set(cursor: &Cursor<'_>, node: &Node<'_>, setting: &mut FactSetting) -> Result<(), PolicyError> {
    if let Value::String(_) = &node.value {
        setting.level = Some(level(cursor, node)?);
        return Ok(());
    }
    for member in cursor.try_members(node, "a fact")? {
        match &*member.key {
            "level" => setting.level = Some(level(cursor, &member.value)?),
            "value" => setting.value = Some(cursor.sourced(expected(cursor, &member.value)?, member.value.span)),
            _ => return Err(cursor.unknown_key(member, "a fact", ["level", "value"])),
        }
    }
    Ok(())
}

fn level(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<Sourced<Level>, PolicyError> {
    let named = Level::named(cursor.try_string(node, "a level")?);
    named.map(|level| cursor.sourced(level, node.span)).ok_or_else(|| cursor.unfit(node, "`allow`, `warn` or `deny`"))
}

fn expected(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<Expected, PolicyError> {
    match &node.value {
        Value::String(text) => Ok(Expected::Word(text.to_string())),
        Value::Boolean(flag) => Ok(Expected::Flag(*flag)),
        Value::Number(text) => {
            text.parse().map(Expected::Number).map_err(|_error| cursor.unfit(node, "a whole number"))
        }
        Value::Sequence(items) => {
            items.iter().map(|item| expected(cursor, item)).collect::<Result<_, _>>().map(Expected::List)
        }
        Value::Null | Value::Datetime(_) | Value::Mapping(_) => Err(cursor.unfit(node, "a word, a number or a list")),
    }
}

fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    let nowhere = || Origin::whole(now.name.clone());
    if before.host.is_live_required() && !now.host.is_live_required() {
        out.push(Weakening {
            key: Text::trusted("host.live"),
            message: Text::trusted("the policy no longer requires facts of the running system"),
            was: Some(Text::trusted("required")),
            found: Text::trusted("optional"),
            origin: now.host.live_required.as_ref().map_or_else(nowhere, |set| set.origin.clone()),
        });
    }
    let reachable = |policy: &Policy| policy.host.metadata_reachable.as_ref().map(|set| set.value);
    if reachable(before) != Some(false)
        && let Some(set) = now.host.metadata_reachable.as_ref().filter(|set| !set.value)
    {
        out.push(Weakening {
            key: Text::trusted("host.metadata-reachable"),
            message: Text::trusted("the policy declares that jobs do not reach the metadata of the cloud"),
            was: reachable(before).map(|_| Text::trusted("true")),
            found: Text::trusted("false"),
            origin: set.origin.clone(),
        });
    }
    let (was, found) = (before.host.chosen(), now.host.chosen());
    if found.is_weaker_than(was) {
        out.push(Weakening {
            key: Text::trusted("host.profile"),
            message: weaker(was, found),
            was: Some(Text::trusted(was.name())),
            found: Text::trusted(found.name()),
            origin: now.host.profile.as_ref().map_or_else(nowhere, |set| set.origin.clone()),
        });
    }
    // The table is read only where one of the policies says something of it.
    let is_silent = |policy: &Policy| policy.host.facts.is_empty();
    if was == found && is_silent(before) && is_silent(now) {
        return;
    }
    for fact in &table().facts {
        facts_weakened(fact.id.as_str(), &before.host, &now.host, &nowhere, out);
    }
}

fn weaker(was: Chosen, found: Chosen) -> Text {
    match (was, found) {
        (Chosen::Profile(_), Chosen::Profile(_)) => {
            text!("the policy lowers the profile of hosts from `{}` to `{}`", was.name(), found.name())
        }
        _ => text!(
            "the policy judges hosts by the facts of `{}`, and no longer by those of `{}`",
            found.name(),
            was.name()
        ),
    }
}

fn facts_weakened(
    id: &str,
    before: &HostPolicy,
    now: &HostPolicy,
    nowhere: &dyn Fn() -> Origin,
    out: &mut Vec<Weakening>,
) {
    let (Some(old), Some(new)) = (before.fact(id), now.fact(id)) else { return };
    let set = now.facts.get(id);
    if new.level() < old.level() {
        out.push(Weakening {
            key: text!("host.facts.{}", id),
            message: text!("the policy lowers the fact `{}` from {} to {}", id, old.level().word(), new.level().word()),
            was: Some(Text::trusted(old.level().word())),
            found: Text::trusted(new.level().word()),
            origin: set.and_then(|set| set.level.as_ref()).map_or_else(nowhere, |level| level.origin.clone()),
        });
    }
    if new.value() != old.value() && set.is_some_and(|set| set.value.is_some()) {
        out.push(Weakening {
            key: text!("host.facts.{}.value", id),
            message: text!("the policy expects another value of the fact `{}`", id),
            was: Some(text!("{}", old.words())),
            found: text!("{}", new.words()),
            origin: set.and_then(|set| set.value.as_ref()).map_or_else(nowhere, |value| value.origin.clone()),
        });
    }
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    if let Some(live) = &policy.host.live_required {
        let word = if live.value { "required" } else { "optional" };
        out.push(Shown { line: text!("host.live = {}", quoted(word)), origin: live.origin.clone() });
    }
    if let Some(reachable) = &policy.host.metadata_reachable {
        let line = text!("host.metadata-reachable = {}", reachable.value.to_string());
        out.push(Shown { line, origin: reachable.origin.clone() });
    }
    if let Some(profile) = &policy.host.profile {
        out.push(Shown {
            line: text!("host.profile = {}", quoted(profile.value.name())),
            origin: profile.origin.clone(),
        });
    }
    let facts: &BTreeMap<String, FactSetting> = &policy.host.facts;
    for (id, setting) in facts {
        if let Some(level) = &setting.level {
            let line = text!("host.facts.{}.level = {}", quoted(id), quoted(level.value.word()));
            out.push(Shown { line, origin: level.origin.clone() });
        }
        if let Some(value) = &setting.value {
            let shown: Vec<String> = value.value.list().iter().map(|word| quoted(word).to_string()).collect();
            let line = text!("host.facts.{}.value = [{}]", quoted(id), Text::trusted(shown.join(", ")));
            out.push(Shown { line, origin: value.origin.clone() });
        }
    }
}
