//! `resolved` and `integrity`: where an entry of yarn 1 is taken from, and the digests of that.
//!
//! Yarn takes what stands behind `#` for the SHA-1 digest of an archive (`src/fetchers/tarball-fetcher.js`) or
//! for the commit of a repository (`src/fetchers/git-fetcher.js`).

use super::syntax::Token;
use crate::component::{Algorithm, Digest, RemoteUrl, Source, npm};
use crate::document::{Fault, Span};
use crate::ecosystem::Unread;
use crate::text;
use crate::text::Text;

/// Where the address of an entry leads.
pub(super) struct Origin<'e> {
    /// Where to.
    pub(super) source: Source,
    /// The address, where it is one.
    pub(super) resolved: Option<RemoteUrl>,
    /// What stands behind `#`, where that is a digest.
    pub(super) fragment: Option<(&'e str, Span)>,
}

/// Reads `resolved`.
pub(super) fn origin<'e>(resolved: &'e Token<'_>) -> Result<Origin<'e>, Fault> {
    let address = resolved.text.as_ref();
    let (location, fragment) = address.split_once('#').unwrap_or((address, ""));
    let mut source = npm::locked_source(location);
    // Behind a repository stands what was taken of it, behind anything else a digest.
    let is_reference = matches!(source, Source::Git { commit: None, .. });
    if is_reference {
        source = npm::locked_source(address);
    }
    let has_scheme = location.split('/').next().is_some_and(|first| first.contains(':'));
    let is_file = location.starts_with("file:") || location.starts_with("link:");
    if !npm::is_plain_address(address) || (matches!(source, Source::Path { .. }) && has_scheme && !is_file) {
        let expected = Text::trusted("an address with `://`, without blanks, control characters and backslashes");
        return Err(Fault::new(resolved.span, expected, text!("`{}`", address)));
    }
    let stated = match &source {
        Source::Path { .. } => None,
        _ => Some(RemoteUrl::new(if is_reference { address } else { location })),
    };
    let fragment = (!is_reference && !fragment.is_empty()).then_some((fragment, resolved.span));
    Ok(Origin { source, resolved: stated, fragment })
}

/// Reads `integrity`, and the SHA-1 digest behind the address.
pub(super) fn digests(integrity: Option<&Token<'_>>, fragment: Option<(&str, Span)>) -> Result<Vec<Digest>, Unread> {
    let mut digests = Vec::new();
    if let Some(integrity) = integrity {
        digests = Digest::from_integrity(&integrity.text).filter(|digests| !digests.is_empty()).ok_or_else(|| {
            let expected = Text::trusted("a digest such as `sha512-` and 88 characters of base64");
            Fault::new(integrity.span, expected, text!("`{}`", integrity.text))
        })?;
    }
    let Some((hex, span)) = fragment else { return Ok(digests) };
    let digest = Digest::from_hex(Algorithm::Sha1, hex).ok_or_else(|| {
        let expected = Text::trusted("a SHA-1 digest of 40 hexadecimal digits behind `#`");
        Fault::new(span, expected, text!("`{}`", hex))
    })?;
    match digests.iter().find(|other| other.algorithm == Algorithm::Sha1) {
        Some(other) if other.hex == digest.hex => {}
        Some(other) => {
            let expected = text!("the SHA-1 digest of `integrity`, {}", other.to_string());
            return Err(Unread::contradiction(Fault::new(span, expected, text!("another, {}", digest.to_string()))));
        }
        None => digests.push(digest),
    }
    Ok(digests)
}
