//! `[rules]`: levels and parameters.

use std::collections::BTreeMap;

use super::super::catalogue::{ParameterKind, RuleInfo};
use super::super::error::{nearest, nearest_rule};
use super::super::{Catalogue, Policy, PolicyError, Setting, Sourced, Value, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::{Member, Node, Value as Written};
use crate::finding::Level;
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "rules", summary: "what each rule does, and its parameters", read, weakened, show };

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for member in cursor.try_members(node, "[rules]")? {
        let Some(rule) = cursor.catalogue.rule(&member.key) else {
            let error = cursor.error(member.key_span, text!("unknown rule `{}` in [rules]", member.key));
            let ids = cursor.catalogue.rules.iter().map(|rule| rule.id);
            return Err(PolicyError { hint: nearest_rule(&member.key, ids), ..error });
        };
        let Some(setting) = policy.rules.get_mut(rule.id) else { continue };
        match &member.value.value {
            Written::String(_) => setting.level = level(cursor, &member.value)?,
            Written::Mapping(members) => {
                for member in members {
                    read_key(cursor, rule, member, setting)?;
                }
            }
            Written::Null | Written::Boolean(_) | Written::Number(_) | Written::Datetime(_) | Written::Sequence(_) => {
                return Err(cursor.fault(member.value.unexpected("a level or a table")));
            }
        }
    }
    Ok(())
}

fn read_key(
    cursor: &Cursor<'_>,
    rule: &RuleInfo,
    member: &Member<'_>,
    setting: &mut Setting,
) -> Result<(), PolicyError> {
    match member.key.as_ref() {
        "level" => setting.level = level(cursor, &member.value)?,
        "undetermined" => setting.undetermined = Some(level(cursor, &member.value)?),
        key => {
            let Some(parameter) = rule.parameters().find(|parameter| parameter.name == key) else {
                let known =
                    ["level", "undetermined"].into_iter().chain(rule.parameters().map(|parameter| parameter.name));
                return Err(cursor.unknown_key(member, &format!("the rule `{}`", rule.id), known));
            };
            let value = match parameter.kind {
                ParameterKind::Allowed => {
                    let items = cursor.try_items(&member.value, &format!("`{key}`"))?;
                    let patterns = items
                        .iter()
                        .map(|item| cursor.pattern(item, "a pattern").map(str::to_owned))
                        .collect::<Result<Vec<_>, _>>()?;
                    Value::Patterns(patterns)
                }
                ParameterKind::AtLeast(_) => {
                    let expected = format!("`{key}` to be a whole number from 0");
                    let number = match &member.value.value {
                        Written::Number(number) => number.parse().ok(),
                        Written::Null
                        | Written::Boolean(_)
                        | Written::String(_)
                        | Written::Datetime(_)
                        | Written::Sequence(_)
                        | Written::Mapping(_) => None,
                    };
                    Value::Number(number.ok_or_else(|| cursor.unfit(&member.value, &expected))?)
                }
            };
            setting.parameters.insert(parameter.name, cursor.sourced(value, member.key_span));
        }
    }
    Ok(())
}

fn level(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<Sourced<Level>, PolicyError> {
    let word = cursor.try_string(node, "a level")?;
    match Level::named(word) {
        Some(level) => Ok(cursor.sourced(level, node.span)),
        None => {
            let error = cursor.error(node.span, text!("expected a level (deny, warn or allow), found `{}`", word));
            Err(PolicyError { hint: nearest(word, Level::WORDS.iter().map(|(word, _)| *word)), ..error })
        }
    }
}

fn weakened(catalogue: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for rule in catalogue.rules {
        let (Some(was), Some(is)) = (before.rules.get(rule.id), now.rules.get(rule.id)) else { continue };
        let mut lowered = |what: &str, was: Level, is: Level, origin| {
            if is < was {
                out.push(Weakening {
                    key: text!("rules.{}{}", quoted(rule.id), what),
                    message: text!(
                        "the rule `{}` goes from {} to {}{}",
                        rule.id,
                        was.word(),
                        is.word(),
                        if what.is_empty() { "" } else { " where it cannot be determined" }
                    ),
                    was: Some(text!("{}", was.word())),
                    found: text!("{}", is.word()),
                    origin,
                });
            }
        };
        lowered("", was.level.value, is.level.value, is.level.origin.clone());
        let origin = is.undetermined.as_ref().unwrap_or(&is.level).origin.clone();
        if is.level.value >= was.level.value {
            lowered(".undetermined", was.undetermined(), is.undetermined(), origin);
        }
        for parameter in rule.parameters() {
            weakened_parameter(rule, parameter.name, was, is, out);
        }
    }
}

fn weakened_parameter(rule: &RuleInfo, name: &str, was: &Setting, is: &Setting, out: &mut Vec<Weakening>) {
    let (Some(before), Some(now)) = (was.parameters.get(name), is.parameters.get(name)) else { return };
    let key = text!("rules.{}.{}", quoted(rule.id), name);
    match (&before.value, &now.value) {
        (Value::Patterns(before), Value::Patterns(patterns)) => {
            for pattern in patterns.iter().filter(|pattern| !before.contains(pattern)) {
                out.push(Weakening {
                    key: key.clone(),
                    message: text!("the rule `{}` lets `{}` pass", rule.id, pattern),
                    was: None,
                    found: text!("{}", pattern),
                    origin: now.origin.clone(),
                });
            }
        }
        (Value::Number(before), Value::Number(number)) if number < before => out.push(Weakening {
            key,
            message: text!("`{}` of the rule `{}` goes from {} to {}", name, rule.id, *before, *number),
            was: Some(text!("{}", *before)),
            found: text!("{}", *number),
            origin: now.origin.clone(),
        }),
        (Value::Number(_), Value::Number(_) | Value::Patterns(_)) | (Value::Patterns(_), Value::Number(_)) => {}
    }
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    let rules: &BTreeMap<String, Setting> = &policy.rules;
    for (id, setting) in rules {
        out.push(Shown {
            line: text!("rules.{}.level = {}", quoted(id), quoted(setting.level.value.word())),
            origin: setting.level.origin.clone(),
        });
        if let Some(undetermined) = &setting.undetermined {
            out.push(Shown {
                line: text!("rules.{}.undetermined = {}", quoted(id), quoted(undetermined.value.word())),
                origin: undetermined.origin.clone(),
            });
        }
        for (name, value) in &setting.parameters {
            let shown = match &value.value {
                Value::Patterns(patterns) if patterns.is_empty() => continue,
                Value::Patterns(patterns) => text!(
                    "[{}]",
                    Text::trusted(
                        patterns.iter().map(|pattern| quoted(pattern).to_string()).collect::<Vec<_>>().join(", ")
                    )
                ),
                Value::Number(number) => text!("{}", *number),
            };
            out.push(Shown { line: text!("rules.{}.{} = {}", quoted(id), *name, shown), origin: value.origin.clone() });
        }
    }
}
