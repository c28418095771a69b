//! The schema of SPDX 3, class by class.
//!
//! The schema says of an object that it is of any of sixty classes. A document that breaks it would be told no more than
//! that, and a sound one would be tried against each of them. So every object is judged by the part of the class it states,
//! and what stands in it by its own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::instance::Tree;
use super::json::{Schema, told};
use crate::document::Node;
use crate::sbom::violation::Violation;
use crate::text::Text;

/// A schema that says what an object of each class holds.
pub(crate) struct Classes {
    /// The schema, of which each object is judged without those inside it.
    schema: Value,
    built: BTreeMap<String, OnceLock<Result<Validator<Tree>, String>>>,
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
            Ok(validator) => told(validator, object, pointer),
            // Fails closed: an object that cannot be judged is not sound.
            Err(why) => {
                let expected = Text::trusted("a schema that can be read");
                vec![Violation::invalid(object.span, Text::of(pointer), expected, Text::of(why))]
            }
        }
    }

    fn build(&self, class: &str) -> Result<Validator<Tree>, String> {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$ref": format!("#/$defs/{class}"),
            "unevaluatedProperties": false,
            "$defs": self.schema.get("$defs"),
        });
        Schema::validator_of(&schema, &[])
    }
}
