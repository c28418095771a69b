//! What is expected of a value.

use serde::Deserialize;

use crate::host::number;

/// A value of a fact.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A word.
    Word(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// One of several, or all of them.
    List(Vec<Self>),
    /// Names for numbers.
    Names(std::collections::BTreeMap<String, String>),
    /// None: the rule knows what it expects.
    #[default]
    None,
}

/// How a value is compared with what is expected. Operators that only one rule understands are [`Operator::Own`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Operator {
    /// It is the value.
    Equal,
    /// It is one of them.
    OneOf,
    /// It is at least the value.
    AtLeast,
    /// It is at most the value.
    AtMost,
    /// It lies between them.
    Range,
    /// It matches a regular expression.
    Matches,
    /// It holds none of them.
    NoneOf,
    /// It holds one of them.
    AnyOf,
    /// None of them is there.
    Absent,
    /// As the rule says.
    #[default]
    Own,
}

impl From<String> for Operator {
    fn from(text: String) -> Self {
        match text.as_str() {
            "eq" => Self::Equal,
            "in" => Self::OneOf,
            "ge" => Self::AtLeast,
            "le" => Self::AtMost,
            "range" => Self::Range,
            "regex" => Self::Matches,
            "none-of" => Self::NoneOf,
            "any-of" => Self::AnyOf,
            "absent" => Self::Absent,
            _ => Self::Own,
        }
    }
}

impl Value {
    /// Returns the words of a list, or the one word.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::List(values) => values.iter().flat_map(Self::list).collect(),
            Self::Word(word) => vec![word.clone()],
            Self::Number(number) => vec![number.to_string()],
            Self::Flag(flag) => vec![flag.to_string()],
            Self::Names(_) | Self::None => Vec::new(),
        }
    }

    fn numbers(&self) -> Vec<i64> {
        self.list().iter().filter_map(|word| number(word)).collect()
    }
}

impl Operator {
    /// Whether a value is as expected, `None` where that cannot be told of such a value.
    #[must_use]
    pub fn accepts(self, expected: &Value, found: &str) -> Option<bool> {
        let word = found.trim();
        let same = |one: &str| match (number(one), number(word)) {
            (Some(one), Some(word)) => one == word,
            _ => one.eq_ignore_ascii_case(word),
        };
        let numbers = expected.numbers();
        match self {
            Self::Equal | Self::OneOf => Some(expected.list().iter().any(|one| same(one))),
            Self::AtLeast if expected.list().iter().any(|word| word == "MAX") => None,
            Self::AtLeast => Some(number(word)? >= *numbers.first()?),
            Self::AtMost => Some(number(word)? <= *numbers.first()?),
            Self::Range => {
                let found = number(word)?;
                Some(*numbers.first()? <= found && found <= *numbers.get(1)?)
            }
            Self::Matches => {
                let pattern = expected.list().into_iter().next()?;
                Some(regex::Regex::new(&pattern).ok()?.is_match(word))
            }
            Self::NoneOf | Self::AnyOf => {
                let listed: Vec<&str> = word.split(',').map(str::trim).collect();
                let has = expected.list().iter().any(|one| listed.iter().any(|word| word.eq_ignore_ascii_case(one)));
                Some(has == (self == Self::AnyOf))
            }
            Self::Absent | Self::Own => None,
        }
    }

    /// Returns what is expected, in words.
    #[must_use]
    pub fn words(self, expected: &Value) -> String {
        let list = expected.list();
        let first = list.first().map(String::as_str).unwrap_or_default();
        match self {
            Self::Equal if list.len() == 1 => first.to_owned(),
            Self::Equal | Self::OneOf => format!("one of {}", list.join(", ")),
            Self::AtLeast => format!("at least {first}"),
            Self::AtMost => format!("at most {first}"),
            Self::Range => format!("between {}", list.join(" and ")),
            Self::Matches => format!("something that matches {first}"),
            Self::NoneOf | Self::Absent if list.is_empty() => "none".to_owned(),
            Self::NoneOf | Self::Absent => format!("none of {}", list.join(", ")),
            Self::AnyOf => format!("one of {} in it", list.join(", ")),
            Self::Own => list.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared() {
        let word = |text: &str| Value::Word(text.to_owned());
        let list = |values: &[i64]| Value::List(values.iter().map(|value| Value::Number(*value)).collect());
        let check = |operator: Operator, expected: &Value, found: &str, answer: Option<bool>| {
            assert_eq!(operator.accepts(expected, found), answer, "{operator:?} {expected:?} {found}");
        };
        check(Operator::Equal, &Value::Number(1), "0x1", Some(true));
        check(Operator::Equal, &Value::Number(1), "2", Some(false));
        check(Operator::Equal, &word("no"), "No", Some(true));
        check(Operator::OneOf, &list(&[1, 2]), "2", Some(true));
        check(Operator::OneOf, &list(&[1, 2]), "0", Some(false));
        check(Operator::AtLeast, &Value::Number(2), "3", Some(true));
        check(Operator::AtLeast, &Value::Number(2), "x", None);
        check(Operator::AtMost, &Value::Number(4), "6", Some(false));
        check(Operator::Range, &list(&[1, 100]), "100", Some(true));
        check(Operator::Range, &list(&[1, 100]), "0", Some(false));
        check(Operator::Matches, &word("^(\\|/.+|/.+|)$"), "core", Some(false));
        check(Operator::NoneOf, &word("arcfour"), "aes256-ctr,arcfour", Some(false));
        check(Operator::AnyOf, &word("a"), "b, a", Some(true));
    }
}
