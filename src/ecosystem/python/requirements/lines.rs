//! The lines of a requirements file as pip sees them: continuations joined, comments dropped, options split off.

use crate::document::Span;

/// A logical line, and where each part of it stands in the file.
pub(super) struct Line {
    /// Its text: neither a comment nor blanks around.
    pub(super) text: String,
    /// Where in the file each joined piece begins, by its offset in the text.
    pieces: Vec<(usize, usize)>,
    /// The byte behind its last in the file.
    end: usize,
}

impl Line {
    /// Returns where a part of the text stands in the file.
    pub(super) fn span(&self, start: usize, length: usize) -> Span {
        let after = self.pieces.partition_point(|(joined, _)| *joined <= start);
        let (joined, source) = after.checked_sub(1).and_then(|at| self.pieces.get(at)).copied().unwrap_or((0, 0));
        let start = (source + start.saturating_sub(joined)).min(self.end);
        Span { start, end: (start + length).min(self.end) }
    }

    /// Returns where the line as a whole stands.
    pub(super) fn whole(&self) -> Span {
        Span { start: self.span(0, 0).start, end: self.end }
    }
}

/// Returns the logical lines of a file (`preprocess` in pip's `req/req_file.py`).
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut out = Vec::new();
    let mut ahead: Option<Line> = None;
    let mut offset = 0;
    while let Some(rest) = text.get(offset..).filter(|rest| !rest.is_empty()) {
        let line = rest.split(is_line_end).next().unwrap_or(rest);
        let start = offset;
        offset += line.len() + line_end(rest.get(line.len()..).unwrap_or_default());
        let is_comment = line.trim_start().starts_with('#');
        let is_continued = line.ends_with('\\') && !is_comment;
        let part = if is_continued { line.trim_matches('\\') } else { line };
        let skipped = if is_continued { line.len() - line.trim_start_matches('\\').len() } else { 0 };
        let joined = ahead.get_or_insert_with(|| Line { text: String::new(), pieces: Vec::new(), end: start });
        if is_comment && !joined.pieces.is_empty() {
            // So that the comment is seen as one.
            joined.text.push(' ');
        }
        joined.pieces.push((joined.text.len(), start + skipped));
        joined.text.push_str(part);
        joined.end = start + line.len();
        if !is_continued {
            out.extend(ahead.take().and_then(without_comment));
        }
    }
    out.extend(ahead.take().and_then(without_comment));
    out
}

/// Whether a character ends a line for Python's `splitlines`, by which pip reads.
fn is_line_end(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}' | '\u{1d}' | '\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Returns the length of the line end that a text begins with.
fn line_end(text: &str) -> usize {
    match text.chars().next() {
        Some('\r') if text.starts_with("\r\n") => 2,
        Some(character) => character.len_utf8(),
        None => 0,
    }
}

/// Drops the comment, which begins at a `#` at the start or behind a blank, and the blanks around the rest.
fn without_comment(mut line: Line) -> Option<Line> {
    let mut before = ' ';
    let comment = line.text.char_indices().find(|(_, character)| {
        let begins = *character == '#' && before.is_whitespace();
        before = *character;
        begins
    });
    if let Some((at, _)) = comment {
        line.end = line.end.min(line.span(at, 0).start);
        line.text.truncate(at);
    }
    line.text.truncate(line.text.trim_end().len());
    let blanks = line.text.len() - line.text.trim_start().len();
    if line.text.len() == blanks {
        return None;
    }
    let start = line.span(blanks, 0).start;
    line.text.drain(..blanks);
    for (joined, source) in &mut line.pieces {
        if *joined < blanks {
            (*joined, *source) = (0, start);
        } else {
            *joined -= blanks;
        }
    }
    Some(line)
}

/// A word of a line's options and where it begins in the line's text.
pub(super) struct Word {
    /// The word, without quotes.
    pub(super) text: String,
    /// Where it begins.
    pub(super) start: usize,
}

/// Splits a line into what it asks for and its options: these begin with the first word that a `-` leads
/// (`break_args_options` in pip). Answers where the options begin.
pub(super) fn options_at(text: &str) -> usize {
    let mut at = 0;
    for word in text.split(' ') {
        if word.starts_with('-') {
            return at;
        }
        at += word.len() + 1;
    }
    text.len()
}

/// Splits options into words as a shell would, `None` where a quote is not closed (Python's `shlex.split`).
pub(super) fn words(text: &str, offset: usize) -> Option<Vec<Word>> {
    let mut out: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        let start = offset + at;
        match (quote, character) {
            (None, ' ' | '\t' | '\r' | '\n') => out.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_with(|| Word { text: String::new(), start });
            }
            (Some(open), _) if character == open => quote = None,
            (None | Some('"'), '\\') => {
                let (_, escaped) = characters.next()?;
                let word = word.get_or_insert_with(|| Word { text: String::new(), start });
                if quote.is_some() && !matches!(escaped, '"' | '\\') {
                    word.text.push('\\');
                }
                word.text.push(escaped);
            }
            _ => word.get_or_insert_with(|| Word { text: String::new(), start }).text.push(character),
        }
    }
    out.extend(word);
    quote.is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_comments_dropped_as_pip_does() {
        let check = |text: &str, expected: &[(&str, usize)]| {
            let found = lines(text);
            let found: Vec<_> = found.iter().map(|line| (line.text.as_str(), line.whole().start)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("a==1\n\n# c\n  b==2  # d\n", &[("a==1", 0), ("b==2", 12)]);
        check("a==1 \\\n  --hash=x\r\nb", &[("a==1   --hash=x", 0), ("b", 19)]);
        check("a \\\n# comment\nb", &[("a", 0), ("b", 14)]);
        check("a==1 \\\r\n  --hash=x\r\n", &[("a==1   --hash=x", 0)]);
        check("a#b\n", &[("a#b", 0)]);
        check("a # x \\\n--pre\n", &[("a", 0)]);
        check("a \\\n", &[("a", 0)]);
        // Else an option could hide behind a comment.
        check("a # x\u{2028}--pre\n", &[("a", 0), ("--pre", 8)]);
    }

    #[test]
    fn parts_are_found_in_the_file() {
        let text = "a==1 \\\n    --hash=sha256:00\n";
        let line = &lines(text)[0];
        let at = line.text.find("--hash").unwrap();
        assert_eq!(line.span(at, 6), Span { start: 11, end: 17 });
    }

    #[test]
    fn options_are_split_as_a_shell_does() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let found = words(text, 0);
            let found = found.as_ref().map(|words| words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("-i  'https://a b' --x=\"y\\\"z\"", Some(&["-i", "https://a b", "--x=y\"z"]));
        check("a\\ b", Some(&["a b"]));
        check("''", Some(&[""]));
        check("'open", None);
        check("end\\", None);
    }
}
