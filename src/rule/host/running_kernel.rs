//! What rules ask of the running kernel: how it was built, and which of two releases is the newer.

use std::cmp::Ordering;

use crate::host::Host;
use crate::host::running::Running;
use crate::text::Text;

/// Whether the running kernel was built without an option: as it tells itself, or the configuration that is installed with it.
pub(super) fn is_built_without(host: &Host, running: &Running, option: &str) -> Option<bool> {
    if let Some(told) = running.kernel.is_built_without(option) {
        return Some(told);
    }
    let release = running.kernel.release.value().map(Text::as_str).or_else(|| running.sysctl.release())?;
    let endings = [format!("boot/config-{release}"), format!("modules/{release}/config")];
    let is_own = |path: &[u8]| endings.iter().any(|ending| path.ends_with(ending.as_bytes()));
    let config = host.kernel.configs.iter().find(|config| is_own(config.path.as_bytes()))?;
    Some(config.value(option).is_none())
}

/// Whether a release is before a version of Linux: `6.1.0-18-amd64` is before `6.2`.
pub(super) fn is_before(release: &str, version: &str) -> bool {
    compare(release, version) == Ordering::Less
}

/// Compares two releases by their numbers, from the first on.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    numbers(one).cmp(&numbers(other))
}

fn numbers(release: &str) -> Vec<u64> {
    let parts = release.split(['.', '-', '_', '+', '~']).map_while(|part| {
        // `el9` and `rc1` end what is counted, and so does a name such as `amd64`.
        part.parse().ok()
    });
    let mut numbers: Vec<u64> = parts.collect();
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

/// Returns what kind of kernel a release names, apart from its version: `amd64`, `cloud-amd64`, `generic`, `lts`.
pub(super) fn flavour(release: &str) -> Vec<&str> {
    let is_name = |part: &&str| part.starts_with(|first: char| first.is_ascii_alphabetic());
    let parts = release.split(['.', '-', '+']);
    let names = parts.filter(is_name).filter(|part| {
        let digits = part.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
        let word = part.strip_suffix(digits).unwrap_or(part);
        // The version of the distribution, or of the source, says nothing of the kind.
        !["el", "fc", "rc", "arch", "ph", "azl", "cm"].contains(&word) || digits.is_empty()
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared() {
        let check =
            |one: &str, other: &str, expected: Ordering| assert_eq!(compare(one, other), expected, "{one} {other}");
        check("6.1.0-18-amd64", "6.1.0-21-amd64", Ordering::Less);
        check("6.1.0-9-amd64", "6.1.0-18-amd64", Ordering::Less);
        check("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.el9.x86_64", Ordering::Greater);
        check("6.2", "6.2.0", Ordering::Equal);
        check("6.1.0-18-amd64", "6.2", Ordering::Less);
        check("6.10.1", "6.2", Ordering::Greater);
        check("", "6.2", Ordering::Less);
    }

    #[test]
    fn kinds_are_told_apart() {
        let check = |release: &str, expected: &[&str]| assert_eq!(flavour(release), expected, "{release}");
        check("6.1.0-18-amd64", &["amd64"]);
        check("6.1.0-18-cloud-amd64", &["cloud", "amd64"]);
        check("6.8.0-45-generic", &["generic"]);
        check("6.8.0-1015-aws", &["aws"]);
        check("5.14.0-427.13.1.el9_4.x86_64", &["x86_64"]);
        check("5.14.0-427.el9.x86_64+rt", &["x86_64", "rt"]);
        check("6.6.31-0-lts", &["lts"]);
        check("6.9.1-arch1-1", &[]);
    }
}
