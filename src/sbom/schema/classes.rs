//! The schema of SPDX 3, class by class.
//!
//! The schema says of an object that it is of any of sixty classes. A document that breaks it would be told no more than
//! that, and a sound one would be tried against each of them. So every object is judged by the part of the class it states,
//! and what stands in it by its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::instance::Tree;
use super::json::{Schema, told};
use crate::document::{self, Node};
use crate::sbom::violation::{Violation, step};
use crate::text::Text;

/// A schema that says what an object of each class holds.
pub(crate) struct Classes {
    /// The schema, of which each object is judged without those inside it.
    schema: Value,
    built: BTreeMap<String, OnceLock<Result<Class, String>>>,
}

/// What an object of a class holds.
struct Class {
    validator: Validator<Tree>,
    /// The members that it may have. The validator would call those unknown too that stand beside one that is amiss.
    members: BTreeSet<String>,
}

impl Classes {
    /// Returns the classes of a schema that was made by shacl2code.
    pub(super) fn of(text: &str) -> Self {
        let mut schema: Value = serde_json::from_str(text).unwrap_or_default();
        let mut built = BTreeMap::new();
        let any = schema.pointer("/$defs/AnyClass/anyOf").and_then(Value::as_array).cloned().unwrap_or_default();
        for class in any.iter().filter_map(|one| one.get("$ref")?.as_str()?.strip_prefix("#/$defs/")) {
            built.insert(class.to_owned(), OnceLock::new());
        }
        let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut);
        let derived = definitions.into_iter().flatten().filter(|(name, _)| name.ends_with("_derived"));
        for form in derived.filter_map(|(_, definition)| definition.pointer_mut("/anyOf/0")) {
            if form.get("type").is_some_and(|kind| kind == "object") {
                *form = json!({ "type": "object" });
            }
        }
        Self { schema, built }
    }

    /// Whether there is such a class of which there can be objects.
    pub(crate) fn is_known(&self, class: &str) -> bool {
        self.built.contains_key(class)
    }

    /// Returns where an object breaks what the schema says of its class, but for the objects inside it. `pointer` leads
    /// to it.
    pub(crate) fn judge(&self, class: &str, object: &Node<'_>, pointer: &str) -> Vec<Violation> {
        let Some(slot) = self.built.get(class) else { return Vec::new() };
        match slot.get_or_init(|| self.build(class)) {
            Ok(class) => class.judge(object, pointer),
            // Fails closed: an object that cannot be judged is not sound.
            Err(why) => {
                let expected = Text::trusted("a schema that can be read");
                vec![Violation::invalid(object.span, Text::of(pointer), expected, Text::of(why))]
            }
        }
    }

    fn build(&self, class: &str) -> Result<Class, String> {
        let definitions = self.schema.get("$defs");
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/$defs/{class}"),
            "$defs": definitions,
        });
        let mut members = BTreeSet::new();
        if let Some(definition) = definitions.and_then(|all| all.get(class)) {
            self.collect(definition, &mut members);
        }
        Ok(Class { validator: Schema::validator_of(&schema, &[])?, members })
    }

    /// Collects the members that a definition names, and those that it refers to.
    fn collect(&self, definition: &Value, members: &mut BTreeSet<String>) {
        let parts = definition.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in parts.chain([definition]) {
            let named = part.get("properties").and_then(Value::as_object);
            members.extend(named.into_iter().flatten().map(|(name, _)| name.clone()));
            let other = part.get("$ref").and_then(Value::as_str).and_then(|address| address.strip_prefix('#'));
            if let Some(other) = other.and_then(|pointer| self.schema.pointer(pointer)) {
                self.collect(other, members);
            }
        }
    }
}

impl Class {
    fn judge(&self, object: &Node<'_>, pointer: &str) -> Vec<Violation> {
        let mut found = told(&self.validator, object, pointer);
        if let document::Value::Mapping(members) = &object.value {
            let unknown = members.iter().filter(|member| !self.members.contains(&*member.key));
            found.extend(unknown.map(|member| {
                let pointer = format!("{pointer}/{}", step(&member.key));
                let expected = Text::trusted("a member that its class has");
                let found = crate::text!("`{}`", &*member.key);
                Violation::invalid(member.key_span, Text::of(&pointer), expected, found)
            }));
        }
        found
    }
}
