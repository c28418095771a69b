//! The language of `go.mod` and `go.work`.
//!
//! It is documented in the Go Modules Reference, section "Lexical elements" and "Grammar", and by the reader of the go
//! command, `golang.org/x/mod/modfile`. The go command refuses the whole file at the first fault; here a line that is
//! not in the language is a gap, and the others are read.

use std::borrow::Cow;

use crate::document::{Fault, Span};
use crate::text;
use crate::text::{Text, is_unseen};

/// A word of a line.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    /// The word, without quotes and escapes.
    pub(super) text: Cow<'a, str>,
    /// Where it stands, quotes included.
    pub(super) span: Span,
}

/// A directive with its arguments; in a block each line is one.
#[derive(Clone, Debug)]
pub(super) struct Directive<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its arguments.
    pub(super) arguments: Vec<Word<'a>>,
    /// Where it stands: in a block without its name.
    pub(super) span: Span,
    /// The comment at the end of the line, without its slashes.
    pub(super) comment: &'a str,
}

impl Directive<'_> {
    /// Returns the argument of a directive that has one.
    ///
    /// # Errors
    /// A fault where it has none, or several.
    pub(super) fn argument(&self, what: &str) -> Result<&Word<'_>, Fault> {
        match self.arguments.as_slice() {
            [argument] => Ok(argument),
            arguments => Err(self.fault(text!("`{}` with {}", self.name, what), arguments.len())),
        }
    }

    /// Returns the fault of a directive whose arguments are not what they must be.
    pub(super) fn fault(&self, expected: Text, found: usize) -> Fault {
        let found = match found {
            0 => Text::trusted("nothing"),
            1 => Text::trusted("one word"),
            count => text!("{} words", count),
        };
        Fault::new(self.span, expected, found)
    }
}

/// What a file holds: its directives, and why some lines could not be read.
#[derive(Debug, Default)]
pub(super) struct Lines<'a> {
    /// The directives, in the order of the file.
    pub(super) directives: Vec<Directive<'a>>,
    /// What stands on lines that are not in the language.
    pub(super) faults: Vec<Fault>,
    /// That a block does not end: the file was cut off.
    pub(super) cut_off: Option<Fault>,
}

/// Reads a file whose directives of the names `blocks` may be written as blocks.
pub(super) fn parse<'a>(text: &'a str, blocks: &[&str]) -> Lines<'a> {
    let mut lines = Lines::default();
    let mut block: Option<Word<'a>> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let (words, comment) = match words(text, at, line.trim_end_matches(['\n', '\r'])) {
            Ok(line) => line,
            Err(fault) => {
                lines.faults.push(fault);
                continue;
            }
        };
        let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
        let span = Span { start: first.span.start, end: last.span.end };
        let is = |word: &Word<'_>, mark: &str| raw(text, word) == mark;
        match (&block, words.as_slice()) {
            (Some(_), [only]) if is(only, ")") => block = None,
            (Some(_), [first, ..]) if is(first, ")") => {
                let found = Text::trusted("more on its line");
                lines.faults.push(Fault::new(span, Text::trusted("the end of a block by itself"), found));
                block = None;
            }
            (Some(name), _) => {
                let name = raw(text, name);
                lines.directives.push(Directive { name, arguments: words, span, comment });
            }
            (None, [name, open]) if is(open, "(") => {
                if !blocks.contains(&raw(text, name)) {
                    lines.faults.push(no_block(name));
                }
                block = Some(name.clone());
            }
            (None, [name, open, close]) if is(open, "(") && is(close, ")") => {
                if !blocks.contains(&raw(text, name)) {
                    lines.faults.push(no_block(name));
                }
            }
            (None, [_, .., open]) if is(open, "(") => {
                let expected = Text::trusted("a block with one name");
                lines.faults.push(Fault::new(span, expected, text!("{} words", words.len() - 1)));
                // What follows belongs to nothing.
                block = Some(Word { text: Cow::Borrowed(""), span: Span { start: at, end: at } });
            }
            (None, _) => {
                let name = raw(text, first);
                let arguments = words.into_iter().skip(1).collect();
                lines.directives.push(Directive { name, arguments, span, comment });
            }
        }
    }
    lines.cut_off = block
        .map(|name| Fault::new(name.span, Text::trusted("a block that ends"), Text::trusted("the end of the file")));
    lines
}

fn no_block(name: &Word<'_>) -> Fault {
    Fault::new(name.span, Text::trusted("a directive that may be a block"), text!("`{}`", *name.text))
}

/// Returns a word as it is written.
fn raw<'a>(text: &'a str, word: &Word<'_>) -> &'a str {
    text.get(word.span.start..word.span.end).unwrap_or_default()
}

/// Splits a line, which stands at `offset` of the text, into words and the comment at its end.
fn words<'a>(text: &'a str, offset: usize, line: &'a str) -> Result<(Vec<Word<'a>>, &'a str), Fault> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { return Ok((words, "")) };
        let here = |length: usize| Span { start: offset + at, end: offset + at + length };
        if let Some(comment) = rest.strip_prefix("//") {
            return Ok((words, comment));
        }
        if rest.starts_with("/*") {
            return Err(block_comment(here(2)));
        }
        match first {
            ' ' | '\t' | '\r' => at += 1,
            '(' | ')' | '[' | ']' | '{' | '}' | ',' => {
                words.push(Word { text: Cow::Borrowed(rest.get(..1).unwrap_or_default()), span: here(1) });
                at += 1;
            }
            '"' | '`' => {
                let length = quoted(rest, first).ok_or_else(|| {
                    let found = Text::trusted("one that goes on to the end of the line");
                    Fault::new(here(rest.len()), Text::trusted("a string that ends"), found)
                })?;
                let inside = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
                let text = if first == '`' { Cow::Borrowed(inside) } else { unescaped(inside, here(length))? };
                words.push(Word { text, span: here(length) });
                at += length;
            }
            _ => {
                let length = bare(rest);
                if rest.get(length..).is_some_and(|rest| rest.starts_with("/*")) {
                    return Err(block_comment(Span { start: offset + at + length, end: offset + at + length + 2 }));
                }
                let word = rest.get(..length).unwrap_or_default();
                if let Some(character) = word.chars().find(|character| !is_printable(*character)) {
                    return Err(Fault::new(
                        here(length),
                        Text::trusted("visible characters"),
                        text!("`{}`", character.to_string()),
                    ));
                }
                if word.contains(['"', '\'', '`']) {
                    return Err(Fault::new(
                        here(length),
                        Text::trusted("quotes around a whole word"),
                        text!("`{}`", word),
                    ));
                }
                words.push(Word {
                    text: Cow::Borrowed(text.get(offset + at..offset + at + length).unwrap_or_default()),
                    span: here(length),
                });
                at += length;
            }
        }
    }
}

fn block_comment(span: Span) -> Fault {
    Fault::new(span, Text::trusted("comments that begin with `//`"), Text::trusted("`/*`"))
}

fn is_printable(character: char) -> bool {
    !character.is_control() && !character.is_whitespace() && !is_unseen(character)
}

/// Returns the length of the word that a text begins with.
fn bare(text: &str) -> usize {
    let ends = |(at, character): (usize, char)| {
        let rest = text.get(at..).unwrap_or_default();
        let is_mark = matches!(character, ' ' | '\t' | '\r' | '(' | ')' | '[' | ']' | '{' | '}' | ',');
        is_mark || (character == '/' && (rest.starts_with("//") || rest.starts_with("/*")))
    };
    text.char_indices().find(|found| ends(*found)).map_or(text.len(), |(at, _)| at)
}

/// Returns the length of the string that a text begins with, quotes included.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Undoes the escapes of a string. No tool writes others than these two, which would only hide a name.
fn unescaped(text: &str, span: Span) -> Result<Cow<'_, str>, Fault> {
    if !text.contains('\\') {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.as_str().chars().next()) {
            ('\\', Some(next @ ('\\' | '"'))) => {
                out.push(next);
                characters.next();
            }
            ('\\', _) => {
                let expected = Text::trusted("no escapes but `\\\\` and `\\\"`");
                return Err(Fault::new(span, expected, text!("`{}`", text)));
            }
            (other, _) => out.push(other),
        }
    }
    Ok(Cow::Owned(out))
}
