//! The purls of what lock files pin, of which there are many: written without being taken apart.

use super::encoding::encode;
use super::types::Type;
use crate::component::Source;

/// Returns the canonical purl of a package of type `kind`.
///
/// `name` is as the registry writes it, a namespace in front of its last slash. A source that is no registry
/// is part of the identity (`vcs_url`, `download_url`), or two different things would share one purl.
#[must_use]
pub fn purl(kind: &str, name: &str, version: Option<&str>, source: &Source) -> Box<str> {
    let mut out = String::with_capacity(16 + name.len() + version.map_or(0, str::len));
    out.extend(["pkg:", kind, "/"]);
    let rules = Type::of(kind);
    let (namespace, name) = name.rsplit_once('/').map_or((None, name), |(namespace, name)| (Some(namespace), name));
    for segment in namespace.into_iter().flat_map(|namespace| namespace.split('/')) {
        encode(&rules.segment(segment), &mut out);
        out.push('/');
    }
    encode(&rules.name(name, None), &mut out);
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        out.push('@');
        encode(version, &mut out);
    }
    match source {
        Source::Git { repository, commit, .. } => {
            out.push_str("?vcs_url=");
            let at = commit.as_deref().map(|commit| format!("@{commit}")).unwrap_or_default();
            encode(&format!("git+{}{at}", repository.without_prefix()), &mut out);
        }
        Source::Archive { url } => {
            out.push_str("?download_url=");
            encode(url.as_str(), &mut out);
        }
        Source::Registry { .. } | Source::Path { .. } | Source::Member | Source::Bundled => {}
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{GitReference, RemoteUrl};

    #[test]
    fn purls_are_canonical() {
        let registry = Source::Registry { registry: None };
        let check = |kind: &str, name: &str, version: Option<&str>, source: &Source, expected: &str| {
            assert_eq!(&*purl(kind, name, version, source), expected);
        };
        check("cargo", "serde", Some("1.0.229"), &registry, "pkg:cargo/serde@1.0.229");
        check("npm", "@babel/core", Some("7.0.0"), &registry, "pkg:npm/%40babel/core@7.0.0");
        check("cargo", "openssl-src", Some("300.1.0+3.1.0"), &registry, "pkg:cargo/openssl-src@300.1.0%2B3.1.0");
        check("npm", "x", None, &registry, "pkg:npm/x");
        let (name, purl) = ("git.example/Acme/Wire/v2", "pkg:golang/git.example/acme/wire/v2@v2.0.0%2Bincompatible");
        check("golang", name, Some("v2.0.0+incompatible"), &registry, purl);
        let git = Source::Git {
            repository: RemoteUrl::new("git+https://git.example/a/b.git"),
            reference: GitReference::Unstated,
            commit: Some("abc".into()),
        };
        check(
            "npm",
            "b",
            Some("1.0.0"),
            &git,
            "pkg:npm/b@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fa%2Fb.git%40abc",
        );
    }
}
