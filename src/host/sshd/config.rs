//! The lines of `sshd_config(5)`, as OpenSSH takes them apart.

use crate::host::line::lines;

/// A line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The keyword in lower case, by its present name.
    pub keyword: String,
    /// The older name by which the line calls it, as it is written.
    pub word: Option<String>,
    /// What stands behind it, quotes taken away.
    pub arguments: Vec<String>,
    /// The line, from one.
    pub line: u32,
}

/// How long a line may be: OpenSSH itself reads any.
const MAX_LINE_BYTES: usize = 1 << 16;

/// Keywords under their older names.
const RENAMED: [(&str, &str); 7] = [
    ("challengeresponseauthentication", "kbdinteractiveauthentication"),
    ("skeyauthentication", "kbdinteractiveauthentication"),
    ("tisauthentication", "kbdinteractiveauthentication"),
    ("dsaauthentication", "pubkeyauthentication"),
    ("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms"),
    ("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms"),
    ("authorizedkeysfile2", "authorizedkeysfile"),
];

/// Reads a file of settings, and the lines that are none.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<Directive>, Vec<u32>) {
    let mut directives = Vec::new();
    let mut broken = Vec::new();
    for line in lines(bytes) {
        let text = line.text();
        let text = text.trim_matches([' ', '\t', '\r', '\x0c']);
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some((keyword, rest)) = keyword(text) else {
            broken.push(line.number);
            continue;
        };
        let renamed = RENAMED.iter().find(|(old, _)| keyword.eq_ignore_ascii_case(old));
        let word = renamed.map(|_| keyword.to_owned());
        let keyword = renamed.map_or_else(|| keyword.to_ascii_lowercase(), |(_, new)| (*new).to_owned());
        match split(rest) {
            Some(arguments) if text.len() <= MAX_LINE_BYTES => {
                directives.push(Directive { keyword, word, arguments, line: line.number });
            }
            Some(_) | None => broken.push(line.number),
        }
    }
    (directives, broken)
}

/// Takes the keyword off a line: blanks end it, one `=`, or the quote that it began with.
fn keyword(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('"') {
        let (keyword, rest) = rest.split_once('"')?;
        return Some((keyword, rest.trim_start()));
    }
    let end = text.find([' ', '\t', '=']).unwrap_or(text.len());
    let (keyword, rest) = text.split_at_checked(end)?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    Some((keyword, rest.trim_start_matches([' ', '\t'])))
}

/// Takes words apart, as OpenSSH's `argv_split` does: quotes of both kinds anywhere, escapes, and a comment behind a blank.
/// `None` where a quote is left open.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', _) => {
                let next = characters.peek().copied();
                let is_escape = matches!(next, Some('\'' | '"' | '\\')) || (next == Some(' ') && quote.is_none());
                let taken = if is_escape { characters.next() } else { None };
                word.get_or_insert_default().push(taken.unwrap_or('\\'));
            }
            (' ' | '\t', None) => words.extend(word.take()),
            ('#', None) if word.is_none() => return Some(words),
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (character, Some(open)) if character == open => quote = None,
            (character, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart_as_openssh_does() {
        let check = |text: &str, expected: Option<(&str, &[&str])>| {
            let (directives, _) = read(text.as_bytes());
            let found = directives.first().map(|one| (one.keyword.clone(), one.arguments.clone()));
            let expected = expected
                .map(|(keyword, words)| (keyword.to_owned(), words.iter().map(|word| (*word).to_owned()).collect()));
            assert_eq!(found, expected, "{text:?}");
        };
        check("PermitRootLogin no", Some(("permitrootlogin", &["no"])));
        check("  PermitRootLogin=without-password  ", Some(("permitrootlogin", &["without-password"])));
        check("PermitRootLogin = no # why", Some(("permitrootlogin", &["no"])));
        check("\"MaxAuthTries\" 3", Some(("maxauthtries", &["3"])));
        check("PasswordAuthentication \"no\"", Some(("passwordauthentication", &["no"])));
        check("Banner 'a b'\\\"c", Some(("banner", &["a b\"c"])));
        check("X no#comment", Some(("x", &["no#comment"])));
        check("ChallengeResponseAuthentication no", Some(("kbdinteractiveauthentication", &["no"])));
        check("UsePAM", Some(("usepam", &[])));
        check("#PermitRootLogin yes", None);
        check("Banner \"open", None);
        check("", None);
    }

    #[test]
    fn older_names_are_remembered_as_they_are_written() {
        let check = |text: &str, keyword: &str, word: Option<&str>| {
            let (directives, _) = read(text.as_bytes());
            let found = directives.first().map(|one| (&*one.keyword, one.word.as_deref()));
            assert_eq!(found, Some((keyword, word)), "{text}");
        };
        check("SkeyAuthentication=yes", "kbdinteractiveauthentication", Some("SkeyAuthentication"));
        check("KbdInteractiveAuthentication yes", "kbdinteractiveauthentication", None);
    }
}
