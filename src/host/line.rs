//! Lines of configuration files, as bytes with their numbers.

use serde::{Deserialize, Serialize};

use crate::document::Position;
use crate::fact::Location;
use crate::text::Text;
use crate::tree::TreePath;

/// Where a fact was read: a file, and a line of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, as it is named in its folder.
    pub path: TreePath,
    /// The line, from one; `None` for the file as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Place {
    /// Returns the place of a whole file.
    #[must_use]
    pub fn file(path: &TreePath) -> Self {
        Self { path: path.clone(), line: None }
    }

    /// Returns the place as a location of a finding.
    #[must_use]
    pub fn location(&self) -> Location {
        let position = self.line.map(|line| Position { line, column: 1 });
        Location { path: self.path.clone(), position, width: 1 }
    }

    /// Returns the place as it is shown: from the root on, with the line.
    #[must_use]
    pub fn shown(&self) -> Text {
        match self.line {
            Some(line) => crate::text!("/{}:{}", self.path, line),
            None => crate::text!("/{}", self.path),
        }
    }
}

/// A line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number, from one.
    pub number: u32,
    /// Its bytes, without the end of the line.
    pub bytes: &'a [u8],
}

impl<'a> Line<'a> {
    /// Returns it without blanks at both ends.
    #[must_use]
    pub fn trimmed(&self) -> &'a [u8] {
        self.bytes.trim_ascii()
    }

    /// Returns it as text, in which bytes that are no UTF-8 are a mark each.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }
}

/// Returns the lines of a file, numbered from one.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let is_empty = bytes.is_empty();
    bytes
        .split(|byte| *byte == b'\n')
        .filter(move |_| !is_empty)
        .zip(1_u32..)
        .map(|(bytes, number)| Line { number, bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered() {
        let check = |text: &str, expected: &[(u32, &str)]| {
            let found: Vec<(u32, String)> =
                lines(text.as_bytes()).map(|line| (line.number, line.text().into_owned())).collect();
            let expected: Vec<(u32, String)> = expected.iter().map(|(at, line)| (*at, (*line).to_owned())).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("\n", &[]);
        check("a", &[(1, "a")]);
        check("a\r\n\nb\n", &[(1, "a"), (2, ""), (3, "b")]);
    }
}
