//! YAML 1.2, by `saphyr-parser`, read as the tools that write lock files read it.
//!
//! In lock files anchors and aliases are refused: no tool writes them there, and they are how a small text becomes a
//! large one. Where people write YAML by hand they are followed, up to a bound. Tags are refused. Merge keys are plain
//! keys.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use super::{Fault, Lines, Member, Node, Span, Value, limits, repeated_key, too_deep};
use crate::text::Text;

/// Parses a stream of YAML documents.
///
/// # Errors
/// A fault where the text is not YAML, uses anchors, aliases, tags or keys that are no scalars, repeats a
/// key, or goes over one of the [`limits`].
pub fn yaml(text: &str) -> Result<Vec<Node<'_>>, Fault> {
    read(text, None)
}

/// Parses a stream of YAML documents in which aliases stand for what an anchor names; their values keep the places of
/// the anchor's.
///
/// # Errors
/// As [`yaml`], and where aliases lead to more than [`limits::MAX_ALIASED`] values, or an alias stands in what it names.
pub fn yaml_with_aliases(text: &str) -> Result<Vec<Node<'_>>, Fault> {
    read(text, Some(HashMap::new()))
}

fn read<'a>(text: &'a str, anchors: Option<HashMap<usize, Option<Node<'a>>>>) -> Result<Vec<Node<'a>>, Fault> {
    let parser = Parser::new_from_str(text);
    let mut reader = Reader { parser, lines: Lines::new(text), nodes: 0, anchors, aliased: 0 };
    let mut documents = Vec::new();
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(documents),
            (Event::DocumentStart(_), span) if documents.len() == limits::MAX_DOCUMENTS => {
                let expected = crate::text!("at most {} documents", limits::MAX_DOCUMENTS);
                return Err(Fault::new(span, expected, Text::trusted("one more")));
            }
            (Event::DocumentStart(_), _) => {
                let (event, span) = reader.next()?;
                documents.push(reader.node(event, span, 0)?);
            }
            _ => {}
        }
    }
}

/// A value of a YAML text that is no list or mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar<'a> {
    /// The key it stands under, where it stands right under one.
    pub key: Option<Cow<'a, str>>,
    /// Its text.
    pub text: Cow<'a, str>,
    /// Where it stands.
    pub span: Span,
}

/// Returns every value of a YAML text that is no list or mapping, as often as it is written: anchors, aliases and tags are
/// passed over, and so a small text stays small.
///
/// # Errors
/// A fault where the text is not YAML or goes over one of the [`limits`].
pub fn yaml_scalars(text: &str) -> Result<Vec<Scalar<'_>>, Fault> {
    let (parser, lines) = (Parser::new_from_str(text), Lines::new(text));
    let mut reader = Reader { parser, lines, nodes: 0, anchors: None, aliased: 0 };
    let mut found = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(found),
            Event::Scalar(text, ..) => match open.last_mut() {
                Some(innermost @ Open::Key) => *innermost = Open::Value(Some(text)),
                Some(innermost @ Open::Value(_)) => {
                    let key = innermost.take_key();
                    found.push(Scalar { key, text, span });
                }
                Some(Open::List) | None => found.push(Scalar { key: None, text, span }),
            },
            Event::SequenceStart(..) => open.push(Open::List),
            Event::MappingStart(..) => open.push(Open::Key),
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                pass_over(&mut open);
            }
            Event::Alias(_) => pass_over(&mut open),
            _ => {}
        }
        reader.nodes += 1;
        if reader.nodes > limits::MAX_NODES {
            return Err(Fault::new(span, crate::text!("at most {} values", limits::MAX_NODES), Text::trusted("more")));
        }
        if open.len() > limits::MAX_DEPTH {
            return Err(too_deep(span, limits::MAX_DEPTH));
        }
    }
}

/// A list or mapping that is open.
enum Open<'a> {
    /// A list.
    List,
    /// A mapping in which a key comes next.
    Key,
    /// A mapping in which the value of a key comes next, `None` where the key is no scalar.
    Value(Option<Cow<'a, str>>),
}

impl<'a> Open<'a> {
    /// Returns the key whose value is here, behind which comes another.
    fn take_key(&mut self) -> Option<Cow<'a, str>> {
        match std::mem::replace(self, Self::Key) {
            Self::Value(key) => key,
            Self::List | Self::Key => None,
        }
    }
}

/// Takes note of a key or a value of the innermost mapping that is no scalar.
fn pass_over(open: &mut [Open<'_>]) {
    match open.last_mut() {
        Some(innermost @ Open::Key) => *innermost = Open::Value(None),
        Some(innermost @ Open::Value(_)) => *innermost = Open::Key,
        Some(Open::List) | None => {}
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    lines: Lines<'a>,
    nodes: usize,
    /// What each anchor names, `None` while it is being read; `None` as a whole where anchors are refused.
    anchors: Option<HashMap<usize, Option<Node<'a>>>>,
    /// How many values aliases have stood for.
    aliased: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        match self.parser.next_event() {
            Some(Ok((event, marks))) => Ok((event, self.span(marks))),
            Some(Err(error)) => {
                let marker = error.marker();
                let start = self.lines.offset(marker.line(), marker.col());
                let span = Span { start, end: start };
                Err(match error.info() {
                    // The library bounds lists and mappings in brackets itself, a little lower.
                    "recursion limit exceeded" => too_deep(span, limits::MAX_DEPTH),
                    info => told(span, info),
                })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn span(&self, marks: Marks) -> Span {
        Span {
            start: self.lines.offset(marks.start.line(), marks.start.col()),
            end: self.lines.offset(marks.end.line(), marks.end.col()),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node<'a>, Fault> {
        if depth > limits::MAX_DEPTH {
            return Err(too_deep(span, limits::MAX_DEPTH));
        }
        self.nodes += 1;
        if self.nodes > limits::MAX_NODES {
            return Err(Fault::new(span, crate::text!("at most {} values", limits::MAX_NODES), Text::trusted("more")));
        }
        let anchor = match &event {
            Event::Scalar(_, _, anchor, None)
            | Event::SequenceStart(anchor, None)
            | Event::MappingStart(anchor, None) => *anchor,
            _ => 0,
        };
        if anchor > 0 && self.anchors.is_some() {
            return self.anchored(anchor, event, span, depth);
        }
        match event {
            Event::Scalar(text, style, 0, None) => Ok(Node { span, value: scalar(text, style) }),
            Event::SequenceStart(0, None) => self.sequence(span, depth),
            Event::MappingStart(0, None) => self.mapping(span, depth),
            Event::Alias(anchor) if self.anchors.is_some() => self.alias(anchor, span, depth),
            Event::Alias(_) => Err(plain(span, "an alias")),
            Event::Scalar(_, _, 0, _) | Event::SequenceStart(0, _) | Event::MappingStart(0, _) => {
                Err(plain(span, "a tag"))
            }
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => Err(plain(span, "an anchor")),
            _ => Err(plain(span, "nothing")),
        }
    }

    fn anchored(&mut self, anchor: usize, event: Event<'a>, span: Span, depth: usize) -> Result<Node<'a>, Fault> {
        if let Some(anchors) = &mut self.anchors {
            anchors.insert(anchor, None);
        }
        let node = match event {
            Event::Scalar(text, style, ..) => Node { span, value: scalar(text, style) },
            Event::SequenceStart(..) => self.sequence(span, depth)?,
            _ => self.mapping(span, depth)?,
        };
        let copy = self.copied(&node, span)?;
        if let Some(anchors) = &mut self.anchors {
            anchors.insert(anchor, Some(copy));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span, depth: usize) -> Result<Node<'a>, Fault> {
        let named = self.anchors.as_ref().and_then(|anchors| anchors.get(&anchor)).and_then(Option::as_ref);
        let Some(node) = named else {
            return Err(Fault::new(
                span,
                Text::trusted("an alias for what stands before it"),
                Text::trusted("another"),
            ));
        };
        if depth + extent(node, limits::MAX_ALIASED).1 > limits::MAX_DEPTH {
            return Err(too_deep(span, limits::MAX_DEPTH));
        }
        let node = node.clone();
        self.copied(&node, span)
    }

    /// Copies a value, counted before anything is copied.
    fn copied(&mut self, node: &Node<'a>, span: Span) -> Result<Node<'a>, Fault> {
        let room = limits::MAX_ALIASED.saturating_sub(self.aliased);
        let (count, _) = extent(node, room);
        if count > room {
            let expected = crate::text!("anchors and aliases for at most {} values", limits::MAX_ALIASED);
            return Err(Fault::new(span, expected, Text::trusted("more")));
        }
        self.aliased += count;
        Ok(node.clone())
    }

    fn sequence(&mut self, mut span: Span, depth: usize) -> Result<Node<'a>, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    span.end = end.end.max(span.end);
                    return Ok(Node { span, value: Value::Sequence(items) });
                }
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, mut span: Span, depth: usize) -> Result<Node<'a>, Fault> {
        let mut members = Vec::new();
        loop {
            let (event, key_span) = self.next()?;
            let key = match event {
                Event::MappingEnd => {
                    span.end = key_span.end.max(span.end);
                    return match repeated_key(&members) {
                        Some(fault) => Err(fault),
                        None => Ok(Node { span, value: Value::Mapping(members) }),
                    };
                }
                Event::Scalar(text, _, 0, None) => text,
                _ => return Err(plain(key_span, "a key that is none")),
            };
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            members.push(Member { key, key_span, value });
        }
    }
}

/// Returns how many values a value holds, itself included and counted up to one more than `most`, and how deep they
/// nest.
fn extent(node: &Node<'_>, most: usize) -> (usize, usize) {
    let (mut count, mut depth) = (1, 0);
    let mut add = |inner: &Node<'_>| {
        if count <= most {
            let (more, below) = extent(inner, most - count);
            count += more;
            depth = depth.max(below + 1);
        }
    };
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(&mut add),
        Value::Mapping(members) => members.iter().map(|member| &member.value).for_each(&mut add),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
    }
    (count, depth)
}

/// Returns a fault in which the library's message (`while …, found …` or `…, did not find expected …`) is taken apart.
fn told(span: Span, info: &str) -> Fault {
    let (context, problem) = match info.split_once(", ") {
        Some((context, problem)) if context.starts_with("while ") => (context, problem),
        _ => ("", info),
    };
    let (expected, found) = match (problem.strip_prefix("did not find expected "), problem.strip_prefix("found ")) {
        (Some(expected), _) => (expected, "something else"),
        (None, Some(found)) => ("YAML", found),
        (None, None) => ("YAML", problem),
    };
    Fault::new(span, Text::of(expected), Text::of([found, context].join(" ").trim_end()))
}

fn plain(span: Span, found: &str) -> Fault {
    Fault::new(span, Text::trusted("plain text, lists and tables"), Text::trusted(found))
}

/// Resolves a scalar by the core schema (YAML 1.2.2, section 10.3.2).
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Value<'_> {
    if style != ScalarStyle::Plain {
        return Value::String(text);
    }
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        other if is_number(other) => Value::Number(text),
        _ => Value::String(text),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok()
}
