//! A package URL taken apart, from right to left; what its parts must be is not asked here.

use super::encoding::decode;
use super::{Part, PurlFault, PurlParts, shown};
use crate::text::Text;

/// Returns the decoded parts of a package URL.
pub(super) fn parts(text: &str) -> Result<PurlParts, PurlFault> {
    let Some((_, rest)) = text.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("pkg")) else {
        let beginning: String = text.chars().take(20).collect();
        return Err(PurlFault::Scheme { found: Text::of(&beginning) });
    };
    // "A PURL string is an ASCII URL string"; a blank "shall be percent-encoded".
    if let Some((at, found)) = text.char_indices().find(|(_, character)| !character.is_ascii_graphic()) {
        return Err(PurlFault::Character { found: Text::of(found.encode_utf8(&mut [0; 4])), at });
    }
    let (rest, subpath) = split_once_at_most(rest, '#')?;
    let (rest, qualifiers) = split_once_at_most(rest, '?')?;
    // "PURL parsers should accept URLs where the scheme and colon are followed by one or more slash characters."
    let (kind, rest) = rest.trim_start_matches('/').split_once('/').unwrap_or((rest.trim_start_matches('/'), ""));
    let (path, version) = version(rest);
    // What stands before the `@` is the name, though it be empty; only without a version may slashes trail.
    let path = if version.is_some() { path } else { path.trim_end_matches('/') };
    let (namespace, name) = match path.rsplit_once('/') {
        Some((namespace, name)) => (Some(segments(Part::Namespace, namespace)?), name),
        None => (None, path),
    };
    Ok(PurlParts {
        kind: kind.to_owned(),
        namespace,
        name: decode(Part::Name, name)?,
        version: version.map(|version| decode(Part::Version, version)).transpose()?,
        qualifiers: pairs(qualifiers.unwrap_or_default())?,
        subpath: subpath.map(|subpath| segments(Part::Subpath, subpath)).transpose()?,
    })
}

/// Splits at a separator, which readers look for from either end where it stands twice.
fn split_once_at_most(text: &str, separator: char) -> Result<(&str, Option<&str>), PurlFault> {
    match text.split_once(separator) {
        None => Ok((text, None)),
        Some((_, behind)) if behind.contains(separator) => {
            Err(PurlFault::Separators { separator, count: text.matches(separator).count() })
        }
        Some((before, behind)) => Ok((before, Some(behind))),
    }
}

/// Splits at the last `@`, unless it is the beginning of a namespace (`@babel/core`, where `%40babel/core` is right).
fn version(text: &str) -> (&str, Option<&str>) {
    let separator = text.match_indices('@').rev().find(|(at, _)| {
        let (before, behind) = text.split_at(*at);
        let begins_segment = before.is_empty() || before.ends_with('/');
        !(begins_segment && behind.contains('/'))
    });
    match separator {
        Some((at, _)) => {
            let (before, behind) = text.split_at(at);
            (before, behind.strip_prefix('@'))
        }
        None => (text, None),
    }
}

/// Decodes what stands between slashes.
fn segments(part: Part, text: &str) -> Result<String, PurlFault> {
    let mut out = String::with_capacity(text.len());
    for segment in text.split('/') {
        let decoded = decode(part, segment)?;
        if decoded.contains('/') {
            return Err(PurlFault::Slash { part, found: shown(segment) });
        }
        if !out.is_empty() {
            out.push('/');
        }
        out.push_str(&decoded);
    }
    Ok(out)
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, PurlFault> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').ok_or_else(|| PurlFault::QualifierForm { found: shown(pair) })?;
        Ok((key.to_owned(), decode(Part::Qualifier, value)?))
    };
    text.split('&').map(pair).collect()
}
