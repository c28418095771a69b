//! The words of a shell: simple commands, pipelines, and what is nested in them.

use super::MAX_DEPTH;

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// `NAME=value` before it, or alone.
    pub assignments: Vec<(String, String)>,
    /// Its words, without quotes.
    pub words: Vec<String>,
    /// Where its input comes from, or its output goes to.
    pub redirects: Vec<String>,
    /// What it takes the output of, or runs within parentheses.
    pub nested: Vec<Script>,
}

/// Commands of which each feeds the next.
pub type Pipeline = Vec<Simple>;

/// Pipelines, one after the other.
pub type Script = Vec<Pipeline>;
/// Reads a script of a shell.
#[must_use]
pub fn script(text: &str) -> Script {
    Shell { bytes: text.as_bytes(), at: 0 }.list(None, 0)
}

struct Shell<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Words that only hold other commands together.
const KEYWORDS: [&str; 12] = ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!", "{", "}"];

impl Shell<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn is_next(&self, byte: u8) -> bool {
        self.peek() == Some(byte)
    }

    /// Reads pipelines up to a byte, or to the end.
    fn list(&mut self, end: Option<u8>, depth: usize) -> Script {
        let mut out = Script::new();
        let mut pipeline = Pipeline::new();
        let mut simple = Simple::default();
        let close = |simple: &mut Simple, pipeline: &mut Pipeline| {
            if *simple != Simple::default() {
                pipeline.push(std::mem::take(simple));
            }
        };
        while let Some(byte) = self.peek() {
            if Some(byte) == end {
                self.at += 1;
                break;
            }
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                b'\n' | b';' | b')' => {
                    self.at += 1;
                    close(&mut simple, &mut pipeline);
                    out.extend(take(&mut pipeline));
                }
                b'&' if self.bytes.get(self.at + 1) == Some(&b'>') => self.at += 1,
                b'&' => {
                    self.at += 1;
                    close(&mut simple, &mut pipeline);
                    out.extend(take(&mut pipeline));
                }
                b'|' => {
                    self.at += 1;
                    close(&mut simple, &mut pipeline);
                    if self.is_next(b'|') {
                        self.at += 1;
                        out.extend(take(&mut pipeline));
                    } else if self.is_next(b'&') {
                        self.at += 1;
                    }
                }
                b'(' => {
                    self.at += 1;
                    self.nest(b')', depth, &mut simple);
                }
                b'<' | b'>' => self.redirect(depth, &mut simple),
                _ => {
                    let word = self.word(end, depth, &mut simple);
                    self.add(word, &mut simple);
                }
            }
        }
        close(&mut simple, &mut pipeline);
        out.extend(take(&mut pipeline));
        out
    }

    fn add(&self, word: String, simple: &mut Simple) {
        // A number before `>` is no word.
        let is_channel = matches!(self.peek(), Some(b'<' | b'>')) && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_first = simple.words.is_empty();
        if is_channel || (is_first && KEYWORDS.contains(&word.as_str())) {
            return;
        }
        match assignment(&word) {
            Some((name, value)) if is_first => simple.assignments.push((name.to_owned(), value.to_owned())),
            _ => simple.words.push(word),
        }
    }

    fn nest(&mut self, end: u8, depth: usize, simple: &mut Simple) {
        if depth < MAX_DEPTH {
            let nested = self.list(Some(end), depth + 1);
            simple.nested.push(nested);
        } else {
            while self.next().is_some_and(|byte| byte != end) {}
        }
    }

    fn redirect(&mut self, depth: usize, simple: &mut Simple) {
        while matches!(self.peek(), Some(b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        if self.is_next(b'(') {
            self.at += 1;
            return self.nest(b')', depth, simple);
        }
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if !matches!(self.peek(), None | Some(b'\n' | b';' | b'|' | b'<' | b'>')) {
            let word = self.word(None, depth, simple);
            simple.redirects.push(word);
        }
    }

    /// Reads a word. It takes a byte at least.
    fn word(&mut self, end: Option<u8>, depth: usize, simple: &mut Simple) -> String {
        let mut out = Vec::new();
        let mut is_quoted = false;
        let mut is_first = true;
        while let Some(byte) = self.peek() {
            if !is_quoted && !is_first && (Some(byte) == end || b" \t\r\n;&|()<>".contains(&byte)) {
                break;
            }
            is_first = false;
            self.at += 1;
            match byte {
                b'\\' => match self.next() {
                    Some(b'\n') | None => {}
                    Some(escaped) if is_quoted && !b"\"\\$`".contains(&escaped) => out.extend([b'\\', escaped]),
                    Some(escaped) => out.push(escaped),
                },
                b'"' => is_quoted = !is_quoted,
                b'\'' if !is_quoted => {
                    while let Some(byte) = self.next().filter(|byte| *byte != b'\'') {
                        out.push(byte);
                    }
                }
                b'`' => {
                    self.nest(b'`', depth, simple);
                    out.push(b'$');
                }
                b'$' if self.is_next(b'(') => {
                    self.at += 1;
                    self.nest(b')', depth, simple);
                    out.push(b'$');
                }
                b'$' if self.is_next(b'{') => {
                    out.push(b'$');
                    while let Some(byte) = self.next() {
                        out.push(byte);
                        if byte == b'}' {
                            break;
                        }
                    }
                }
                byte => out.push(byte),
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

fn take(pipeline: &mut Pipeline) -> Option<Pipeline> {
    (!pipeline.is_empty()).then(|| std::mem::take(pipeline))
}

/// Returns name and value of `NAME=value`.
#[must_use]
pub fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && name.chars().next().is_some_and(|first| !first.is_ascii_digit());
    is_name.then_some((name, value))
}
