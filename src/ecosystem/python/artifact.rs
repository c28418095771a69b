//! The archives of a version: their names, digests and the places they are downloaded from.

use crate::component::{Algorithm, Component, Digest, Place, RemoteUrl};
use crate::document::{Fault, Node, Span};
use crate::fact::Places;
use crate::text;
use crate::text::Text;

/// Returns the digest that `ALGORITHM:HEX` writes, the form of every Python tool.
pub(super) fn digest(text: &str, span: Span) -> Result<Digest, Fault> {
    let read = || {
        let (name, hex) = text.split_once(':')?;
        Digest::from_hex(Algorithm::named(name)?, hex)
    };
    read().ok_or_else(|| {
        Fault::new(span, Text::trusted("a digest such as `sha256:` and 64 hexadecimal digits"), text!("`{}`", text))
    })
}

/// Returns the digest under the `hash` of an archive, if it has one.
pub(super) fn hash(archive: &Node<'_>) -> Result<Option<(Digest, Span)>, Fault> {
    let Some(node) = archive.get("hash") else { return Ok(None) };
    Ok(Some((digest(node.string("`hash`")?, node.span)?, node.span)))
}

/// Returns the last part of an address's or a path's name, without what stands behind `?` or `#`.
pub(super) fn file_name(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Returns name and version that the file name of a wheel or a source archive states.
///
/// A wheel is `NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl` (PEP 427), a source archive `NAME-VERSION.tar.gz` (PEP 625).
pub(super) fn named(file: &str) -> Option<(&str, &str)> {
    if let Some(stem) = file.strip_suffix(".whl") {
        let mut parts = stem.split('-');
        return Some((parts.next()?, parts.next()?));
    }
    let stem = ARCHIVES.iter().find_map(|suffix| file.strip_suffix(suffix))?;
    stem.rsplit_once('-').filter(|(_, version)| version.starts_with(|first: char| first.is_ascii_digit()))
}

/// How the names of archives end that pip takes for packages.
pub(super) const ARCHIVES: [&str; 10] =
    [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tbz", ".tar.xz", ".txz", ".tar", ".tar.lzma"];

/// Returns the place that archives of an address come from: the host, and the first folder on it. What follows differs
/// from archive to archive.
fn download(url: &RemoteUrl) -> Place {
    let mut place = url.place();
    while place.as_str().matches('/').count() > 1 {
        place = place.parent();
    }
    if place.as_str().contains('/') && url.place() == place { place.parent() } else { place }
}

/// Notes one archive of a component: its digest and where it is downloaded from.
///
/// One without a digest leaves the component partly unverified. Of several addresses the one that is not encrypted is
/// kept, since it is the weakest.
pub(super) fn note(
    component: &mut Component,
    file: &str,
    url: Option<&Node<'_>>,
    digests: Vec<(Digest, Span)>,
    places: &Places<'_>,
    span: Span,
) -> Result<(), Fault> {
    if let Some(url) = url {
        let url = RemoteUrl::new(url.string("`url`")?);
        // What stands beside the lock file has no host.
        if url.as_str().contains("://") {
            component.downloads.push(download(&url));
            if url.is_unencrypted() {
                component.resolved.get_or_insert(url);
            }
        }
    }
    // A package may have hundreds of archives from one place.
    if component.downloads.len() > 16 {
        component.downloads.sort();
        component.downloads.dedup();
    }
    if digests.is_empty() && component.source.is_digested() {
        component.unverified.push(places.at(span));
    }
    for (digest, at) in digests {
        component.digest_at.get_or_insert_with(|| places.spot(at));
        component.digests.push(digest.of_artifact(file));
    }
    Ok(())
}
