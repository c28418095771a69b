//! Versions compared by their ecosystem's own rules.

use std::cmp::Ordering;

use semver::{Comparator, Op, Version, VersionReq};

/// Compares two versions of one ecosystem, `None` where a rule for it, or a version, is not known.
///
/// Build metadata does not count (SemVer 2.0.0, section 10).
#[must_use]
pub fn compare(ecosystem: &str, a: &str, b: &str) -> Option<Ordering> {
    match ecosystem {
        "cargo" | "npm" => Some(Version::parse(a).ok()?.cmp_precedence(&Version::parse(b).ok()?)),
        // "As defined by the Semantic Versioning 2.0.0 spec, … with a leading v" (Go Modules Reference, "Versions").
        "golang" => {
            let (a, b) = (a.strip_prefix('v')?, b.strip_prefix('v')?);
            Some(Version::parse(a).ok()?.cmp_precedence(&Version::parse(b).ok()?))
        }
        _ => None,
    }
}

/// Whether a version satisfies a requirement, `None` where that cannot be told.
#[must_use]
pub fn satisfies(ecosystem: &str, version: &str, requirement: &str) -> Option<bool> {
    match ecosystem {
        "cargo" => {
            let version = Version::parse(version).ok()?;
            let requirement = VersionReq::parse(requirement).ok()?;
            Some(requirement.matches(&version) || exact_with_metadata(&requirement, &version))
        }
        "npm" => {
            let (base, asked) = (nodejs_semver::Version::parse(version).ok()?, requirement.trim());
            // A tag (`latest`) is no range: what it stood for cannot be told.
            let range =
                if asked.is_empty() { nodejs_semver::Range::any() } else { nodejs_semver::Range::parse(asked).ok()? };
            Some(range.satisfies(&base))
        }
        _ => None,
    }
}

/// Cargo takes `=1.0.0` for any build of 1.0.0; the parser of requirements drops the metadata.
fn exact_with_metadata(requirement: &VersionReq, version: &Version) -> bool {
    matches!(requirement.comparators.as_slice(), [Comparator { op: Op::Exact, major, minor: Some(minor), patch: Some(patch), pre }]
        if (*major, *minor, *patch) == (version.major, version.minor, version.patch) && *pre == version.pre)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semver_orders_as_the_specification_says() {
        let check =
            |a: &str, b: &str, expected: Option<Ordering>| assert_eq!(compare("npm", a, b), expected, "{a} {b}");
        check("1.2.3-4-foo", "1.2.3", Some(Ordering::Less));
        check("1.2.3-a.5", "1.2.3-a.10", Some(Ordering::Less));
        check("1.2.3-R2", "1.2.3-r100", Some(Ordering::Less));
        check("1.2.3+build", "1.2.3+other", Some(Ordering::Equal));
        check("1.10.0", "1.9.0", Some(Ordering::Greater));
        check("0.0.0-use.local", "workspace", None);
        assert_eq!(compare("pypi", "1", "2"), None);
    }

    #[test]
    fn versions_of_go_are_semver_with_a_letter() {
        let check =
            |a: &str, b: &str, expected: Option<Ordering>| assert_eq!(compare("golang", a, b), expected, "{a} {b}");
        check("v1.10.0", "v1.9.0", Some(Ordering::Greater));
        check("v2.0.0+incompatible", "v1.9.0", Some(Ordering::Greater));
        check("v2.0.0+incompatible", "v2.0.0", Some(Ordering::Equal));
        // A pseudo-version stands before the version it leads to, and is ordered by its time.
        check("v1.2.4-0.20260102030405-0123456789ab", "v1.2.4", Some(Ordering::Less));
        check("v1.2.4-0.20260102030405-0123456789ab", "v1.2.3", Some(Ordering::Greater));
        check("v0.0.0-20260102030405-0123456789ab", "v0.0.0-20251231235959-ffffffffffff", Some(Ordering::Greater));
        check("1.0.0", "v1.0.0", None);
    }

    #[test]
    fn npm_ranges_are_read_as_npm_reads_them() {
        let check = |version: &str, requirement: &str, expected: Option<bool>| {
            assert_eq!(satisfies("npm", version, requirement), expected, "{version} {requirement}");
        };
        check("4.22.87", "^4", Some(true));
        check("0.0.2", "^0.0.1", Some(false));
        check("1.2.3", "1.x || >=2.5.0 || 5.0.0 - 7.2.3", Some(true));
        check("1.2.4-pre", "^1.2.3-alpha", Some(false));
        check("1.2.3-beta", "<1.2.3", Some(false));
        check("2.0.0", "", Some(true));
        check("2.0.0", "latest", None);
        check("workspace", "^1", None);
    }

    #[test]
    fn cargo_requirements_are_carets() {
        let check = |version: &str, requirement: &str, expected: Option<bool>| {
            assert_eq!(satisfies("cargo", version, requirement), expected, "{version} {requirement}");
        };
        check("1.9.0", "1.2", Some(true));
        check("2.0.0", "1.2", Some(false));
        check("0.3.1", "0.2", Some(false));
        check("1.0.0+x", "=1.0.0", Some(true));
        check("1.0.0", "nonsense", None);
    }
}
