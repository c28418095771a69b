//! pnpm's dependency paths: the keys under `packages` and what refers to them.
//!
//! They are documented by pnpm's `deps/path` (`dependency-path` up to pnpm 8), function by function below.

use semver::Version;

use super::Generation;

/// What a key says of the package under it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct DependencyPath<'k> {
    /// The package's name.
    pub(super) name: Option<&'k str>,
    /// Its version, where it comes from a registry.
    pub(super) version: Option<&'k str>,
    /// The registry, where it is not the one pnpm is configured for.
    pub(super) registry: Option<Registry<'k>>,
    /// Where it comes from, where that is no registry.
    pub(super) location: Option<&'k str>,
}

/// How a key names a registry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Registry<'k> {
    /// By its host, up to version 6.
    Host(&'k str),
    /// By the name that pnpm's setting `namedRegistries` gives it, in version 9.
    Named(&'k str),
}

/// Reads a key under `packages`, `None` where it is none.
pub(super) fn parse(generation: Generation, key: &str) -> Option<DependencyPath<'_>> {
    let path = match generation {
        Generation::Five => parse_slashes(key)?,
        Generation::Six => parse_at(key)?,
        Generation::Nine => parse_nine(key)?,
    };
    path.name.is_none_or(is_name).then_some(path)
}

/// `parse` of pnpm up to 7: `/NAME/VERSION`, `HOST/NAME/VERSION`, each with the versions of peers behind
/// `_` or, in 5.0 and 5.1, behind a slash; any other absolute path is a place.
fn parse_slashes(key: &str) -> Option<DependencyPath<'_>> {
    let place = || Some(DependencyPath { location: Some(key), ..DependencyPath::default() });
    if key.starts_with("file:") {
        return place();
    }
    let (host, rest) = match key.strip_prefix('/') {
        Some(rest) => (None, rest),
        None => key.split_once('/').map(|(host, rest)| (Some(host), rest))?,
    };
    let slash = if rest.starts_with('@') { nth_slash(rest, 1) } else { nth_slash(rest, 0) };
    let named = slash.and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?)));
    match named.map(|(name, rest)| (name, rest.split(['_', '(', '/']).next().unwrap_or(rest))) {
        Some((name, version)) if is_version(version) => Some(registry(name, version, host)),
        _ if host.is_some() => place(),
        _ => None,
    }
}

/// `convertLockfileV6DepPathToV5DepPath` of pnpm 8: as before, an `@` before the version and the peers in
/// brackets. A key without the `@` is one of version 5, which pnpm 8 reads, too.
fn parse_at(key: &str) -> Option<DependencyPath<'_>> {
    let bare = without_suffix(key);
    if bare.starts_with("file:") {
        return parse_slashes(bare);
    }
    let from = bare.find("/@").map_or(1, |at| at + 2);
    let Some(at) = bare.get(from..).and_then(|rest| rest.find('@')).map(|at| at + from) else {
        return parse_slashes(bare);
    };
    let (path, version) = (bare.get(..at)?, bare.get(at + 1..)?);
    let version = version.split('_').next().unwrap_or(version);
    let (host, name) = match path.strip_prefix('/') {
        Some(name) => (None, name),
        None => path.split_once('/').map(|(host, name)| (Some(host), name))?,
    };
    match host {
        _ if is_version(version) => Some(registry(name, version, host)),
        Some(_) => Some(DependencyPath { location: Some(bare), ..DependencyPath::default() }),
        None => None,
    }
}

/// `parse` of pnpm 9 and later: `NAME@VERSION`, `NAME@REGISTRY:VERSION` or `NAME@PLACE`.
fn parse_nine(key: &str) -> Option<DependencyPath<'_>> {
    let bare = without_suffix(key);
    let at = bare.get(1..)?.find('@')? + 1;
    let (name, version) = (bare.get(..at)?, bare.get(at + 1..)?);
    if is_version(version) {
        return Some(registry(name, version, None));
    }
    match version.split_once(':') {
        Some((alias, version)) if is_version(version) && is_registry_name(alias) => Some(DependencyPath {
            name: Some(name),
            version: Some(version),
            registry: Some(Registry::Named(alias)),
            location: None,
        }),
        _ => Some(DependencyPath { name: Some(name), location: Some(version), ..DependencyPath::default() }),
    }
}

fn registry<'k>(name: &'k str, version: &'k str, host: Option<&'k str>) -> DependencyPath<'k> {
    DependencyPath { name: Some(name), version: Some(version), registry: host.map(Registry::Host), location: None }
}

/// Writes the key that a dependency's text refers to, and returns whether there is one (`refToRelative`).
pub(super) fn refer(generation: Generation, name: &str, reference: &str, key: &mut String) -> bool {
    key.clear();
    if reference.starts_with("link:") {
        return false;
    }
    let (is_key, separator) = match generation {
        Generation::Five => (is_path(reference), '/'),
        Generation::Six => (is_path(reference), '@'),
        Generation::Nine => (is_whole_nine(reference), '@'),
    };
    if is_key {
        key.push_str(reference);
    } else {
        if generation != Generation::Nine {
            key.push('/');
        }
        key.push_str(name);
        key.push(separator);
        key.push_str(reference);
    }
    if generation == Generation::Nine {
        key.truncate(without_suffix(key).len());
    }
    true
}

fn is_path(reference: &str) -> bool {
    reference.starts_with("file:") || reference.split('(').next().is_some_and(|bare| bare.contains('/'))
}

fn is_whole_nine(reference: &str) -> bool {
    let Some(at) = reference.find('@') else { return false };
    at == 0 || reference.find([':', '(']).is_none_or(|other| at < other)
}

/// Returns a key without the groups in brackets at its end: peers and the digest of a patch
/// (`indexOfDepPathSuffix`).
pub(super) fn without_suffix(key: &str) -> &str {
    if !key.ends_with(')') {
        return key;
    }
    let mut open = 0_usize;
    for (at, byte) in key.bytes().enumerate().rev() {
        match byte {
            b')' => open += 1,
            b'(' if open == 0 => return key,
            b'(' => open -= 1,
            _ if open == 0 => return key.get(..=at).unwrap_or(key),
            _ => {}
        }
    }
    key
}

fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}

/// Whether a text is a package's name; a key of another version of the format gives one that is none.
fn is_name(name: &str) -> bool {
    let bare = match name.strip_prefix('@').map(|scoped| scoped.split_once('/')) {
        Some(Some((scope, bare))) if !scope.is_empty() => bare,
        Some(_) => return false,
        None => name,
    };
    !bare.is_empty() && !bare.contains('/') && crate::component::npm::is_plain_address(name)
}

fn is_registry_name(alias: &str) -> bool {
    let reserved = [
        "bitbucket",
        "catalog",
        "custom",
        "file",
        "git",
        "github",
        "gitlab",
        "http",
        "https",
        "jsr",
        "link",
        "npm",
        "runtime",
        "ssh",
        "workspace",
    ];
    alias.starts_with(|c: char| c.is_ascii_alphabetic())
        && alias.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        && !reserved.contains(&alias)
}

fn nth_slash(text: &str, n: usize) -> Option<usize> {
    text.match_indices('/').nth(n).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(generation: Generation, key: &str) -> String {
        let Some(path) = parse(generation, key) else { return "none".to_owned() };
        let mut out = format!("{} {}", path.name.unwrap_or("-"), path.version.unwrap_or("-"));
        match path.registry {
            Some(Registry::Host(host)) => out.push_str(&format!(" host {host}")),
            Some(Registry::Named(name)) => out.push_str(&format!(" named {name}")),
            None => {}
        }
        path.location.into_iter().for_each(|place| out.push_str(&format!(" at {place}")));
        out
    }

    #[test]
    fn keys_are_read_as_their_version_writes_them() {
        let check = |generation, key: &str, expected: &str| assert_eq!(shown(generation, key), expected, "{key}");
        use Generation::{Five, Nine, Six};
        check(Five, "/foo/1.0.0", "foo 1.0.0");
        check(Five, "/@s/n/1.0.0_peer@1.0.0", "@s/n 1.0.0");
        check(Five, "/ajv-keywords/3.4.1/ajv@6.10.0", "ajv-keywords 3.4.1");
        check(Five, "/foo/1.0.0_33fffc354ccfa91fbe7d1677b9395a0a", "foo 1.0.0");
        check(Five, "registry.example/@s/n/1.0.0", "@s/n 1.0.0 host registry.example");
        check(Five, "github.com/o/r/0123", "- - at github.com/o/r/0123");
        check(Five, "@host.example/a/-/a-1.0.0.tgz", "- - at @host.example/a/-/a-1.0.0.tgz");
        check(Five, "file:../x", "- - at file:../x");
        check(Five, "/foo/bar", "none");
        check(Five, "foo", "none");
        check(Six, "/foo@1.0.0(bar@1.0.0)(@s/p@2.0.0)", "foo 1.0.0");
        check(Six, "/@s/n@1.0.0", "@s/n 1.0.0");
        check(Six, "/@s/n@1.0.0(@t/u@1.0.0(v@2.0.0))", "@s/n 1.0.0");
        check(Six, "registry.example/@s/n@1.0.0", "@s/n 1.0.0 host registry.example");
        check(Six, "/foo/1.0.0", "foo 1.0.0");
        check(Six, "github.com/o/r/0123(x@1.0.0)", "- - at github.com/o/r/0123");
        check(Six, "@host.example/a/-/a-1.0.0.tgz", "- - at @host.example/a/-/a-1.0.0.tgz");
        check(Six, "file:x(y@1.0.0)", "- - at file:x");
        check(Six, "/foo@bar", "none");
        check(Nine, "foo@1.0.0", "foo 1.0.0");
        check(Nine, "@s/n@1.0.0(p@1.0.0)", "@s/n 1.0.0");
        check(Nine, "foo@1.0.0(patch_hash=abc)(p@1.0.0)", "foo 1.0.0");
        check(Nine, "foo@work:1.0.0", "foo 1.0.0 named work");
        check(Nine, "node@runtime:22.0.0", "node - at runtime:22.0.0");
        check(Nine, "foo@file:packages/foo(p@1.0.0)", "foo - at file:packages/foo");
        check(Nine, "foo@https://host.example/x@1.tgz", "foo - at https://host.example/x@1.tgz");
        check(Nine, "/foo@1.0.0", "none");
        check(Nine, "/foo/1.0.0", "none");
        check(Nine, "foo", "none");
        check(Nine, "", "none");
    }

    #[test]
    fn references_lead_to_keys() {
        let check = |generation, name: &str, reference: &str, expected: Option<&str>| {
            let mut key = String::new();
            let found = refer(generation, name, reference, &mut key).then_some(key.as_str());
            assert_eq!(found, expected, "{reference}");
        };
        use Generation::{Five, Nine, Six};
        check(Five, "foo", "1.0.0_p@1.0.0", Some("/foo/1.0.0_p@1.0.0"));
        check(Five, "alias", "/foo/1.0.0", Some("/foo/1.0.0"));
        check(Five, "foo", "link:../foo", None);
        check(Six, "foo", "1.0.0(@s/p@1.0.0)", Some("/foo@1.0.0(@s/p@1.0.0)"));
        check(Six, "alias", "/@s/n@1.0.0", Some("/@s/n@1.0.0"));
        check(Six, "foo", "file:x", Some("file:x"));
        check(Nine, "foo", "1.0.0(@s/p@1.0.0)", Some("foo@1.0.0"));
        check(Nine, "alias", "@s/n@1.0.0", Some("@s/n@1.0.0"));
        check(Nine, "alias", "foo@1.0.0(p@1.0.0)", Some("foo@1.0.0"));
        check(Nine, "foo", "https://host.example/x@1.tgz", Some("foo@https://host.example/x@1.tgz"));
        check(Nine, "foo", "work:1.0.0", Some("foo@work:1.0.0"));
    }
}
