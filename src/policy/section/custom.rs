//! `[[custom]]`: rules of the user's own, judged by CEL.
//!
//! An expression is checked when the policy is read: what it names must exist. It sees one change or one
//! component, and can neither loop without end nor reach anything else.

use std::fmt;
use std::sync::Arc;

use cel::{Context, Program, Value as CelValue};

use super::super::error::nearest;
use super::super::expression::{self, CUSTOM_SUBJECTS, CustomSubject, Wrong};
use super::super::{Catalogue, Origin, Policy, PolicyError, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::{Member, Node, Span};
use crate::finding::Level;
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "custom", summary: "rules of your own, in CEL", read, weakened, show };

/// A rule of the user's own.
#[derive(Clone)]
pub struct Custom {
    /// Its name; its rule's id is `custom/NAME`.
    pub name: String,
    /// What it looks at.
    pub on: CustomSubject,
    /// What a match does.
    pub level: Level,
    /// The expression.
    pub condition: String,
    /// The message, with `{PATH}` for values.
    pub message: String,
    program: Arc<Program>,
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom").field("name", &self.name).field("condition", &self.condition).finish_non_exhaustive()
    }
}

impl Custom {
    /// Returns the id under which its findings stand.
    #[must_use]
    pub fn rule_id(&self) -> String {
        format!("custom/{}", self.name)
    }

    /// Answers whether the rule matches a value, or why that cannot be told.
    ///
    /// # Errors
    /// What the expression met that it could not work with.
    pub fn matches(&self, value: &serde_json::Value) -> Result<bool, Text> {
        let mut context = Context::default();
        context.add_variable(self.on.word(), value).map_err(|error| text!("{}", error.to_string()))?;
        match self.program.execute(&context) {
            Ok(CelValue::Bool(truth)) => Ok(truth),
            Ok(other) => Err(text!("expected true or false, found {}", other.type_of().to_string())),
            Err(error) => Err(expression::met(&error)),
        }
    }

    /// Returns the message with the values of one match.
    #[must_use]
    pub fn message_for(&self, value: &serde_json::Value) -> Text {
        let mut out = String::new();
        for piece in pieces(&self.message) {
            match piece {
                Piece::Words(words) => out.push_str(text!("{}", words).as_str()),
                Piece::Value(path) => {
                    let pointer: String = path.split('.').skip(1).map(|part| format!("/{part}")).collect();
                    out.push_str(value.pointer(&pointer).map(shown).unwrap_or_default().as_str());
                }
            }
        }
        Text::trusted(out)
    }
}

/// Returns a value as a message shows it: lists without brackets and quotes.
fn shown(value: &serde_json::Value) -> Text {
    match value {
        serde_json::Value::String(text) => text!("{}", text),
        serde_json::Value::Array(items) => {
            Text::trusted(items.iter().map(|item| shown(item).to_string()).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Object(_) => text!("{}", value.to_string()),
    }
}

/// A piece of a message.
enum Piece<'a> {
    Words(&'a str),
    Value(&'a str),
}

fn pieces(message: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((path, behind)) = after.split_once('}') else { break };
        out.push(Piece::Words(before));
        out.push(Piece::Value(path.trim()));
        rest = behind;
    }
    out.push(Piece::Words(rest));
    out
}

/// How many rules a file may have of its own.
const MAX_RULES: usize = 500;

const KEYS: [&str; 5] = ["id", "on", "deny-if", "warn-if", "message"];

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    let items = cursor.tables(node, "custom")?;
    if items.len() > MAX_RULES {
        let message = text!("expected at most {} custom rules, found {}", MAX_RULES, items.len());
        return Err(cursor.error(node.span, message));
    }
    for item in items {
        let custom = cursor.sourced(read_one(cursor, item)?, item.span);
        let (name, origin) = (&custom.value.name, &custom.origin);
        if policy.custom.iter().any(|known| known.value.name == *name && known.origin != *origin) {
            return Err(
                cursor.error(item.span, text!("expected each custom rule once, found `{}` a second time", *name))
            );
        }
        cursor.add(&mut policy.custom, custom);
    }
    Ok(())
}

fn read_one(cursor: &Cursor<'_>, item: &Node<'_>) -> Result<Custom, PolicyError> {
    let mut found: [Option<&Member<'_>>; 5] = [None; 5];
    for member in cursor.try_members(item, "[[custom]]")? {
        match KEYS.iter().position(|key| *key == member.key).and_then(|at| found.get_mut(at)) {
            Some(slot) => *slot = Some(member),
            None => return Err(cursor.unknown_key(member, "[[custom]]", KEYS)),
        }
    }
    let [id, on, deny_if, warn_if, message] = found;
    let required = |member: Option<&'_ Member<'_>>, key: &str| match member {
        Some(member) => {
            cursor.filled(&member.value, &format!("`{key}`")).map(|text| (text.to_owned(), member.value.span))
        }
        None => Err(cursor.error(item.span, text!("expected `{}` in [[custom]], found none", key))),
    };
    let (name, name_span) = required(id, "id")?;
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(cursor.error(name_span, text!("expected an id of lower-case words and hyphens, found `{}`", name)));
    }
    let (word, on_span) = required(on, "on")?;
    let Some((_, on)) = CUSTOM_SUBJECTS.iter().find(|(known, _)| *known == word) else {
        let error = cursor.error(on_span, text!("expected `on` to be change or component, found `{}`", word));
        return Err(PolicyError { hint: nearest(&word, CUSTOM_SUBJECTS.iter().map(|(known, _)| *known)), ..error });
    };
    let (level, member) = match (deny_if, warn_if) {
        (Some(member), None) => (Level::Deny, member),
        (None, Some(member)) => (Level::Warn, member),
        (found, _) => {
            let found = if found.is_some() { "both" } else { "neither" };
            let message = text!("expected either `deny-if` or `warn-if` in [[custom]], found {}", found);
            return Err(cursor.error(item.span, message));
        }
    };
    let (condition, span) = required(Some(member), &member.key)?;
    let program = expression::compile(&condition, *on).map_err(|wrong| at(cursor, span, wrong))?;
    let (message, message_span) = required(message, "message")?;
    if message.rsplit('}').next().is_some_and(|rest| rest.contains('{')) {
        return Err(
            cursor.error(message_span, text!("expected `}}` behind each `{{` of a message, found `{}`", message))
        );
    }
    for piece in pieces(&message) {
        if let Piece::Value(path) = piece {
            expression::known_path(path, *on).map_err(|wrong| at(cursor, message_span, wrong))?;
        }
    }
    Ok(Custom { name, on: *on, level, condition, message, program: Arc::new(program) })
}

fn at(cursor: &Cursor<'_>, span: Span, Wrong { message, hint }: Wrong) -> PolicyError {
    PolicyError { hint, ..cursor.error(span, message) }
}

fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for old in &before.custom {
        let (old, origin) = (&old.value, &old.origin);
        let new = now.custom.iter().find(|new| new.value.name == old.name);
        let (message, found, origin) = match new {
            None => {
                let nowhere = Origin::whole(origin.file.clone());
                (text!("the custom rule `{}` is removed", old.name), Text::trusted("no rule"), nowhere)
            }
            Some(new) if new.value.level < old.level => (
                text!("the custom rule `{}` goes from {} to {}", old.name, old.level.word(), new.value.level.word()),
                text!("{}", new.value.level.word()),
                new.origin.clone(),
            ),
            Some(new) if new.value.on != old.on => (
                text!(
                    "the custom rule `{}` looks at each {} instead of each {}",
                    old.name,
                    new.value.on.word(),
                    old.on.word()
                ),
                text!("{}", new.value.condition),
                new.origin.clone(),
            ),
            Some(new) if new.value.condition != old.condition => (
                text!("the custom rule `{}` has another condition", old.name),
                text!("{}", new.value.condition),
                new.origin.clone(),
            ),
            Some(_) => continue,
        };
        out.push(Weakening {
            key: text!("custom.{}", old.name),
            message,
            was: Some(text!("{}", old.condition)),
            found,
            origin,
        });
    }
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    for custom in &policy.custom {
        let Custom { name, on, level, condition, message, .. } = &custom.value;
        let line = text!(
            "custom += {{ id = {}, on = {}, {}-if = {}, message = {} }}",
            quoted(name),
            quoted(on.word()),
            level.word(),
            quoted(condition),
            quoted(message)
        );
        out.push(Shown { line, origin: custom.origin.clone() });
    }
}
