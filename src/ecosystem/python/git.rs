//! Addresses of repositories, as pip and uv write them.

use crate::component::{GitReference, RemoteUrl, Source, is_commit};

/// The kinds of repositories that pip knows beside git. They keep their prefix, by which they are told apart.
const OTHER_KINDS: [&str; 3] = ["hg+", "svn+", "bzr+"];

/// Returns the source that `git+SCHEME://HOST/PATH@REVISION#FRAGMENT` names, `None` where the text is no such address.
pub(super) fn source(text: &str) -> Option<Source> {
    let other = || OTHER_KINDS.iter().any(|kind| text.starts_with(kind)).then_some(text);
    let address = text.strip_prefix("git+").or_else(other)?;
    let address = address.split('#').next().unwrap_or(address);
    let (repository, revision) = split_revision(address);
    Some(of(repository, revision.map_or(GitReference::Default, GitReference::guess)))
}

/// Returns the source of a repository of which a reference is asked. A whole commit id is also what is taken.
pub(super) fn of(repository: &str, reference: GitReference) -> Source {
    let commit = match &reference {
        GitReference::Commit(commit) if is_commit(commit) => Some(commit.clone()),
        _ => None,
    };
    Source::Git { repository: RemoteUrl::new(repository), reference, commit }
}

/// Splits the revision behind the path off: an `@` in front of the host belongs to the user's name.
fn split_revision(address: &str) -> (&str, Option<&str>) {
    let path = address.find("://").map_or(0, |at| at + 3);
    let path = address.get(path..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| path + at);
    match address.get(path..).and_then(|rest| rest.rfind('@')) {
        Some(at) => {
            let (repository, revision) = address.split_at_checked(path + at).unwrap_or((address, ""));
            (repository, revision.strip_prefix('@'))
        }
        None => (address, None),
    }
}
