//! Text from inspected trees, made inert: the one place where it is neutralised.
//!
//! Everything that reaches a report passes through [`neutral`]. Control characters, bidirectional and
//! invisible characters and bytes that are no UTF-8 are written as escapes, the backslash is doubled, and
//! credentials inside URLs are dropped. The result can be printed to a terminal, a log or a document.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::{self, Write as _};
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Text that is safe to print: either our own words, or inspected text that was neutralised.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Wraps text that holds nothing from an inspected tree, or only parts that were neutralised before.
    #[must_use]
    pub fn trusted(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the neutralised form of `inspected`.
    #[must_use]
    pub fn of<I: Inspected + ?Sized>(inspected: &I) -> Self {
        let mut out = String::new();
        inspected.neutralise_into(&mut out);
        Self(out)
    }

    /// Returns the text in at most `width` characters, its middle replaced by `…` where it is longer.
    #[must_use]
    pub fn shortened(self, width: usize) -> Self {
        // No character takes less than a byte.
        if self.0.len() <= width { self } else { Self(shortened(&self.0, width).into_owned()) }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Reads text that was neutralised before it was written; text that was not is refused.
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.chars().any(|character| character.is_control() || is_unseen(character)) {
            return Err(de::Error::custom("a text holds a control or invisible character"));
        }

        Ok(Self(text))
    }
}

/// Builds a [`Text`] from a literal and values, each of which is neutralised.
///
/// Captured identifiers (`{name}`) are not allowed in the literal, since they would go around the
/// neutralisation; a test reads the sources for them.
#[macro_export]
macro_rules! text {
    ($format:literal $(, $value:expr)* $(,)?) => {
        $crate::text::Text::trusted(format!($format $(, $crate::text::neutral(&$value))*))
    };
}

/// What can be neutralised.
pub trait Inspected {
    /// Appends the neutralised form.
    fn neutralise_into(&self, out: &mut String);
}

/// Returns a value that displays the neutralised form of `inspected`.
pub fn neutral<I: Inspected + ?Sized>(inspected: &I) -> impl fmt::Display + '_ {
    struct Neutral<'a, I: ?Sized>(&'a I);
    impl<I: Inspected + ?Sized> fmt::Display for Neutral<'_, I> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let mut out = String::new();
            self.0.neutralise_into(&mut out);
            f.write_str(&out)
        }
    }
    Neutral(inspected)
}

impl<I: Inspected + ?Sized> Inspected for &I {
    fn neutralise_into(&self, out: &mut String) {
        (**self).neutralise_into(out);
    }
}

impl Inspected for Text {
    fn neutralise_into(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Inspected for str {
    fn neutralise_into(&self, out: &mut String) {
        for character in without_credentials(self).chars() {
            match character {
                // GitHub's runner obeys `##[command]` wherever it stands in a line.
                '[' if out.ends_with("##") => escape_byte(b'[', out),
                character => escape(character, out),
            }
        }
    }
}

impl Inspected for String {
    fn neutralise_into(&self, out: &mut String) {
        self.as_str().neutralise_into(out);
    }
}

impl Inspected for Box<str> {
    fn neutralise_into(&self, out: &mut String) {
        (**self).neutralise_into(out);
    }
}

impl Inspected for Cow<'_, str> {
    fn neutralise_into(&self, out: &mut String) {
        (**self).neutralise_into(out);
    }
}

impl Inspected for [u8] {
    fn neutralise_into(&self, out: &mut String) {
        for chunk in self.utf8_chunks() {
            chunk.valid().neutralise_into(out);
            for byte in chunk.invalid() {
                escape_byte(*byte, out);
            }
        }
    }
}

macro_rules! inspected_numbers {
    ($($number:ty),*) => {
        $(impl Inspected for $number {
            fn neutralise_into(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }
        })*
    };
}
inspected_numbers!(u8, u32, u64, usize, i64);

fn escape_byte(byte: u8, out: &mut String) {
    // Writing to a String cannot fail.
    let _infallible = write!(out, "\\x{byte:02x}");
}

fn escape(character: char, out: &mut String) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\x1f' | '\x7f' => escape_byte(character as u8, out),
        _ if is_unseen(character) => {
            let _infallible = write!(out, "\\u{{{:x}}}", u32::from(character));
        }
        _ => out.push(character),
    }
}

/// Whether a character has no shape of its own or changes how its neighbours are shown.
///
/// C1 controls, the format characters (Unicode category Cf, bidirectional controls and tags among them),
/// line and paragraph separators, spaces other than U+0020, fillers, variation selectors, and the
/// private-use and noncharacter code points a terminal font may draw as anything.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}'
        | '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}'
        | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{1680}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
        | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Returns a JSON document in which unseen characters are written as `\uXXXX`: the same values, safe to print.
///
/// Outside its strings a document has no such characters.
#[must_use]
pub fn printable_json(document: Vec<u8>) -> Vec<u8> {
    if document.is_ascii() && !document.contains(&0x7f) {
        return document;
    }
    let mut out = Vec::with_capacity(document.len() + document.len() / 16);
    for chunk in document.utf8_chunks() {
        for character in chunk.valid().chars() {
            let mut units = [0; 2];
            if is_unseen(character) || character == '\x7f' {
                for unit in character.encode_utf16(&mut units) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            } else {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
    out
}

/// Returns bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    // A lock file has thousands of them: formatting each byte by `write!` takes ten times as long.
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let digits: Vec<u8> = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    // Digits are always text.
    String::from_utf8(digits).unwrap_or_default()
}

/// Reads hexadecimal, in either case; `None` where it is none.
#[must_use]
pub fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|nibble| u8::try_from(nibble).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

/// Returns where `part`, which is not empty, first stands.
#[must_use]
pub fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Returns `text` with user names and passwords of URLs, and the values of query parameters that carry
/// secrets, replaced by `***`.
#[must_use]
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    // Credentials stand before an `@`, secrets behind a `?`: most addresses have neither.
    if !text.bytes().any(|byte| matches!(byte, b'@' | b'?')) || !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let secrets = credentials(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for secret in secrets {
        out.push_str(text.get(at..secret.start).unwrap_or_default());
        out.push_str(HIDDEN);
        at = secret.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// What stands for credentials.
pub const HIDDEN: &str = "***";

/// Returns where in `text` the user names and passwords of URLs stand, and the values of query parameters that
/// carry secrets, in their order.
#[must_use]
pub fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("://")) {
        let start = at + found;
        let length = text.get(start..).and_then(|rest| rest.find(char::is_whitespace));
        let end = length.map_or(text.len(), |length| start + length);
        word(text, start..end, &mut out);
        at = end;
    }
    out.sort_by_key(|secret| (secret.start, Reverse(secret.end)));
    let mut seen = 0;
    out.retain(|secret| {
        let is_new = secret.start >= seen;
        seen = seen.max(secret.end);
        is_new
    });
    out
}

/// How many addresses are looked for inside one word; what stands behind them is hidden.
const MAX_ADDRESSES: usize = 16;

/// Finds the secrets of a word, which may hold one address inside another.
fn word(text: &str, word: Range<usize>, out: &mut Vec<Range<usize>>) {
    let mut at = word.start;
    for _ in 0..MAX_ADDRESSES {
        let Some(found) = text.get(at..word.end).and_then(|rest| rest.find("://")) else { return };
        let start = at + found + 3;
        at = start;
        if let Some(user) = text.get(start..word.end).and_then(user) {
            at = start + user.len();
            // `ssh://git@host` names the account every client uses; it is no secret.
            if !is_account(text.get(..start).unwrap_or_default(), user) {
                out.push(start..at);
            }
        }
        let rest = text.get(at..word.end).unwrap_or_default();
        let end = at + rest.find(['"', '<', '>', '`']).unwrap_or(rest.len());
        secret_parameters(text, at..end, out);
    }
    out.push(at..word.end);
}

/// Returns what stands before the `@` of a URL without its scheme.
fn user(url: &str) -> Option<&str> {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Some(user);
    }
    // A password that nobody encoded may hold a slash: what follows the colon is no port then.
    let port = authority.rsplit_once(':').map(|(_, port)| port)?;
    if port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    url.rsplit_once('@').map(|(user, _)| user)
}

fn is_account(scheme: &str, user: &str) -> bool {
    scheme.ends_with("ssh://") && !user.contains(':')
}

/// Query parameters whose value lets its holder in.
const SECRET_PARAMETERS: [&str; 14] = [
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "authtoken",
    "key",
    "pass",
    "password",
    "private_token",
    "secret",
    "sig",
    "signature",
    "token",
    "x-amz-signature",
];

fn secret_parameters(text: &str, url: Range<usize>, out: &mut Vec<Range<usize>>) {
    let Some((path, query)) = text.get(url.clone()).and_then(|url| url.split_once('?')) else { return };
    let mut at = url.start + path.len() + 1;
    for pair in query.split('#').next().unwrap_or_default().split('&') {
        if let Some((name, value)) = pair.split_once('=')
            && SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
        {
            let start = at + name.len() + 1;
            out.push(start..start + value.len());
        }
        at += pair.len() + 1;
    }
}

/// Returns `text` in at most `width` characters, its middle replaced by `…` where it is longer.
#[must_use]
pub fn shortened(text: &str, width: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= width {
        return Cow::Borrowed(text);
    }
    let kept = width.saturating_sub(1);
    let head = kept - kept / 2;
    let out: String =
        text.chars().take(head).chain(std::iter::once('…')).chain(text.chars().skip(count - kept / 2)).collect();
    Cow::Owned(out)
}

/// Returns a message whose values, which stand between backticks, have at most `width` characters each.
#[must_use]
pub fn shortened_values(message: &str, width: usize) -> String {
    let mut out = String::new();
    for (index, piece) in message.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        if index % 2 == 1 { out.push_str(&shortened(piece, width)) } else { out.push_str(piece) }
    }
    out
}

/// Returns the bytes an escaped text stands for, the inverse of [`Text::of`] for text without credentials.
///
/// Answers `None` where an escape is malformed.
#[must_use]
pub fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match characters.next()? {
            '\\' => out.push(b'\\'),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'x' => {
                let digits: String = characters.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&digits, 16).ok()?);
            }
            'u' => {
                let rest = characters.as_str().strip_prefix('{')?;
                let (digits, tail) = rest.split_once('}')?;
                let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                characters = tail.chars();
            }
            _ => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: &str) {
        assert_eq!(Text::of(input).as_str(), expected);
    }

    #[test]
    fn hexadecimal_is_read_as_it_is_written_and_nothing_else_is() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(hex(&bytes).as_bytes()), Some(bytes.clone()));
        assert_eq!(unhex(hex(&bytes).to_uppercase().as_bytes()), Some(bytes));
        for wrong in ["0", "000", "+f", "0x00", "g0", " 0"] {
            assert_eq!(unhex(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn control_and_unseen_characters_are_escaped() {
        check(b"plain", "plain");
        check(b"a\nb\tc\\d", "a\\nb\\tc\\\\d");
        check(b"\x1b[31mred", "\\x1b[31mred");
        check("a\u{202e}b".as_bytes(), "a\\u{202e}b");
        check("\u{e0041}\u{200b}".as_bytes(), "\\u{e0041}\\u{200b}");
        check(b"\xff\xfe", "\\xff\\xfe");
        check("\u{fffe}\u{fffd}\u{fdd0}".as_bytes(), "\\u{fffe}\u{fffd}\\u{fdd0}");
        check("ü日本".as_bytes(), "ü日本");
        check(b"##[error]x ##[", "##\\x5berror]x ##\\x5b");
    }

    #[test]
    fn escapes_are_undone() {
        for input in [&b"a\\n\n\xff\x1b"[..], "ü\u{202e}".as_bytes(), b""] {
            assert_eq!(unescaped(Text::of(input).as_str()).as_deref(), Some(input));
        }
        assert_eq!(unescaped("\\q"), None);
        assert_eq!(unescaped("\\x1"), Some(vec![1]));
        assert_eq!(unescaped("\\u{zz}"), None);
    }

    #[test]
    fn credentials_never_survive() {
        let check = |input: &str, expected: &str| assert_eq!(without_credentials(input), expected);
        check("https://user:secret@host.example/a", "https://***@host.example/a");
        check("see https://token@host.example and http://x/y", "see https://***@host.example and http://x/y");
        check("git+ssh://git@host.example/o/r.git", "git+ssh://git@host.example/o/r.git");
        check("ssh://git:pw@host.example/o", "ssh://***@host.example/o");
        check("https://h/x?token=abc&v=1#frag", "https://h/x?token=***&v=1#frag");
        check("no url here: a@b", "no url here: a@b");
        check("https://a:b@c@host/", "https://***@host/");
        check("https://u:p'w\"x@host/", "https://***@host/");
        check("https://u:p/w@host/x", "https://***@host/x");
        check("https://host:8080/@scope/x", "https://host:8080/@scope/x");
        check("https://host/@scope/x?a=1&TOKEN=abc#t", "https://host/@scope/x?a=1&TOKEN=***#t");
        check("https://host/x?key=a&sig=b `https://u@h/`", "https://host/x?key=***&sig=*** `https://***@h/`");
        check("https://a@b://c:d@e/", "https://***@b://***@e/");
        check("https://h/?token=http://u:p@x&a=b", "https://h/?token=***&a=b");
        check("://", "://");
        check("ü://ü:ü@ü/?key=ü", "ü://***@ü/?key=***");
    }

    #[test]
    fn many_addresses_in_one_word_take_no_time() {
        let text = "://a:b@".repeat(100_000);
        assert!(without_credentials(&text).len() < 200);
    }

    #[test]
    fn long_values_lose_their_middle() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefgh", 5), "ab…gh");
        assert_eq!(shortened_values("abcdefgh `abcdefgh` abcdefgh", 5), "abcdefgh `ab…gh` abcdefgh");
    }
}
