//! The language of yarn 1's lock files, taken as strictly as yarn writes it.
//!
//! It is documented by yarn's own `src/lockfile/parse.js` and `stringify.js`. That parser stops without a
//! word where the indentation surprises it, takes several properties from one line, and hands a text it
//! cannot read to a YAML parser; what would lead there is a fault here.

use std::borrow::Cow;

use crate::document::{Fault, Span};
use crate::ecosystem::Unread;
use crate::text;
use crate::text::Text;

/// A piece of text and where it stands, quotes included.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// The text, without quotes and escapes.
    pub(super) text: Cow<'a, str>,
    /// Where it stands.
    pub(super) span: Span,
}

/// An entry: patterns, and what they are locked to.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// The patterns, each `NAME@RANGE`.
    pub(super) patterns: Vec<Token<'a>>,
    /// The properties, in the order of the file.
    pub(super) properties: Vec<(Token<'a>, Property<'a>)>,
}

/// What stands behind the name of a property.
#[derive(Debug)]
pub(super) enum Property<'a> {
    /// One value.
    Value(Token<'a>),
    /// Names with a value each.
    Block(Vec<(Token<'a>, Token<'a>)>),
}

/// Reads the entries of a file.
///
/// # Errors
/// Where the text is not in that language, or states a version of it that is not known here.
pub(super) fn parse(text: &str) -> Result<Vec<Entry<'_>>, Unread> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut states_version = false;
    let mut start = 0;
    // Yarn ends the innermost block at an empty line or a comment.
    let mut interrupted = true;
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let at = Span { start, end: start + content.strip_suffix('\r').unwrap_or(content).len() };
        start += line.len();
        let content = text.get(at.start..at.end).unwrap_or_default();
        if content.contains('\r') {
            let found = Text::trusted("a carriage return within one");
            return Err(Fault::new(at, Text::trusted("lines that end in a line feed"), found).into());
        }
        if let Some(comment) = content.strip_prefix('#') {
            states_version |= is_version_known(comment, at)?;
        }
        if content.is_empty() || content.starts_with('#') {
            interrupted = true;
            continue;
        }
        let indent = content.len() - content.trim_start_matches(' ').len();
        let mut line = Line { text, at: at.start + indent, end: at.end };
        let entry = entries.last_mut().filter(|_| !interrupted);
        match (indent, entry) {
            (0, _) => entries.push(Entry { patterns: line.patterns()?, properties: Vec::new() }),
            (2, Some(entry)) => entry.properties.push(line.property()?),
            (4, Some(Entry { properties, .. })) if matches!(properties.last(), Some((_, Property::Block(_)))) => {
                if let Some((_, Property::Block(block))) = properties.last_mut() {
                    block.push(line.pair()?);
                }
            }
            _ => {
                let expected = Text::trusted("an entry at the start of the line, or its properties right below it");
                return Err(Fault::new(at, expected, text!("a line indented by {}", indent)).into());
            }
        }
        interrupted = false;
    }
    // A project without dependencies still has the comment.
    if entries.is_empty() && !states_version {
        return Err(Fault::new(Span::default(), Text::trusted("a lock file"), Text::trusted("nothing")).into());
    }
    Ok(entries)
}

/// Whether a comment states the version. As yarn 1, refuses one that states another than 1.
fn is_version_known(comment: &str, span: Span) -> Result<bool, Unread> {
    match comment.trim().strip_prefix("yarn lockfile v") {
        Some("1") => Ok(true),
        Some(version) if version.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Unread::version(span, Text::trusted("a lock file of version 1"), text!("version {}", version)))
        }
        _ => Ok(false),
    }
}

/// A line in the reading.
struct Line<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Line<'a> {
    /// Reads `PATTERN, PATTERN:`.
    fn patterns(&mut self) -> Result<Vec<Token<'a>>, Fault> {
        let mut patterns = vec![self.key()?];
        while self.eat(',') {
            self.blanks();
            patterns.push(self.key()?);
        }
        if !self.eat(':') {
            return Err(self.unexpected("a colon"));
        }
        self.done()?;
        Ok(patterns)
    }

    /// Reads `NAME VALUE`, or `NAME:` with a block below it.
    fn property(&mut self) -> Result<(Token<'a>, Property<'a>), Fault> {
        let name = self.key()?;
        let colon = self.eat(':');
        self.blanks();
        if colon && self.at == self.end {
            return Ok((name, Property::Block(Vec::new())));
        }
        let value = self.value()?;
        self.done()?;
        Ok((name, Property::Value(value)))
    }

    /// Reads `NAME VALUE`.
    fn pair(&mut self) -> Result<(Token<'a>, Token<'a>), Fault> {
        match self.property()? {
            (name, Property::Value(value)) => Ok((name, value)),
            (name, Property::Block(_)) => {
                Err(Fault::new(name.span, Text::trusted("a name with a value"), Text::trusted("one without")))
            }
        }
    }

    fn key(&mut self) -> Result<Token<'a>, Fault> {
        let token = self.token()?;
        let is_quoted = self.text.get(token.span.start..).is_some_and(|rest| rest.starts_with('"'));
        let is_word = !token.text.starts_with("true")
            && !token.text.starts_with("false")
            && token.text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.' | '-'));
        if token.text.is_empty() || !(is_quoted || is_word) {
            return Err(Fault::new(token.span, Text::trusted("a name"), text!("`{}`", token.text)));
        }
        Ok(token)
    }

    fn value(&mut self) -> Result<Token<'a>, Fault> {
        let token = self.token()?;
        let is_quoted = self.text.get(token.span.start..).is_some_and(|rest| rest.starts_with('"'));
        let is_number = token.text.bytes().all(|byte| byte.is_ascii_digit());
        let is_boolean = matches!(token.text.as_ref(), "true" | "false");
        let is_word = !token.text.starts_with("true")
            && !token.text.starts_with("false")
            && token.text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.' | '-'));
        if !is_quoted && (token.text.is_empty() || !(is_number || is_boolean || is_word)) {
            return Err(Fault::new(token.span, Text::trusted("a value"), text!("`{}`", token.text)));
        }
        Ok(token)
    }

    /// Reads a text in quotes, or one up to a blank, a colon or a comma.
    fn token(&mut self) -> Result<Token<'a>, Fault> {
        let start = self.at;
        let rest = self.rest();
        if !rest.starts_with('"') {
            let length = rest.find([':', ' ', ',']).unwrap_or(rest.len());
            self.at += length;
            let span = Span { start, end: self.at };
            return Ok(Token { text: Cow::Borrowed(rest.get(..length).unwrap_or_default()), span });
        }
        let mut escaped = false;
        let end = rest.bytes().enumerate().skip(1).find(|(_, byte)| match byte {
            b'"' if !escaped => true,
            b'\\' => {
                escaped = !escaped;
                false
            }
            _ => {
                escaped = false;
                false
            }
        });
        let quoted = end.and_then(|(end, _)| rest.get(..=end));
        let span = Span { start, end: start + quoted.unwrap_or(rest).len() };
        self.at = span.end;
        // Yarn reads it by JSON, too.
        let plain = quoted.and_then(|quoted| quoted.strip_prefix('"')?.strip_suffix('"'));
        let text = match plain.filter(|plain| !plain.contains(|c: char| c == '\\' || c < ' ')) {
            Some(plain) => Some(Cow::Borrowed(plain)),
            None => quoted.and_then(|quoted| serde_json::from_str(quoted).ok().map(Cow::Owned)),
        };
        text.map(|text| Token { text, span })
            .ok_or_else(|| Fault::new(span, Text::trusted("a text in quotes"), text!("`{}`", quoted.unwrap_or(rest))))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn eat(&mut self, character: char) -> bool {
        let found = self.rest().starts_with(character);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    fn done(&mut self) -> Result<(), Fault> {
        self.blanks();
        if self.at == self.end { Ok(()) } else { Err(self.unexpected("the end of the line")) }
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let span = Span { start: self.at, end: self.end };
        let found =
            if self.rest().is_empty() { Text::trusted("the end of the line") } else { text!("`{}`", self.rest()) };
        Fault::new(span, Text::trusted(expected), found)
    }
}
