//! What an artifact is a release of: its name without its version.

use std::cmp::Ordering;

use crate::component::version::compare;
use crate::signature::{Artifact, Function};
use crate::tree::short_tag;

/// What an artifact is a release of, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::verify) struct Product {
    /// `artifact` or `tag`.
    pub(super) kind: &'static str,
    /// The name, with `*` where the version stands.
    pub(super) name: String,
    /// The version, `None` where the name states none.
    pub(in crate::verify) version: Option<String>,
}

/// The kinds of artifacts that are releases.
pub(super) const KINDS: [&str; 2] = ["artifact", "tag"];

/// Numbers that stand in names and are no versions.
const WIDTHS: [&str; 4] = ["32", "64", "386", "686"];

/// Words that belong to a version, with a number behind them or without.
const WORDS: [&str; 9] = ["alpha", "beta", "dev", "nightly", "post", "preview", "pre", "rc", "snapshot"];

/// Words that belong to a version if a number stands behind them.
const NUMBERED: [&str; 13] = ["bpo", "build", "canary", "el", "fc", "git", "next", "rev", "ubuntu", "a", "b", "c", "r"];

impl Product {
    /// Returns what an artifact is a release of; `None` of a digest, a commit, or an attestation alone.
    pub(in crate::verify) fn of(artifact: &Artifact) -> Option<Self> {
        let kind = KINDS.into_iter().find(|kind| *kind == artifact.kind)?;
        let given = artifact.name.as_str();
        let is_digest = [Function::Sha256, Function::Sha384, Function::Sha512]
            .iter()
            .any(|function| given.strip_prefix(function.name()).is_some_and(|rest| rest.starts_with(':')));
        let own = artifact.good_claims().find_map(|claim| claim.details.get("tag"));
        match kind {
            "tag" => Some(Self::split(kind, own.map_or(short_tag(given), |own| own.as_str()))),
            _ if is_digest => None,
            _ => Some(Self::split(kind, given.rsplit('/').next().unwrap_or(given))),
        }
    }

    fn split(kind: &'static str, name: &str) -> Self {
        let mut undotted = None;
        for (at, _) in name.match_indices(|character: char| character.is_ascii_digit()) {
            let (before, rest) = name.split_at(at);
            let length = if is_start(before) { length_of_version(rest) } else { 0 };
            let (version, behind) = rest.split_at(length);
            if length == 0 || behind.starts_with(|next: char| next.is_ascii_alphanumeric()) {
                continue;
            }
            let found = || Self { kind, name: format!("{before}*{behind}"), version: Some(version.to_owned()) };
            if version.contains(['.', '_', '-']) {
                return found();
            }
            if undotted.is_none() && !is_machine(before, version) {
                undotted = Some(found());
            }
        }
        undotted.unwrap_or_else(|| Self { kind, name: name.to_owned(), version: None })
    }
}

/// Whether a version may begin behind this.
fn is_start(before: &str) -> bool {
    let is_separator = |text: &str| text.is_empty() || text.ends_with(['-', '_', ' ', '@', '/', '+', '~']);
    let behind_letter = |text: &str| is_separator(text) || text.ends_with('.');
    let dotted = before.strip_suffix('.').is_some_and(|word| !word.ends_with(|last: char| last.is_ascii_digit()));
    is_separator(before) || dotted || before.strip_suffix(['v', 'V']).is_some_and(behind_letter)
}

/// Whether a number is part of the name of a machine: `x86_64`, `win-32`, `arm-v7`.
fn is_machine(before: &str, number: &str) -> bool {
    let before = before.to_ascii_lowercase();
    WIDTHS.contains(&number) || before.trim_end_matches('v').trim_end_matches(['-', '_']).ends_with("arm")
}

/// Returns how many bytes of the beginning are a version.
fn length_of_version(text: &str) -> usize {
    let date = text.get(..10).filter(|date| {
        date.bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
    });
    let mut length = date.map_or_else(|| numbers(text), str::len);
    // Each step takes something.
    while let Some(more) = text.get(length..).map(suffix).filter(|more| *more > 0) {
        length += more;
    }
    length
}

/// Returns how many bytes of the beginning are numbers with dots between them, or underscores.
fn numbers(text: &str) -> usize {
    let mut length = digits(text);
    let Some(separator) = text.get(length..).and_then(|rest| rest.chars().next()) else { return length };
    if !matches!(separator, '.' | '_') {
        return length;
    }
    while let Some(rest) = text.get(length..).and_then(|rest| rest.strip_prefix(separator)) {
        let more = digits(rest);
        // The end of the name of an archive.
        let is_archive = rest.get(..2).is_some_and(|next| next.eq_ignore_ascii_case("7z"));
        let is_word = separator == '_' && rest.get(more..).is_some_and(starts_with_letter);
        if more == 0 || is_archive || is_word {
            break;
        }
        length += 1 + more;
    }
    length
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn starts_with_letter(text: &str) -> bool {
    text.starts_with(|next: char| next.is_ascii_alphabetic())
}

/// Returns how many bytes of the beginning go on with a version: `-rc.1`, `rc1`, `+deb12u1`, `-2`, `w`.
fn suffix(text: &str) -> usize {
    let rest = text.trim_start_matches(['+', '~']);
    if rest.len() + 1 == text.len() {
        let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        return if word == 0 { 0 } else { 1 + word + dotted_digits(rest.get(word..).unwrap_or_default()) };
    }
    let ends =
        |length: usize| !text.get(length..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    if let Some(rest) = text.strip_prefix('-') {
        let number = digits(rest);
        let length = 1 + number + dotted_digits(rest.get(number..).unwrap_or_default());
        // `1ubuntu2` goes on.
        let goes_on = || text.get(length..).is_some_and(|rest| starts_with_letter(rest) && suffix(rest) > 0);
        let is_machine = is_machine("", rest.get(..number).unwrap_or_default());
        if number > 0 && !is_machine && (ends(length) || goes_on()) {
            return length;
        }
    }
    let separator = usize::from(text.starts_with(['-', '_', '.']));
    let rest = text.get(separator..).unwrap_or_default();
    let lower = rest.to_ascii_lowercase();
    for (word, needs_number) in WORDS.iter().map(|word| (word, false)).chain(NUMBERED.iter().map(|word| (word, true))) {
        let Some(after) = lower.strip_prefix(word) else { continue };
        let joint = usize::from(after.starts_with(['-', '.']) && digits(after.get(1..).unwrap_or_default()) > 0);
        let number = digits(after.get(joint..).unwrap_or_default());
        let dotted = if number > 0 { dotted_digits(after.get(joint + number..).unwrap_or_default()) } else { 0 };
        let length = separator + word.len() + joint + number + dotted;
        if (number > 0 || !needs_number) && ends(length) {
            return length;
        }
    }
    // One letter, as in `1.1.1w`.
    usize::from(separator == 0 && text.starts_with(|next: char| next.is_ascii_lowercase()) && ends(1))
}

/// Returns how many bytes of the beginning are dots with digits behind each, as far as no letter follows.
fn dotted_digits(text: &str) -> usize {
    let mut length = 0;
    while let Some(rest) = text.get(length..).and_then(|rest| rest.strip_prefix('.')) {
        let more = digits(rest);
        if more == 0 || rest.get(more..).is_some_and(starts_with_letter) {
            break;
        }
        length += 1 + more;
    }
    length
}

/// Returns the ecosystem by whose rules the versions of one product are compared: PEP 440's where all of them are such,
/// else SemVer's; `None` where they are compared number by number.
pub(super) fn rules_of(all: &[&str]) -> Option<&'static str> {
    ["pypi", "semver"].into_iter().find(|rules| all.iter().all(|one| compare(rules, one, one).is_some()))
}

/// Compares two versions by such rules.
pub(super) fn order(rules: Option<&str>, a: &str, b: &str) -> Ordering {
    rules.and_then(|rules| compare(rules, a, b)).unwrap_or_else(|| natural(a, b))
}

/// Compares number by number, and word by word; a candidate comes before its release.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        match (a.is_empty(), b.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return if is_candidate(b) { Ordering::Greater } else { Ordering::Less },
            (false, true) => return if is_candidate(a) { Ordering::Less } else { Ordering::Greater },
            (false, false) => {}
        }
        let ((one, rest_a), (other, rest_b)) = (chunk(a), chunk(b));
        let number = |text: &str| (text.trim_start_matches('0').len(), text.trim_start_matches('0').to_owned());
        let is_number = |text: &str| digits(text) > 0;
        let found = match (is_number(one), is_number(other)) {
            (true, true) => number(one).cmp(&number(other)),
            _ => one.cmp(other),
        };
        if found != Ordering::Equal {
            return match (is_candidate(a), is_candidate(b)) {
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                _ => found,
            };
        }
        (a, b) = (rest_a, rest_b);
    }
}

/// Splits off a number, or what stands before the next.
fn chunk(text: &str) -> (&str, &str) {
    let end = match digits(text) {
        0 => text.bytes().take_while(|byte| !byte.is_ascii_digit()).count(),
        number => number,
    };
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn is_candidate(rest: &str) -> bool {
    let word = rest.trim_start_matches(['-', '.', '_']).to_ascii_lowercase();
    rest.starts_with('~')
        || ["alpha", "beta", "dev", "nightly", "pre", "rc", "snapshot"].iter().any(|one| word.starts_with(one))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_split_where_its_version_stands() {
        let check = |name: &str, product: &str, version: Option<&str>| {
            let found = Product::split("artifact", name);
            assert_eq!((found.name.as_str(), found.version.as_deref()), (product, version), "{name}");
        };
        check("app-1.4.0.tar.gz", "app-*.tar.gz", Some("1.4.0"));
        check("app_1.4.0_amd64.deb", "app_*_amd64.deb", Some("1.4.0"));
        check("app_1.4.0-1ubuntu2_amd64.deb", "app_*_amd64.deb", Some("1.4.0-1ubuntu2"));
        check("app_1.4.0-1+deb12u1_amd64.deb", "app_*_amd64.deb", Some("1.4.0-1+deb12u1"));
        check("app-1.4.0-1.fc40.x86_64.rpm", "app-*.x86_64.rpm", Some("1.4.0-1.fc40"));
        check("app-1.4.0-py3-none-any.whl", "app-*-py3-none-any.whl", Some("1.4.0"));
        check("app-1.4.0-cp311-manylinux_2_17_x86_64.whl", "app-*-cp311-manylinux_2_17_x86_64.whl", Some("1.4.0"));
        check("App-2.0rc1.zip", "App-*.zip", Some("2.0rc1"));
        check("app-2.0.0-rc.1.tar.xz", "app-*.tar.xz", Some("2.0.0-rc.1"));
        check("app-2.0.0-beta.tar.xz", "app-*.tar.xz", Some("2.0.0-beta"));
        check("app-1.0+cu118.whl", "app-*.whl", Some("1.0+cu118"));
        check("openssl-1.1.1w.tar.gz", "openssl-*.tar.gz", Some("1.1.1w"));
        check("boost_1_84_0.tar.bz2", "boost_*.tar.bz2", Some("1_84_0"));
        check("app-linux-amd64-v1.4.0.zip", "app-linux-amd64-v*.zip", Some("1.4.0"));
        check("app-1.4.0-linux-x86-64", "app-*-linux-x86-64", Some("1.4.0"));
        check("app-1.0.7z", "app-*.7z", Some("1.0"));
        check("libapp-1.2.a", "libapp-*.a", Some("1.2"));
        check("app-1.2.patch", "app-*.patch", Some("1.2"));
        check("app-20260105.iso", "app-*.iso", Some("20260105"));
        check("app-2026-01-05.iso", "app-*.iso", Some("2026-01-05"));
        check("python3-app-7.tar", "python3-app-*.tar", Some("7"));
        check("7zip-app-1.4.zip", "7zip-app-*.zip", Some("1.4"));
        check("app-x86_64.tar.gz", "app-x86_64.tar.gz", None);
        check("app-linux-arm-v7.tar.gz", "app-linux-arm-v7.tar.gz", None);
        check("SHA256SUMS", "SHA256SUMS", None);
        check("install.sh", "install.sh", None);
        check("v1.4.0", "v*", Some("1.4.0"));
        check("app@2.0.1", "app@*", Some("2.0.1"));
        check("release/1.4", "release/*", Some("1.4"));
        check("", "", None);
    }

    #[test]
    fn versions_are_in_order() {
        let check = |versions: &[&str]| {
            for pair in versions.windows(2) {
                assert_eq!(order(rules_of(versions), pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert_eq!(order(rules_of(versions), pair[1], pair[0]), Ordering::Greater, "{pair:?}");
            }
        };
        check(&["1.9", "1.10rc1", "1.10", "1.10.post1"]);
        check(&["1.9.0", "1.10.0-alpha.2", "1.10.0-alpha.10", "1.10.0-canary.1", "1.10.0"]);
        check(&["1.1.1k", "1.1.1w", "3.0.0-alpha", "3.0.0"]);
        check(&["1_9_0", "1_10_0"]);
        check(&["1.0~rc1-1", "1.0-1", "1.0-10"]);
    }

    proptest! {
        #[test]
        fn any_name_is_split_and_can_be_put_together_again(name in "[-_.+~@/vaA-C0-9é*]{0,24}|.{0,24}") {
            let found = Product::split("artifact", &name);
            match found.version {
                Some(version) => {
                    let joined = |(at, _): (usize, &str)| {
                        let (before, behind) = found.name.split_at(at);
                        [before, &version, behind.strip_prefix('*').unwrap()].concat()
                    };
                    prop_assert!(found.name.match_indices('*').map(joined).any(|joined| joined == name));
                }
                None => prop_assert_eq!(found.name, name),
            }
        }

        #[test]
        fn any_two_versions_have_one_order(a in "[-.~0-9a-c]{0,12}", b in "[-.~0-9a-c]{0,12}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
        }
    }
}
