//! What the address of an npm tarball says of the package behind it.
//!
//! Registries of that family serve `<registry>/<name>/-/<file>-<version>.tgz` (the registry API's `dist.tarball`).

use std::borrow::Cow;

use crate::component::RemoteUrl;

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub struct Tarball {
    /// The registry: what stands before the name.
    pub registry: RemoteUrl,
    /// The package's name.
    pub name: String,
    /// The version, where the file's name follows the custom.
    pub version: Option<String>,
}

/// Returns what an address says, `None` where it does not have the form of a registry's.
#[must_use]
pub fn tarball(url: &RemoteUrl) -> Option<Tarball> {
    let parts = Parts::of(url.as_str())?;
    let name = parts.path.get(parts.name..)?;
    let base = name.rsplit('/').next().unwrap_or(name);
    let file = decode_slash(parts.file);
    let file = file.rsplit('/').next().unwrap_or(&file);
    let version = file
        .strip_prefix(base)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(".tgz").or_else(|| rest.strip_suffix(".tar.gz")));
    Some(Tarball { registry: parts.registry()?, version: version.map(str::to_owned), name: name.to_owned() })
}

/// Returns the registry of an address, `None` where it does not have the form of a registry's.
pub(super) fn registry(url: &RemoteUrl) -> Option<RemoteUrl> {
    Parts::of(url.as_str())?.registry()
}

/// An address in pieces: `<host>/<path>/-/<file>`.
struct Parts<'a> {
    host: &'a str,
    path: Cow<'a, str>,
    /// Where in the path the name begins.
    name: usize,
    file: &'a str,
}

impl<'a> Parts<'a> {
    fn of(address: &'a str) -> Option<Self> {
        let address = address.split(['?', '#']).next()?;
        let (before, file) = address.rsplit_once("/-/")?;
        let authority = before.find("://")? + 3;
        let path_start = before.get(authority..)?.find('/')? + authority;
        let (host, path) = (before.get(..path_start)?, decode_slash(before.get(path_start + 1..)?));
        let last = path.rfind('/').map_or(0, |slash| slash + 1);
        let scope = path.get(..last.saturating_sub(1))?.rfind('/').map_or(0, |slash| slash + 1);
        let name = if path.get(scope..)?.starts_with('@') { scope } else { last };
        Some(Self { host, path, name, file })
    }

    fn registry(&self) -> Option<RemoteUrl> {
        Some(RemoteUrl::new(&format!("{}/{}", self.host, self.path.get(..self.name)?)))
    }
}

fn decode_slash(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    text.replace("%2f", "/").replace("%2F", "/").replace("%40", "@").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_read_from_addresses() {
        let check = |url: &str, expected: Option<(&str, &str, Option<&str>)>| {
            let found = tarball(&RemoteUrl::new(url));
            let found = found.as_ref().map(|t| (t.registry.as_str(), t.name.as_str(), t.version.as_deref()));
            assert_eq!(found, expected, "{url}");
        };
        check("https://r.example/ms/-/ms-2.1.3.tgz", Some(("https://r.example/", "ms", Some("2.1.3"))));
        check("https://r.example/@a/b/-/b-1.0.0.tgz", Some(("https://r.example/", "@a/b", Some("1.0.0"))));
        check("https://r.example/@a%2fb/-/b-1.0.0.tgz", Some(("https://r.example/", "@a/b", Some("1.0.0"))));
        check(
            "https://r.example/npm/api/@a/b/-/@a/b-1.0.0.tgz",
            Some(("https://r.example/npm/api/", "@a/b", Some("1.0.0"))),
        );
        check("https://r.example/ms/-/other-2.1.3.tgz", Some(("https://r.example/", "ms", None)));
        check("https://r.example/download/ms/1.0/abc", None);
        check("https://r.example/x.tgz", None);
    }
}
