//! A text parted into its tags and their values.

use crate::document::{Fault, Span};
use crate::text::Text;

/// What begins a value of several lines.
pub(super) const TEXT: &str = "<text>";

/// What ends one.
pub(super) const TEXT_END: &str = "</text>";

/// A part of a text, which knows where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// What stands there.
    pub(super) text: &'a str,
    /// The first byte.
    start: usize,
}

/// A tag and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The tag.
    pub(super) tag: Piece<'a>,
    /// The value, without the marks around one of several lines.
    pub(super) value: Piece<'a>,
}

impl<'a> Piece<'a> {
    /// Returns where it stands.
    pub(super) fn span(&self) -> Span {
        Span { start: self.start, end: self.start + self.text.len() }
    }

    /// Returns it without the blanks around it.
    pub(super) fn trim(self) -> Self {
        let rest = self.text.trim_start();
        Self { start: self.start + (self.text.len() - rest.len()), text: rest.trim_end() }
    }

    /// Parts it at the first place of `mark`, which neither part has.
    pub(super) fn split(self, mark: &str) -> Option<(Self, Self)> {
        let (before, after) = self.text.split_once(mark)?;
        let start = self.start + before.len() + mark.len();
        Some((Self { text: before, start: self.start }, Self { text: after, start }))
    }

    /// Parts it at the first run of blanks.
    pub(super) fn word(self) -> Option<(Self, Self)> {
        let at = self.text.find(char::is_whitespace)?;
        let (before, after) = self.text.split_at_checked(at)?;
        Some((Self { text: before, start: self.start }, Self { text: after, start: self.start + at }.trim()))
    }
}

/// Parts a text. Lines that begin with `#` are comments.
///
/// # Errors
/// A fault at a line that is neither, and at a value that has no end.
pub(super) fn lines(text: &str) -> Result<Vec<Line<'_>>, Fault> {
    let mut out = Vec::new();
    let mut rest = Piece { text, start: 0 };
    while !rest.text.is_empty() {
        let (line, behind) = rest.split("\n").unwrap_or((rest, Piece { text: "", start: text.len() }));
        let bare = line.trim();
        if bare.text.is_empty() || bare.text.starts_with('#') {
            rest = behind;
            continue;
        }
        let is_tag = |tag: &str| !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let Some((tag, value)) = bare.split(":").map(|(tag, value)| (tag.trim(), value.trim())) else {
            return Err(no_tag(bare));
        };
        if !is_tag(tag.text) {
            return Err(no_tag(bare));
        }
        let Some(opened) = value.text.strip_prefix(TEXT) else {
            out.push(Line { tag, value });
            rest = behind;
            continue;
        };
        let start = value.start + (value.text.len() - opened.len());
        let all = Piece { text: text.get(start..).unwrap_or_default(), start };
        let Some((value, after)) = all.split(TEXT_END) else {
            let span = Span { start: value.start, end: start };
            return Err(Fault::new(span, Text::trusted("a text that ends with `</text>`"), Text::trusted("no end")));
        };
        let (end, behind) = after.split("\n").unwrap_or((after, Piece { text: "", start: text.len() }));
        let end = end.trim();
        if !end.text.is_empty() {
            let found = crate::text!("`{}`", end.text);
            return Err(Fault::new(end.span(), Text::trusted("the end of the line behind `</text>`"), found));
        }
        out.push(Line { tag, value });
        rest = behind;
    }
    Ok(out)
}

fn no_tag(line: Piece<'_>) -> Fault {
    Fault::new(line.span(), Text::trusted("a tag, `:` and a value"), crate::text!("`{}`", line.text))
}
