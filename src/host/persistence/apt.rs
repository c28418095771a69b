//! Configuration of apt (`apt.conf(5)`).

/// An assignment of apt's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The whole key, in lower case: `dpkg::post-invoke`.
    pub key: String,
    /// The value.
    pub value: String,
    /// The line, from one.
    pub line: u32,
}

/// How many assignments of a file are told.
const MAX_ASSIGNMENTS: usize = 10_000;

/// How deep scopes may be nested.
const MAX_DEPTH: usize = 32;

/// Reads a file: scopes in braces, `::` between the parts of keys, quotes, and comments of three kinds.
#[must_use]
pub fn assignments(bytes: &[u8]) -> Vec<Assignment> {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader { out: Vec::new(), scopes: Vec::new(), words: Vec::new(), line: 1 };
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\n' => reader.line += 1,
            '"' => {
                let mut word = String::new();
                let line = reader.line;
                for character in rest.by_ref() {
                    match character {
                        '"' => break,
                        '\n' => reader.line += 1,
                        _ => {}
                    }
                    word.push(character);
                }
                reader.words.push((word, line, true));
            }
            '/' if rest.peek() == Some(&'/') => {
                while rest.peek().is_some_and(|next| *next != '\n') {
                    rest.next();
                }
            }
            '/' if rest.peek() == Some(&'*') => {
                let mut before = ' ';
                rest.next();
                for character in rest.by_ref() {
                    if character == '\n' {
                        reader.line += 1;
                    }
                    if before == '*' && character == '/' {
                        break;
                    }
                    before = character;
                }
            }
            '{' => reader.open(),
            '}' => reader.close(),
            ';' => reader.end(),
            other if other.is_whitespace() => {}
            other => {
                let mut word = String::from(other);
                while let Some(next) = rest.next_if(|next| !next.is_whitespace() && !"{};\"".contains(*next)) {
                    word.push(next);
                }
                // Directives are no comments.
                if other == '#' && word != "#clear" && word != "#include" {
                    while rest.next_if(|next| *next != '\n').is_some() {}
                } else {
                    reader.words.push((word, reader.line, false));
                }
            }
        }
    }
    reader.out
}

struct Reader {
    out: Vec<Assignment>,
    scopes: Vec<String>,
    /// The words of the statement that is being read, with their lines, and whether they stand in quotes.
    words: Vec<(String, u32, bool)>,
    line: u32,
}

impl Reader {
    fn open(&mut self) {
        let name = self.words.first().map(|(word, ..)| word.clone()).unwrap_or_default();
        self.words.clear();
        if self.scopes.len() < MAX_DEPTH {
            self.scopes.push(name);
        }
    }

    fn close(&mut self) {
        self.end();
        self.scopes.pop();
    }

    fn end(&mut self) {
        let words = std::mem::take(&mut self.words);
        let (name, value, line) = match words.as_slice() {
            [(value, line, true)] => ("", value, *line),
            [(name, ..), (value, line, _), ..] => (name.as_str(), value, *line),
            _ => return,
        };
        let parts = self.scopes.iter().map(String::as_str).chain(std::iter::once(name));
        let parts: Vec<&str> = parts.map(|part| part.trim_matches(':')).filter(|part| !part.is_empty()).collect();
        if self.out.len() < MAX_ASSIGNMENTS {
            self.out.push(Assignment { key: parts.join("::").to_ascii_lowercase(), value: value.clone(), line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_with_their_scopes() {
        let check = |text: &str, expected: &[(&str, &str, u32)]| {
            let found = assignments(text.as_bytes());
            let found: Vec<(&str, &str, u32)> = found.iter().map(|one| (&*one.key, &*one.value, one.line)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("DPkg::Post-Invoke {\"/opt/x\";};\n", &[("dpkg::post-invoke", "/opt/x", 1)]);
        check(
            "DPkg\n{\n  Post-Invoke { \"a; b\"; \"c\"; };\n}\n",
            &[("dpkg::post-invoke", "a; b", 3), ("dpkg::post-invoke", "c", 3)],
        );
        check("APT::Update::Pre-Invoke:: \"/opt/x\";", &[("apt::update::pre-invoke", "/opt/x", 1)]);
        check("// DPkg::Post-Invoke {\"/opt/x\";};\n/* a\n*/ # b\nA \"c\";", &[("a", "c", 4)]);
        check("A::B true;", &[("a::b", "true", 1)]);
        check("A \"b", &[]);
    }
}
