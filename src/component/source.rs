//! Where components are taken from.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Inspected, without_credentials};

/// Where a component is taken from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// A package registry.
    Registry {
        /// Its address, `None` where the lock file leaves it to the configuration.
        registry: Option<RemoteUrl>,
    },
    /// An archive at an address of its own.
    Archive {
        /// The address.
        url: RemoteUrl,
    },
    /// A git repository.
    Git {
        /// Its address.
        repository: RemoteUrl,
        /// What was asked of it.
        reference: GitReference,
        /// The commit that was taken, where the lock file pins one.
        commit: Option<Box<str>>,
    },
    /// A folder or file beside the project.
    Path {
        /// Where, relative to the project.
        path: Box<str>,
    },
    /// Part of the project itself.
    Member,
    /// Inside the archive of another component.
    Bundled,
}

/// What a requirement asks of a git repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GitReference {
    /// A commit by its full id.
    Commit(Box<str>),
    /// A tag.
    Tag(Box<str>),
    /// A branch.
    Branch(Box<str>),
    /// A name that may be a branch, a tag or a shortened commit.
    Named(Box<str>),
    /// Nothing: the default branch.
    Default,
    /// Not stated at this place (a lock file that pins a commit need not say what was asked).
    Unstated,
}

impl Source {
    /// Whether what comes from here has a digest by nature: a published archive. A repository has its commit, and what
    /// lies in the project or in another archive has neither.
    #[must_use]
    pub fn is_digested(&self) -> bool {
        matches!(self, Self::Registry { .. } | Self::Archive { .. })
    }
}

impl GitReference {
    /// Returns what `text` asks for, without being told what kind of name it is.
    #[must_use]
    pub fn guess(text: &str) -> Self {
        if text.is_empty() {
            Self::Default
        } else if is_commit(text) {
            Self::Commit(text.into())
        } else if let Some(range) = text.strip_prefix("semver:") {
            Self::Tag(range.into())
        } else if looks_like_version(text) {
            Self::Tag(text.into())
        } else {
            Self::Named(text.into())
        }
    }
}

/// Whether `text` is the full id of a commit: SHA-1 or SHA-256.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a name is one that tags bear and branches do not: a version, with or without words in front.
fn looks_like_version(text: &str) -> bool {
    let last = text.rsplit(['/', '@']).next().unwrap_or(text);
    let digits = last.trim_start_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    let numbers: Vec<&str> = digits.split('.').collect();
    numbers.len() >= 2 && numbers.iter().take(2).all(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

/// An address without the credentials that may have stood in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteUrl(Box<str>);

impl RemoteUrl {
    /// Takes an address as a lock file or manifest writes it and drops the credentials in it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(match without_credentials(text) {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.replace("***@", "").into(),
        })
    }

    /// Returns the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address without the prefixes that package managers put in front (`git+`, `registry+`, `sparse+`).
    #[must_use]
    pub fn without_prefix(&self) -> &str {
        ["git+", "registry+", "sparse+"].iter().find_map(|prefix| self.0.strip_prefix(prefix)).unwrap_or(&self.0)
    }

    /// Returns the scheme in lower case, empty where there is none.
    #[must_use]
    pub fn scheme(&self) -> String {
        self.without_prefix().split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default()
    }

    /// Whether what comes from here can be read and changed on the way.
    #[must_use]
    pub fn is_unencrypted(&self) -> bool {
        let scheme = self.scheme();
        // `svn+http` is http, and `git+ssh` is ssh.
        matches!(scheme.rsplit('+').next().unwrap_or(&scheme), "http" | "git" | "ftp" | "svn" | "rsync" | "tftp")
    }

    /// Returns where this address leads, whatever its spelling.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::of(&self.0)
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Inspected for RemoteUrl {
    fn neutralise_into(&self, out: &mut String) {
        self.0.neutralise_into(out);
    }
}

/// A host and a path on it: an address without what two spellings of one place may differ in (scheme,
/// prefix, credentials, default port, a slash or `.git` at the end, the case of the host).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(Box<str>);

impl Place {
    /// Returns the place of an address.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.split(['?', '#']).next().unwrap_or(text);
        let text = expand_shorthand(text);
        let rest = match text.split_once("://") {
            Some((_, rest)) => rest.to_owned(),
            // scp's form of an ssh address: `git@host:owner/repository`.
            None => text.replacen(':', "/", 1),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((&rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        let host = [":443", ":80", ":22", ":9418"].iter().find_map(|port| host.strip_suffix(port)).unwrap_or(&host);
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        Self(if path.is_empty() { host.into() } else { format!("{host}/{path}").into() })
    }

    /// Returns host and path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// Returns the place one step up: of a repository, its owner.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or(self.0.clone(), |(parent, _)| parent.into()))
    }

    /// Returns the folder in which the part of this path stands that is `name` or holds `version`, else the last folder:
    /// what the addresses of one package's archives have in common.
    #[must_use]
    pub fn up_to(&self, name: &str, version: Option<&str>) -> Self {
        let mut end = self.0.find('/').unwrap_or(self.0.len());
        while let Some(rest) = self.0.get(end + 1..).filter(|rest| !rest.is_empty()) {
            let part = rest.split('/').next().unwrap_or_default();
            if part == name || version.is_some_and(|version| !version.is_empty() && part.contains(version)) {
                return Self(self.0.get(..end).unwrap_or(&self.0).into());
            }
            end += 1 + part.len();
        }
        self.parent()
    }

    /// Whether this place is `other` or lies below it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Inspected for Place {
    fn neutralise_into(&self, out: &mut String) {
        self.0.neutralise_into(out);
    }
}

/// Writes out the short names that npm and its kin have for three hosts.
fn expand_shorthand(text: &str) -> String {
    for (prefix, host) in [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return format!("https://{host}/{rest}");
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place_are_one() {
        let check = |text: &str, expected: &str| assert_eq!(Place::of(text).as_str(), expected, "{text}");
        check("https://Git.Example/acme/wire.git", "git.example/acme/wire");
        check("git+ssh://git@git.example/acme/wire#abc", "git.example/acme/wire");
        check("git@git.example:acme/wire.git", "git.example/acme/wire");
        check("github:acme/wire", "github.com/acme/wire");
        check("sparse+https://cargo.example/index/", "cargo.example/index");
        check("https://user:pw@host.example:443/", "host.example");
        check("http://host.example:8080/x", "host.example:8080/x");
        check("git+https://git.example/acme/wire?branch=main#abc", "git.example/acme/wire");
    }

    #[test]
    fn places_lie_within_each_other_by_whole_parts() {
        let within = |a: &str, b: &str| Place::of(a).is_within(&Place::of(b));
        assert!(within("https://git.example/acme/wire", "https://git.example/acme/"));
        assert!(within("https://git.example/acme", "https://git.example/acme"));
        assert!(!within("https://git.example/acme-evil/wire", "https://git.example/acme"));
        assert!(!within("https://git.example.evil.example/acme", "https://git.example/"));
    }

    #[test]
    fn references_are_told_apart() {
        let commit = "a".repeat(40);
        let check = |text: &str, expected: GitReference| assert_eq!(GitReference::guess(text), expected, "{text}");
        check("", GitReference::Default);
        check(&commit, GitReference::Commit(commit.as_str().into()));
        check("v1.2.3", GitReference::Tag("v1.2.3".into()));
        check("@scope/pkg@1.0.0", GitReference::Tag("@scope/pkg@1.0.0".into()));
        check("semver:^1.0", GitReference::Tag("^1.0".into()));
        check("main", GitReference::Named("main".into()));
        check("release-2", GitReference::Named("release-2".into()));
    }

    #[test]
    fn credentials_are_dropped() {
        assert_eq!(RemoteUrl::new("https://u:p@host.example/x").as_str(), "https://host.example/x");
        assert_eq!(RemoteUrl::new("git+ssh://git@host.example/x").as_str(), "git+ssh://git@host.example/x");
    }
}
