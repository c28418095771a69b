//! A document judged by a JSON schema, each violation at its place.

use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Registry, ValidationError, Validator, options_for};

use super::Other;
use super::instance::Tree;
use crate::document::{Node, Span, Value};
use crate::sbom::violation::{Violation, key_of_step, step};
use crate::text::Text;

/// The most violations that are listed of one document.
pub(crate) const MAX_VIOLATIONS: usize = 1_000;

/// Of a document with more bytes than this only the first violation is told: to tell them all, the validator holds them
/// all, and a small value can break a rule that takes a hundred times its own room to tell.
const MAX_BYTES_TOLD_WHOLE: usize = 8 << 20;

/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// A JSON schema, built when it is first asked.
pub(crate) struct Schema {
    text: &'static str,
    others: &'static [Other],
    /// The JSON pointer to the part of the text that is the schema.
    part: &'static str,
    built: OnceLock<Result<Validator<Tree>, String>>,
}

impl Schema {
    /// Returns the schema of a text that may refer to others.
    pub(super) const fn new(text: &'static str, others: &'static [Other]) -> Self {
        Self { text, others, part: "", built: OnceLock::new() }
    }

    /// Returns the schema that is a part of a text.
    pub(super) const fn part(text: &'static str, part: &'static str) -> Self {
        Self { text, others: &[], part, built: OnceLock::new() }
    }

    /// Returns where a document breaks the schema, in the order of the text, at most [`MAX_VIOLATIONS`].
    pub(crate) fn judge(&self, root: &Node<'_>) -> Vec<Violation> {
        let validator = match self.validator() {
            Ok(validator) => validator,
            // Fails closed: a document that cannot be judged is not sound.
            Err(why) => {
                let expected = Text::trusted("a schema that can be read");
                return vec![Violation::invalid(root.span, Text::default(), expected, Text::of(why))];
            }
        };
        if root.span.end - root.span.start > MAX_BYTES_TOLD_WHOLE {
            return validator.validate(root).err().iter().flat_map(|error| violations(root, error)).collect();
        }
        if validator.is_valid(root) {
            return Vec::new();
        }
        let mut out: Vec<Violation> =
            validator.iter_errors(root).take(MAX_VIOLATIONS).flat_map(|error| violations(root, &error)).collect();
        out.sort_by(|a, b| (a.span.start, &a.pointer, &a.expected).cmp(&(b.span.start, &b.pointer, &b.expected)));
        out.dedup();
        out
    }

    /// Returns the validator, built when first asked for.
    pub(super) fn validator(&self) -> Result<&Validator<Tree>, &str> {
        self.built.get_or_init(|| self.build()).as_ref().map_err(String::as_str)
    }

    fn build(&self) -> Result<Validator<Tree>, String> {
        let text = parse(self.text)?;
        Self::validator_of(text.pointer(self.part).ok_or("no such part of the schema")?, self.others)
    }

    /// Returns a validator of a schema that may refer to others.
    pub(super) fn validator_of(schema: &serde_json::Value, others: &[Other]) -> Result<Validator<Tree>, String> {
        let mut registry = Registry::new();
        for (address, text) in others {
            registry = registry.add(*address, parse(text)?).map_err(|error| error.to_string())?;
        }
        let registry = registry.prepare().map_err(|error| error.to_string())?;
        options_for::<Tree>()
            .with_registry(&registry)
            .should_validate_formats(true)
            .offline()
            .build(schema)
            .map_err(|error| error.to_string())
    }
}

fn parse(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Returns where a value that `pointer` leads to breaks a schema, at most [`MAX_VIOLATIONS`].
pub(super) fn told(validator: &Validator<Tree>, node: &Node<'_>, pointer: &str) -> Vec<Violation> {
    if validator.is_valid(node) {
        return Vec::new();
    }
    let found = validator.iter_errors(node).take(MAX_VIOLATIONS).flat_map(|error| violations(node, &error));
    found
        .map(|one| Violation { pointer: Text::trusted(format!("{}{}", Text::of(pointer), one.pointer)), ..one })
        .collect()
}

/// Returns the violations that an error of the validator is.
fn violations(root: &Node<'_>, error: &ValidationError<'_>) -> Vec<Violation> {
    let error = innermost(error);
    let pointer = error.instance_path().as_str().to_owned();
    let node = at(root, &pointer);
    let one = |span: Span, pointer: &str, expected: Text, found: Text| {
        Violation::invalid(span, Text::of(pointer), expected, found.shortened(SHOWN))
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                let span = key_span(node, name).unwrap_or(node.span);
                let pointer = format!("{pointer}/{}", step(name));
                one(
                    span,
                    &pointer,
                    Text::trusted("a member that the schema knows"),
                    crate::text!("`{}`", name.as_str()),
                )
            })
            .collect(),
        kind => {
            let (expected, found) = words(kind, node, error);
            vec![one(node.opening(), &pointer, expected, found)]
        }
    }
}

fn words(kind: &ValidationErrorKind, node: &Node<'_>, error: &ValidationError<'_>) -> (Text, Text) {
    let found = || match &node.value {
        Value::String(text) | Value::Number(text) | Value::Datetime(text) => crate::text!("`{}`", &**text),
        _ => Text::trusted(node.kind()),
    };
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match kind {
        ValidationErrorKind::Required { property } => {
            (crate::text!("the member `{}`", plain(property).as_str()), Text::trusted("none"))
        }
        ValidationErrorKind::Enum { options } => {
            let listed = options.as_array().map(|all| all.iter().map(plain).collect::<Vec<_>>().join(", "));
            let listed = Text::of(&listed.unwrap_or_default()).shortened(4 * SHOWN);
            (Text::trusted(format!("one of {listed}")), found())
        }
        ValidationErrorKind::Constant { expected_value } => {
            (crate::text!("`{}`", plain(expected_value).as_str()), found())
        }
        ValidationErrorKind::Pattern { pattern } => (crate::text!("text that matches `{}`", pattern.as_str()), found()),
        ValidationErrorKind::Format { format } => (crate::text!("text of the form `{}`", format.as_str()), found()),
        ValidationErrorKind::Type { kind } => {
            let article = |kind: &str| format!("{} {kind}", if kind.starts_with(['a', 'i', 'o']) { "an" } else { "a" });
            let expected = match kind {
                TypeKind::Single(kind) => article(&kind.to_string()),
                TypeKind::Multiple(kinds) => {
                    kinds.iter().map(|kind| article(&kind.to_string())).collect::<Vec<_>>().join(" or ")
                }
            };
            (Text::of(&expected), found())
        }
        ValidationErrorKind::MinItems { limit } => (crate::text!("at least {} items", *limit), found()),
        ValidationErrorKind::MaxItems { limit } => (crate::text!("at most {} items", *limit), found()),
        ValidationErrorKind::MinLength { limit } => (crate::text!("at least {} characters", *limit), found()),
        ValidationErrorKind::UniqueItems => (Text::trusted("no item twice"), found()),
        ValidationErrorKind::FalseSchema => (Text::trusted("no value here"), found()),
        ValidationErrorKind::Not { schema } if schema.get("required").is_some() => {
            let names = schema.get("required").and_then(|names| names.as_array()).into_iter().flatten();
            let names: Vec<String> = names.map(|name| format!("`{}`", plain(name))).collect();
            match names.as_slice() {
                [one] => (crate::text!("no member {}", one.as_str()), Text::trusted("one")),
                _ => (crate::text!("not all of the members {}", names.join(", ")), Text::trusted("all of them")),
            }
        }
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            (Text::trusted("one of the forms that the schema knows"), found())
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            (Text::trusted("exactly one of the forms that the schema knows"), Text::trusted("more than one"))
        }
        _ => (Text::of(&error.to_string()).shortened(4 * SHOWN), found()),
    }
}

/// Returns the error that says most of what is wrong: where several forms would do, that of the form that comes nearest.
pub(super) fn innermost<'e, 'i>(error: &'e ValidationError<'i>) -> &'e ValidationError<'i> {
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return error;
    };
    // A single form was meant, whatever is wrong with it.
    if let [form] = context.as_slice() {
        return form.first().map_or(error, innermost);
    }
    let own = depth(error);
    // A form of another type, or one whose mark differs, was not meant.
    let meant = context.iter().filter(|form| {
        !form.iter().any(|error| {
            depth(error) == own
                && matches!(error.kind(), ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. })
        })
    });
    let nearest = meant.min_by_key(|form| (form.len(), std::cmp::Reverse(form.iter().map(depth).max())));
    match nearest.and_then(|form| form.first()) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

/// Returns the value that a JSON pointer leads to, or the last that stands on the way.
fn at<'n, 'a>(root: &'n Node<'a>, pointer: &str) -> &'n Node<'a> {
    let mut node = root;
    for token in pointer.split('/').skip(1) {
        let next = match &node.value {
            Value::Mapping(members) => {
                let name = key_of_step(token);
                members.iter().find(|member| member.key == name).map(|member| &member.value)
            }
            Value::Sequence(items) => token.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

fn key_span(node: &Node<'_>, name: &str) -> Option<Span> {
    match &node.value {
        Value::Mapping(members) => members.iter().find(|member| member.key == name).map(|member| member.key_span),
        _ => None,
    }
}
