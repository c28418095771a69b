//! What a document tells of one thing, in the states that every profile shares.

use serde::Serialize;

use crate::sbom::model::Stated;

/// What a document tells of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// A real, well-formed value.
    Value,
    /// That there is none: `NONE`.
    None,
    /// That its author does not know: `NOASSERTION`.
    Unknown,
    /// That its author knows and does not say.
    Withheld,
    /// What looks like a value and says nothing: `n/a`.
    Placeholder,
    /// What is no value of its kind.
    Malformed,
    /// Nothing.
    Absent,
}

impl Told {
    /// Returns it in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "stated",
            Self::None => "none",
            Self::Unknown => "unknown",
            Self::Withheld => "withheld",
            Self::Placeholder => "placeholder",
            Self::Malformed => "malformed",
            Self::Absent => "absent",
        }
    }

    /// Returns what a text tells that stands where a value should.
    pub(super) fn text(text: &str) -> Self {
        let folded = text.trim().to_ascii_lowercase();
        if folded.is_empty() || folded == "null" {
            Self::Absent
        } else if ["noassertion", "unknown", "anonymous"].contains(&&*folded) {
            Self::Unknown
        } else if PLACEHOLDERS.contains(&&*folded) || folded.bytes().all(|byte| b"-_.?*x".contains(&byte)) {
            Self::Placeholder
        } else {
            Self::Value
        }
    }

    /// Returns what a member tells, of which `value` is what its value tells.
    pub(super) fn stated<T>(stated: &Stated<T>, value: impl FnOnce(&T) -> Self) -> Self {
        match stated {
            Stated::Absent => Self::Absent,
            Stated::Unknown => Self::Unknown,
            Stated::Withheld => Self::Withheld,
            Stated::None => Self::None,
            Stated::Value(one) => value(one),
        }
    }

    /// Returns the better of two places where the same may stand: a value before what is said in place of one, and that
    /// before nothing.
    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Value { self } else { self.min(other()) }
    }
}

/// What stands where a tool had no value, in small letters.
const PLACEHOLDERS: &[&str] = &[
    "${project.version}",
    "${version}",
    "(devel)",
    "0.0.0",
    "development",
    "fixme",
    "latest",
    "managed",
    "n.a.",
    "n/a",
    "na",
    "none",
    "not available",
    "not provided",
    "not specified",
    "placeholder",
    "tba",
    "tbc",
    "tbd",
    "todo",
    "undefined",
    "unspecified",
    "v0.0.0",
    "version",
];

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn a_placeholder_is_no_value() {
        for text in ["n/a", "N/A", "TBD", "-", "--", "0.0.0", " unspecified ", "managed", "?", "x.x.x", "(devel)", "*"]
        {
            assert_eq!(Told::text(text), Told::Placeholder, "{text}");
        }
        for text in ["0.0.1", "0.0.0-alpha", "v0.0.0-20200101000000-abcdefabcdef", "managed-1", "1", "x86", "na-1"] {
            assert_eq!(Told::text(text), Told::Value, "{text}");
        }
        for text in ["NOASSERTION", "unknown", "Unknown"] {
            assert_eq!(Told::text(text), Told::Unknown, "{text}");
        }
        assert_eq!(Told::text("  "), Told::Absent);
    }

    #[test]
    fn a_value_is_better_than_an_unknown_and_that_than_nothing() {
        assert_eq!(Told::Unknown.or(|| Told::Value), Told::Value);
        assert_eq!(Told::Absent.or(|| Told::Unknown), Told::Unknown);
        assert_eq!(Told::Unknown.or(|| Told::Absent), Told::Unknown);
        assert_eq!(Told::Value.or(|| Told::Absent), Told::Value);
    }
}
