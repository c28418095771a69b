//! What is wrong with a package URL: what ECMA-427 or the definition of its type asks for, and what was found.

use std::fmt;

use crate::text::Text;

/// A part of a package URL that holds text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What stands before the name.
    Namespace,
    /// The name.
    Name,
    /// The version.
    Version,
    /// The value of a qualifier.
    Qualifier,
    /// The path within the package.
    Subpath,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Namespace => "namespace",
            Self::Name => "name",
            Self::Version => "version",
            Self::Qualifier => "value of a qualifier",
            Self::Subpath => "subpath",
        })
    }
}

/// Why a text, or a set of parts, is no package URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PurlFault {
    /// It does not begin as every package URL does.
    #[error("expected `pkg:` at the beginning, found `{found}`")]
    Scheme {
        /// The beginning.
        found: Text,
    },
    /// It holds what no URL does.
    #[error("expected printable ASCII without blanks, all else percent-encoded, found `{found}` at byte {at}")]
    Character {
        /// The character.
        found: Text,
        /// Where it stands, in bytes from 0.
        at: usize,
    },
    /// A separator stands more than once, so that readers part it at different places.
    #[error("expected `{separator}` once at most, found it {count} times; percent-encode those that are no separator")]
    Separators {
        /// The separator.
        separator: char,
        /// How often it stands.
        count: usize,
    },
    /// The type is missing, or is no word for one.
    #[error("expected a type of letters, digits, `.` and `-` that begins with a letter, found `{found}`")]
    Type {
        /// What stands in its place.
        found: Text,
    },
    /// There is no name.
    #[error("expected a name, found none")]
    NoName,
    /// A `%` is not followed by two hexadecimal digits.
    #[error("expected two hexadecimal digits behind each `%` of the {part}, found `{found}`")]
    Escape {
        /// The part.
        part: Part,
        /// Its text.
        found: Text,
    },
    /// What is encoded is no UTF-8.
    #[error("expected the {part} to be UTF-8 once decoded, found `{found}`")]
    NotUtf8 {
        /// The part.
        part: Part,
        /// What it decodes to.
        found: Text,
    },
    /// A part holds a control character.
    #[error("expected no control character in the {part}, found `{found}`")]
    Control {
        /// The part.
        part: Part,
        /// Its text.
        found: Text,
    },
    /// A segment of a path holds a slash.
    #[error("expected no percent-encoded `/` in a segment of the {part}, found `{found}`")]
    Slash {
        /// The part.
        part: Part,
        /// The segment.
        found: Text,
    },
    /// A subpath leads upwards.
    #[error("expected a subpath within the package, found the segment `..` in `{found}`")]
    Upwards {
        /// The subpath.
        found: Text,
    },
    /// The type asks for a namespace.
    #[error("expected a namespace, which the type {kind} requires, found none")]
    NamespaceMissing {
        /// The type.
        kind: Text,
    },
    /// The type has no namespaces.
    #[error("expected no namespace, which the type {kind} prohibits, found `{found}`")]
    NamespaceProhibited {
        /// The type.
        kind: Text,
        /// The namespace.
        found: Text,
    },
    /// A part is not as the type wants it.
    #[error("expected the {part} of the type {kind} to be {expected}, found `{found}`")]
    NotPermitted {
        /// The type.
        kind: Text,
        /// The part.
        part: Part,
        /// What the type wants.
        expected: &'static str,
        /// What stands there.
        found: Text,
    },
    /// A qualifier is no pair.
    #[error("expected a qualifier to be `key=value`, found `{found}`")]
    QualifierForm {
        /// What stands there.
        found: Text,
    },
    /// A qualifier's key is no word for one.
    #[error(
        "expected the key of a qualifier to begin with a letter and hold letters, digits, `.`, `-` and `_`, found \
         `{found}`"
    )]
    QualifierKey {
        /// The key.
        found: Text,
    },
    /// A key stands twice.
    #[error("expected each qualifier once, found `{key}` twice")]
    QualifierTwice {
        /// The key.
        key: Text,
    },
    /// A qualifier that the type asks for is missing.
    #[error("expected the qualifier `{key}`, which the type {kind} requires, found none")]
    QualifierMissing {
        /// The type.
        kind: Text,
        /// The key.
        key: &'static str,
    },
    /// A version and a range of versions exclude each other.
    #[error("expected a version or the qualifier `vers`, found both")]
    VersionAndRange,
}
