//! The types of values that XML Schema brings along.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    /// Any text.
    String,
    /// Text in which tabs and line ends are spaces.
    NormalizedString,
    /// Text without spaces around it, and one between words.
    Token,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number.
    Integer,
    /// A whole number from zero.
    NonNegativeInteger,
    /// A whole number from one.
    PositiveInteger,
    /// A date.
    Date,
    /// A date and a time.
    DateTime,
    /// A URI reference.
    AnyUri,
}

impl Builtin {
    /// Every type with its name.
    pub(super) const ALL: [(&'static str, Self); 11] = [
        ("string", Self::String),
        ("normalizedString", Self::NormalizedString),
        ("token", Self::Token),
        ("boolean", Self::Boolean),
        ("decimal", Self::Decimal),
        ("integer", Self::Integer),
        ("nonNegativeInteger", Self::NonNegativeInteger),
        ("positiveInteger", Self::PositiveInteger),
        ("date", Self::Date),
        ("dateTime", Self::DateTime),
        ("anyURI", Self::AnyUri),
    ];

    /// Returns the type that this one narrows, where it narrows one of these.
    pub(super) fn base(self) -> Option<Self> {
        match self {
            Self::NormalizedString => Some(Self::String),
            Self::Token => Some(Self::NormalizedString),
            Self::Integer => Some(Self::Decimal),
            Self::NonNegativeInteger => Some(Self::Integer),
            Self::PositiveInteger => Some(Self::NonNegativeInteger),
            Self::String | Self::Boolean | Self::Decimal | Self::Date | Self::DateTime | Self::AnyUri => None,
        }
    }

    /// Returns a text with its white space as the type has it.
    #[must_use]
    pub(crate) fn normalized(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::String => Cow::Borrowed(text),
            Self::NormalizedString if text.contains(['\t', '\n', '\r']) => {
                Cow::Owned(text.replace(['\t', '\n', '\r'], " "))
            }
            Self::NormalizedString => Cow::Borrowed(text),
            _ => collapsed(text),
        }
    }

    /// Whether a text, its white space normalized, is a value of the type.
    #[must_use]
    pub(crate) fn holds(self, text: &str) -> bool {
        match self {
            Self::String | Self::NormalizedString | Self::Token => true,
            Self::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Self::Decimal => decimal(text).is_some(),
            Self::Integer => is_integer(text),
            Self::NonNegativeInteger => is_integer(text) && compare(text, "0").is_some_and(Ordering::is_ge),
            Self::PositiveInteger => is_integer(text) && compare(text, "1").is_some_and(Ordering::is_ge),
            Self::Date => is_date(text),
            Self::DateTime => is_date_time(text),
            Self::AnyUri => is_uri_reference(text),
        }
    }

    /// Returns the type in the words of a message.
    #[must_use]
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::String | Self::NormalizedString | Self::Token => "text",
            Self::Boolean => "`true` or `false`",
            Self::Decimal => "a number",
            Self::Integer => "a whole number",
            Self::NonNegativeInteger => "a whole number from 0",
            Self::PositiveInteger => "a whole number from 1",
            Self::Date => "a date such as `2024-01-31`",
            Self::DateTime => "a date and time such as `2024-01-31T12:00:00Z`",
            Self::AnyUri => "a URI reference",
        }
    }
}

fn collapsed(text: &str) -> Cow<'_, str> {
    let is_space = |character| matches!(character, ' ' | '\t' | '\n' | '\r');
    let trimmed = text.trim_matches(is_space);
    if !trimmed.contains(['\t', '\n', '\r']) && !trimmed.contains("  ") {
        return Cow::Borrowed(trimmed);
    }
    let words: Vec<&str> = trimmed.split(is_space).filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Compares two numbers of any length; `None` where one is none.
pub(super) fn compare(one: &str, other: &str) -> Option<Ordering> {
    let (one, other) = (decimal(one)?, decimal(other)?);
    Some(match (one.is_negative, other.is_negative) {
        (false, false) => one.size(&other),
        (true, true) => other.size(&one),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    })
}

struct Decimal<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl Decimal<'_> {
    fn size(&self, other: &Self) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
        whole.then_with(|| self.fraction.cmp(other.fraction))
    }
}

fn decimal(text: &str) -> Option<Decimal<'_>> {
    let is_negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_zero = whole.is_empty() && fraction.is_empty();
    Some(Decimal { is_negative: is_negative && !is_zero, whole, fraction })
}

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\A-?([1-9][0-9]{4,}|[0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?)?(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?\z").ok()
});

fn is_date(text: &str) -> bool {
    !text.contains('T') && is_in_calendar(text)
}

fn is_date_time(text: &str) -> bool {
    text.contains('T') && is_in_calendar(text)
}

fn is_in_calendar(text: &str) -> bool {
    let Some(parts) = DATE.as_ref().and_then(|date| date.captures(text)) else { return false };
    let part = |place: usize| parts.get(place).map_or("", |part| part.as_str());
    let number = |place: usize| part(place).parse::<u32>().unwrap_or(0);
    let year = part(1);
    let last_four = year.len().checked_sub(4).and_then(|start| year.get(start..)).unwrap_or(year);
    let is_leap = match last_four.parse::<u32>() {
        // Where the century counts, ten thousand years make no difference.
        Ok(year) => (year % 4 == 0 && year % 100 != 0) || year % 400 == 0,
        Err(_) => false,
    };
    let days = match number(2) {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    let is_day = year != "0000" && (1..=days).contains(&number(3));
    let is_midnight =
        number(4) == 24 && number(5) == 0 && number(6) == 0 && part(7).bytes().all(|byte| matches!(byte, b'.' | b'0'));
    is_day && (is_midnight || (number(4) < 24 && number(5) < 60 && number(6) < 60))
}

static URI: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // RFC 3986, appendix A. Brackets in fragments are older than it and still met.
    let pchar = r"(?:[A-Za-z0-9\-._\~!$\&'()*+,;=:@]|%[0-9A-Fa-f]{2})";
    let plain = r"(?:[A-Za-z0-9\-._\~!$\&'()*+,;=@]|%[0-9A-Fa-f]{2})";
    let host = r"(?:\[[^\]/]*\]|(?:[A-Za-z0-9\-._\~!$\&'()*+,;=]|%[0-9A-Fa-f]{2})*)";
    let user = r"(?:(?:[A-Za-z0-9\-._\~!$\&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?";
    let authority = format!("//{user}{host}(?::[0-9]*)?(?:/{pchar}*)*");
    let absolute = format!("/(?:{pchar}+(?:/{pchar}*)*)?");
    let rootless = format!("{pchar}+(?:/{pchar}*)*");
    let relative = format!("{plain}+(?:/{pchar}*)*");
    let behind = format!(r"(?:\?(?:{pchar}|[/?])*)?(?:#(?:{pchar}|[/?\[\]])*)?");
    let pattern = format!(
        r"\A(?:[A-Za-z][A-Za-z0-9+\-.]*:(?:{authority}|{absolute}|{rootless})?|(?:{authority}|{absolute}|{relative})?){behind}\z"
    );
    Regex::new(&pattern).ok()
});

/// Whether a text is a URI reference once characters that URIs do not know are escaped (XML Schema 1.0 part 2, 3.2.17).
fn is_uri_reference(text: &str) -> bool {
    let is_escaped =
        |character: char| !character.is_ascii() || character.is_ascii_control() || " <>\"{}|\\^`".contains(character);
    let text = if text.contains(is_escaped) { Cow::Owned(text.replace(is_escaped, "_")) } else { Cow::Borrowed(text) };
    URI.as_ref().is_some_and(|uri| uri.is_match(&text))
}
