//! A document made to fit a schema: what the schema does not allow is taken out, and counted.

use std::collections::BTreeMap;

use jsonschema::error::ValidationErrorKind;

use super::json::{Schema, innermost};
use crate::document::{Node, Value};
use crate::sbom::model::Losses;
use crate::sbom::violation::{key_of_step, step};

/// How often a document is looked at: what holds what was taken out may have to follow it.
const MAX_ROUNDS: usize = 64;

/// What is to be taken out, by the steps that lead there.
#[derive(Default)]
struct Marked {
    is_out: bool,
    inner: BTreeMap<String, Self>,
}

impl Schema {
    /// Takes out of a document what the schema does not allow, each time the smallest value that it complains of.
    ///
    /// What is left may still not be sound where the document as a whole lacks something.
    pub(crate) fn fit(&self, root: &mut Node<'_>, losses: &mut Losses) {
        let Ok(validator) = self.validator() else { return };
        for _ in 0..MAX_ROUNDS {
            if validator.is_valid(root) {
                return;
            }
            let mut marked = Marked::default();
            for error in validator.iter_errors(root) {
                let error = innermost(&error);
                let pointer = error.instance_path().as_str();
                match error.kind() {
                    ValidationErrorKind::AdditionalProperties { unexpected }
                    | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                        for name in unexpected {
                            marked.mark(&format!("{pointer}/{}", step(name)));
                        }
                    }
                    _ => marked.mark(pointer),
                }
            }
            if marked.is_out || marked.inner.is_empty() {
                return;
            }
            marked.take_out(root, "", losses);
        }
    }
}

impl Marked {
    fn mark(&mut self, pointer: &str) {
        let mut at = self;
        for token in pointer.split('/').skip(1) {
            at = at.inner.entry(key_of_step(token)).or_default();
        }
        at.is_out = true;
    }

    fn take_out(&self, node: &mut Node<'_>, path: &str, losses: &mut Losses) {
        match &mut node.value {
            Value::Mapping(members) => members.retain_mut(|member| {
                let Some(inner) = self.inner.get(&*member.key) else { return true };
                let dot = if path.is_empty() { "" } else { "." };
                inner.keeps(&mut member.value, &format!("{path}{dot}{}", member.key), losses)
            }),
            Value::Sequence(items) => {
                let mut at = 0;
                let path = format!("{path}[]");
                items.retain_mut(|item| {
                    let inner = self.inner.get(&at.to_string());
                    at += 1;
                    inner.is_none_or(|inner| inner.keeps(item, &path, losses))
                });
            }
            Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
        }
    }

    fn keeps(&self, node: &mut Node<'_>, path: &str, losses: &mut Losses) -> bool {
        if self.is_out {
            losses.note(path);
            return false;
        }
        self.take_out(node, path, losses);
        true
    }
}
