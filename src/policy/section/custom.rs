//! `[[custom]]`: rules of the user's own, judged by CEL.
//!
//! An expression is checked when the policy is read: what it names must exist. It sees one change or one
//! component, and can neither loop without end nor reach anything else.

use std::fmt;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Context, Program, Value as CelValue};

use super::super::error::nearest;
use super::super::{Catalogue, Policy, PolicyError, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::{Member, Node};
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

/// What a custom rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomSubject {
    /// Each change of a component; needs a base.
    Change,
    /// Each component.
    Component,
}

/// The words for what a custom rule looks at.
pub const CUSTOM_SUBJECTS: [(&str, CustomSubject); 2] =
    [("change", CustomSubject::Change), ("component", CustomSubject::Component)];

/// The longest expression.
const MAX_EXPRESSION: usize = 4096;

/// How deep an expression may nest parentheses and lists.
const MAX_NESTING: usize = 32;

/// The functions an expression may call, beside operators and macros (`has`, `all`, `exists`, `map`, `filter`).
const FUNCTIONS: [&str; 8] = ["contains", "double", "endsWith", "int", "matches", "size", "startsWith", "string"];

/// What a value that an expression sees consists of.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Record(&'static [(&'static str, Self)]),
    List,
    Leaf,
}

static SOURCE: [(&str, Shape); 4] =
    [("commit", Shape::Leaf), ("host", Shape::Leaf), ("kind", Shape::Leaf), ("url", Shape::Leaf)];
static COMPONENT: [(&str, Shape); 12] = [
    ("digests", Shape::List),
    ("ecosystem", Shape::Leaf),
    ("install_script", Shape::Leaf),
    ("license", Shape::Leaf),
    ("name", Shape::Leaf),
    ("path", Shape::Leaf),
    ("purl", Shape::Leaf),
    ("relation", Shape::Leaf),
    ("resolved", Shape::Leaf),
    ("scope", Shape::Leaf),
    ("source", Shape::Record(&SOURCE)),
    ("version", Shape::Leaf),
];
static CHANGE: [(&str, Shape); 4] = [
    ("after", Shape::Record(&COMPONENT)),
    ("before", Shape::Record(&COMPONENT)),
    ("fields", Shape::List),
    ("kind", Shape::Leaf),
];

impl CustomSubject {
    /// Returns the word for it, which is also the name of the value in expressions.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Component => "component",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Change => Shape::Record(&CHANGE),
            Self::Component => Shape::Record(&COMPONENT),
        }
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
            Err(error) => Err(text!("{}", error.to_string())),
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
                    let shown = match value.pointer(&pointer) {
                        Some(serde_json::Value::String(found)) => text!("{}", found),
                        Some(other) => text!("{}", other.to_string()),
                        None => Text::default(),
                    };
                    out.push_str(shown.as_str());
                }
            }
        }
        Text::trusted(out)
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

const KEYS: [&str; 5] = ["id", "on", "deny-if", "warn-if", "message"];

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for item in cursor.try_items(node, "[[custom]]")? {
        let custom = read_one(cursor, item)?;
        if policy.custom.iter().any(|known| known.value.name == custom.name) {
            return Err(
                cursor.error(item.span, text!("expected each custom rule once, found `{}` a second time", custom.name))
            );
        }
        policy.custom.push(cursor.sourced(custom, item.span));
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
        _ => return Err(cursor.error(item.span, Text::trusted("expected either `deny-if` or `warn-if` in [[custom]]"))),
    };
    let (condition, span) = required(Some(member), &member.key)?;
    let program = compile(cursor, span, &condition, *on)?;
    let (message, message_span) = required(message, "message")?;
    for piece in pieces(&message) {
        if let Piece::Value(path) = piece {
            known_path(path, *on).map_err(|message| cursor.error(message_span, message))?;
        }
    }
    Ok(Custom { name, on: *on, level, condition, message, program: Arc::new(program) })
}

fn compile(
    cursor: &Cursor<'_>,
    span: crate::document::Span,
    condition: &str,
    on: CustomSubject,
) -> Result<Program, PolicyError> {
    if condition.len() > MAX_EXPRESSION || nesting(condition) > MAX_NESTING {
        let message = text!(
            "expected an expression of at most {} bytes, nested at most {} deep, found a larger one",
            MAX_EXPRESSION,
            MAX_NESTING
        );
        return Err(cursor.error(span, message));
    }
    let program = Program::compile(condition).map_err(|errors| {
        let first = errors.errors.first().map(|error| error.msg.clone()).unwrap_or_default();
        cursor.error(
            span,
            text!("expected a CEL expression, found `{}`: {}", condition, first.lines().next().unwrap_or_default()),
        )
    })?;
    check(program.expression(), on, &mut Vec::new()).map_err(|message| cursor.error(span, message))?;
    Ok(program)
}

fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'?' | b'!' | b'-' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Makes sure that a path of a message leads somewhere.
fn known_path(path: &str, on: CustomSubject) -> Result<(), Text> {
    let mut parts = path.split('.');
    let root = parts.next().unwrap_or_default();
    if root != on.word() {
        return Err(text!("unknown name `{}`, expected `{}`", root, on.word()));
    }
    parts.try_fold(on.shape(), |shape, part| field(shape, part).map(|found| found.unwrap_or(Shape::Leaf))).map(drop)
}

fn field(shape: Shape, name: &str) -> Result<Option<Shape>, Text> {
    match shape {
        Shape::Record(fields) => match fields.iter().find(|(known, _)| *known == name) {
            Some((_, shape)) => Ok(Some(*shape)),
            None => {
                let known: Vec<&str> = fields.iter().map(|(known, _)| *known).collect();
                Err(text!("unknown field `{}`, expected one of {}", name, known.join(", ")))
            }
        },
        Shape::List | Shape::Leaf => Err(text!("unknown field `{}` of a plain value", name)),
    }
}

/// Walks an expression and makes sure that every name in it exists. Returns the shape of what it yields, where
/// that is known.
fn check(node: &IdedExpr, on: CustomSubject, bound: &mut Vec<String>) -> Result<Option<Shape>, Text> {
    match &node.expr {
        Expr::Ident(name) if name == on.word() => Ok(Some(on.shape())),
        Expr::Ident(name) if bound.contains(name) => Ok(None),
        Expr::Ident(name) => Err(text!("unknown name `{}`, expected `{}`", name, on.word())),
        Expr::Select(select) => match check(&select.operand, on, bound)? {
            Some(shape) => field(shape, &select.field),
            None => Ok(None),
        },
        Expr::Call(call) => {
            let is_operator = call.func_name.starts_with(|c: char| !c.is_ascii_alphabetic());
            if !is_operator && !FUNCTIONS.contains(&call.func_name.as_str()) {
                return Err(text!("unknown function `{}`, expected one of {}", call.func_name, FUNCTIONS.join(", ")));
            }
            for part in call.target.as_deref().into_iter().chain(&call.args) {
                check(part, on, bound)?;
            }
            Ok(None)
        }
        Expr::Comprehension(comprehension) => {
            // One inside another takes time that grows with the power of the nesting, and CEL has no clock.
            if !bound.is_empty() {
                return Err(Text::trusted("expected no comprehension (all, exists, map, filter) inside another"));
            }
            check(&comprehension.iter_range, on, bound)?;
            bound.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
            bound.extend(comprehension.iter_var2.clone());
            for part in
                [&comprehension.accu_init, &comprehension.loop_cond, &comprehension.loop_step, &comprehension.result]
            {
                check(part, on, bound)?;
            }
            bound.clear();
            Ok(None)
        }
        Expr::List(list) => {
            for part in &list.elements {
                check(part, on, bound)?;
            }
            Ok(None)
        }
        Expr::Map(map) => {
            for entry in &map.entries {
                match &entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        check(&entry.key, on, bound)?;
                        check(&entry.value, on, bound)?;
                    }
                    EntryExpr::StructField(field) => drop(check(&field.value, on, bound)?),
                }
            }
            Ok(None)
        }
        Expr::Struct(message) => Err(text!("unknown type `{}`", message.type_name)),
        Expr::Literal(_) | Expr::Unspecified => Ok(None),
    }
}

fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for old in &before.custom {
        let (old, origin) = (&old.value, &old.origin);
        let new = now.custom.iter().find(|new| new.value.name == old.name);
        let (message, found, origin) = match new {
            None => (text!("the custom rule `{}` is removed", old.name), Text::trusted("no rule"), origin),
            Some(new) if new.value.level < old.level => (
                text!("the custom rule `{}` goes from {} to {}", old.name, old.level.word(), new.value.level.word()),
                text!("{}", new.value.level.word()),
                &new.origin,
            ),
            Some(new) if (&new.value.condition, new.value.on) != (&old.condition, old.on) => (
                text!("the custom rule `{}` has another condition", old.name),
                text!("{}", new.value.condition),
                &new.origin,
            ),
            Some(_) => continue,
        };
        out.push(Weakening {
            key: text!("custom.{}", old.name),
            message,
            was: text!("{}", old.condition),
            found,
            origin: origin.clone(),
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
