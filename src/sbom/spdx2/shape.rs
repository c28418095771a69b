//! Which members are lists, truths and numbers, for formats that do not tell by themselves: what the JSON schemas say, held
//! against them by a test.

use std::borrow::Cow;

use crate::document::{Node, Value};

/// The form of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text, or an object.
    Plain,
    /// A list.
    List,
    /// True or false.
    Truth,
    /// A whole number.
    Number,
}

static LISTS: &[&str] = &[
    "annotations",
    "artifactOfs",
    "attributionTexts",
    "checksums",
    "creators",
    "crossRefs",
    "describesPackages",
    "documentDescribes",
    "externalDocumentRefs",
    "externalRefs",
    "fileContributors",
    "fileDependencies",
    "fileTypes",
    "files",
    "hasExtractedLicensingInfos",
    "hasFiles",
    "licenseInfoFromFiles",
    "licenseInfoInFiles",
    "licenseInfoInSnippets",
    "packageVerificationCodeExcludedFiles",
    "packages",
    "ranges",
    "relationships",
    "revieweds",
    "seeAlsos",
    "snippets",
];

static TRUTHS: &[&str] = &["filesAnalyzed", "isLive", "isValid", "isWayBackLink"];

static NUMBERS: &[&str] = &["lineNumber", "offset", "order"];

/// Returns the form of a member.
pub(super) fn shape(key: &str) -> Shape {
    if LISTS.contains(&key) {
        Shape::List
    } else if TRUTHS.contains(&key) {
        Shape::Truth
    } else if NUMBERS.contains(&key) {
        Shape::Number
    } else {
        Shape::Plain
    }
}

/// Returns a text as the value of a member: what is neither true nor false, or no number, stays a text.
pub(super) fn scalar<'a>(key: &str, text: Cow<'a, str>) -> Value<'a> {
    let bare = text.trim();
    match shape(key) {
        Shape::Truth if bare == "true" => Value::Boolean(true),
        Shape::Truth if bare == "false" => Value::Boolean(false),
        Shape::Number if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) => {
            let plain = bare.trim_start_matches('0');
            Value::Number(Cow::Owned(if plain.is_empty() { "0" } else { plain }.to_owned()))
        }
        _ => Value::String(text),
    }
}

/// Makes texts of numbers where a text is meant: YAML needs no quotes around `1.0`.
pub(super) fn texts(node: &mut Node<'_>, key: &str) {
    match &mut node.value {
        Value::Mapping(members) => {
            for member in members {
                texts(&mut member.value, &member.key);
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| texts(item, key)),
        Value::Number(written) if shape(key) != Shape::Number => {
            node.value = Value::String(std::mem::take(written));
        }
        Value::Number(_) | Value::Null | Value::Boolean(_) | Value::String(_) | Value::Datetime(_) => {}
    }
}
