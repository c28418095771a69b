//! The little Ruby that a written-out gem specification consists of: strings, lists of strings, and numbers of versions.
//!
//! `Gem::Specification#to_ruby` writes it. Nothing is run: what is no plain value has none.

/// What is left of a line, from which values are taken.
pub(super) struct Values<'a>(pub(super) &'a str);

impl Values<'_> {
    /// Takes a string, with the `.freeze` behind it.
    pub(super) fn string(&mut self) -> Option<String> {
        let text = self.0.trim_start();
        let mut characters = text.chars();
        let (open, close, escapes) = match characters.next()? {
            '"' => (None, '"', true),
            '\'' => (None, '\'', false),
            '%' => {
                let escapes = match characters.next()? {
                    'q' => false,
                    'Q' => true,
                    _ => return None,
                };
                let open = characters.next()?;
                let close = match open {
                    '<' => '>',
                    '(' => ')',
                    '[' => ']',
                    '{' => '}',
                    '|' | '!' | '/' => open,
                    _ => return None,
                };
                ((open != close).then_some(open), close, escapes)
            }
            _ => return None,
        };
        let mut value = String::new();
        let mut depth = 0_u32;
        loop {
            match characters.next()? {
                '\\' => value.push_str(&escape(&mut characters, close, escapes)?),
                // What is put into a string is known to nobody who does not run the file.
                '#' if escapes && characters.as_str().starts_with(['{', '$', '@']) => return None,
                character if character == close && depth == 0 => break,
                character => {
                    depth += u32::from(Some(character) == open);
                    depth -= u32::from(character == close);
                    value.push(character);
                }
            }
        }
        let rest = characters.as_str();
        self.0 = rest.strip_prefix(".freeze").unwrap_or(rest);
        Some(value)
    }

    /// Takes a string, or a list of strings.
    pub(super) fn strings(&mut self) -> Option<Vec<String>> {
        let Some(inner) = self.0.trim_start().strip_prefix('[') else { return Some(vec![self.string()?]) };
        self.0 = inner;
        let mut values = Vec::new();
        loop {
            if self.take("]") {
                return Some(values);
            }
            values.push(self.string()?);
            if !self.take(",") && !self.0.trim_start().starts_with(']') {
                return None;
            }
        }
    }

    /// Takes a version: a string, or `Gem::Version.new("…")`.
    pub(super) fn version(&mut self) -> Option<String> {
        self.take("Gem::Version.new(");
        self.string()
    }

    /// Takes a word where it stands next.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(word);
        if let Some(rest) = rest {
            self.0 = rest;
        }
        rest.is_some()
    }
}

/// Reads what stands behind a backslash, as far as Ruby writes it itself (`String#dump`, `String#inspect`).
fn escape(characters: &mut std::str::Chars<'_>, close: char, escapes: bool) -> Option<String> {
    let next = characters.next()?;
    if !escapes {
        return Some(if next == close || next == '\\' { next.to_string() } else { format!("\\{next}") });
    }
    Some(match next {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'e' => "\u{1b}".to_owned(),
        'u' => {
            let rest = characters.as_str();
            let digits = match rest.strip_prefix('{') {
                Some(rest) => rest.split_once('}')?.0,
                None => rest.get(..4)?,
            };
            let taken = digits.len() + if rest.starts_with('{') { 2 } else { 0 };
            *characters = rest.get(taken..)?.chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?.to_string()
        }
        'x' | '0'..='7' | 'M' | 'C' | 'c' => return None,
        other => other.to_string(),
    })
}
