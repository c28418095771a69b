//! A requirement as text: `NAME[EXTRAS] SPECIFIER; MARKER` or `NAME[EXTRAS] @ URL; MARKER`.
//!
//! The grammar is that of PEP 508, now the packaging guide's "Dependency specifiers".

use super::name::{is_name, normalised};
use crate::component::{RemoteUrl, Source};

/// A requirement taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// The name in normal form.
    pub(super) name: Box<str>,
    /// The versions asked for, without parentheses; empty where any will do.
    pub(super) specifier: &'a str,
    /// The address it is to be taken from.
    pub(super) url: Option<&'a str>,
}

/// Takes a requirement apart, `None` where the text is none.
pub(super) fn parse(text: &str) -> Option<Asked<'_>> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if !is_name(name) {
        return None;
    }
    let mut rest = rest.trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        let (extras, after) = extras.split_once(']')?;
        if !extras.trim().is_empty() && !extras.split(',').all(|extra| is_name(extra.trim())) {
            return None;
        }
        rest = after.trim_start();
    }
    if let Some(url) = rest.strip_prefix('@') {
        // A semicolon may belong to the address: only one behind a blank begins the marker.
        let url = url.trim_start();
        let url = url.find(char::is_whitespace).and_then(|at| url.get(..at)).unwrap_or(url);
        return (!url.is_empty()).then(|| Asked { name: normalised(name), specifier: "", url: Some(url) });
    }
    let specifier = rest.split(';').next().unwrap_or(rest).trim();
    let specifier = match specifier.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?.trim(),
        None => specifier,
    };
    let is_sound = specifier.is_empty() || specifier.trim_end_matches(',').split(',').all(|one| clause(one).is_some());
    is_sound.then(|| Asked { name: normalised(name), specifier, url: None })
}

/// The operators of PEP 440, those first that begin with another.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// Takes one comparison of a specifier apart: operator and version.
fn clause(text: &str) -> Option<(&'static str, &str)> {
    let text = text.trim();
    let operator = OPERATORS.into_iter().find(|operator| text.starts_with(operator))?;
    let version = text.get(operator.len()..)?.trim();
    // `!` stands behind an epoch, `*` at the end for any version of a series.
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'!' | b'*');
    let is_version = !version.is_empty() && version.bytes().all(is_part);
    is_version.then_some((operator, version))
}

/// Returns the one version that a specifier allows, `None` where it allows several.
pub(super) fn pinned(specifier: &str) -> Option<&str> {
    specifier.split(',').find_map(|one| match clause(one) {
        Some(("===", version)) => Some(version),
        Some(("==", version)) if !version.ends_with('*') => Some(version),
        _ => None,
    })
}

/// Returns the source that the address of a direct reference names.
pub(super) fn source_of(url: &str) -> Source {
    if let Some(git) = super::git::source(url) {
        return git;
    }
    let is_remote = url.split_once("://").is_some_and(|(scheme, _)| !scheme.eq_ignore_ascii_case("file"));
    match is_remote {
        true => Source::Archive { url: RemoteUrl::new(url.split('#').next().unwrap_or(url)) },
        false => Source::Path { path: url.strip_prefix("file://").or(url.strip_prefix("file:")).unwrap_or(url).into() },
    }
}

/// Returns a specifier in one form, whatever blanks and order it is written with; `None` where it asks for nothing.
pub(super) fn canonical(specifier: &str) -> Option<Box<str>> {
    let without_blanks = |one: &str| one.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let mut clauses: Vec<String> = specifier.split(',').map(without_blanks).filter(|one| !one.is_empty()).collect();
    clauses.sort();
    (!clauses.is_empty()).then(|| clauses.join(",").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_taken_apart() {
        let check = |text: &str, expected: Option<(&str, &str, Option<&str>)>| {
            let found = parse(text);
            let found = found.as_ref().map(|it| (&*it.name, it.specifier, it.url));
            assert_eq!(found, expected, "{text}");
        };
        check("attrs", Some(("attrs", "", None)));
        check("Zope.Interface >= 5 , <7", Some(("zope-interface", ">= 5 , <7", None)));
        check("requests[security, socks] (>=2.8.1) ; python_version < '3'", Some(("requests", ">=2.8.1", None)));
        check(
            "pip @ https://files.example/pip.zip?a=1;b ; os_name == 'nt'",
            Some(("pip", "", Some("https://files.example/pip.zip?a=1;b"))),
        );
        check("a==1.0; extra == 'x'", Some(("a", "==1.0", None)));
        for bad in ["", "-a", "a-", "a b", "a==", "a=1", "a[", "a[x", "a @", "a==1 2", "a==1\\", "a (>=1"] {
            check(bad, None);
        }
    }

    #[test]
    fn one_version_is_told_from_several() {
        assert_eq!(pinned("==1.0"), Some("1.0"));
        assert_eq!(pinned(">=0.9, == 1.0"), Some("1.0"));
        assert_eq!(pinned("===1.0-odd"), Some("1.0-odd"));
        assert_eq!(pinned("==1.*"), None);
        assert_eq!(pinned("~=1.0"), None);
        assert_eq!(pinned(""), None);
    }

    #[test]
    fn specifiers_have_one_form() {
        assert_eq!(canonical(" >= 5 , <7 ").as_deref(), Some("<7,>=5"));
        assert_eq!(canonical(""), None);
    }
}
