//! Names of builders, repositories and versions, compared whole: `github.com/acme/app` is not the beginning of
//! `github.com/acme/app2`.

/// Where the builders of slsa-github-generator stand.
const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/";

/// Whether a text matches a pattern whole; `*` stands for any characters.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.split_once(part) {
            _ if part.is_empty() => {}
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a builder is the expected one: the same, or, where no ref is expected, one that was released or merged. A
/// release may be named by its tag alone, as slsa-verifier has it.
pub(super) fn is_builder(expected: &str, found: &str) -> bool {
    let (wanted, wanted_ref) = split_ref(expected);
    let (builder, reference) = split_ref(found);
    wanted == builder
        && match (wanted_ref, reference) {
            (Some(wanted), found) => {
                found.is_some_and(|found| wanted == found || found.strip_prefix("refs/tags/") == Some(wanted))
            }
            (None, None) => true,
            // The generator's users trust its releases; anybody who works on it can make a branch.
            (None, Some(found)) if builder.starts_with(GENERATOR) => {
                found.starts_with("refs/tags/v") || found == "refs/heads/main"
            }
            (None, Some(found)) => !found.starts_with("refs/pull/"),
        }
}

/// Parts a workflow from the ref it was taken from.
pub(super) fn split_ref(text: &str) -> (&str, Option<&str>) {
    match text.find("@refs/").or_else(|| text.find('@')) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

/// Returns the ref of a source's URI.
pub(super) fn ref_of(uri: &str) -> Option<&str> {
    let (_, reference) = split_ref(uri);
    reference.filter(|reference| reference.starts_with("refs/"))
}

/// Whether two URIs name one repository.
pub(super) fn same_repository(one: &str, other: &str) -> bool {
    let (one, other) = (repository(one), repository(other));
    one != "/" && one == other
}

/// Returns a repository's URI without what may be left out of it. GitHub tells no capitals from small letters.
fn repository(uri: &str) -> String {
    let (uri, _) = split_ref(uri);
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.strip_prefix("https://").unwrap_or(uri).trim_end_matches('/');
    let uri = uri.strip_suffix(".git").unwrap_or(uri);
    let (host, path) = uri.split_once('/').unwrap_or((uri, ""));
    let host = host.to_ascii_lowercase();
    let path = if host == "github.com" { path.to_ascii_lowercase() } else { path.to_owned() };
    format!("{host}/{path}")
}

/// Whether a tag is of a version of which parts may be left out: `v14` is `v14.2.0`, but no release candidate of it.
pub(super) fn is_version(expected: &str, tag: &str) -> bool {
    let parts = |text: &str| -> Option<(Vec<u64>, String)> {
        let text = text.strip_prefix('v')?;
        // What is built does not make another version.
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, pre) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Vec<u64> = numbers
            .split('.')
            .map(|part| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())))
            .collect::<Option<_>>()?;
        (numbers.len() <= 3 && (pre.is_empty() || numbers.len() == 3)).then(|| (numbers, pre.to_owned()))
    };
    let (Some((expected, expected_pre)), Some((found, found_pre))) = (parts(expected), parts(tag)) else {
        return false;
    };
    let found = found.into_iter().chain(std::iter::repeat(0));
    expected.into_iter().zip(found).all(|(expected, found)| expected == found) && expected_pre == found_pre
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_anchored_at_both_ends() {
        let checks = [
            ("a@b", "a@b", true),
            ("a@b", "a@bc", false),
            ("a@b", "xa@b", false),
            ("*@b", "who@b", true),
            ("*@b", "who@b.evil", false),
            ("https://github.com/acme/*@refs/tags/v*", "https://github.com/acme/app/x.yml@refs/tags/v1", true),
            ("https://github.com/acme/*@refs/tags/v*", "https://github.com/acme2/app/x.yml@refs/tags/v1", false),
            ("a*a", "a", false),
            ("a*b*a", "aba", true),
            ("**", "", true),
            ("*", "anything", true),
            ("", "", true),
            ("", "x", false),
        ];
        for (pattern, text, expected) in checks {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn repositories_are_compared_whole() {
        let checks = [
            ("github.com/acme/app", "https://github.com/acme/app", true),
            ("github.com/acme/app", "git+https://github.com/acme/app@refs/heads/main", true),
            ("git+https://github.com/acme/app.git", "https://github.com/Acme/App/", true),
            ("github.com/acme/app", "https://github.com/acme/app2", false),
            ("github.com/acme/app", "https://github.com/acme", false),
            ("github.com/acme", "https://github.com/acme/app", false),
            ("github.com/acme/app", "https://github.com.evil/acme/app", false),
            ("gitlab.com/acme/app", "https://gitlab.com/Acme/app", false),
            ("github.com/acme/app", "http://github.com/acme/app", false),
            ("", "", false),
        ];
        for (one, other, expected) in checks {
            assert_eq!(same_repository(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn parts_of_a_version_may_be_left_out() {
        let checks = [
            ("v14", "v14.2", true),
            ("v14.2", "v14.2.0", true),
            ("v14.2.0", "v14.2", true),
            ("v14.1", "v14.2", false),
            ("v1", "v14", false),
            ("v14", "v14.0.0-rc1", false),
            ("v14.0.0-rc1", "v14.0.0-rc1", true),
            ("14", "v14", false),
            ("v14", "main", false),
            ("v", "v", false),
        ];
        for (expected, tag, result) in checks {
            assert_eq!(is_version(expected, tag), result, "{expected} {tag}");
        }
    }

    #[test]
    fn a_builder_is_named_with_or_without_its_ref() {
        let found = "https://github.com/acme/b/.github/workflows/x.yml@refs/tags/v1.2.0";
        let checks = [
            ("https://github.com/acme/b/.github/workflows/x.yml", true),
            ("https://github.com/acme/b/.github/workflows/x.yml@refs/tags/v1.2.0", true),
            ("https://github.com/acme/b/.github/workflows/x.yml@v1.2.0", true),
            ("https://github.com/acme/b/.github/workflows/x.yml@v1.2", false),
            ("https://github.com/acme/b/.github/workflows/x.yml@refs/heads/main", false),
            ("https://github.com/acme/b/.github/workflows/x", false),
        ];
        for (expected, result) in checks {
            assert_eq!(is_builder(expected, found), result, "{expected}");
        }
        let of = |reference: &str| format!("{GENERATOR}.github/workflows/g.yml@{reference}");
        let generator = format!("{GENERATOR}.github/workflows/g.yml");
        assert!(is_builder(&generator, &of("refs/tags/v1.2.0")));
        assert!(!is_builder(&generator, &of("refs/heads/mine")));
        let own = "https://github.com/acme/app/.github/workflows/r.yml";
        assert!(is_builder(own, &format!("{own}@refs/heads/main")));
        assert!(!is_builder(own, &format!("{own}@refs/pull/7/merge")));
    }
}
