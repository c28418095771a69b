//! Arguments of a kernel, as it reads them (`lib/cmdline.c` and `kernel/params.c` of Linux).

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// How many arguments are read.
const MAX_ARGUMENTS: usize = 4_096;

/// Words in names of arguments whose value is nobody's business.
const SECRET: [&str; 4] = ["password", "passwd", "secret", "token"];

/// The arguments of a kernel, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arguments(Vec<Argument>);

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Its name.
    pub name: Text,
    /// Its value, where it has one, be it empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Text>,
}

impl Argument {
    /// Returns it as it is written.
    #[must_use]
    pub fn shown(&self) -> Text {
        match &self.value {
            Some(value) => crate::text!("{}={}", self.name, *value),
            None => self.name.clone(),
        }
    }
}

impl Arguments {
    /// Reads a line of arguments. Blanks between double quotes do not separate, and what follows `--` is not for the kernel.
    #[must_use]
    pub fn read(line: &str) -> Self {
        let mut out = Vec::new();
        for word in words(line) {
            if word == "--" || out.len() == MAX_ARGUMENTS {
                break;
            }
            let whole = word.strip_prefix('"').map_or(&*word, |inside| inside.strip_suffix('"').unwrap_or(inside));
            let (name, value) = match whole.split_once('=') {
                Some((name, value)) => (name, Some(unquoted(value))),
                None => (whole, None),
            };
            let lower = name.to_ascii_lowercase();
            let is_secret = SECRET.iter().any(|word| lower.contains(word));
            let value = value.map(|value| if is_secret { Text::trusted("…") } else { Text::of(value) });
            out.push(Argument { name: Text::of(name), value });
        }
        Self(out)
    }

    /// Returns those of a name, compared whole; `-` and `_` are the same in it, as for the kernel.
    pub fn named<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Argument> + 'a {
        self.0.iter().filter(move |argument| is_same_name(argument.name.as_str(), name))
    }

    /// Returns the one of a name that counts: the last.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&Argument> {
        self.0.iter().rev().find(|argument| is_same_name(argument.name.as_str(), name))
    }

    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = &Argument> {
        self.0.iter()
    }
}

fn is_same_name(one: &str, other: &str) -> bool {
    let turned = |byte: u8| if byte == b'-' { b'_' } else { byte };
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(one, other)| turned(one) == turned(other))
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').map_or(value, |inside| inside.strip_suffix('"').unwrap_or(inside))
}

fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut is_quoted = false;
    for character in line.chars() {
        if character.is_ascii_whitespace() && !is_quoted {
            if !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
            continue;
        }
        is_quoted ^= character == '"';
        word.push(character);
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let check = |line: &str, expected: &[&str]| {
            let found: Vec<String> = Arguments::read(line).iter().map(|one| one.shown().to_string()).collect();
            assert_eq!(found, expected, "{line}");
        };
        check("", &[]);
        check(" ro\tquiet  a=b ", &["ro", "quiet", "a=b"]);
        check("a=\"b c\" \"d=e f\" g=", &["a=b c", "d=e f", "g="]);
        check("a -- selinux=0", &["a"]);
        check("a=b=c", &["a=b=c"]);
        check("iscsi_password=hunter2", &["iscsi_password=…"]);
    }

    #[test]
    fn names_are_compared_whole_and_the_last_counts() {
        let check = |line: &str, name: &str, expected: Option<&str>| {
            let arguments = Arguments::read(line);
            let found = arguments.last(name).and_then(|one| one.value.as_ref()).map(Text::as_str);
            assert_eq!(found, expected, "{line} {name}");
        };
        check("lsm=a lsm=b", "lsm", Some("b"));
        check("init-on-alloc=1", "init_on_alloc", Some("1"));
        check("x.lsm=a lsmx=b", "lsm", None);
    }
}
