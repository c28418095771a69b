//! What `package.json` may ask for.

use crate::component::{GitReference, RemoteUrl, Source};

/// What one requirement asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Specifier<'a> {
    /// The package's real name, where the requirement gives it another (`npm:NAME@RANGE`).
    pub package: Option<&'a str>,
    /// Where it is to be taken from.
    pub source: Source,
}

/// Reads the right-hand side of a requirement.
#[must_use]
pub fn specifier(text: &str) -> Specifier<'_> {
    if let Some(alias) = text.strip_prefix("npm:") {
        // A scope begins with `@`: the version stands behind a later one. Yarn writes plain ranges so, too.
        let end = alias.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
        let package = match end {
            Some(end) => alias.get(..end),
            None if alias.starts_with(|c: char| c.is_ascii_alphabetic() || c == '@') => Some(alias),
            None => None,
        };
        return Specifier { package, source: Source::Registry { registry: None } };
    }
    let source = if text.starts_with("workspace:") {
        Source::Member
    } else if let Some(path) = ["file:", "link:", "portal:"].iter().find_map(|prefix| text.strip_prefix(prefix)) {
        Source::Path { path: path.into() }
    } else if text.starts_with(['.', '/']) || text.starts_with("~/") {
        Source::Path { path: text.into() }
    } else {
        remote(text).unwrap_or(Source::Registry { registry: None })
    };
    Specifier { package: None, source }
}

fn remote(text: &str) -> Option<Source> {
    let (location, fragment) = text.split_once('#').map_or((text, ""), |(location, fragment)| (location, fragment));
    let is_git = location.starts_with("git+")
        || location.starts_with("git://")
        || location.starts_with("git@")
        || location.starts_with("ssh://")
        || location.ends_with(".git")
        || is_hosted(location)
        || is_owner_and_name(location)
        || is_hosted_page(location);
    if is_git {
        let reference = GitReference::guess(fragment);
        let commit = match &reference {
            GitReference::Commit(commit) => Some(commit.clone()),
            _ => None,
        };
        let location = if is_owner_and_name(location) { format!("github:{location}") } else { location.to_owned() };
        return Some(Source::Git { repository: RemoteUrl::new(&location), reference, commit });
    }
    (location.starts_with("https://") || location.starts_with("http://"))
        .then(|| Source::Archive { url: RemoteUrl::new(location) })
}

/// Whether a text is a repository under one of the hosts' short names: `github:OWNER/NAME`.
#[must_use]
pub(super) fn is_hosted(text: &str) -> bool {
    ["github:", "gitlab:", "bitbucket:", "gist:"].iter().any(|prefix| text.starts_with(prefix))
}

pub(super) fn is_owner_and_name(text: &str) -> bool {
    let sound = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    match text.split_once('/') {
        Some((owner, name)) => sound(owner) && sound(name) && !owner.starts_with('.') && !name.contains('/'),
        None => false,
    }
}

/// Whether an address is the page of a repository on a host that npm clones from.
pub(super) fn is_hosted_page(text: &str) -> bool {
    let Some(path) = ["github.com", "gitlab.com", "bitbucket.org"]
        .iter()
        .find_map(|host| text.strip_prefix("https://")?.strip_prefix(host)?.strip_prefix('/'))
    else {
        return false;
    };
    is_owner_and_name(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_told_apart() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let check = |text: &str, expected: &str| {
            let Specifier { package, source } = specifier(text);
            let found = match source {
                Source::Registry { .. } => "registry".to_owned(),
                Source::Git { repository, reference, .. } => {
                    format!("git {} {reference:?}", repository.place().as_str())
                }
                Source::Archive { url } => format!("archive {url}"),
                Source::Path { path } => format!("path {path}"),
                Source::Member => "member".to_owned(),
                Source::Bundled => "bundled".to_owned(),
            };
            let package = package.map(|package| format!(" as {package}")).unwrap_or_default();
            assert_eq!(format!("{found}{package}"), expected, "{text}");
        };
        check("^1.2.3", "registry");
        check("latest", "registry");
        check("npm:@babel/core@^7.0.0", "registry as @babel/core");
        check("npm:ms@2", "registry as ms");
        check("npm:^6.1.0", "registry");
        check("github:acme/wire#main", "git github.com/acme/wire Named(\"main\")");
        check("acme/wire", "git github.com/acme/wire Default");
        check(
            &format!("git+https://git.example/acme/wire.git#{commit}"),
            &format!("git git.example/acme/wire Commit(\"{commit}\")"),
        );
        check("https://github.com/acme/wire", "git github.com/acme/wire Default");
        check("https://files.example/x.tgz", "archive https://files.example/x.tgz");
        check("file:../x", "path ../x");
        check("workspace:^", "member");
    }
}
