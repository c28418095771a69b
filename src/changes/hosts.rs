//! What differs between two hosts, fact by fact, listed.
//!
//! A host's evidence is a tree of values; its facts are the entries of its lists and maps, each under the family that tells
//! it. An entry of a list is known by its name, path or key. Where a fact stands in a file is not compared, only what it
//! says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::tree::{GapListing, gap_listing};
use crate::diff;
use crate::evidence::Evidence;
use crate::text::Text;

/// What differs between two hosts.
#[derive(Debug, Serialize)]
pub struct Hosts {
    /// The facts that differ, in the order of families and names.
    pub changes: Vec<HostChange>,
    /// The families that one of the sides was not asked for, and that are not compared.
    pub not_compared: BTreeSet<Text>,
    /// What cannot be known of either side.
    pub gaps: Vec<GapListing>,
}

/// A fact that differs.
#[derive(Debug, Serialize)]
pub struct HostChange {
    /// `added`, `removed` or `changed`.
    pub kind: &'static str,
    /// The family that tells it, and the list it stands in: `accounts`, `setid.files`.
    pub family: Text,
    /// Its name there.
    pub name: Text,
    /// The fields that differ, where it is on both sides.
    pub fields: Vec<FieldChange>,
}

/// A field that differs.
#[derive(Debug, Serialize)]
pub struct FieldChange {
    /// Its name.
    pub name: Text,
    /// The value before.
    pub before: Value,
    /// The value now.
    pub after: Value,
}

/// A fact, taken out of the evidence.
struct Fact {
    family: String,
    name: String,
    value: Value,
}

/// What a record is known by, the first that it has.
const NAMES: [&str; 7] = ["name", "path", "key", "keyword", "subject", "fingerprint", "id"];

/// What is no fact by itself.
const NOT_COMPARED: [&str; 2] = ["gaps", "skipped"];

/// Lists what differs between two hosts.
///
/// # Errors
/// Never for evidence made by this crate; the serialiser's own are passed on.
pub fn list(before: &Evidence, now: &Evidence) -> Result<Hosts, serde_json::Error> {
    let not_compared = not_compared([before, now]);
    let is_compared = |fact: &Fact| {
        let mut parts = fact.family.split('.').chain([fact.name.as_str()]).map(|part| part.replace('_', "-"));
        let family = parts.next().unwrap_or_default();
        let is_left_out = |part: String| not_compared.contains(&part);
        !(family == RUNNING && parts.next().is_some_and(is_left_out) || not_compared.contains(&family))
    };
    let mut sides = [facts(before)?, facts(now)?];
    sides.iter_mut().for_each(|facts| facts.retain(is_compared));
    let [old, new] = &sides;
    let mut changes = Vec::new();
    for pair in diff::keyed(old, new, |fact: &Fact| (fact.family.clone(), fact.name.clone())) {
        let (kind, fact, fields) = match (pair.before, pair.now) {
            (Some(old), Some(new)) if old.value == new.value => continue,
            (Some(old), Some(new)) => ("changed", new, fields(&old.value, &new.value)),
            (None, Some(new)) => ("added", new, Vec::new()),
            (Some(old), None) => ("removed", old, Vec::new()),
            (None, None) => continue,
        };
        changes.push((kind, fact, fields));
    }
    // A file that appears, or goes, with a fact of a family is told by that.
    let mut told = BTreeSet::new();
    for (_, fact, _) in changes.iter().filter(|(_, fact, _)| fact.family != FILES) {
        told.insert(fact.name.trim_start_matches('/').to_owned());
        words(&fact.value, &mut told);
    }
    let is_told = |kind: &str, fact: &Fact| fact.family == FILES && kind != "changed" && told.contains(&fact.name);
    let changes = changes
        .into_iter()
        .filter(|(kind, fact, _)| !is_told(kind, fact))
        .map(|(kind, fact, fields)| HostChange {
            kind,
            family: Text::trusted(fact.family.clone()),
            // The evidence holds nothing but text that was neutralised.
            name: Text::trusted(fact.name.clone()),
            fields,
        })
        .collect();
    let sides = [(before, "before"), (now, "after")];
    let gaps = sides.into_iter().flat_map(|(side, name)| {
        let gaps = side.host.iter().flat_map(|host| host.gaps.values().flatten());
        gaps.map(move |gap| gap_listing(gap, name)).collect::<Vec<_>>()
    });
    let not_compared = not_compared.iter().map(|family| crate::text!("{}", *family)).collect();
    Ok(Hosts { changes, not_compared, gaps: gaps.collect() })
}

/// Returns the families that only one of two hosts was asked for; what runs is asked of the machine alone.
fn not_compared(sides: [&Evidence; 2]) -> BTreeSet<String> {
    let [old, new] = sides.map(|side| side.host.as_deref());
    let (Some(old), Some(new)) = (old, new) else { return BTreeSet::new() };
    let mut out: BTreeSet<String> = old.skipped.symmetric_difference(&new.skipped).map(ToString::to_string).collect();
    if old.running.is_some() != new.running.is_some() {
        out.insert(RUNNING.to_owned());
    }
    out
}

/// What the running system tells.
const RUNNING: &str = "running";

/// The list of files that families asked about.
const FILES: &str = "files";

fn facts(evidence: &Evidence) -> Result<Vec<Fact>, serde_json::Error> {
    let mut out = Vec::new();
    let host = serde_json::to_value(&evidence.host)?;
    for (family, value) in host.as_object().into_iter().flatten() {
        if NOT_COMPARED.contains(&family.as_str()) {
            continue;
        }
        match value {
            Value::Object(members) if family == FILES => take_map(family, members, &mut out),
            Value::Object(members) => {
                for (list, value) in members {
                    let within = format!("{family}.{list}");
                    match value {
                        // A map without entries is one without facts.
                        Value::Object(members) if members.is_empty() => {}
                        Value::Array(records) => take_list(&within, records, &mut out),
                        Value::Object(members) if is_map(members) => take_map(&within, members, &mut out),
                        value => out.push(Fact { family: family.clone(), name: list.clone(), value: bare(value) }),
                    }
                }
            }
            value => out.push(Fact { family: "host".to_owned(), name: family.clone(), value: bare(value) }),
        }
    }
    Ok(out)
}

/// Whether the members of an object are facts by themselves, rather than the fields of one.
fn is_map(members: &serde_json::Map<String, Value>) -> bool {
    !members.is_empty() && members.values().all(|value| value.is_object() || value.is_array())
}

fn take_map(family: &str, members: &serde_json::Map<String, Value>, out: &mut Vec<Fact>) {
    for (name, value) in members {
        out.push(Fact { family: family.to_owned(), name: name.clone(), value: bare(value) });
    }
}

fn take_list(family: &str, records: &[Value], out: &mut Vec<Fact>) {
    for record in records {
        let value = bare(record);
        let named = NAMES.iter().find_map(|name| value.get(name)).map(word);
        let name = named.unwrap_or_else(|| word(&value));
        out.push(Fact { family: family.to_owned(), name, value });
    }
}

/// Returns a value without the lines that things stand on.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let is_place = members.contains_key("path") && members.len() <= 3;
            let kept = members.iter().filter(|(name, _)| !(is_place && matches!(name.as_str(), "line" | "position")));
            Value::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(bare).collect()),
        other => other.clone(),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Adds every text in a value, without the slash in front.
fn words(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(out.insert(text.trim_start_matches('/').to_owned())),
        Value::Array(items) => items.iter().for_each(|item| words(item, out)),
        Value::Object(members) => members.values().for_each(|member| words(member, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn fields(before: &Value, now: &Value) -> Vec<FieldChange> {
    let (Value::Object(old), Value::Object(new)) = (before, now) else {
        let (before, after) = (before.clone(), now.clone());
        return vec![FieldChange { name: Text::trusted("value"), before, after }];
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let of = |side: &serde_json::Map<String, Value>, name: &String| side.get(name).cloned().unwrap_or(Value::Null);
    let pairs: BTreeMap<&String, (Value, Value)> =
        names.into_iter().map(|name| (name, (of(old, name), of(new, name)))).collect();
    let differing = pairs.into_iter().filter(|(_, (before, after))| before != after);
    differing.map(|(name, (before, after))| FieldChange { name: Text::trusted(name.clone()), before, after }).collect()
}

impl Hosts {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.gaps.is_empty()
    }

    /// Returns the list as JSON.
    ///
    /// # Errors
    /// The serialiser's own.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Returns the list for people: a line a fact, and one each field that differs.
    #[must_use]
    pub fn human(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        for change in &self.changes {
            let sign = match change.kind {
                "added" => '+',
                "removed" => '-',
                _ => '~',
            };
            let _infallible = writeln!(out, "{sign} {} {}", change.family, change.name);
            for field in &change.fields {
                let (before, after) = (word(&field.before), word(&field.after));
                let _infallible = writeln!(out, "    {}: {before} -> {after}", field.name);
            }
        }
        for family in &self.not_compared {
            let _infallible = writeln!(out, "! {family}: one of the hosts was not asked, and it is not compared");
        }
        for gap in &self.gaps {
            let _infallible = writeln!(out, "! {gap}");
        }
        if self.changes.is_empty() && self.gaps.is_empty() {
            out.push_str("no fact differs\n");
        }
        out
    }
}
