//! Patterns of XML Schema, translated into those of `regex`.

use std::sync::OnceLock;

use regex::Regex;

/// A pattern that a whole value has to match. It is compiled when it is first asked.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The pattern as the schema writes it.
    pub source: String,
    translated: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Translates a pattern; `None` where it uses what is not translated: subtracted classes, blocks and categories of
    /// characters, and classes of names.
    #[must_use]
    pub(crate) fn new(source: &str) -> Option<Self> {
        let translated = translated(source)?;
        Some(Self { source: source.to_owned(), translated, compiled: OnceLock::new() })
    }

    /// Whether a value matches. What cannot be compiled matches nothing.
    #[must_use]
    pub(crate) fn matches(&self, value: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.translated).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(value))
    }

    /// Whether the pattern can be compiled.
    #[cfg(test)]
    pub(super) fn is_known(&self) -> bool {
        Regex::new(&self.translated).is_ok()
    }
}

fn translated(source: &str) -> Option<String> {
    let mut out = String::from("\\A(?:");
    let mut in_class = false;
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let escaped = characters.next()?;
                let is_plain = "nrtd\\|.-^?*+{}()[]".contains(escaped);
                if !is_plain {
                    return None;
                }
                out.push('\\');
                out.push(escaped);
            }
            '[' if in_class => return None,
            '[' => {
                in_class = true;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    out.push('^');
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // These have a meaning of their own in classes of `regex`, and anchors are letters to XML Schema.
            '&' | '~' | '^' if in_class => {
                out.push('\\');
                out.push(character);
            }
            '^' | '$' if !in_class => {
                out.push('\\');
                out.push(character);
            }
            '.' if !in_class => out.push_str("[^\\n\\r]"),
            // `(?` begins no group of XML Schema.
            '(' if !in_class && characters.peek() == Some(&'?') => return None,
            _ => out.push(character),
        }
    }
    out.push_str(")\\z");
    (!in_class).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_values_and_know_no_anchors() {
        let cases = [
            ("[a-z]{2}(-[A-Z]{2})?", "en-GB", true),
            ("[a-z]{2}(-[A-Z]{2})?", "en-GB ", false),
            ("a|b", "ab", false),
            ("a.c", "a\nc", false),
            ("a.c", "a\rc", false),
            ("a.c", "aüc", true),
            ("^a$", "a", false),
            ("^a$", "^a$", true),
            ("[&&a~~]+", "&~a", true),
            ("[^a-c]", "^", true),
            ("[a^]", "^", true),
            ("a", "a\n", false),
        ];
        for (pattern, value, matches) in cases {
            assert_eq!(Pattern::new(pattern).unwrap().matches(value), matches, "{pattern} {value:?}");
        }
    }

    #[test]
    fn what_is_not_translated_is_not_known() {
        for pattern in ["[a-z-[aeiou]]", "\\p{L}", "\\i\\c*", "\\w", "[a", "a\\", "(?i)a"] {
            assert!(Pattern::new(pattern).is_none(), "{pattern}");
        }
        assert!(!Pattern::new("a{2,1}").unwrap().is_known());
        assert!(!Pattern::new("a{2,1}").unwrap().matches("aa"));
    }
}
