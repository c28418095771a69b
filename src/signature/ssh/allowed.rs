//! Lists of allowed signers (`ssh-keygen(1)`, "ALLOWED SIGNERS"): whose keys may sign what, and when.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::strtime};

use super::super::Material;
use super::key::SigningKey;
use super::pattern::list_matches;
use crate::text;
use crate::text::{Inspected, Text};

/// The lines of lists.
#[derive(Default)]
pub(super) struct AllowedSigners {
    pub(super) lines: Vec<Line>,
    /// What is wrong with lines that count for nothing.
    pub(super) unreadable: Vec<Text>,
}

/// One line: whose a key is, and what it may sign.
pub(super) struct Line {
    /// Whose it is: a list of patterns.
    pub(super) principals: Vec<u8>,
    pub(super) signer: SigningKey,
    /// Whether the key signs certificates, and nothing else.
    pub(super) is_authority: bool,
    pub(super) namespaces: Option<Vec<u8>>,
    pub(super) valid_after: Option<Timestamp>,
    pub(super) valid_before: Option<Timestamp>,
    /// Whether a security key may sign without being touched. ssh-keygen does not look.
    pub(super) needs_no_touch: bool,
    /// Whether one of its times does not say in which zone it is.
    pub(super) has_local_time: bool,
    pub(super) place: Text,
}

impl AllowedSigners {
    pub(super) fn read(lists: &[Material]) -> Self {
        let mut all = Self::default();
        for list in lists {
            for (number, line) in (1_usize..).zip(list.bytes.split(|byte| *byte == b'\n')) {
                let line = line.trim_ascii();
                if line.is_empty() || line.starts_with(b"#") {
                    continue;
                }
                let place = text!("{}:{}", list.name, number);
                match Line::read(line, &place) {
                    Ok(line) => all.lines.push(line),
                    Err(why) => all.unreadable.push(text!("{} counts for nothing: {}", place, why)),
                }
            }
        }
        all
    }
}

impl Line {
    pub(super) fn read(line: &[u8], place: &Text) -> Result<Self, Text> {
        let (principals, rest) = first_field(line).ok_or_else(|| Text::trusted("a quote does not end"))?;
        let (options, signer) = match SigningKey::read_line(rest) {
            Some((signer, _comment)) => (&[][..], signer),
            None => {
                let end = end_of_options(rest).ok_or_else(|| Text::trusted("a quote does not end"))?;
                let (options, rest) = rest.split_at(end);
                match SigningKey::read_line(rest) {
                    Some((signer, _comment)) => (options, signer),
                    None => return Err(Text::trusted("expected principals, options and a key")),
                }
            }
        };
        let mut line = Self {
            principals: principals.to_owned(),
            signer,
            is_authority: false,
            namespaces: None,
            valid_after: None,
            valid_before: None,
            needs_no_touch: false,
            has_local_time: false,
            place: place.clone(),
        };
        line.obey(options)?;
        Ok(line)
    }

    fn obey(&mut self, mut options: &[u8]) -> Result<(), Text> {
        while !options.is_empty() {
            let end = options.iter().position(|byte| matches!(byte, b'=' | b',')).unwrap_or(options.len());
            let (name, rest) = options.split_at(end);
            let name = name.to_ascii_lowercase();
            let rest = match (name.as_slice(), rest.strip_prefix(b"=")) {
                (b"cert-authority", None) => {
                    self.is_authority = true;
                    rest
                }
                (b"no-touch-required", None) => {
                    self.needs_no_touch = true;
                    rest
                }
                (b"namespaces" | b"valid-after" | b"valid-before", Some(rest)) => {
                    let (value, rest) = quoted(rest).ok_or_else(|| text!("`{}` has no quoted value", &*name))?;
                    let is_new = match name.as_slice() {
                        b"namespaces" => self.namespaces.replace(value).is_none(),
                        b"valid-after" => {
                            self.time(&value)?.is_some_and(|time| self.valid_after.replace(time).is_none())
                        }
                        _ => self.time(&value)?.is_some_and(|time| self.valid_before.replace(time).is_none()),
                    };
                    if !is_new {
                        return Err(text!("the option `{}` stands twice", &*name));
                    }
                    rest
                }
                _ => return Err(text!("the option `{}` is not known", &*name)),
            };
            options = match rest {
                [] => rest,
                [b',', rest @ ..] if !rest.is_empty() => rest,
                _ => return Err(text!("expected a comma behind the option `{}`, and another option", &*name)),
            };
        }
        match (self.valid_after, self.valid_before) {
            (Some(after), Some(before)) if before <= after => {
                Err(Text::trusted("`valid-before` is not later than `valid-after`"))
            }
            _ => Ok(()),
        }
    }

    fn time(&mut self, value: &[u8]) -> Result<Option<Timestamp>, Text> {
        let unreadable = || text!("`{}` is no time: expected YYYYMMDD[HHMM[SS]][Z]", value);
        let written = value.to_ascii_uppercase();
        let stated = written.strip_suffix(b"Z").or_else(|| written.strip_suffix(b"UTC"));
        self.has_local_time |= stated.is_none();
        let digits = stated.unwrap_or(&written);
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(unreadable());
        }
        let format = match digits.len() {
            8 => "%Y%m%d",
            12 => "%Y%m%d%H%M",
            14 => "%Y%m%d%H%M%S",
            _ => return Err(unreadable()),
        };
        let parsed = strtime::parse(format, digits).ok();
        let civil = parsed.and_then(|parsed| {
            let midnight = || parsed.to_date().ok().map(DateTime::from);
            parsed.to_datetime().ok().or_else(midnight)
        });
        let zoned = civil.and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
        zoned.map(|zoned| Some(zoned.timestamp())).ok_or_else(unreadable)
    }

    /// Whether what is made for a namespace may be signed.
    pub(super) fn allows_namespace(&self, namespace: &[u8]) -> bool {
        self.namespaces.as_deref().is_none_or(|allowed| list_matches(namespace, allowed))
    }

    /// Whether a principal is one of those named.
    pub(super) fn names(&self, principal: &[u8]) -> bool {
        list_matches(principal, &self.principals)
    }
}

/// Splits off the first field, which may be quoted.
fn first_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (field, rest) = match line.strip_prefix(b"\"") {
        Some(quoted) => {
            let end = quoted.iter().position(|byte| *byte == b'"')?;
            let (field, rest) = quoted.split_at_checked(end)?;
            (field, rest.strip_prefix(b"\"")?)
        }
        None => line.split_at(line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len())),
    };
    Some((field, rest.trim_ascii()))
}

/// Returns where options end: at the first blank outside of quotes.
fn end_of_options(text: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    let mut before = None;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' if before != Some(b'\\') => is_quoted = !is_quoted,
            b' ' | b'\t' if !is_quoted => return Some(at),
            _ => {}
        }
        before = Some(*byte);
    }
    (!is_quoted).then_some(text.len())
}

/// Reads a value in quotes, in which `\"` stands for a quote.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut value = Vec::new();
    loop {
        rest = match rest {
            [b'\\', b'"', rest @ ..] => {
                value.push(b'"');
                rest
            }
            [b'"', rest @ ..] => return Some((value, rest)),
            [byte, rest @ ..] => {
                value.push(*byte);
                rest
            }
            [] => return None,
        };
    }
}

/// Returns a time as it is shown.
pub(super) fn shown(time: Timestamp) -> impl Inspected {
    time.to_string()
}
