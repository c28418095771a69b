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
    let address = url.as_str().split(['?', '#']).next()?;
    let (before, file) = address.rsplit_once("/-/")?;
    let authority = before.find("://")? + 3;
    let path_start = before.get(authority..)?.find('/')? + authority;
    let path = decode_slash(before.get(path_start + 1..)?);
    let mut parts: Vec<&str> = path.split('/').collect();
    let last = parts.pop()?;
    let name = match parts.last() {
        Some(scope) if scope.starts_with('@') => {
            let name = format!("{scope}/{last}");
            parts.pop();
            name
        }
        _ => last.to_owned(),
    };
    let base = name.rsplit('/').next().unwrap_or(&name);
    let file = decode_slash(file);
    let file = file.rsplit('/').next().unwrap_or(&file);
    let version = file
        .strip_prefix(base)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(".tgz").or_else(|| rest.strip_suffix(".tar.gz")));
    let mut registry = format!("{}/", before.get(..path_start)?);
    for part in parts {
        registry.push_str(part);
        registry.push('/');
    }
    Some(Tarball { registry: RemoteUrl::new(&registry), version: version.map(str::to_owned), name })
}

fn decode_slash(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("%2f", "/").replace("%2F", "/").replace("%40", "@"))
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
