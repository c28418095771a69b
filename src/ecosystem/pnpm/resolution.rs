//! Where the bytes of a package come from: its `resolution`.
//!
//! The forms are documented by pnpm's `lockfile/types`, what is fetched for them by `pkgSnapshotToResolution`
//! in `lockfile/utils`.

use super::package::Identity;
use super::path::{DependencyPath, Registry};
use crate::component::{Digest, GitReference, RemoteUrl, Source, is_commit, npm};
use crate::document::{Fault, Member, Node, Span, Value};
use crate::ecosystem::Unread;
use crate::text;
use crate::text::Text;

/// For how many platforms a runtime may have an archive each; Node.js has 11.
const MAX_PLATFORMS: usize = 64;

/// Where the bytes of a package come from, and what is known of them.
pub(super) struct Origin {
    /// Where it is taken from.
    pub(super) source: Source,
    /// Its address, where one is stated.
    pub(super) resolved: Option<RemoteUrl>,
    /// The digests of the artifact.
    pub(super) digests: Vec<Digest>,
    /// Where the digests stand.
    pub(super) digest_at: Option<Span>,
    /// Where the source stands.
    pub(super) source_at: Option<Span>,
}

/// Reads where a package comes from: its `resolution`, or the key where that leaves it to the configuration.
///
/// There are several where it is another archive on each platform.
pub(super) fn origins(
    path: &DependencyPath<'_>,
    identity: &Identity<'_>,
    member: &Member<'_>,
    resolution: Option<&Node<'_>>,
) -> Result<Vec<Origin>, Unread> {
    let (digests, digest_at) = match resolution {
        Some(resolution) => digests(resolution)?,
        None => (Vec::new(), None),
    };
    let stated = |key: &str| resolution.and_then(|node| node.get(key)).filter(|node| node.value != Value::Null);
    if let (Some(kind), Some(resolution)) = (stated("type"), resolution) {
        let mut out = Vec::with_capacity(1);
        typed(kind, resolution, (digests, digest_at), &mut out)?;
        return Ok(out);
    }
    let one = |source, resolved, source_at| vec![Origin { source, resolved, digests, digest_at, source_at }];
    if let Some(tarball) = stated("tarball") {
        let registry = stated("registry").map(|node| node.string("`registry`")).transpose()?;
        let (source, resolved) = tarball_source(tarball, registry, identity)?;
        if path.location.is_some_and(|key| key.starts_with("file:")) && !matches!(source, Source::Path { .. }) {
            // Versions of pnpm disagree on which of the two they take.
            let expected = Text::trusted("the file that the key names");
            return Err(Unread::contradiction(Fault::new(
                tarball.span,
                expected,
                text!("`{}`", tarball.string("`tarball`")?),
            )));
        }
        return Ok(one(source, resolved, Some(tarball.span)));
    }
    Ok(match (path.location, &path.registry, stated("registry")) {
        (Some(location), ..) => {
            let place = location.strip_prefix("file:").map(|path| Source::Path { path: path.into() });
            let address = || whole_address(location).filter(|_| npm::is_plain_address(location));
            let Some(source) = place.or_else(address) else {
                let expected = Text::trusted("a `resolution` with `tarball` or `type`");
                return Err(Fault::new(member.key_span, expected, Text::trusted("one without")).into());
            };
            one(source, None, Some(member.key_span))
        }
        (None, _, Some(node)) => {
            let registry = Some(RemoteUrl::new(node.string("`registry`")?));
            one(Source::Registry { registry }, None, Some(node.span))
        }
        (None, Some(Registry::Host(host)), None) => {
            // `encode-registry` writes the colon before a port as a plus.
            let registry = Some(RemoteUrl::new(&format!("https://{}/", host.replace('+', ":"))));
            one(Source::Registry { registry }, None, Some(member.key_span))
        }
        (None, Some(Registry::Named(alias)), None) => {
            let registry = Some(RemoteUrl::new(&format!("{alias}:")));
            one(Source::Registry { registry }, None, Some(member.key_span))
        }
        (None, None, None) => one(Source::Registry { registry: None }, None, None),
    })
}

/// Reads a resolution that states its type.
fn typed(
    kind: &Node<'_>,
    resolution: &Node<'_>,
    (digests, digest_at): (Vec<Digest>, Option<Span>),
    out: &mut Vec<Origin>,
) -> Result<(), Unread> {
    let (source, resolved, at) = match kind.string("`type`")? {
        "directory" => {
            let (path, at) = required(resolution, "directory")?;
            (Source::Path { path: path.into() }, None, at)
        }
        "git" => {
            let (repository, at) = required(resolution, "repo")?;
            let (commit, commit_node) = required(resolution, "commit")?;
            plain(repository, at)?;
            plain(commit, commit_node)?;
            let (reference, commit) = if is_commit(commit) {
                (GitReference::Unstated, Some(commit.into()))
            } else {
                (GitReference::guess(commit), None)
            };
            (Source::Git { repository: RemoteUrl::new(repository), reference, commit }, None, at)
        }
        "binary" => {
            let (url, at) = required(resolution, "url")?;
            plain(url, at)?;
            let url = RemoteUrl::new(url);
            (Source::Archive { url: url.clone() }, Some(url), at)
        }
        "variations" => {
            let Some(variants) = resolution.get("variants") else { return Err(missing(resolution, "variants").into()) };
            let variants = variants.items("`variants`")?;
            if let Some(excess) = variants.get(MAX_PLATFORMS) {
                let expected = text!("at most {} platforms", MAX_PLATFORMS);
                return Err(Fault::new(excess.span, expected, Text::trusted("one more")).into());
            }
            for variant in variants {
                let Some(inner) = variant.get("resolution") else {
                    return Err(missing(variant, "resolution").into());
                };
                let (kind, at) = required(inner, "type")?;
                if kind == "variations" {
                    return Err(at.unexpected("a resolution for one platform").into());
                }
                typed(at, inner, self::digests(inner)?, out)?;
            }
            return Ok(());
        }
        other => {
            let expected = Text::trusted("a resolution of type directory, git, binary or variations");
            return Err(Fault::new(kind.span, expected, text!("`{}`", other)).into());
        }
    };
    out.push(Origin { source, resolved, digests, digest_at, source_at: Some(at.span) });
    Ok(())
}

/// Reads `tarball`: an address, a file beside the lock file or, up to version 6, a path on the registry.
fn tarball_source(
    node: &Node<'_>,
    registry: Option<&str>,
    identity: &Identity<'_>,
) -> Result<(Source, Option<RemoteUrl>), Unread> {
    let tarball = node.string("`tarball`")?;
    plain(tarball, node)?;
    if let Some(path) = tarball.strip_prefix("file:") {
        return Ok((Source::Path { path: path.into() }, None));
    }
    if let Some(source) = whole_address(tarball) {
        return Ok((source, Some(RemoteUrl::new(tarball))));
    }
    if tarball.starts_with("//") || tarball.split('/').next().is_some_and(|first| first.contains(':')) {
        let expected = Text::trusted("an address with `://`, a `file:` or a path on the registry");
        return Err(Fault::new(node.span, expected, text!("`{}`", tarball)).into());
    }
    let path = tarball.trim_start_matches('/');
    let on_registry = |registry: &str| RemoteUrl::new(&format!("{}/{path}", registry.trim_end_matches('/')));
    // A path has no address to compare the name with later on.
    if let Some(named) = npm::tarball(&on_registry("registry://registry"))
        && (named.name != identity.name || named.version.as_deref().is_some_and(|it| Some(it) != identity.version))
    {
        let expected = text!("a tarball of `{}`", identity.name);
        return Err(Unread::contradiction(Fault::new(node.span, expected, text!("`{}`", tarball))));
    }
    Ok((Source::Registry { registry: registry.map(RemoteUrl::new) }, registry.map(on_registry)))
}

/// Returns the source of an address that needs no registry to be resolved against.
fn whole_address(text: &str) -> Option<Source> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    (is_scheme && !scheme.is_empty() && !rest.starts_with('/')).then(|| npm::locked_source(text))
}

fn digests(resolution: &Node<'_>) -> Result<(Vec<Digest>, Option<Span>), Fault> {
    let Some(node) = resolution.get("integrity").filter(|node| node.value != Value::Null) else {
        return Ok((Vec::new(), None));
    };
    let text = node.string("`integrity`")?;
    match Digest::from_integrity(text).filter(|digests| !digests.is_empty()) {
        Some(digests) => Ok((digests, Some(node.span))),
        None => Err(Fault::new(
            node.span,
            Text::trusted("a digest such as `sha512-` and 88 characters of base64"),
            text!("`{}`", text),
        )),
    }
}

fn required<'n, 'a>(node: &'n Node<'a>, key: &str) -> Result<(&'n str, &'n Node<'a>), Fault> {
    match node.get(key) {
        Some(value) => Ok((value.scalar(&format!("`{key}`"))?, value)),
        None => Err(missing(node, key)),
    }
}

fn missing(node: &Node<'_>, key: &str) -> Fault {
    Fault::new(node.span, text!("a resolution with `{}`", key), Text::trusted("one without"))
}

fn plain(address: &str, node: &Node<'_>) -> Result<(), Fault> {
    if npm::is_plain_address(address) {
        return Ok(());
    }
    let expected = Text::trusted("an address without blanks, control characters and backslashes");
    Err(Fault::new(node.span, expected, text!("`{}`", address)))
}
