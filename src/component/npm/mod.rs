//! What the package managers of the npm registry share: specifiers, tarball addresses, locked sources.
//!
//! The forms are those of npm's own `npm-package-arg`, which pnpm and yarn follow.

mod specifier;
mod tarball;

pub use specifier::{Specifier, specifier};
pub use tarball::{Tarball, tarball};

use super::{GitReference, RemoteUrl, Source, is_commit};

/// Returns the source of a locked address (`resolved`, `tarball`): a registry's tarball, a git repository
/// with its commit, a file beside the project, or an archive elsewhere.
#[must_use]
pub fn locked_source(address: &str) -> Source {
    if let Some(path) = address.strip_prefix("file:").or_else(|| address.strip_prefix("link:")) {
        return Source::Path { path: path.into() };
    }
    let (location, fragment) =
        address.split_once('#').map_or((address, ""), |(location, fragment)| (location, fragment));
    let is_git = location.starts_with("git+")
        || location.starts_with("git@")
        || location.starts_with("git://")
        || location.starts_with("ssh://")
        || location.ends_with(".git")
        || specifier::is_hosted(location)
        || specifier::is_hosted_page(location);
    if is_git {
        // yarn writes `#commit=…`, npm and pnpm the bare id.
        let name = fragment.split('&').find_map(|part| part.strip_prefix("commit=")).unwrap_or(fragment);
        return if is_commit(name) {
            Source::Git {
                repository: RemoteUrl::new(location),
                reference: GitReference::Unstated,
                commit: Some(name.into()),
            }
        } else {
            Source::Git { repository: RemoteUrl::new(location), reference: GitReference::guess(name), commit: None }
        };
    }
    if let Some(source) = hosted_archive(location) {
        return source;
    }
    let url = RemoteUrl::new(location);
    match tarball::registry(&url) {
        Some(registry) => Source::Registry { registry: Some(registry) },
        None if url.scheme().is_empty() => Source::Path { path: address.into() },
        None => Source::Archive { url },
    }
}

/// Whether an address means one place to every reader: a URL parser drops or rewrites blanks, control
/// characters and backslashes, so that another host may be reached than the one that is written.
#[must_use]
pub fn is_plain_address(address: &str) -> bool {
    !address.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
}

/// Reads the archive addresses that stand for a commit of a hosted repository, as pnpm and yarn write them:
/// `https://codeload.github.com/OWNER/NAME/tar.gz/COMMIT`, `https://bitbucket.org/OWNER/NAME/get/COMMIT.tar.gz`,
/// `https://gitlab.com/api/v4/projects/OWNER%2FNAME/repository/archive.tar.gz?ref=COMMIT`.
fn hosted_archive(address: &str) -> Option<Source> {
    let (host, path) = address.strip_prefix("https://")?.split_once('/')?;
    let (repository, commit) = match host {
        "codeload.github.com" => {
            let (repository, commit) = path.split_once("/tar.gz/")?;
            specifier::is_owner_and_name(repository).then(|| (format!("https://github.com/{repository}"), commit))?
        }
        "bitbucket.org" => {
            let (repository, file) = path.split_once("/get/")?;
            (format!("https://{host}/{repository}"), file.strip_suffix(".tar.gz")?)
        }
        "gitlab.com" => {
            let (project, commit) = path.split_once("/repository/archive.tar.gz?ref=")?;
            let project = project.strip_prefix("api/v4/projects/").unwrap_or(project);
            (format!("https://{host}/{}", project.replace("%2F", "/").replace("%2f", "/")), commit)
        }
        _ => return None,
    };
    let (reference, commit) = if is_commit(commit) {
        (GitReference::Unstated, Some(commit.into()))
    } else {
        (GitReference::guess(commit), None)
    };
    Some(Source::Git { repository: RemoteUrl::new(&repository), reference, commit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_addresses_are_told_apart() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let check = |address: &str, expected: &str| {
            let found = match locked_source(address) {
                Source::Registry { registry } => format!("registry {}", registry.unwrap().as_str()),
                Source::Git { repository, commit, reference } => {
                    format!("git {} {:?} {reference:?}", repository.place().as_str(), commit.is_some())
                }
                Source::Archive { url } => format!("archive {url}"),
                Source::Path { path } => format!("path {path}"),
                other => format!("{other:?}"),
            };
            assert_eq!(found, expected, "{address}");
        };
        check("https://r.example/ms/-/ms-2.1.3.tgz", "registry https://r.example/");
        check(&format!("git+ssh://git@git.example/a/b.git#{commit}"), "git git.example/a/b true Unstated");
        check(&format!("https://git.example/a/b.git#commit={commit}"), "git git.example/a/b true Unstated");
        check("git+https://git.example/a/b.git#main", "git git.example/a/b false Named(\"main\")");
        check(&format!("https://codeload.github.com/a/b/tar.gz/{commit}"), "git github.com/a/b true Unstated");
        check(&format!("https://bitbucket.org/a/b/get/{commit}.tar.gz"), "git bitbucket.org/a/b true Unstated");
        check(
            &format!("https://gitlab.com/api/v4/projects/a%2Fb/repository/archive.tar.gz?ref={commit}"),
            "git gitlab.com/a/b true Unstated",
        );
        check(&format!("https://github.com/a/b#{commit}"), "git github.com/a/b true Unstated");
        check("https://codeload.github.com/a/b/tar.gz/main", "git github.com/a/b false Named(\"main\")");
        check("https://files.example/x.tgz", "archive https://files.example/x.tgz");
        check("file:../x", "path ../x");
        check("packages/a", "path packages/a");
    }
}
