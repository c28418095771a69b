//! Byte offsets turned into lines and columns.

use serde::{Deserialize, Serialize};

/// A line and a column, both counted from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
}

impl Position {
    /// The first character of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// How many bytes lie between two entries of the table that counts characters in a text that is not ASCII,
/// so that a file of one long line costs no more than one of many.
const STRIDE: usize = 1024;

/// The index of a text's lines.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Characters before each multiple of [`STRIDE`] bytes; empty for ASCII.
    characters: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Indexes `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let characters = if text.is_ascii() {
            Vec::new()
        } else {
            let mut total = 0;
            bytes
                .chunks(STRIDE)
                .map(|chunk| {
                    let before = total;
                    total += leading_bytes(chunk);
                    before
                })
                .collect()
        };
        Self { text, starts, characters }
    }

    /// Returns the position of the byte at `offset`; one behind the end counts as the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.characters_before(offset).saturating_sub(self.characters_before(start)) + 1;
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    /// Returns the byte offset of the character at `column` (from zero) of `line` (from one).
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        if self.characters.is_empty() {
            return (start + column).min(self.text.len());
        }
        self.text
            .get(start..)
            .map_or(start, |rest| rest.char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at))
    }

    /// Returns a line without its end, counted from one.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&'a str> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).map(|line| line.strip_suffix('\r').unwrap_or(line))
    }

    fn characters_before(&self, offset: usize) -> usize {
        let (slot, base) = (offset / STRIDE, offset - offset % STRIDE);
        match self.characters.get(slot) {
            Some(before) => before + self.text.as_bytes().get(base..offset).map_or(0, leading_bytes),
            None if self.characters.is_empty() => offset,
            None => self.text.chars().count(),
        }
    }
}

/// Counts the bytes that begin a character.
fn leading_bytes(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
