//! The expressions of custom rules, in CEL: compiled, bounded, and checked to name only what exists.
//!
//! CEL itself knows no limit of time, depth or steps, and finds an unknown name only when it meets it.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue};
use cel::{Context, ExecutionError, Program};

use super::error::nearest;
use crate::text;
use crate::text::Text;

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

/// How deep an expression may nest brackets, which its parser follows by recursion.
const MAX_NESTING: usize = 24;

/// How deep the operations of an expression may lie one in the other, which its evaluation follows by recursion.
/// A chain of `||` or `&&` counts by the logarithm of its length.
const MAX_DEPTH: usize = 64;

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

/// Compiles an expression, every name in which exists.
pub(super) fn compile(condition: &str, on: CustomSubject) -> Result<Program, Wrong> {
    if condition.len() > MAX_EXPRESSION {
        return Err(
            text!("expected an expression of at most {} bytes, found {}", MAX_EXPRESSION, condition.len()).into()
        );
    }
    if nesting(condition) > MAX_NESTING {
        return Err(too_deep(MAX_NESTING).into());
    }
    let program = Program::compile(condition).map_err(|errors| {
        let first = errors.errors.first().map(|error| error.msg.as_str()).unwrap_or_default();
        Wrong::from(text!("expected a CEL expression, found {} in `{}`", syntax_error(first), condition))
    })?;
    Checker { on, bound: Vec::new() }.check(program.expression(), MAX_DEPTH)?;
    Ok(program)
}

fn too_deep(max: usize) -> Text {
    text!("expected an expression nested at most {} deep, found a deeper one", max)
}

/// Returns the depth of brackets outside of strings. The parser has a limit of its own, which is higher than a
/// small stack is deep.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut quote: Option<u8> = None;
    let mut is_raw = false;
    let mut bytes = text.bytes();
    let mut last = b' ';
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(_), b'\\') if !is_raw => drop(bytes.next()),
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => (quote, is_raw) = (Some(byte), last.eq_ignore_ascii_case(&b'r')),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        last = byte;
        deepest = deepest.max(depth);
    }
    deepest
}

/// Returns the word at which the parser stopped, out of its message (`mismatched input 'WORD' expecting …`).
fn syntax_error(message: &str) -> Text {
    let head = message.split(" expecting ").next().unwrap_or_default();
    match head.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')) {
        Some(("<EOF>", _)) => Text::trusted("an end too early"),
        Some((word, _)) if !word.is_empty() => text!("`{}`", word),
        _ => Text::trusted("something else"),
    }
}

/// Returns what an expression met that it could not work with. The library's own words hold `Debug` output.
pub(super) fn met(error: &ExecutionError) -> Text {
    if let ExecutionError::FunctionError { function, message } = error {
        // Of several lines the last one names the fault.
        let message = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
        return text!("`{}` met {}", function, message);
    }
    if let ExecutionError::NoSuchOverload(overload) = error {
        return text!("{}", overload.to_string());
    }
    if let ExecutionError::NoSuchKey(key) = error {
        return text!("expected the key `{}`, found none", **key);
    }
    Text::trusted(if matches!(error, ExecutionError::IndexOutOfBounds(_)) {
        "expected an index within the list, found one behind its end"
    } else if matches!(error, ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_)) {
        "expected a divisor, found zero"
    } else if matches!(error, ExecutionError::Overflow(..)) {
        "expected a number of 64 bits, found a larger one"
    } else {
        "expected values that fit each other, found others"
    })
}

/// Makes sure that a path of a message leads somewhere.
pub(super) fn known_path(path: &str, on: CustomSubject) -> Result<(), Wrong> {
    let mut parts = path.split('.');
    match parts.next().unwrap_or_default() {
        "" => return Err(text!("expected a name such as `{}` between braces, found none", on.word()).into()),
        root if root != on.word() => return Err(Wrong::unknown("name", root, [on.word()])),
        _ => {}
    }
    parts.try_fold(on.shape(), |shape, part| field(shape, part).map(|found| found.unwrap_or(Shape::Leaf))).map(drop)
}

fn field(shape: Shape, name: &str) -> Result<Option<Shape>, Wrong> {
    match shape {
        Shape::Record(fields) => match fields.iter().find(|(known, _)| *known == name) {
            Some((_, shape)) => Ok(Some(*shape)),
            None => Err(Wrong::unknown("field", name, fields.iter().map(|(known, _)| *known))),
        },
        Shape::List | Shape::Leaf => Err(text!("expected no field of a plain value, found `{}`", name).into()),
    }
}

/// Makes sure that every name in an expression exists.
struct Checker {
    on: CustomSubject,
    /// The names that the comprehension around binds.
    bound: Vec<String>,
}

impl Checker {
    /// Walks an expression. Returns the shape of what it yields, where that is known.
    fn check(&mut self, node: &IdedExpr, depth: usize) -> Result<Option<Shape>, Wrong> {
        let Some(depth) = depth.checked_sub(1) else { return Err(too_deep(MAX_DEPTH).into()) };
        match &node.expr {
            Expr::Ident(name) if name == self.on.word() => Ok(Some(self.on.shape())),
            Expr::Ident(name) if self.bound.contains(name) => Ok(None),
            Expr::Ident(name) => Err(Wrong::unknown("name", name, [self.on.word()])),
            Expr::Select(select) => match self.check(&select.operand, depth)? {
                Some(shape) => field(shape, &select.field),
                None => Ok(None),
            },
            Expr::Call(call) => self.call(call, depth),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
            Expr::List(list) => {
                list.elements.iter().try_for_each(|part| self.check(part, depth).map(drop))?;
                Ok(None)
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    match &entry.expr {
                        EntryExpr::MapEntry(entry) => {
                            self.check(&entry.key, depth)?;
                            self.check(&entry.value, depth)?;
                        }
                        EntryExpr::StructField(field) => drop(self.check(&field.value, depth)?),
                    }
                }
                Ok(None)
            }
            Expr::Struct(message) => Err(Wrong::unknown("type", &message.type_name, [])),
            Expr::Literal(_) | Expr::Unspecified => Ok(None),
        }
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<Option<Shape>, Wrong> {
        let is_operator = call.func_name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        if !is_operator && !FUNCTIONS.contains(&call.func_name.as_str()) {
            return Err(Wrong::unknown("function", &call.func_name, FUNCTIONS));
        }
        let mut shapes = Vec::new();
        for part in call.target.as_deref().into_iter().chain(&call.args) {
            shapes.push(self.check(part, depth)?);
        }
        let last = call.args.last().and_then(word);
        match (call.func_name.as_str(), last) {
            // A field may be named in brackets as well.
            ("_[_]", Some(name)) => match shapes.first().copied().flatten() {
                Some(shape @ Shape::Record(_)) => field(shape, name),
                _ => Ok(None),
            },
            ("matches", Some(pattern)) => match is_pattern(pattern) {
                true => Ok(None),
                false => Err(text!("expected a regular expression, found `{}`", pattern).into()),
            },
            _ => Ok(None),
        }
    }

    fn comprehension(&mut self, inner: &ComprehensionExpr, depth: usize) -> Result<Option<Shape>, Wrong> {
        // One inside another takes time that grows with the power of the nesting, and CEL has no clock.
        if !self.bound.is_empty() {
            let message = "expected one comprehension (all, exists, map, filter), found another inside it";
            return Err(Text::trusted(message).into());
        }
        self.check(&inner.iter_range, depth)?;
        self.bound.extend([inner.iter_var.clone(), inner.accu_var.clone()]);
        self.bound.extend(inner.iter_var2.clone());
        for part in [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result] {
            self.check(part, depth)?;
        }
        self.bound.clear();
        Ok(None)
    }
}

/// Returns the text of a string that is written out.
fn word(node: &IdedExpr) -> Option<&str> {
    let Expr::Literal(LiteralValue::String(text)) = &node.expr else { return None };
    Some(text.inner())
}

/// Whether CEL takes a text for a regular expression.
fn is_pattern(text: &str) -> bool {
    let mut context = Context::default();
    let program = Program::compile("''.matches(pattern)");
    context.add_variable("pattern", text).is_ok() && program.is_ok_and(|program| program.execute(&context).is_ok())
}

/// What is wrong with an expression or a message, and a way out.
pub(super) struct Wrong {
    pub(super) message: Text,
    pub(super) hint: Option<Text>,
}

impl Wrong {
    fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { message: text!("unknown {} `{}` in [[custom]]", what, name), hint: nearest(name, known) }
    }
}

impl From<Text> for Wrong {
    fn from(message: Text) -> Self {
        Self { message, hint: None }
    }
}
