//! The configuration of apt (`apt.conf(5)`): a tree of names, whose parts are nested in braces or joined by `::`.

/// How many braces may be open at once.
const MAX_DEPTH: usize = 64;

/// What the text is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String, u32),
    Open,
    Close,
    End,
}

/// Returns the settings of a file, in their order: each name in full, its value, and its line.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<(String, String, u32)> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Vec::new();
    let mut scopes: Vec<String> = Vec::new();
    let mut words: Vec<(String, u32)> = Vec::new();
    for token in tokens(&text) {
        match token {
            Token::Word(word, line) => words.push((word, line)),
            Token::Open => {
                let name = words.first().map(|(word, _)| word.clone()).unwrap_or_default();
                words.clear();
                if scopes.len() < MAX_DEPTH {
                    scopes.push(name);
                } else {
                    return out;
                }
            }
            Token::Close => {
                take(&mut words, &scopes, &mut out);
                scopes.pop();
            }
            Token::End => take(&mut words, &scopes, &mut out),
        }
    }
    take(&mut words, &scopes, &mut out);
    out
}

fn take(words: &mut Vec<(String, u32)>, scopes: &[String], out: &mut Vec<(String, String, u32)>) {
    if let [(name, line), (value, _), ..] = words.as_slice() {
        let parts: Vec<&str> = scopes.iter().map(String::as_str).chain([name.as_str()]).collect();
        let parts: Vec<&str> =
            parts.iter().map(|part| part.trim_matches(':')).filter(|part| !part.is_empty()).collect();
        // `#clear` forgets a setting: an empty value is none.
        if name.eq_ignore_ascii_case("#clear") {
            out.push((value.trim_matches(':').to_owned(), String::new(), *line));
        } else {
            out.push((parts.join("::"), value.clone(), *line));
        }
    }
    words.clear();
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut line = 1;
    let mut rest = text.chars().peekable();
    let mut is_line_start = true;
    while let Some(c) = rest.next() {
        let was_line_start = std::mem::take(&mut is_line_start);
        match c {
            '\n' => {
                line += 1;
                is_line_start = true;
            }
            c if c.is_whitespace() => is_line_start = was_line_start,
            '{' => out.push(Token::Open),
            '}' => out.push(Token::Close),
            ';' => out.push(Token::End),
            '"' => {
                let start = line;
                let mut word = String::new();
                for c in rest.by_ref() {
                    match c {
                        '"' => break,
                        '\n' => line += 1,
                        c => word.push(c),
                    }
                }
                out.push(Token::Word(word, start));
            }
            '/' if rest.peek() == Some(&'/') => skip_line(&mut rest),
            '/' if rest.peek() == Some(&'*') => {
                let mut before = ' ';
                for c in rest.by_ref().skip(1) {
                    if c == '\n' {
                        line += 1;
                    }
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            c => {
                let mut word = String::from(c);
                while let Some(next) = rest.peek().filter(|c| !c.is_whitespace() && !matches!(c, '{' | '}' | ';' | '"'))
                {
                    word.push(*next);
                    rest.next();
                }
                let is_directive = ["#clear", "#include"].iter().any(|known| known.eq_ignore_ascii_case(&word));
                if c == '#' && was_line_start && !is_directive {
                    skip_line(&mut rest);
                } else {
                    out.push(Token::Word(word, line));
                }
            }
        }
    }
    out
}

fn skip_line(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while rest.peek().is_some_and(|c| *c != '\n') {
        rest.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_both_notations() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> =
                read(text.as_bytes()).iter().map(|(key, value, line)| format!("{line} {key}={value}")).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("APT::Get::AllowUnauthenticated \"true\";\n", &["1 APT::Get::AllowUnauthenticated=true"]);
        check("APT {\n Get {\n  AllowUnauthenticated true;\n };\n};", &["3 APT::Get::AllowUnauthenticated=true"]);
        check("Acquire { AllowInsecureRepositories \"1\" }", &["1 Acquire::AllowInsecureRepositories=1"]);
        check("// A \"x\";\n# B \"y\";\n/* C \"z\";\n */ D \"w\";", &["4 D=w"]);
        check("#clear A::B;", &["1 A::B="]);
        check("A::List { \"x\"; \"y\"; };", &[]);
        check("A \"http://x\";", &["1 A=http://x"]);
        check("}}};;;", &[]);
        check("A \"", &["1 A="]);
    }
}
