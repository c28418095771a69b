//! The JSON schemas of what the program writes and reads.

use serde_json::{Value, json};

use crate::policy::{BUILTIN, CUSTOM_SUBJECTS, ParameterKind, SECTIONS};
use crate::rule::catalogue;

/// Returns the schema of the JSON report (JSON Schema 2020-12).
#[must_use]
pub fn report() -> &'static str {
    include_str!("report.schema.json")
}

/// Returns the schema of the policy file, derived from the registries of rules and sections, for editors that
/// check TOML by a schema.
#[must_use]
pub fn policy() -> Value {
    let level = json!({ "enum": ["deny", "warn", "allow"] });
    let strings = json!({ "type": "array", "items": { "type": "string", "minLength": 1 } });
    let mut rules = serde_json::Map::new();
    for rule in catalogue().rules {
        let mut keys = serde_json::Map::new();
        keys.insert("level".to_owned(), level.clone());
        keys.insert("undetermined".to_owned(), level.clone());
        for parameter in rule.parameters() {
            let mut schema = match parameter.kind {
                ParameterKind::Allowed => strings.clone(),
                ParameterKind::AtLeast(default) => json!({ "type": "integer", "minimum": 0, "default": default }),
            };
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".to_owned(), json!(parameter.help));
            }
            keys.insert(parameter.name.to_owned(), schema);
        }
        let table = json!({ "type": "object", "properties": keys, "additionalProperties": false });
        rules.insert(rule.id.to_owned(), json!({ "description": rule.summary, "anyOf": [level, table] }));
    }
    let waiver = json!({
        "type": "object",
        "properties": {
            "rule": { "type": "string", "minLength": 1 },
            "subject": { "type": "string", "minLength": 1 },
            "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{12,}$" },
            "owner": { "type": "string", "minLength": 1 },
            "reason": { "type": "string", "minLength": 1 },
            "expires": { "description": "the last day it holds, a TOML date without quotes" }
        },
        "required": ["rule", "owner", "reason", "expires"],
        "anyOf": [{ "required": ["subject"] }, { "required": ["fingerprint"] }],
        "additionalProperties": false
    });
    let custom = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "pattern": "^[a-z0-9-]+$" },
            "on": { "enum": CUSTOM_SUBJECTS.iter().map(|(word, _)| *word).collect::<Vec<_>>() },
            "deny-if": { "type": "string", "minLength": 1 },
            "warn-if": { "type": "string", "minLength": 1 },
            "message": { "type": "string", "minLength": 1 }
        },
        "required": ["id", "on", "message"],
        "oneOf": [{ "required": ["deny-if"] }, { "required": ["warn-if"] }],
        "additionalProperties": false
    });
    let builtin: Vec<String> = BUILTIN.iter().map(|builtin| format!("builtin:{}", builtin.name)).collect();
    let mut sections = serde_json::Map::new();
    sections.insert(
        "extends".to_owned(),
        json!({ "description": "policies that this one is laid over: built-in ones, or files relative to this one", "type": "array", "items": { "type": "string" }, "examples": builtin }),
    );
    for section in SECTIONS {
        let schema = match section.key {
            "rules" => json!({ "type": "object", "properties": rules, "additionalProperties": false }),
            "tree" => json!({ "type": "object", "properties": { "exclude": strings }, "additionalProperties": false }),
            "sources" => json!({
                "type": "object",
                "properties": { "registries": strings, "git": strings, "images": strings },
                "additionalProperties": false
            }),
            "waiver" => json!({ "type": "array", "items": waiver }),
            "custom" => json!({ "type": "array", "items": custom }),
            _ => json!({}),
        };
        let mut schema = schema;
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), json!(section.summary));
        }
        sections.insert(section.key.to_owned(), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "portcullis policy",
        "type": "object",
        "properties": sections,
        "additionalProperties": false
    })
}
