//! Requirements on versions, by the rules of their ecosystem.

use std::str::FromStr as _;

use semver::{Comparator, Op, Version, VersionReq};

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
        "pypi" => python(&pep440_rs::Version::from_str(version).ok()?, requirement),
        _ => None,
    }
}

/// Whether a version satisfies a requirement of PEP 440, or one of poetry's, which has `^`, `~`, bare versions and `||`
/// beside (poetry's documentation, "Dependency specification").
fn python(version: &pep440_rs::Version, requirement: &str) -> Option<bool> {
    let mut any = false;
    for alternative in requirement.split('|').map(str::trim).filter(|one| !one.is_empty()) {
        let mut all = true;
        for clause in clauses(alternative) {
            all &= python_clause(version, &clause)?;
        }
        any |= all;
    }
    Some(any)
}

/// Splits comparisons at commas and blanks; a blank behind an operator belongs to it.
fn clauses(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        match out.last_mut().filter(|_| is_open) {
            Some(last) => last.push_str(word),
            None => out.push(word.to_owned()),
        }
        is_open = word.ends_with(['<', '>', '=', '~', '^', '!']);
    }
    out
}

fn python_clause(version: &pep440_rs::Version, clause: &str) -> Option<bool> {
    if clause == "*" {
        return Some(true);
    }
    let caret = clause.strip_prefix('^').map(|rest| (rest, true));
    let tilde = clause.strip_prefix('~').filter(|rest| !rest.starts_with('=')).map(|rest| (rest, false));
    if let Some((lowest, is_caret)) = caret.or(tilde) {
        let lowest = pep440_rs::Version::from_str(lowest).ok()?;
        let release = lowest.release();
        // `^` keeps the first number that is not zero, `~` the first two.
        let kept = match is_caret {
            true => release.iter().position(|number| *number != 0).unwrap_or(release.len().saturating_sub(1)),
            false => usize::from(release.len() > 1),
        };
        let mut above: Vec<u64> = release.iter().take(kept + 1).copied().collect();
        let last = above.last_mut()?;
        *last = last.checked_add(1)?;
        let above = pep440_rs::Version::new(above);
        return Some(*version >= lowest && *version < above);
    }
    let is_bare = clause.starts_with(|first: char| first.is_ascii_digit());
    let clause = if is_bare { format!("=={clause}") } else { clause.to_owned() };
    Some(pep440_rs::VersionSpecifier::from_str(&clause).ok()?.contains(version))
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
    fn python_requirements_are_those_of_pep_440_and_poetry() {
        let check = |version: &str, requirement: &str, expected: Option<bool>| {
            assert_eq!(satisfies("pypi", version, requirement), expected, "{version} {requirement}");
        };
        check("25.3.0", ">=25.3", Some(true));
        check("25.3.0", ">= 25.3, <25.3", Some(false));
        check("2.1", "~=2.0", Some(true));
        check("1.4.9", "==1.4.*", Some(true));
        check("1.0+cpu", "==1.0", Some(true));
        check("1.9", "^1.2", Some(true));
        check("2.0", "^1.2", Some(false));
        check("0.3.0", "^0.2.1", Some(false));
        check("0.0.3", "^0.0.3", Some(true));
        check("0.9", "^0", Some(true));
        check("1.2.9", "~1.2.3", Some(true));
        check("1.3", "~1.2", Some(false));
        check("1.9", "~1", Some(true));
        check("3.1", "^1 || ^3", Some(true));
        check("1.2", ">=1 <2", Some(true));
        check("1.2", "1.2", Some(true));
        check("1.2", "*", Some(true));
        check("1.2", "nonsense", None);
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
