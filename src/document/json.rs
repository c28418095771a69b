//! JSON, by `jiter`; with comments and trailing commas by `jsonc-parser`.

use std::borrow::Cow;

use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};
use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{Fault, Member, Node, Span, Value, few_enough, limits, repeated_key, too_deep};
use crate::text::Text;

/// Parses JSON (RFC 8259).
///
/// # Errors
/// A fault where the text is not JSON, nests deeper than [`limits::MAX_DEPTH`], holds more values than
/// [`limits::max_nodes`], or repeats a key.
pub fn json(text: &str) -> Result<Node<'_>, Fault> {
    if text.trim_ascii().is_empty() {
        return Err(Fault::new(Span::default(), Text::trusted("JSON"), Text::trusted("an empty file")));
    }
    let mut reader = Reader { text, source: Jiter::new(text.as_bytes()), left: limits::max_nodes(text.len()) };
    let first = reader.source.peek().map_err(|error| reader.fault(error))?;
    let node = reader.node(first, 0)?;
    reader.source.finish().map_err(|error| reader.fault(error))?;
    Ok(node)
}

/// A text that is being read.
struct Reader<'a> {
    text: &'a str,
    source: Jiter<'a>,
    /// How many values may follow.
    left: usize,
}

impl<'a> Reader<'a> {
    fn node(&mut self, first: Peek, depth: usize) -> Result<Node<'a>, Fault> {
        let start = self.source.current_index();
        if depth > limits::MAX_DEPTH {
            return Err(too_deep(Span { start, end: start }, limits::MAX_DEPTH));
        }
        let Some(left) = self.left.checked_sub(1) else {
            let most = limits::max_nodes(self.text.len());
            let span = Span { start, end: start };
            return Err(Fault::new(span, crate::text!("at most {} values", most), Text::trusted("more")));
        };
        self.left = left;
        let value = match first {
            Peek::Null => self.source.known_null().map(|()| Value::Null).map_err(|error| self.fault(error))?,
            Peek::True | Peek::False => {
                Value::Boolean(self.source.known_bool(first).map_err(|error| self.fault(error))?)
            }
            Peek::String => {
                let length = self.source.known_str().map(str::len).map_err(|error| self.fault(error))?;
                Value::String(self.string(start, self.source.current_index(), length)?)
            }
            Peek::Array => self.array(depth)?,
            Peek::Object => self.object(depth)?,
            _ => {
                let read = self.source.known_number_bytes(first).map(|_written| ());
                read.map_err(|error| self.fault(error))?;
                let written = self.text.get(start..self.source.current_index()).unwrap_or_default();
                Value::Number(Cow::Borrowed(written))
            }
        };
        Ok(Node { span: Span { start, end: self.source.current_index() }, value })
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut items = Vec::new();
        let mut next = self.source.known_array().map_err(|error| self.fault(error))?;
        while let Some(first) = next {
            items.push(self.node(first, depth + 1)?);
            next = self.source.array_step().map_err(|error| self.fault(error))?;
        }
        // A large document has millions of small lists: what they hold in reserve would be as much as what they hold.
        items.shrink_to_fit();
        Ok(Value::Sequence(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut members = Vec::new();
        let mut from = self.source.current_index() + 1;
        let mut next = self.source.known_object().map(|key| key.map(str::len));
        while let Some(length) = next.map_err(|error| self.fault(error))? {
            // Before a key stand only blanks and the comma; behind it, blanks and the colon.
            let start = from + self.blank(from);
            let end = start + self.written(start);
            let key = self.string(start, end, length)?;
            let key_span = Span { start, end };
            let first = self.source.peek().map_err(|error| self.fault(error))?;
            members.push(Member { key, key_span, value: self.node(first, depth + 1)? });
            from = self.source.current_index();
            next = self.source.next_key().map(|key| key.map(str::len));
        }
        members.shrink_to_fit();
        repeated_key(&members).map_or(Ok(Value::Mapping(members)), Err)
    }

    /// Counts what stands before the next quotation mark.
    fn blank(&self, from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| **byte != b'"').count()
    }

    /// Returns the length of the string that begins at `start`, its quotation marks included.
    fn written(&self, start: usize) -> usize {
        let mut is_escaped = false;
        let inner = self.text.as_bytes().get(start + 1..).unwrap_or_default().iter();
        let inner = inner.take_while(|byte| {
            let is_end = **byte == b'"' && !is_escaped;
            is_escaped = **byte == b'\\' && !is_escaped;
            !is_end
        });
        inner.count() + 2
    }

    /// Returns the string that stands in quotation marks between two places and is `length` bytes long.
    fn string(&self, start: usize, end: usize, length: usize) -> Result<Cow<'a, str>, Fault> {
        let span = Span { start, end };
        let unsound = || Fault::new(span, Text::trusted("JSON"), Text::trusted("an unsound string"));
        let written = self.text.get(start + 1..end.saturating_sub(1)).ok_or_else(unsound)?;
        // An escape is longer than what it stands for.
        if written.len() == length {
            return Ok(Cow::Borrowed(written));
        }
        let quoted = self.text.get(start..end).ok_or_else(unsound)?;
        serde_json::from_str(quoted)
            .map(Cow::Owned)
            .map_err(|error| Fault::new(span, Text::trusted("JSON"), Text::of(&lower_first(&error.to_string()))))
    }

    fn fault(&self, error: JiterError) -> Fault {
        let JiterError { error_type, index } = error;
        let start = index.min(self.text.len());
        let span = Span { start, end: start };
        let rest = self.text.get(start..).unwrap_or_default();
        let found = match error_type {
            _ if rest.starts_with("//") || rest.starts_with("/*") => Text::trusted("a comment"),
            JiterErrorType::JsonError(JsonErrorType::RecursionLimitExceeded) => {
                return too_deep(span, limits::MAX_DEPTH);
            }
            JiterErrorType::JsonError(kind) => words(&kind),
            JiterErrorType::WrongType { actual, .. } => Text::of(&actual.to_string()),
        };
        Fault::new(span, Text::trusted("JSON"), found)
    }
}

/// Returns a fault of JSON in words that say what was found.
fn words(kind: &JsonErrorType) -> Text {
    use JsonErrorType as Kind;
    Text::trusted(match kind {
        Kind::EofWhileParsingList => "the end of the file in a list",
        Kind::EofWhileParsingObject => "the end of the file in an object",
        Kind::EofWhileParsingString => "the end of the file in a string",
        Kind::EofWhileParsingValue => "the end of the file where a value should stand",
        Kind::ExpectedColon => "no `:` behind a key",
        Kind::ExpectedListCommaOrEnd => "neither `,` nor `]` behind an item",
        Kind::ExpectedObjectCommaOrEnd => "neither `,` nor `}` behind a member",
        Kind::ExpectedSomeIdent | Kind::ExpectedSomeValue => "no value where one should stand",
        Kind::InvalidEscape => "an unknown escape in a string",
        Kind::InvalidNumber | Kind::NumberOutOfRange => "an unsound number",
        Kind::InvalidUnicodeCodePoint | Kind::LoneLeadingSurrogateInHexEscape | Kind::UnexpectedEndOfHexEscape => {
            "an escape in a string that stands for no character"
        }
        Kind::ControlCharacterWhileParsingString => "a control character in a string",
        Kind::KeyMustBeAString => "a key that is no string",
        Kind::TrailingComma => "a comma with nothing behind it",
        Kind::TrailingCharacters => "more behind the value",
        other => return Text::of(&lower_first(&other.to_string())),
    })
}

/// Parses JSON with comments and trailing commas.
///
/// # Errors
/// As [`json`].
pub fn json_with_comments(text: &str) -> Result<Node<'_>, Fault> {
    few_enough(text, b",:[")?;
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let span = Span { start: error.range().start, end: error.range().end };
        if matches!(error.kind(), ParseErrorKind::NestingDepthExceeded) {
            return too_deep(span, limits::MAX_DEPTH);
        }
        Fault::new(span, Text::trusted("JSON"), Text::of(&lower_first(&error.kind().to_string())))
    })?;
    match parsed.value {
        Some(value) => node(text, value, 0),
        None => Err(Fault::new(Span::default(), Text::trusted("JSON"), Text::trusted("an empty file"))),
    }
}
fn node<'a>(text: &'a str, ast: Ast<'a>, depth: usize) -> Result<Node<'a>, Fault> {
    let range = ast.range();
    let span = Span { start: range.start, end: range.end };
    if depth > limits::MAX_DEPTH {
        return Err(too_deep(span, limits::MAX_DEPTH));
    }
    let value = match ast {
        Ast::NullKeyword(_) => Value::Null,
        Ast::BooleanLit(literal) => Value::Boolean(literal.value),
        Ast::NumberLit(literal) => Value::Number(Cow::Borrowed(literal.value)),
        Ast::StringLit(literal) => {
            plain(text, span, &literal.value)?;
            Value::String(literal.value)
        }
        Ast::Array(array) => Value::Sequence(
            array.elements.into_iter().map(|element| node(text, element, depth + 1)).collect::<Result<_, _>>()?,
        ),
        Ast::Object(object) => {
            let mut members = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let key_range = property.name.range();
                let key_span = Span { start: key_range.start, end: key_range.end };
                let key = match property.name {
                    ObjectPropName::String(literal) => literal.value,
                    ObjectPropName::Word(literal) => Cow::Borrowed(literal.value),
                };
                plain(text, key_span, &key)?;
                members.push(Member { key, key_span, value: node(text, property.value, depth + 1)? });
            }
            if let Some(fault) = repeated_key(&members) {
                return Err(fault);
            }
            Value::Mapping(members)
        }
    };
    Ok(Node { span, value })
}

/// Refuses a string that is written with a control character, which the library lets pass and JSON does not
/// (RFC 8259, section 7).
#[expect(clippy::ptr_arg, reason = "a borrowed string is known to be written without escapes")]
fn plain(text: &str, span: Span, value: &Cow<'_, str>) -> Result<(), Fault> {
    let is_control = |byte: u8| byte < b' ';
    // One without escapes is what is written.
    let is_plain = !value.bytes().any(is_control)
        || (matches!(value, Cow::Owned(_))
            && !text.get(span.start..span.end).unwrap_or_default().bytes().any(is_control));
    if is_plain {
        return Ok(());
    }
    let found = Text::trusted("a control character in a string");
    Err(Fault::new(span, Text::trusted("JSON"), found))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
