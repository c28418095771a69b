//! The package that a purl names, so that two documents can be held against each other.

use crate::component::Purl;

/// A package by its purl, as far as that tells packages and versions apart.
///
/// Qualifiers and subpath are left aside: of the ecosystems whose lock files are read, they say where an artifact is had
/// and which of several it is, and each tool writes others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    /// The type of its purl.
    pub kind: Box<str>,
    /// Its purl without a version, with the name as its registry looks names up.
    pub key: Box<str>,
    /// Its version.
    pub version: Option<Box<str>>,
}

/// Returns the package that a purl names, `None` where it is no purl.
#[must_use]
pub fn package_of(purl: &str) -> Option<Package> {
    let purl = Purl::parse(purl).ok()?.join_key();
    let mut key = format!("pkg:{}/", purl.kind());
    if let Some(namespace) = purl.namespace() {
        key.push_str(namespace);
        key.push('/');
    }
    key.push_str(purl.name());
    let version = purl.version().map(|version| match purl.kind() {
        // Some tools write Go's versions without their mark.
        "golang" => version.strip_prefix('v').unwrap_or(version),
        _ => version,
    });
    Some(Package { kind: purl.kind().into(), version: version.map(Into::into), key: key.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_that_name_one_package_have_one_key() {
        let check = |purl: &str, expected: Option<(&str, Option<&str>)>| {
            let found = package_of(purl);
            let found = found.as_ref().map(|found| (&*found.key, found.version.as_deref()));
            assert_eq!(found, expected, "{purl}");
        };
        check("pkg:npm/%40babel/core@7.0.0", Some(("pkg:npm/@babel/core", Some("7.0.0"))));
        check("pkg:npm/@babel/core@7.0.0?vcs_url=git%2Bhttps://x", Some(("pkg:npm/@babel/core", Some("7.0.0"))));
        check("pkg:pypi/Zope.Interface@5.4.0", Some(("pkg:pypi/zope-interface", Some("5.4.0"))));
        check("pkg:golang/github.com/Acme/wire@v1.2.0", Some(("pkg:golang/github.com/acme/wire", Some("1.2.0"))));
        check("pkg:golang/github.com/acme/wire@1.2.0#cmd", Some(("pkg:golang/github.com/acme/wire", Some("1.2.0"))));
        check("pkg:cargo/serde", Some(("pkg:cargo/serde", None)));
        check("pkg:cargo/serde@1.0.0%2Bbuild", Some(("pkg:cargo/serde", Some("1.0.0+build"))));
        check("cargo/serde@1", None);
        check("pkg:cargo", None);
    }
}
