//! What each type of package URL asks of its parts, one entry a type.
//!
//! From the `types/*-definition.json` of package-url/purl-spec (commit `16f3d0e39343`, MIT). A type that stands not here
//! is allowed, by the general rules. The default repositories are left out: no purl is written by them.

use std::borrow::Cow;

/// What a type asks of its parts.
pub(super) struct Type {
    pub(super) id: &'static str,
    pub(super) namespace: Namespace,
    pub(super) name: Case,
    pub(super) shape: Shape,
    pub(super) version: Case,
    pub(super) subpath: Case,
    /// The qualifiers it requires.
    pub(super) requires: &'static [&'static str],
    /// The values that qualifiers have where they do not stand.
    pub(super) defaults: &'static [(&'static str, &'static str)],
    /// The spellings of a name that its registry takes for one, beside those that are one purl.
    pub(super) joined: Joined,
}

/// Whether a type has namespaces, and their case.
#[derive(Clone, Copy)]
pub(super) enum Namespace {
    Optional(Case),
    Required(Case),
    Prohibited,
}

/// What becomes of upper and lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Kept,
    Lower,
    Upper,
    /// Lower where the host of the `repository_url` has this in its name.
    LowerAt(&'static str),
}

/// What a name, or the version beside it, must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Any,
    /// `_` is written `-`.
    Dashed,
    /// What is no ASCII letter or digit is written `_`.
    Underscored,
    /// A path on the host that the namespace names: all but the first segment.
    Path,
    /// No blank, no `+`, and no `.` at the beginning.
    Pod,
    /// No `::`.
    Distribution,
    /// 32 letters from `a` to `p`, and a version of one to four numbers.
    Extension,
}

/// Spellings of a name that are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    Canonical,
    IgnoringCase,
    /// Runs of `-`, `_` and `.` are one (PEP 503).
    Pep503,
}

use Case::{Kept, Lower, LowerAt, Upper};
use Namespace::{Optional, Prohibited, Required};

const BAZEL_CENTRAL: &str = "https://bcr.bazel.build";

/// The registered types, in order.
pub(super) static TYPES: &[Type] = &[
    Type { namespace: Required(Lower), name: Lower, ..Type::new("alpm") },
    Type { namespace: Required(Lower), name: Lower, ..Type::new("apk") },
    Type { namespace: Prohibited, defaults: &[("repository_url", BAZEL_CENTRAL)], ..Type::new("bazel") },
    Type { namespace: Required(Lower), name: Lower, ..Type::new("bitbucket") },
    Type { namespace: Prohibited, name: Lower, defaults: &[("arch", "amd64")], ..Type::new("bitnami") },
    Type { namespace: Optional(Lower), name: Lower, ..Type::new("brew") },
    Type { namespace: Prohibited, ..Type::new("cargo") },
    Type { namespace: Prohibited, name: Lower, shape: Shape::Extension, ..Type::new("chrome-extension") },
    Type { namespace: Prohibited, shape: Shape::Pod, ..Type::new("cocoapods") },
    Type { namespace: Required(Lower), name: Lower, ..Type::new("composer") },
    Type::new("conan"),
    Type { namespace: Prohibited, ..Type::new("conda") },
    // "When present, it … shall be uppercase."
    Type {
        namespace: Optional(Upper),
        shape: Shape::Distribution,
        defaults: &[("ext", "tar.gz")],
        ..Type::new("cpan")
    },
    Type { namespace: Prohibited, ..Type::new("cran") },
    Type { namespace: Required(Lower), name: Lower, ..Type::new("deb") },
    Type::new("docker"),
    Type { namespace: Prohibited, defaults: &[("platform", "ruby")], ..Type::new("gem") },
    Type::new("generic"),
    // "The path on the host to the git repository."
    Type { namespace: Required(Kept), shape: Shape::Path, ..Type::new("git") },
    Type { namespace: Required(Lower), name: Lower, ..Type::new("github") },
    // "The namespace shall be lowercased." "The name shall be lowercased."
    Type { namespace: Required(Lower), name: Lower, ..Type::new("golang") },
    Type { namespace: Prohibited, shape: Shape::Dashed, ..Type::new("hackage") },
    Type { namespace: Optional(Lower), name: Lower, ..Type::new("hex") },
    Type { namespace: Required(Kept), version: Lower, ..Type::new("huggingface") },
    Type { namespace: Prohibited, requires: &["uuid"], ..Type::new("julia") },
    Type { namespace: Optional(Lower), name: Lower, ..Type::new("luarocks") },
    Type { namespace: Required(Kept), defaults: &[("type", "jar")], ..Type::new("maven") },
    // "For Databricks, it is case insensitive and shall be lowercased."
    Type { namespace: Prohibited, name: LowerAt("databricks"), ..Type::new("mlflow") },
    Type::new("npm"),
    // "The name is case-preserving, but case-insensitive."
    Type { namespace: Prohibited, joined: Joined::IgnoringCase, ..Type::new("nuget") },
    Type { namespace: Prohibited, name: Lower, version: Lower, ..Type::new("oci") },
    Type { namespace: Prohibited, ..Type::new("opam") },
    Type { namespace: Prohibited, name: Lower, subpath: Lower, ..Type::new("otp") },
    Type { namespace: Prohibited, name: Lower, shape: Shape::Underscored, ..Type::new("pub") },
    Type {
        namespace: Prohibited,
        name: Lower,
        shape: Shape::Dashed,
        version: Lower,
        joined: Joined::Pep503,
        ..Type::new("pypi")
    },
    Type { namespace: Required(Lower), ..Type::new("qpkg") },
    Type { namespace: Required(Lower), ..Type::new("rpm") },
    Type { requires: &["tag_id"], defaults: &[("patch", "false"), ("tag_version", "0")], ..Type::new("swid") },
    Type { namespace: Required(Kept), ..Type::new("swift") },
    Type { namespace: Prohibited, defaults: &[("port_version", "0")], ..Type::new("vcpkg") },
    Type {
        namespace: Required(Lower),
        name: Lower,
        version: Lower,
        defaults: &[("platform", "universal")],
        ..Type::new("vscode-extension")
    },
    Type { namespace: Optional(Lower), ..Type::new("yocto") },
];

/// What is asked of a type that is not registered.
static GENERAL: Type = Type::new("");

impl Type {
    const fn new(id: &'static str) -> Self {
        Self {
            id,
            namespace: Optional(Kept),
            name: Kept,
            shape: Shape::Any,
            version: Kept,
            subpath: Kept,
            requires: &[],
            defaults: &[],
            joined: Joined::Canonical,
        }
    }

    /// Returns what a type asks for, by its name in lower case.
    pub(super) fn of(id: &str) -> &'static Self {
        TYPES.binary_search_by(|one| one.id.cmp(id)).ok().and_then(|at| TYPES.get(at)).unwrap_or(&GENERAL)
    }

    /// Returns a segment of a namespace as it is written.
    pub(super) fn segment<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.namespace {
            Optional(case) | Required(case) => case.apply(text, None),
            Prohibited => Cow::Borrowed(text),
        }
    }

    /// Returns a name as it is written.
    pub(super) fn name<'a>(&self, text: &'a str, repository_url: Option<&str>) -> Cow<'a, str> {
        let text = self.name.apply(text, repository_url);
        match self.shape {
            Shape::Dashed => replace(text, |found| found == '_', "-"),
            Shape::Underscored => replace(text, |found| !found.is_ascii_alphanumeric() && found != '_', "_"),
            Shape::Any | Shape::Path | Shape::Pod | Shape::Distribution | Shape::Extension => text,
        }
    }
}

impl Case {
    /// Returns a text in this case, by the mappings of Unicode, whatever the locale.
    pub(super) fn apply<'a>(self, text: &'a str, repository_url: Option<&str>) -> Cow<'a, str> {
        match self {
            Kept => Cow::Borrowed(text),
            Lower if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) => {
                Cow::Owned(text.to_lowercase())
            }
            Lower => Cow::Borrowed(text),
            Upper => Cow::Owned(text.to_uppercase()),
            LowerAt(place) => {
                let url = repository_url.unwrap_or_default();
                let host = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
                if host.to_lowercase().contains(place) { Lower.apply(text, None) } else { Cow::Borrowed(text) }
            }
        }
    }
}

impl Shape {
    /// Returns what a name must be that is not as the type wants it.
    pub(super) fn fault_of_name(self, name: &str) -> Option<&'static str> {
        let (is_permitted, expected) = match self {
            Self::Pod => (
                !name.starts_with('.') && !name.contains(|found: char| found == '+' || found.is_whitespace()),
                "without blank, `+`, and `.` at the beginning",
            ),
            Self::Distribution => (!name.contains("::"), "that of a distribution, without `::`"),
            Self::Extension => (
                name.len() == 32 && name.bytes().all(|byte| (b'a'..=b'p').contains(&byte)),
                "32 letters from `a` to `p`",
            ),
            Self::Any | Self::Dashed | Self::Underscored | Self::Path => return None,
        };
        (!is_permitted).then_some(expected)
    }

    /// Returns what a version must be that is not as the type wants it.
    pub(super) fn fault_of_version(self, version: &str) -> Option<&'static str> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_permitted =
            self != Self::Extension || (version.split('.').count() <= 4 && version.split('.').all(is_number));
        (!is_permitted).then_some("one to four numbers with dots between them")
    }
}

impl Joined {
    /// Returns what the spellings of a name have in common.
    pub(super) fn apply(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Canonical => Cow::Borrowed(name),
            Self::IgnoringCase => Lower.apply(name, None),
            Self::Pep503 => {
                let words: Vec<&str> = name.split(['-', '_', '.']).collect();
                let last = words.len().saturating_sub(1);
                // A run has nothing between its separators; one at either end leaves an empty word there.
                let kept = words.iter().enumerate().filter(|(at, word)| *at == 0 || *at == last || !word.is_empty());
                Cow::Owned(kept.map(|(_, word)| *word).collect::<Vec<_>>().join("-"))
            }
        }
    }
}

fn replace<'a>(text: Cow<'a, str>, what: impl Fn(char) -> bool, with: &str) -> Cow<'a, str> {
    if text.contains(&what) { Cow::Owned(text.replace(what, with)) } else { text }
}
