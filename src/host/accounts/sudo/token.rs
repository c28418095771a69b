//! The words and signs of `sudoers(5)`, statement by statement.

/// A word or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, escapes and quotes taken away.
    Word(String),
    Comma,
    Equals,
    Colon,
    Open,
    Close,
    /// `!` in front of a word.
    Not,
}

/// A statement: what stands up to the end of a line that does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The line it begins on, from one.
    pub(super) line: u32,
    /// Its words and signs.
    pub(super) tokens: Vec<Token>,
}

/// How many words and signs a statement may have.
const MAX_TOKENS: usize = 100_000;

/// Takes a file apart.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut out = Vec::new();
    let mut at = Lexer { rest: text.chars().peekable(), line: 1 };
    while at.rest.peek().is_some() {
        let statement = at.statement();
        if !statement.tokens.is_empty() {
            out.push(statement);
        }
    }
    out
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: u32,
}

impl Lexer<'_> {
    fn statement(&mut self) -> Statement {
        let mut tokens: Vec<Token> = Vec::new();
        let mut start = self.line;
        let mut word: Option<String> = None;
        while let Some(character) = self.rest.next() {
            let before = word.as_deref();
            match character {
                '\n' => {
                    self.line += 1;
                    break;
                }
                '\\' => match self.rest.next() {
                    // The statement goes on.
                    Some('\n') => {
                        self.line += 1;
                        tokens.extend(word.take().map(Token::Word));
                    }
                    Some('\r') if self.rest.next_if_eq(&'\n').is_some() => {
                        self.line += 1;
                        tokens.extend(word.take().map(Token::Word));
                    }
                    Some(escaped) => word.get_or_insert_default().push(escaped),
                    None => {}
                },
                ' ' | '\t' | '\r' => tokens.extend(word.take().map(Token::Word)),
                '#' if before.is_none() && tokens.is_empty() && self.is_include() => {
                    word = Some("@".to_owned());
                }
                // A number of a user or group.
                '#' if matches!(before, None | Some("%" | "%:"))
                    && self.rest.peek().is_some_and(|next| next.is_ascii_digit() || *next == '-') =>
                {
                    word.get_or_insert_default().push('#');
                }
                '#' => while self.rest.next_if(|next| *next != '\n').is_some() {},
                '"' if before.is_none_or(|word| word.ends_with(['%', '+', '>', '@'])) && self.is_closed() => {
                    let text = self.quoted();
                    word.get_or_insert_default().push_str(&text);
                }
                ',' | '=' | ':' | '(' | ')' => {
                    tokens.extend(word.take().map(Token::Word));
                    tokens.push(match character {
                        ',' => Token::Comma,
                        '=' => Token::Equals,
                        ':' => Token::Colon,
                        '(' => Token::Open,
                        _ => Token::Close,
                    });
                }
                '!' if before.is_none() => tokens.push(Token::Not),
                other => word.get_or_insert_default().push(other),
            }
            if tokens.is_empty() && word.is_none() {
                start = self.line;
            }
            if tokens.len() > MAX_TOKENS {
                tokens.truncate(1);
            }
        }
        tokens.extend(word.map(Token::Word));
        Statement { line: start, tokens }
    }

    /// Whether `include` follows, which `#` in front of does not make a comment.
    fn is_include(&self) -> bool {
        let ahead: String = self.rest.clone().take("includedir ".len()).collect();
        ["include", "includedir"]
            .iter()
            .any(|word| ahead.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t'])))
    }

    /// Whether a quote is closed on this line: one that is not is a character like others.
    fn is_closed(&self) -> bool {
        let mut is_escaped = false;
        for character in self.rest.clone() {
            match character {
                '\n' => return false,
                '"' if !is_escaped => return true,
                _ => is_escaped = character == '\\' && !is_escaped,
            }
        }
        false
    }

    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(character) = self.rest.next() {
            match character {
                '"' => break,
                '\\' if self.rest.peek() == Some(&'"') => text.extend(self.rest.next()),
                other => text.push(other),
            }
        }
        text
    }
}
